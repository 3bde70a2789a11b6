"""A text file of conversations in a chat layout: <|im_start|>user ... <|im_end|>, or [INST] ... [/INST].

A conversation ends at <|endoftext|> (unless this ends questions, too), before a system message or <|begin_of_text|>, at a
blank line after an answer, and before a line that begins with [INST] or holds a whole exchange. So is a text whose speakers
are only named, "User: ..." and "Assistant: ...": if its paragraphs hold a question and its answer each, they are
conversations.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

from llmstudio.core.corpus.reading.chats.chat_rows import chat_rows
from llmstudio.core.corpus.reading.chats.conversations import spoken_messages
from llmstudio.core.corpus.reading.chats.exports.exports import Row
from llmstudio.core.corpus.reading.chats.texts.spoken_lines import layout_of, read_spoken_lines
from llmstudio.core.corpus.reading.chats.texts.templates import (
    answers_in,
    begins_conversation,
    inst_messages,
    role_at,
    template_messages,
)
from llmstudio.core.corpus.reading.chats.told import FAILED, Told

_INST = re.compile(r"\s*(?:<s>\s*)?(?:\[INST\]|\[SYSTEM_PROMPT\])")
_ENDS = re.compile(
    r"<\|endoftext\|>(?!<\|[a-z]+\|>)|(?<=[^\s])(?=<bos>|<[|｜]begin[▁_]of[▁_]sentence[|｜]>|<\|begin_of_text\|>)"
)
_LINES_TO_TELL = 400  # how the speakers are named
_CHARACTERS = 1 << 24  # of one conversation
_TASK = re.compile(r"^(?:Below is an instruction[^\n]*\n+)?#{2,4} ?Instruction:", re.MULTILINE)
_BLANK = re.compile(r"\n[ \t]*\n\s*")


def is_marked(head: str) -> bool:
    """True if a text begins as a conversation in such a layout."""
    if len(template_messages(head)) > 1:
        return True
    return bool(_INST.match(head)) and "[/INST]" in head


def is_named(head: str) -> bool:
    """True if every paragraph of a text begins with what a named user says and holds its answer."""
    blocks = _BLANK.split(head.strip())
    whole = blocks[:-1] if len(blocks) > 2 else blocks
    return len(blocks) > 1 and all(_is_exchange(block) for block in whole)


def looks_spoken(head: str) -> bool:
    """True if a text might be a conversation, since it begins with or has headings for what user and assistant say."""
    messages = spoken_messages(head)
    return sum(message.role == "assistant" for message in messages) > 1


def read_marked(lines: Iterable[str | None], told: Told) -> Iterator[Row]:
    """The conversations in a file."""
    lines = iter(lines)
    first = list(itertools.islice(lines, _LINES_TO_TELL))
    if layout := layout_of([line for line in first if line is not None]):
        yield from read_spoken_lines(itertools.chain(first, lines), layout, told)
        return
    lines = itertools.chain(first, lines)
    for text in _conversations(lines, told):
        marked = template_messages(text, told) or inst_messages(text)
        for messages in [marked] if marked else map(spoken_messages, _spoken(text)):
            told.add(FAILED, not messages)
            yield from chat_rows(messages, told)


def _spoken(text: str) -> list[str]:
    """The conversations of a text whose speakers are only named."""
    if starts := [found.start() for found in _TASK.finditer(text)]:
        ends = [*starts[1:], len(text)]
        return [text[start:end] for start, end in zip([0, *starts[1:]], ends, strict=True)]
    blocks = _BLANK.split(text.strip())
    if not _is_exchange(blocks[0]):
        return [text]
    found: list[str] = []
    for block in blocks:
        if not found or _is_exchange(block):
            found.append(block)
        else:
            found[-1] += f"\n\n{block}"
    return found


def _is_exchange(block: str) -> bool:
    messages = spoken_messages(block)
    roles = [message.role for message in messages]
    return "assistant" in roles and roles[0] in ("user", "story") and "user" in roles


def _conversations(lines: Iterable[str | None], told: Told) -> Iterator[str]:
    held: list[str] = []
    length, is_answered, is_blank, ends_turns = 0, False, False, False
    for line in lines:
        if line is None:
            told.add(FAILED)
            continue
        is_next = is_answered and (is_blank or answers_in(line)) and role_at(line) == "user"
        if held and (_INST.match(line) or begins_conversation(line) or is_next or length > _CHARACTERS):
            yield "\n".join(held)
            held, length, is_answered = [], 0, False
        pieces = [line] if ends_turns else _ENDS.split(line)
        for n, piece in enumerate(pieces):
            if piece.strip() or (held and n == 0):
                held.append(piece)
                length += len(piece)
                is_answered = is_answered or answers_in(piece)
            if n < len(pieces) - 1 and held and not is_answered and "[INST]" not in held[0]:
                ends_turns = True  # the mark stands behind questions, too
            elif n < len(pieces) - 1 and held:
                yield "\n".join(held)
                held, length, is_answered = [], 0, False
        is_blank = not line.strip()
    if any(piece.strip() for piece in held):
        yield "\n".join(held)
