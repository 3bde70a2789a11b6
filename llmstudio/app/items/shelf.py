"""The shelf of loaded models: those used last stay in memory, as many as a share of this computer's memory holds.

Any thread may ask. What was taken from the shelf stays whole for whoever still holds it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar

from llmstudio.app.computer.hardware import machine

_SHARE = 1 / 8  # a comparison of several small models is quick, and a run beside it keeps its room


class Sized(Protocol):
    """Something that knows its size."""

    @property
    def num_bytes(self) -> int:
        """Bytes that it takes in memory."""
        ...


T = TypeVar("T", bound=Sized)


def most_bytes() -> int:
    """Bytes that the shelf may take on this computer."""
    return int(machine().memory_bytes * _SHARE)


class Shelf(Generic[T]):
    """What was used last, within `most_bytes`; the newest is there even if it alone takes more."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: Hashable) -> T | None:
        """What is kept under `key`, which is then the last used; None if it is not here."""
        with self._guard:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Hashable, value: T) -> None:
        """Keep it, and let go of what was not used for longest until all have room."""
        bound = most_bytes()
        with self._guard:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > 1 and sum(kept.num_bytes for kept in self._kept.values()) > bound:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """Let go of everything."""
        with self._guard:
            self._kept.clear()
