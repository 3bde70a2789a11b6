"""Trees of prompts and replies, as Open Assistant collects them: each way from the prompt to a last reply is a conversation.

They come nested ({"prompt": {"text", "role", "replies": [...]}}) or as rows with "message_id" and "parent_id".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from llmstudio.core.corpus.chats.messages import Message, message_of
from llmstudio.core.corpus.chats.told import DELETED, ORPHANS, Told

ROW_KEYS = ("message_id", "parent_id")


def root_of(value: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The prompt of a nested tree, or None if the object is none."""
    prompt = value.get("prompt")
    for node in (prompt, value):
        if isinstance(node, Mapping) and isinstance(node.get("replies"), list) and isinstance(node.get("text"), str):
            return node if "role" in node or node is prompt else None
    return None


def paths(root: Mapping[str, Any], told: Told) -> Iterator[list[Message]]:
    """Every conversation of a nested tree, from the prompt to each reply that nobody answered."""
    waiting: list[tuple[Mapping[str, Any], list[Message]]] = [(root, [])]
    while waiting:
        node, before = waiting.pop()
        if node.get("deleted") is True:
            told.add(DELETED)
            continue
        message = message_of(node, told) or Message("", ("user", "assistant")[len(before) % 2], str(node.get("text", "")))
        path = [*before, message]
        replies = node.get("replies")
        replies = [reply for reply in replies if isinstance(reply, Mapping)] if isinstance(replies, list) else []
        if all(reply.get("deleted") is True for reply in replies):
            told.add(DELETED, len(replies))
            yield path
            continue
        waiting += [(reply, path) for reply in reversed(replies)]


def nested(rows: Sequence[Mapping[str, Any]], told: Told) -> Iterable[Mapping[str, Any]]:
    """The trees that rows with ids and parents make, in the order of their prompts."""
    nodes = {str(row.get("message_id")): dict(row) | {"replies": []} for row in rows}
    roots = []
    for node in nodes.values():
        parent = nodes.get(str(node.get("parent_id") or ""))
        if parent is not None and parent is not node:
            parent["replies"].append(node)
        else:
            told.add(ORPHANS, bool(node.get("parent_id")))
            roots.append(node)
    return roots
