"""Conversations in which nobody is named: lists of what was said in turn, as texts or as objects with a text each.

The first to speak is taken for the user, which is told. Lists of single words are cut sentences, and no conversations.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmstudio.core.corpus.reading.chats.messages import Message, message_of
from llmstudio.core.corpus.reading.chats.told import STRANGERS, Told
from llmstudio.core.corpus.reading.columns.cells import Columns, Row
from llmstudio.core.corpus.reading.first_rows import first_rows
from llmstudio.core.corpus.records import Skipped

_SIDES = ("user", "assistant")
_WORDS = ("text", "utterance", "content", "sentence", "value", "what", "message")
_KEYS = frozenset(("dialogue", "dialogues", "dialog", "dialogs", "utterances", "conversation", "turns", "对话"))
_TIMED = frozenset(("start", "end", "start_time", "end_time", "timestamp", "begin"))  # pieces of a recording
_LOOKED_AT = 60
_SAID = 0.6  # of the texts are longer than a word
_ENDS = (".", "?", "!", "…", "。", "？", "！")
_DENSE = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def unnamed(items: Sequence[Any]) -> list[Message] | None:
    """The messages of objects that hold words and no speaker, said in turn; None for other lists."""
    found: list[str] = []
    for item in items:
        key = next((key for key in _WORDS if isinstance(item, Mapping) and isinstance(item.get(key), str)), "")
        if not key or item.keys() & _TIMED or message_of(item, Told()) is not None:
            return None
        found.append(item[key])
    return [Message("", _SIDES[n % 2], text) for n, text in enumerate(found)]


def is_unnamed(key: str, item: Any) -> bool:
    """True if an object under `key` is one thing said in a conversation without names."""
    name = key.rsplit(".", 1)[-1].casefold()
    is_logged = name == "log" and isinstance(item, Mapping) and "metadata" in item  # MultiWOZ
    return (name in _KEYS or is_logged) and unnamed([item]) is not None


def are_said(lists: Sequence[Sequence[Any]]) -> bool:
    """True if lists of texts hold what was said in turn: sentences, and more than two in some list."""
    if not lists or max(map(len, lists)) < 3:
        return False
    texts = [text for each in lists for text in each]
    if not all(isinstance(text, str) for text in texts) or not _are_sentences(texts):
        return False
    if len(set(map(len, lists))) > 1:
        return True
    rows = [dict(zip(map(str, itertools.count(1)), each, strict=False)) for each in lists]
    columns = Columns(rows, tuple(rows[0]))
    return all(_are_sentences([row[key] for row in rows]) and not columns.is_class(key) for key in columns.keys)


def said_in_turn(rows: Iterator[Row | Skipped], told: Told) -> Iterator[Row | Skipped]:
    """The rows of JSON; lists of what was said, whose places are columns 1, 2, 3 ... until here, become conversations."""
    first, rest = first_rows(rows, _LOOKED_AT)
    seen = [row for row in first if not isinstance(row, Skipped)]
    if not all(map(_is_list, seen)) or not are_said([list(row.values()) for row in seen]):
        yield from rest
        return
    for row in rest:
        if not isinstance(row, Skipped) and _is_list(row):
            texts = list(row.values())
            told.add(STRANGERS)
            row.clear()  # a row may bear the name of its part, which stays
            row["turns"] = texts
        yield row


def _is_list(row: Row) -> bool:
    return bool(row) and list(row) == [str(n) for n in range(1, len(row) + 1)]


def _are_sentences(texts: Sequence[str]) -> bool:
    filled = [text for text in texts if text.strip()]
    return bool(filled) and sum(map(_is_sentence, filled)) >= _SAID * len(filled)


def _is_sentence(text: str) -> bool:
    num_words = len(re.findall(r"[^\W\d_]+", text))
    return num_words > 1 or len(_DENSE.findall(text)) > 3 or (num_words > 0 and text.rstrip().endswith(_ENDS))
