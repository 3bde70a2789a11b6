"""Trees of prompts and replies, as Open Assistant collects them: each way from the prompt to a last reply is a conversation.

They come nested ({"prompt": {"text", "role", "replies": [...]}}, or with "children") or as rows with "message_id" (or "id")
and "parent_id".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from llmstudio.core.corpus.reading.chats.messages import Message, message_of
from llmstudio.core.corpus.reading.chats.roles import role_of
from llmstudio.core.corpus.reading.chats.told import BELOW_DELETED, CIRCLES, DELETED, ORPHANS, RANKED, Told

ROW_KEYS = ("message_id", "parent_id")
_SHORT_KEYS = ("id", "parent_id")
_ID = re.compile(r"(?=\S*\d)[\w.:-]+|[\w-]{20,}")


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
    if isinstance(replies := node.get("replies"), list):
        return replies
    children = node.get("children")
    return children if isinstance(children, list) and not (children and all(map(_is_link, children))) else None


def _is_link(child: Any) -> bool:
    """True for a child that is only named: by the id of another message, and not by its words."""
    return isinstance(child, int) or (isinstance(child, str) and bool(_ID.fullmatch(child)))


def paths(root: Mapping[str, Any], told: Told) -> Iterator[list[Message]]:
    """Every conversation of a nested tree, from the prompt to each reply that nobody answered."""
    waiting: list[tuple[Mapping[str, Any], list[Message]]] = [(root, [])]
    while waiting:
        node, before = waiting.pop()
        if node.get("deleted") is True:
            told.add(DELETED)
            told.add(BELOW_DELETED, _size(node) - 1)
            continue
        message = message_of(node, told) or Message("", ("user", "assistant")[len(before) % 2], str(node.get("text", "")))
        path = [*before, message]
        replies = [reply if isinstance(reply, Mapping) else {"text": reply} for reply in _replies(node) or ()]
        if all(reply.get("deleted") is True for reply in replies):
            told.add(DELETED, len(replies))
            told.add(BELOW_DELETED, sum(map(_size, replies)) - len(replies))
            yield path
            continue
        waiting += [(reply, path) for reply in reversed(_best(replies, told))]


def _best(replies: Sequence[Mapping[str, Any]], told: Told) -> list[Mapping[str, Any]]:
    """The replies without those that were ranked behind another one; those without a rank stay."""
    ranks = [_rank(reply) for reply in replies]
    best = min((rank for rank in ranks if rank is not None), default=None)
    kept = [reply for reply, rank in zip(replies, ranks, strict=True) if rank is None or rank == best]
    told.add(RANKED, len(replies) - len(kept))
    return kept


def _rank(reply: Mapping[str, Any]) -> float | None:
    """The place that a reply was given among the others, the best being the least; None if it was given none."""
    rank = reply.get("rank")
    if isinstance(rank, str) and rank.strip().removesuffix(".0").isdigit():
        return float(rank)
    return rank if isinstance(rank, int | float) and not isinstance(rank, bool) and rank == rank else None


def _size(root: Mapping[str, Any]) -> int:
    """Messages of a tree."""
    waiting, size = [root], 0
    while waiting:
        size += 1
        waiting += [reply for reply in _replies(waiting.pop()) or () if isinstance(reply, Mapping)]
    return size


def nested(rows: Sequence[Mapping[str, Any]], told: Told) -> Iterable[Mapping[str, Any]]:
    """The trees that rows with ids and parents make, in the order of their prompts.

    No row is lost: one whose parent is not there begins a tree of its own, and so does the first of those that only have
    one another for parents.
    """
    id_key, parent_key = id_keys(rows[0]) if rows else ROW_KEYS
    nodes = [dict(row) | {"replies": []} for row in rows]
    places: dict[str, int] = {}
    for place, node in enumerate(nodes):
        places.setdefault(_id(node.get(id_key)), place)
    wanted = [_id(node.get(parent_key)) for node in nodes]
    parents = [places.get(parent) if parent else None for parent in wanted]
    firsts = _firsts_of_circles(parents)
    told.add(CIRCLES, len(firsts))
    roots = []
    for place, node in enumerate(nodes):
        parent = parents[place]
        if parent is None or place in firsts:
            told.add(ORPHANS, bool(wanted[place]) and place not in firsts)
            roots.append(node)
        else:
            nodes[parent]["replies"].append(node)
    return roots


def id_keys(row: Mapping[str, Any]) -> tuple[str, str]:
    """The names of a row's own id and of its parent's; of rows that have none, the usual ones."""
    return next((keys for keys in (ROW_KEYS, _SHORT_KEYS) if all(key in row for key in keys)), ROW_KEYS)


def are_rows(rows: Sequence[Mapping[str, Any]]) -> bool:
    """True for messages that name their own ids and their parents'.

    A plain "id" is no sure sign, since comments have it too: there, all speakers have roles and a parent is among the rows.
    """
    if all(all(key in row for key in ROW_KEYS) for row in rows):
        return True
    if not all(all(key in row for key in _SHORT_KEYS) and role_of(str(row.get("role", ""))) for row in rows):
        return False
    ids = {_id(row["id"]) for row in rows}
    return len(ids) == len(rows) and any(_id(row["parent_id"]) in ids for row in rows)


def _id(value: Any) -> str:
    """An id as text; empty for what data frames and programs write where there is none."""
    return "" if value is None or value != value or str(value).casefold() in ("", "none", "null", "nan") else str(value)


def _firsts_of_circles(parents: Sequence[int | None]) -> set[int]:
    """Of each circle of places that are one another's parents, the first."""
    firsts: set[int] = set()
    seen: set[int] = set()
    for place in range(len(parents)):
        way: dict[int, None] = {}
        here: int | None = place
        while here is not None and here not in seen and here not in way:
            way[here] = None
            here = parents[here]
        if here is not None and here in way:
            on_way = list(way)
            firsts.add(min(on_way[on_way.index(here) :]))
        seen |= way.keys()
    return firsts
