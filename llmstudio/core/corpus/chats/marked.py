"""A text file of conversations in a chat layout: <|im_start|>user ... <|im_end|>, or [INST] ... [/INST].

A conversation ends at <|endoftext|>, before a system message or <|begin_of_text|>, at a blank line after an answer, and
before a line that begins with [INST].
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from llmstudio.core.corpus.chats.chatml import chatml_messages, inst_messages
from llmstudio.core.corpus.chats.exports import LIMIT, Row
from llmstudio.core.corpus.chats.speakers import Speakers
from llmstudio.core.corpus.chats.told import CUT, FAILED, Told

_FIRST = re.compile(r"\s*(?:<\|im_start\|>|<\|begin_of_text\|>|<\|start_header_id\|>)")
_INST = re.compile(r"\s*(?:<s>\s*)?\[INST\]")
_NEW = re.compile(r"(?:<\|begin_of_text\|>)?(?:<\|im_start\|>|<\|start_header_id\|>)[ \t]*system\b|<\|begin_of_text\|>")
_USER = re.compile(r"(?:<\|im_start\|>|<\|start_header_id\|>)[ \t]*user\b")
_ASSISTANT = re.compile(r"<\|(?:im_start|start_header_id)\|>[ \t]*assistant\b")
_CHARACTERS = 1 << 24  # of one conversation


def is_marked(head: str) -> bool:
    """True if a text begins as a conversation in such a layout."""
    if _FIRST.match(head):
        return len(chatml_messages(head)) > 1
    return bool(_INST.match(head)) and "[/INST]" in head


def read_marked(lines: Iterable[str | None], told: Told) -> Iterator[Row]:
    """The conversations in a file."""
    for text in _conversations(lines, told):
        messages = chatml_messages(text) or inst_messages(text)
        told.add(FAILED, not messages)
        told.add(CUT, len(messages) > LIMIT)
        speakers = Speakers(told)
        for start in range(0, len(messages), LIMIT):
            if turns := speakers.turns(messages[start : start + LIMIT]):
                yield {"turns": turns}


def _conversations(lines: Iterable[str | None], told: Told) -> Iterator[str]:
    held: list[str] = []
    length, is_answered, is_blank = 0, False, False
    for line in lines:
        if line is None:
            told.add(FAILED)
            continue
        begins = _INST.match(line) or _NEW.match(line.lstrip()) or (is_blank and is_answered and _USER.match(line))
        if held and (begins or length > _CHARACTERS):
            yield "\n".join(held)
            held, length, is_answered = [], 0, False
        pieces = line.split("<|endoftext|>")
        for n, piece in enumerate(pieces):
            if piece.strip() or (held and n == 0):
                held.append(piece)
                length += len(piece)
                is_answered = is_answered or bool(_ASSISTANT.search(piece))
            if n < len(pieces) - 1 and held:
                yield "\n".join(held)
                held, length, is_answered = [], 0, False
        is_blank = not line.strip()
    if any(piece.strip() for piece in held):
        yield "\n".join(held)
