"""How far the reading of files has come, and where it is asked to stop."""

from __future__ import annotations

from dataclasses import dataclass

from llmstudio.core.words import Words
from llmstudio.core.work import Stop


class Halted(Exception):
    """Somebody asked to stop in the middle of a file."""


@dataclass
class Meter:
    """Where reading stands: the file and the bytes read so far. Ends the reading when `stop` is raised."""

    stop: Stop | None = None
    name: str | Words = ""
    num_bytes: int = 0

    def add(self, num_bytes: int) -> None:
        """Count bytes. Raises Halted if somebody asked to stop."""
        self.num_bytes += num_bytes
        if self.stop and self.stop.requested:
            raise Halted
