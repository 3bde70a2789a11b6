"""Trees of prompts and replies, as Open Assistant collects them: each way from the prompt to a last reply is a conversation.

They come nested ({"prompt": {"text", "role", "replies": [...]}}, or with "children") or as rows with "message_id" and
"parent_id".
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
    if isinstance(prompt, Mapping) and isinstance(prompt.get("text"), str) and _replies(prompt) is not None:
        return prompt
    if (beside := _replies(value)) is None:
        return None
    if isinstance(prompt, Mapping) and isinstance(prompt.get("text"), str):
        return {**prompt, "replies": beside}
    if isinstance(prompt, str):
        return {"role": "prompter", "text": prompt, "replies": beside}
    return value if is_node(value) else None


def is_node(value: Any) -> bool:
    """True for a message with its replies in it."""
    return isinstance(value, Mapping) and _replies(value) is not None and message_of(value, Told()) is not None


def _replies(node: Mapping[str, Any]) -> list[Any] | None:
    return next((node[key] for key in ("replies", "children") if isinstance(node.get(key), list)), None)


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
        replies = [reply if isinstance(reply, Mapping) else {"text": reply} for reply in _replies(node) or ()]
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
