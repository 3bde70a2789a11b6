"""Conversations in a long JSON document, taken message by message so that none has to fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from llmstudio.core.corpus.reading.chats.exports.exports import CONTINUATIONS, Chat, Row
from llmstudio.core.corpus.reading.chats.exports.telegram import ACCOUNT
from llmstudio.core.corpus.reading.chats.told import CHANNELS, Told
from llmstudio.core.corpus.reading.columns.names import WORSE

BESIDE = ("participants", "members", "users", "magic_words", "tools", "functions", "stickers", "emojis", "worldinfo")
KEPT = (*BESIDE, "prompt", *CONTINUATIONS, "replies", "children", *WORSE)
"""Lists that are read with the rest of their object: what stands beside messages, and a prompt and its answers."""


class JsonCursor(Protocol):
    """A place in a JSON text, which moves on as values are taken."""

    def peek(self) -> str:
        """The next sign."""

    def value(self) -> Any:
        """The value that begins here."""

    def places(self) -> Iterator[None]:
        """The elements of the array that begins here; the caller takes each before going on."""

    def members(self) -> Iterator[str]:
        """The keys of the object that begins here; the caller takes each one's value before going on."""


class Chats:
    """The conversations in one object: usually one, which keeps the object's other keys; of several each is a row alone."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._chat: Chat | None = None
        self._num_chats = 0

    def begin(self, key: str, first: Any, own: dict[str, Any]) -> bool:
        """True if a list with this first element is a conversation, for `take`."""
        return key not in KEPT and Chat.of(key, first, own, Told()) is not None

    def take(self, key: str, items: Iterator[Any], first: Any, own: dict[str, Any]) -> Iterator[Row]:
        """Take the messages of a list that `begin` knew; gives rows as they are full."""
        yield from self._alone()
        self._chat = Chat.of(key, first, own, self._told)
        assert self._chat is not None
        self._num_chats += 1
        yield from self._chat.take([first], own)
        for item in items:
            yield from self._chat.take([item], own)

    def rest(self, own: dict[str, Any]) -> Iterator[Row]:
        """What is left at the end of the object."""
        if self._chat and self._num_chats == 1:
            yield from self._chat.rest(own)
        else:
            yield from self._alone()

    def _alone(self) -> Iterator[Row]:
        if self._chat:
            self._chat.key = "turns"  # several of one object are called alike
            yield from self._chat.rest({})


def account_rows(stream: JsonCursor, key: str, rows_of_object: Callable[[], Iterator[Row]], told: Told) -> Iterator[Row]:
    """The chats under one key of a whole account's export; everything else there is passed over."""
    if key not in ACCOUNT or stream.peek() != "{":
        stream.value()
        return
    for inner in stream.members():
        if inner != "list" or stream.peek() != "[":
            stream.value()
            continue
        for _ in stream.places():
            if stream.peek() != "{":
                stream.value()
                continue
            is_channel = False
            for row in rows_of_object():
                is_channel = is_channel or "text" in row
                if "text" not in row:
                    yield row
            told.add(CHANNELS, is_channel)
