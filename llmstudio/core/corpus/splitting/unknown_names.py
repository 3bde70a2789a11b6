"""Labels and tags of the test part that no text to learn from bears: misspelled ones, or ones a model cannot give."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator

from llmstudio.core.events import Noted
from llmstudio.core.words import Words, words

_MOST, _SHOWN = 10_000, 6  # different names that are told apart; that are shown


class NamesByPart:
    """The labels and tags of documents that say to which part they belong."""

    def __init__(self) -> None:
        self._learned: set[str] = set()
        self._tested: Counter[str] = Counter()

    def add(self, names: Iterable[str], part: str) -> None:
        """Those of the next document."""
        if part == "test":
            self._tested.update(name for name in set(names) if name in self._tested or len(self._tested) < _MOST)
        elif part and len(self._learned) < _MOST:
            self._learned.update(names)

    def notes(self) -> Iterator[Noted]:
        """Which names the test has alone, with one that is spelled much alike; nothing if either part has none."""
        unknown = [name for name, _ in self._tested.most_common() if name not in self._learned]
        if not unknown or not self._learned or len(self._learned) >= _MOST:
            return
        shown = words("{names}", names=", ".join(str(self._told(name)) for name in unknown[:_SHOWN]))
        if (num_more := len(unknown) - _SHOWN) > 0:
            shown = words("{names} and {n:,} more", names=str(shown), n=num_more)
        message = words(
            "The test has {n|label|labels} that no text to learn from bears, {documents:,} times: {names}. A model cannot "
            "give what it has never seen.",
            n=len(unknown),
            documents=sum(self._tested[name] for name in unknown),
            names=shown,
        )
        yield Noted(message=message, level="warning")

    def _told(self, name: str) -> Words:
        near = difflib.get_close_matches(name.casefold(), [known.casefold() for known in self._learned], n=1, cutoff=0.75)
        known = next((known for known in self._learned if near and known.casefold() == near[0]), "")
        return words("{name} ({known}?)", name=name, known=known) if known else words("{name}", name=name)
