"""Stop strings in a stream: a text ends before the first of them, and what may be the beginning of one is not shown yet."""

from __future__ import annotations

from collections.abc import Sequence


class StopStrings:
    """Pieces of text in, what may be shown out.

    Attributes:
        found: True once a stop string came; from then on nothing more is shown.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = [stop for stop in stops if stop]
        self._held = ""
        self.found = False

    def push(self, piece: str) -> str:
        """What may be shown now that `piece` has come."""
        if self.found or not self._stops:
            return "" if self.found else piece
        self._held += piece
        places = [place for stop in self._stops if (place := self._held.find(stop)) >= 0]
        if places:
            self.found = True
            shown, self._held = self._held[: min(places)], ""
            return shown
        keep = max(_overlap(self._held, stop) for stop in self._stops)
        shown, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return shown

    def flush(self) -> str:
        """What was held back for nothing, at the end of the text."""
        held, self._held = self._held, ""
        return held


def before_stop(text: str, stops: Sequence[str]) -> str:
    """A whole text up to the first stop string."""
    stream = StopStrings(stops)
    return stream.push(text) + stream.flush()


def _overlap(text: str, stop: str) -> int:
    """Characters at the end of `text` that `stop` begins with."""
    return next((n for n in range(min(len(stop) - 1, len(text)), 0, -1) if text.endswith(stop[:n])), 0)
