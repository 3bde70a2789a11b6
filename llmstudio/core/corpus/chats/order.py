"""Messages in the order they were said: the oldest first, and of several branches the one that is shown."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from llmstudio.core.corpus.chats.told import BRANCHES, Told

_PARENTS = (
    ("messageId", "parentMessageId"), ("uuid", "parent_message_uuid"), ("id", "parentId"), ("id", "parent_id"),
    ("id", "parentMessageId"), ("message_id", "parent_id"), ("id", "parent"),
)  # fmt: skip
TIMES = (
    "timestamp", "timestamp_ms", "created_at", "createdat", "created", "create_time", "created_date", "date", "time", "ts",
    "originalarrivaltime", "send_date", "sent_at",
)  # fmt: skip
"""Keys that hold when a message was sent."""


def in_order(items: Sequence[Any], told: Told) -> list[Any]:
    """The messages of a list in their order; those of branches that were given up are left out."""
    if not all(isinstance(item, Mapping) for item in items):
        return list(items)
    if (branch := _branch(items)) is not None:
        told.add(BRANCHES, len(items) - len(branch))
        return branch
    return list(reversed(items)) if _is_newest_first(items) else list(items)


def _branch(items: Sequence[Mapping[str, Any]]) -> list[Any] | None:
    """The messages that lead to the last one, if they name their parents and some parent has several replies."""
    for own, parent in _PARENTS:
        if not all(isinstance(item.get(own), str | int) and parent in item for item in items):
            continue
        by_id = {str(item[own]): item for item in items}
        replies = Counter(str(item[parent]) for item in items if str(item[parent]) in by_id)
        if len(by_id) < len(items) or not replies or max(replies.values()) < 2:
            return None
        path: dict[str, Mapping[str, Any]] = {}
        here = str(items[-1][own])
        while here in by_id and here not in path:
            path[here] = by_id[here]
            here = str(by_id[here][parent])
        return list(reversed(path.values()))
    return None


def _is_newest_first(items: Sequence[Mapping[str, Any]]) -> bool:
    """True if every message has a time of one form, and the times fall."""
    key = next((key for key in items[0] if str(key).casefold() in TIMES), None) if items else None
    if key is None:
        return False
    times = [item.get(key) for item in items]
    if all(isinstance(time, int | float) for time in times):
        return _falls(times)
    return all(_is_date(time) for time in times) and _falls(times)


def _is_date(time: Any) -> bool:
    """True for dates that are ordered as their letters are, as in 2024-05-31T20:15."""
    return isinstance(time, str) and len(time) >= 10 and time[:4].isdigit() and time[4] in "-/." and time[5:7].isdigit()


def _falls(times: Sequence[Any]) -> bool:
    return times[0] > times[-1] and all(one >= other for one, other in itertools.pairwise(times))
