"""What a task asks of whoever measures: where a model computes, and in which numbers."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol


class Computing(Protocol):
    """Where and how a model computes; a run's `training.machine.setup.Setup` says it."""

    @property
    def device(self) -> str:
        """Name of the device that the weights lie on."""

    def autocast(self) -> AbstractContextManager[object]:
        """Entered around one forward pass; never across a yield."""
