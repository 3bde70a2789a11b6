"""One class, one spelling: labels and tags that look alike are the same name however their signs are coded.

In: records as they are read. Out: the same with each label and tag in one spelling, and what is to be said of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from llmstudio.core.corpus.records import Record, labels_of
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import Remedy
from llmstudio.core.words import words

_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")  # signs that nobody sees; joiners are part of scripts and of emoji
_WIDE = re.compile("[\uff01-\uff5e\uff66-\uff9f]+")  # full-width Latin letters and half-width kana
_MOST, _SHOWN = 100_000, 6  # different names that are told apart; that are shown


def one_spelling(name: str) -> str:
    """A name with composed letters (NFC), of usual width, plain single spaces and no signs that nobody sees.

    Example: "New\u00a0York" and "New York" are one, as are the two ways to spell "café".
    """
    if name.isascii() and "  " not in name and name.isprintable():
        return name.strip()
    seen = _WIDE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), _UNSEEN.sub("", name))
    return " ".join(unicodedata.normalize("NFC", seen).split())


class LabelSpelling:
    """Brings the labels and tags of a file to one spelling, and remembers which came in several."""

    def __init__(self, *, capitals: bool = True) -> None:
        """`capitals`: whether they tell labels apart; else labels are written in small letters (tags never are)."""
        self._capitals = capitals
        self._raw: dict[str, str] = {}  # spelling -> name
        self._labels: set[str] = set()

    def applied(self, record: Record) -> Record:
        """The record with its label or tags in one spelling; one that has neither as it is."""
        if "tags" in record:
            return record | {"tags": [self._name(tag) for tag in record["tags"]]}
        if "label" not in record:
            return record
        names = [self._name(label) for label in labels_of(record)]
        names = list(dict.fromkeys(names if self._capitals else [name.lower() for name in names]))
        if len(self._labels) < _MOST:
            self._labels.update(names)
        return record | {"label": names if isinstance(record["label"], list) else names[0]}

    def remarks(self) -> list[Remark]:
        """Which names came in several spellings and are one, and which are still several though they sound alike."""
        spelled: dict[str, int] = {}
        for name in self._raw.values():
            spelled[name] = spelled.get(name, 0) + 1
        said = []
        if joined := sorted(name for name, count in spelled.items() if count > 1):
            message = words(
                "{n|label comes|labels come} in several spellings that look alike (letters coded in two ways, other spaces)"
                " and each is one class: {names}.",
                n=len(joined),
                names=", ".join(joined[:_SHOWN]),
            )
            said.append(Remark(message))
        return said + capitals_remarks(self._labels)

    def _name(self, raw: str) -> str:
        if (name := self._raw.get(raw)) is None:
            name = one_spelling(raw)
            if len(self._raw) < _MOST:
                self._raw[raw] = name
        return name


def capitals_remarks(labels: Iterable[str]) -> list[Remark]:
    """A warning if some labels differ by capitals alone, with the way to make them one class."""
    by_letters: dict[str, set[str]] = {}
    for label in labels:
        by_letters.setdefault(label.casefold(), set()).add(label)
    alike = sorted(name for spelled in by_letters.values() if len(spelled) > 1 for name in spelled)
    if not alike:
        return []
    names = ", ".join(sorted(alike, key=str.casefold)[:_SHOWN])
    message = words("Labels differ by capitals alone and are classes of their own: {names}.", names=names)
    return [Remark(message, "warning", remedies=(_ONE_CLASS,))]


_ONE_CLASS = Remedy("set", words("Make them one class"), "reading.label_capitals", "no")
