"""A Discord channel as DiscordChatExporter saves it: {"guild", "channel", "messages": [{"type", "content", "author"}]}."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from llmstudio.core.corpus.reading.chats.messages import Message
from llmstudio.core.corpus.reading.chats.pieces import words_of
from llmstudio.core.corpus.reading.chats.told import PARTS, SERVICE, Told

_SPOKEN = ("default", "reply", "0", "19", "20", "chatinputcommand", "applicationcommand", "threadstartermessage")


def is_message(item: Any) -> bool:
    """True for a message with Discord's kind of author."""
    author = item.get("author") if isinstance(item, Mapping) else None
    return isinstance(author, Mapping) and bool(author.keys() & {"name", "nickname", "username"}) and "content" in item


def messages(items: Iterable[Any], told: Told) -> list[Message]:
    """The messages in their order; what the program writes about the channel (joinings, pins) is left out."""
    found = []
    for item in items:
        if not is_message(item):
            continue
        if str(item.get("type", "Default")).casefold() not in _SPOKEN:
            told.add(SERVICE)
            continue
        author = item["author"]
        name = next((str(author[key]) for key in ("nickname", "global_name", "name", "username") if author.get(key)), "?")
        is_bot = author.get("isBot", author.get("bot")) is True
        pictures = item.get("attachments")
        told.add(PARTS, len(pictures) if isinstance(pictures, list) else 0)
        found.append(Message(name, "assistant" if is_bot else "", words_of(item["content"], told)))
    return found
