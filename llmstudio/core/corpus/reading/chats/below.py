"""Conversations that lie deep in one object, {"payload": {"items": [...]}}: where they are, and the rows they become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmstudio.core.corpus.reading.chats.exports.exports import Row, is_turn, read_messages
from llmstudio.core.corpus.reading.chats.exports.streaming import KEPT
from llmstudio.core.corpus.reading.chats.told import Told
from llmstudio.core.corpus.reading.columns.names import WORSE, named

_DEPTH = 5  # objects around a conversation
_ENOUGH = 20  # messages that are looked at


def is_chat(key: str, value: Any) -> bool:
    """True if a list under `key` is one conversation in which something is said."""
    if key in KEPT or not isinstance(value, list) or not value:
        return False
    first = value[:_ENOUGH]
    if not all(isinstance(item, Mapping) for item in first) or not any(is_turn(key, item) for item in first):
        return False
    return any(message.what.strip() for message in read_messages(first, Told()))


def chats_below(own: Mapping[str, Any], depth: int = _DEPTH) -> Iterator[tuple[str, list[Any]]]:
    """Name and messages of each conversation in the objects of an object; not of those in lists, nor of the worse of two."""
    for key, value in own.items():
        if not isinstance(value, Mapping) or named([key], WORSE):
            continue
        for name, inner in value.items():
            if is_chat(str(name), inner):
                yield f"{key}.{name}", inner
        if depth:
            yield from ((f"{key}.{name}", inner) for name, inner in chats_below(value, depth - 1))


def chat_row(items: list[Any]) -> Row:
    """The row of one of several conversations: all are called alike, whatever they are called in the file."""
    return {"turns": items}
