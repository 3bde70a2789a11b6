"""Messenger's and Instagram's export: newest message first, and UTF-8 spelled as if it were Latin-1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from llmstudio.core.corpus.reading.chats.messages import Message
from llmstudio.core.corpus.reading.chats.pieces import words_of
from llmstudio.core.corpus.reading.chats.told import DELETED, PARTS, REPAIRED, SERVICE, Told

_NAMES = ("sender_name", "senderName")
_TIMES = ("timestamp_ms", "timestamp")
_THINGS = ("photos", "videos", "audio_files", "files", "gifs", "sticker", "media")
_NOTICES = ("call", "subscribe", "unsubscribe", "payment", "notice")


def is_message(item: Any) -> bool:
    """True for a message with this export's names for speaker and time."""
    return isinstance(item, Mapping) and any(k in item for k in _NAMES) and any(k in item for k in _TIMES)


def messages(items: Iterable[Any], told: Told) -> list[Message]:
    """The messages, oldest first, their letters mended; calls, joinings and what was taken back are left out."""
    kept = sorted(filter(is_message, items), key=_time)
    found = []
    for item in kept:
        if str(item.get("type", "")).casefold() in _NOTICES or "call_duration" in item:
            told.add(SERVICE)
            continue
        if item.get("is_unsent") is True or item.get("isUnsent") is True:
            told.add(DELETED)
            continue
        told.add(PARTS, sum(bool(item.get(key)) for key in _THINGS))
        said = words_of(item.get("content", item.get("text")), told)
        what = mended(said)
        told.add(REPAIRED, what != said)
        found.append(Message(mended(str(next(item[key] for key in _NAMES if key in item))), "", what))
    return found


def mended(text: str) -> str:
    """The text that was meant where UTF-8 was spelled out byte by byte as Latin-1; any other text as it is."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _time(item: Mapping[str, Any]) -> float:
    time = next(item[key] for key in _TIMES if key in item)
    try:
        return float(time)
    except (TypeError, ValueError):
        return 0.0
