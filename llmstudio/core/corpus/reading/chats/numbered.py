"""Messages that bear a number (turn, order, message_id): in the order of their numbers, wherever they stand.

In: the messages of one conversation. Out: the same in order, or None if no numbers tell one.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from llmstudio.core.corpus.reading.chats.roles import role_of
from llmstudio.core.corpus.reading.columns.names import folded

_THINGS = (
    "turn",
    "utterance",
    "message",
    "msg",
    "sentence",
    "line",
    "dialog_turn",
    "dialogue_turn",
    "exchange",
    "round",
    "step",
)
_ENDS = ("number", "num", "no", "nr", "index", "idx", "order", "position", "pos", "seq", "sequence", "count")
_NAMES = (
    "turn", "turns", "order", "seq", "sequence", "position", "pos", "round", "step",
    *(f"{thing}_{end}" for thing in _THINGS for end in _ENDS), *(f"{thing}{end}" for thing in _THINGS for end in _ENDS),
    "idx", "index", "line",
)  # fmt: skip
_IDS = tuple(f"{thing}{gap}id" for thing in _THINGS for gap in ("_", ""))
_NUMBER = re.compile(r"(\S{0,40}?)(\d{1,15})(?:\.0)?")
_DENSE = 4  # numbers of one conversation lie in so small a range for each message, or they are none but codes
_SIDES = {"story": 0, "user": 1, "assistant": 2}
_ROLES = ("role", "from", "speaker", "sender", "who", "author")


def is_number_name(name: str) -> bool:
    """True for the name of a column that numbers messages."""
    return folded(name) in _NAMES or folded(name) in _IDS


def in_numbered_order(items: Sequence[Mapping[str, Any]]) -> list[Any] | None:
    """The messages by the first column whose numbers tell an order; None if there is none.

    Where two messages share a number, as a question and its answer do, the user's comes first.
    """
    if len(items) < 2:
        return None
    by_name = {folded(str(key)): key for key in items[0]}
    for name in (*_NAMES, *_IDS):
        if name not in by_name or (numbers := _numbers([item.get(by_name[name]) for item in items])) is None:
            continue
        if name in _IDS and max(numbers) - min(numbers) > _DENSE * len(numbers):
            continue
        if all(one <= other for one, other in itertools.pairwise(numbers)):
            return list(items) if len(set(numbers)) > 1 else None
        places = sorted(range(len(items)), key=lambda place: (numbers[place], _side(items[place])))
        return [items[place] for place in places]
    return None


def _numbers(cells: Sequence[Any]) -> list[int] | None:
    """The numbers of some cells, which all have the same letters before them; None for other cells."""
    if any(isinstance(cell, bool) or not isinstance(cell, int | float | str) for cell in cells):
        return None
    found = [_NUMBER.fullmatch(str(cell).strip()) for cell in cells]
    told = [(match[1], int(match[2])) for match in found if match]
    if len(told) < len(cells) or len({before for before, _ in told}) > 1:
        return None
    numbers = [number for _, number in told]
    return numbers if 2 * len(set(numbers)) >= len(numbers) else None


def _side(item: Mapping[str, Any]) -> int:
    name = next((item[key] for key in _ROLES if isinstance(item.get(key), str)), "")
    return _SIDES.get(role_of(name), 1)
