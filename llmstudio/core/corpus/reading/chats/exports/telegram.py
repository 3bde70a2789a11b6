"""Telegram's export (result.json): one chat, or all chats of an account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from llmstudio.core.corpus.reading.chats.messages import Message
from llmstudio.core.corpus.reading.chats.pieces import words_of
from llmstudio.core.corpus.reading.chats.told import SERVICE, Told

ACCOUNT = ("chats", "left_chats")
"""Keys of an account's export that hold chats."""
_MONOLOGUES = ("public_channel", "private_channel", "saved_messages")


def is_message(item: Any) -> bool:
    """True for a message, or a notice among them."""
    return (
        isinstance(item, Mapping)
        and item.get("type") in ("message", "service")
        and bool(item.keys() & {"from", "actor", "from_id", "text_entities"})
    )


def is_account(own: Mapping[str, Any]) -> bool:
    """True if these first keys of an object are those of a whole account's export."""
    return "personal_information" in own or ("about" in own and "Telegram" in str(own["about"]))


def is_monologue(own: Mapping[str, Any]) -> bool:
    """True for channels and notes to oneself: posts, but nobody who answers."""
    return own.get("type") in _MONOLOGUES


def messages(items: Iterable[Any], told: Told) -> list[Message]:
    """The messages in their order; notices (calls, joinings, pins) are left out."""
    found = []
    for item in items:
        if not isinstance(item, Mapping) or item.get("type") != "message":
            told.add(SERVICE)
            continue
        found.append(Message(str(item.get("from") or item.get("from_id") or "?"), "", post(item, told)))
    return found


def post(item: Mapping[str, Any], told: Told) -> str:
    """The words of a message, which are a text or a list of plain and marked pieces."""
    return words_of(item.get("text") or item.get("text_entities"), told)
