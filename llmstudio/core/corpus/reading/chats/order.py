"""Messages in the order they were said: the oldest first, and of several branches the one that is shown."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from llmstudio.core.corpus.reading.chats.numbered import in_numbered_order
from llmstudio.core.corpus.reading.chats.told import BRANCHES, REORDERED, Told

_PARENTS = (
    ("messageId", "parentMessageId"), ("uuid", "parent_message_uuid"), ("id", "parentId"), ("id", "parent_id"),
    ("id", "parentMessageId"), ("message_id", "parent_id"), ("id", "parent"),
)  # fmt: skip
_ANSWERED = (
    ("id", "reply-to"), ("id", "reply_to"), ("id", "replyTo"), ("message_id", "reply_to"), ("id", "in_reply_to"),
    ("utterance_id", "reply_to"),
)  # fmt: skip
"""A message's own id, and that of the one it answers."""
_MIXED = 4  # of so many messages one is sent before its forerunner, and they are shuffled
_LEFT_AT = (
    "currNode", "curr_node", "currentNode", "current_node", "currentId", "current_id", "current_leaf_message_uuid",
    "currentMessageId", "current_message_id",
)  # fmt: skip
TIMES = (
    "timestamp", "timestamp_ms", "created_at", "createdat", "created", "create_time", "created_date", "date", "time", "ts",
    "originalarrivaltime", "send_date", "sent_at",
)  # fmt: skip
"""Keys that hold when a message was sent."""


def shown(value: Mapping[str, Any], told: Told) -> Mapping[str, Any]:
    """A conversation of which only the messages stay that lead to the one it was left at, if it says which that is."""
    beside = [inner for inner in value.values() if isinstance(inner, Mapping)]
    last = next(
        (str(each[key]) for each in (value, *beside) for key in _LEFT_AT if isinstance(each.get(key), str | int)), ""
    )
    for key, items in value.items() if last else ():
        if not isinstance(items, list) or not items or not all(isinstance(item, Mapping) for item in items):
            continue
        for own, parent in _PARENTS:
            by_id = {str(item[own]): item for item in items if own in item and parent in item}
            if last in by_id:
                path = _path(by_id, last, parent)
                told.add(BRANCHES, len(items) - len(path))
                return {**value, key: path}
    return value


def in_order(items: Sequence[Any], told: Told) -> list[Any]:
    """The messages of a list in their order; those of branches that were given up are left out."""
    if not all(isinstance(item, Mapping) for item in items):
        return list(items)
    if (branch := _branch(items)) is not None:
        told.add(BRANCHES, len(items) - len(branch))
        return branch
    found = _after_what_they_answer(items) or in_numbered_order(items)
    if found is None and _is_newest_first(items):
        return list(reversed(items))
    found = found or _by_time(items)
    told.add(REORDERED, any(one is not other for one, other in zip(found, items, strict=True)))
    return found


def _after_what_they_answer(items: Sequence[Mapping[str, Any]]) -> list[Any] | None:
    """The messages so that none stands before the one that it answers; None if none does, or if they name none.

    All of them stay: where several answer one, each is part of the talk.
    """
    for own, parent in (*_PARENTS, *_ANSWERED):
        if not all(isinstance(item.get(own), str | int) and parent in item for item in items):
            continue
        places = {str(item[own]): place for place, item in enumerate(items)}
        parents = [places.get(str(item[parent])) for item in items]
        late = [place for place, before in enumerate(parents) if before is not None and before > place]
        if len(places) < len(items) or not late:
            return None
        if len(late) == sum(before is not None for before in parents):
            return list(reversed(items))
        depths = [_depth(place, parents) for place in range(len(items))]
        return [items[place] for place in sorted(range(len(items)), key=lambda place: depths[place])]
    return None


def _depth(place: int | None, parents: Sequence[int | None]) -> int:
    """How many messages lead to one; of those in a circle, as many as there are."""
    depth = 0
    while place is not None and depth < len(parents):
        place = parents[place]
        depth += 1
    return depth


def _branch(items: Sequence[Mapping[str, Any]]) -> list[Any] | None:
    """The messages that lead to the last one, if they name their parents and some parent has several replies."""
    for own, parent in _PARENTS:
        if not all(isinstance(item.get(own), str | int) and parent in item for item in items):
            continue
        by_id = {str(item[own]): item for item in items}
        replies = Counter(str(item[parent]) for item in items if str(item[parent]) in by_id)
        if len(by_id) < len(items) or not replies or max(replies.values()) < 2:
            return None
        return _path(by_id, str(items[-1][own]), parent)
    return None


def _by_time(items: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The messages by when they were sent, if every one has a time and they stand in no order at all.

    A few that stand a little early stay where they are: clocks differ, and lists are mostly right.
    """
    key = next((key for key in items[0] if str(key).casefold() in TIMES), None) if items else None
    times: list[Any] = [item.get(key) for item in items] if key is not None else []
    are_numbers = all(isinstance(time, int | float) for time in times)
    if not times or not (are_numbers or (all(map(_is_date, times)) and len({len(str(time)) for time in times}) == 1)):
        return list(items)
    if _MIXED * sum(one > other for one, other in itertools.pairwise(times)) < len(times):
        return list(items)
    return [items[place] for place in sorted(range(len(items)), key=lambda place: times[place])]


def _path(by_id: Mapping[str, Mapping[str, Any]], last: str, parent: str) -> list[Any]:
    """The messages that lead to `last`, which is the last of them."""
    path: dict[str, Mapping[str, Any]] = {}
    here = last
    while here in by_id and here not in path:
        path[here] = by_id[here]
        here = str(by_id[here][parent])
    return list(reversed(path.values()))


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
