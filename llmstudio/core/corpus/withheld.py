"""What was left out before any text came is told with the text, or with the next that is left out.

Of a source that holds nothing else the error says it, and so a person reads it once.
"""

from __future__ import annotations

from collections.abc import Iterator

from llmstudio.core.events import Event, Noted


class Withheld:
    """Holds the first note back until it is clear that more comes than an error that says the same."""

    def __init__(self) -> None:
        self._held: list[Noted] = []
        self._has_more = False

    def add(self, note: Noted) -> Iterator[Event]:
        """Something was left out."""
        self._held.append(note)
        if self._has_more or len(self._held) > 1:
            yield from self.tell()

    def tell(self) -> Iterator[Event]:
        """More has come: what is held is told now, and what follows at once."""
        held, self._held, self._has_more = self._held, [], True
        yield from held
