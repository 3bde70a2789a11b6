"""Documents are dealt out to the parts of a split by what they begin with: what begins alike lies on one side.

A document brings up to three keys, digests of folded text: its story (a passage, a system prompt), its opening (the first
thing that a user says, the source of a pair, a text), and the whole. The opening decides, but where

- very many documents share an opening, their stories decide, and where they share that too (or have none), the whole;
- nobody shares the opening, the story decides: questions about one passage stay together. A story that more documents
  share than fit into a part that is held out does not bind them: it is a prompt that many begin with.

Where chance gives a class too little or too much (a class is a label; without labels all are one class), its documents are
dealt out by rank instead, so that every class of some size is watched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from llmstudio.core.corpus.cleaning.duplicates import DIGEST_BYTES, Digests
from llmstudio.core.corpus.config import SplitConfig

ROW = np.dtype([
    ("story", f"V{DIGEST_BYTES}"), ("opening", f"V{DIGEST_BYTES}"), ("whole", f"V{DIGEST_BYTES}"), ("label", "<u8"),
    ("characters", "<u8"), ("given", "u1"),
])  # fmt: skip
"""What is kept of a document until it is dealt out; without a story or a label these are zero."""
_NONE = np.zeros(0, dtype=np.uint64)
Rows = Callable[[], Iterator[np.ndarray]]

LARGE = 10
"""A document of more than one such part of everything stays in training."""
_FEW = 10  # so many documents may share an opening in any corpus
_WATCHED = 4  # documents of a class from which on one of them is held out
_SMALL = 50  # a class of so many is parted exactly; and so many documents of validation nobody finds too many
_COUNTED, _CLASSES, _RANKED = 200_000, 10_000, 2_000_000  # bounds of what is held in memory


def shares_of(keys: np.ndarray, seed: int) -> np.ndarray:
    """A number from 0 to 1 for each key, which follows from it and the seed, (n,) of float64."""
    low = _mixed(_first(keys) ^ _mixed(np.array([seed], dtype=np.uint64)))
    return (low >> np.uint64(11)).astype(np.float64) / 2.0**53


@dataclass(frozen=True)
class Limits:
    """Below which shares a document is held out: of validation, then of validation and test together.

    Attributes:
        val: Below it a document is for validation.
        held: Below it, and not below `val`, it is for the test.
        single: Shares above both whose documents are held out as well, each with its side.
    """

    val: float
    held: float
    single: tuple[tuple[float, int], ...] = ()

    def sides(self, shares: np.ndarray) -> np.ndarray:
        """0 for training, 1 for validation, 2 for the test, of each share."""
        sides = np.where(shares < self.val, 1, np.where(shares < self.held, 2, 0)).astype(np.uint8)
        for share, side in self.single:
            sides[shares == share] = side
        return sides


class Dealer:
    """Deals out documents.

    Attributes:
        num_shared: Documents whose opening was shared by too many to decide.
    """

    def __init__(
        self,
        rows: Rows,
        config: SplitConfig,
        num_documents: int,
        num_characters: int,
        folder: Path,
        *,
        have_openings: bool = True,
    ) -> None:
        """Look through the rows; temporary files go to `folder`. Without openings, each is the whole of its document."""
        self._config = config
        large = max(num_characters // LARGE, 2 * num_characters // max(1, num_documents))
        share = min((share for share in (config.val_share, config.test_share) if share), default=1.0)
        limit = max(2, min(max(_FEW, int(share * num_documents / 2)), num_documents // 2))
        limits = {"opening": limit, "story": min(limit, max(2, int(2 * share * num_documents)))} if have_openings else {}
        frequent = [_frequent(rows, name, most, num_documents) for name, most in limits.items()]
        self._openings, self._stories = frequent or [_NONE, _NONE]
        self._again = Digests(folder)
        self.num_shared = 0
        seen = Digests(folder)
        for block in rows() if have_openings else ():
            for key in block["opening"][_first(block["story"]) != 0]:
                if not seen.add(key.tobytes()):
                    self._again.add(key.tobytes())
            self.num_shared += int(np.isin(_first(block["opening"]), self._openings).sum())
        seen.close()
        self._pinned = np.array([
            int(key) for block in rows() for key in _first(self.keys(block)[block["characters"] > large])
        ], dtype=np.uint64)  # fmt: skip
        self._plain = Limits(config.val_share, config.val_share + config.test_share)
        self._limits = self._ranked(rows)

    def close(self) -> None:
        """Let go of temporary files."""
        self._again.close()

    def keys(self, block: np.ndarray) -> np.ndarray:
        """The key that decides for each document, (n,) of digests."""
        story, opening = _first(block["story"]), _first(block["opening"])
        has_story = (story != 0) & ~np.isin(story, self._stories)
        is_shared = np.isin(opening, self._openings)
        is_alone = np.zeros(len(block), dtype=bool)
        for n in np.flatnonzero(has_story & ~is_shared):
            is_alone[n] = block["opening"][n].tobytes() not in self._again
        keys = np.where(is_shared, block["whole"], block["opening"])
        return np.where(has_story & (is_shared | is_alone), block["story"], keys)

    def sides(self, block: np.ndarray) -> np.ndarray:
        """Each document's place in `SPLITS`, (n,)."""
        shares = self._shares(block)
        sides = self._plain.sides(shares)
        for label, limits in self._limits.items():
            of_class = block["label"] == label
            sides[of_class] = limits.sides(shares[of_class])
        return sides

    @property
    def is_by_class(self) -> bool:
        """True if classes have limits of their own, so that a text of two classes may need to be brought together."""
        return len(self._limits) > 0

    def _shares(self, block: np.ndarray) -> np.ndarray:
        keys = self.keys(block)
        return np.where(np.isin(_first(keys), self._pinned), 1.0, shares_of(keys, self._config.seed))

    def _ranked(self, rows: Rows) -> dict[int, Limits]:
        """Limits of the classes that chance treats badly; classes too small to be watched are one class together."""
        sizes: Counter[int] = Counter()
        drawn: Counter[tuple[int, int]] = Counter()
        for block in rows():
            sides = self._plain.sides(self._shares(block))
            sizes.update(_counted(block["label"]))
            if len(sizes) > _CLASSES:
                return {}
            for side in (1, 2):
                drawn.update({(label, side): n for label, n in _counted(block["label"][sides == side]).items()})
        wanted = _wanted(sizes, self._config)
        classes: dict[int, tuple[int, ...]] = {label: (label,) for label in sizes if any(wanted[label])}
        if small := tuple(label for label in sizes if label not in classes):
            classes[small[0]] = small
        sizes = Counter({name: sum(sizes[label] for label in labels) for name, labels in classes.items()})
        wanted = _wanted(sizes, self._config)
        missed = [
            name
            for name, labels in classes.items()
            if any(_misses(sum(drawn[n, s] for n in labels), wanted[name][s - 1], sizes[name]) for s in (1, 2))
        ]
        shares: dict[int, list[np.ndarray]] = {}
        room = _RANKED
        for name in sorted(missed, key=lambda name: sizes[name]):
            room -= sizes[name]
            if room >= 0:
                shares[name] = []
        for block in rows() if shares else ():
            found = self._shares(block)
            for name, kept in shares.items():
                kept.append(found[np.isin(block["label"], np.array(classes[name], dtype=np.uint64))])
        limits = {name: _limits(np.concatenate(found), *wanted[name]) for name, found in shares.items()}
        return {label: limits[name] for name, labels in classes.items() if name in limits for label in labels}


def _counted(labels: np.ndarray) -> dict[int, int]:
    names, counts = np.unique(labels, return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


def _wanted(sizes: Counter[int], config: SplitConfig) -> dict[int, tuple[int, int]]:
    """Documents of each class that should be validated and tested: its share, and one of a class of some size.

    That one is given to the larger classes first, for as long as validation does not become much larger than was asked for.
    """
    wanted = {c: (_rounded(n * config.val_share), _rounded(n * config.test_share)) for c, n in sizes.items()}
    most = max(int(1.5 * config.val_share * sizes.total()), min(_SMALL, sizes.total() // _WATCHED))
    room = most - sum(val for val, _ in wanted.values())
    for label, size in sizes.most_common():
        val, test = wanted[label]
        if config.val_share and not val and size >= _WATCHED and room > 0:
            wanted[label] = (1, test)
            room -= 1
    return wanted


def _rounded(number: float) -> int:
    return int(number + 0.5)


def _misses(found: int, wanted: int, size: int) -> bool:
    return (wanted > 0 and not found) or abs(found - wanted) > (wanted / 3 if size > _SMALL else 0)


def _limits(shares: np.ndarray, num_val: int, num_test: int) -> Limits:
    """Limits that hold out the documents of the lowest shares; equal ones stay together, rather in training.

    A part that would be empty by that takes those documents of one share that are nearest to it in number.
    """
    ordered = np.append(np.sort(shares), 1.0)
    limits = Limits(float(ordered[min(num_val, len(shares))]), float(ordered[min(num_val + num_test, len(shares))]))
    for side, wanted in ((1, num_val), (2, num_test)):
        sides = limits.sides(shares)
        if not wanted or np.any(sides == side):
            continue
        learned = shares[sides == 0]
        groups, sizes = np.unique(learned[learned < 1.0], return_counts=True)
        groups, sizes = groups[2 * sizes <= len(learned)], sizes[2 * sizes <= len(learned)]  # most is still learned
        if len(groups):
            nearest = float(groups[np.argmin(np.abs(sizes - wanted))])
            limits = replace(limits, single=(*limits.single, (nearest, side)))
    return limits


def _frequent(rows: Rows, name: str, limit: int, num_documents: int) -> np.ndarray:
    """First halves of the keys that more than `limit` documents share, found in bounded memory.

    Counts that are too many to hold are all lowered alike (Misra and Gries, 1982), which loses no frequent one; what is
    left is counted again.
    """
    counts: Counter[int] = Counter()
    for block in rows():
        keys, found = np.unique(_first(block[name]), return_counts=True)
        counts.update(dict(zip(keys.tolist(), found.tolist(), strict=True)))
        if len(counts) > _COUNTED:
            least = sorted(counts.values())[len(counts) // 2]
            counts = Counter({key: count - least for key, count in counts.items() if count > least})
    slack = 2 * num_documents // _COUNTED
    maybe = np.array([key for key, count in counts.items() if key and count > limit - slack], dtype=np.uint64)
    exact = np.zeros(len(maybe), dtype=np.int64)
    maybe.sort()
    for block in rows() if len(maybe) else ():
        keys = _first(block[name])
        places = np.searchsorted(maybe, keys[np.isin(keys, maybe)])
        exact += np.bincount(places, minlength=len(maybe))
    return maybe[exact > limit]


def _first(digests: np.ndarray) -> np.ndarray:
    """The first eight bytes of each digest as a number, (n,) of uint64."""
    numbers: np.ndarray = np.ascontiguousarray(digests).view(np.uint64)
    return np.ascontiguousarray(numbers.reshape(-1, DIGEST_BYTES // 8)[:, 0])


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """The finisher of splitmix64 (Steele, Lea and Flood, 2014): every bit of a number moves every bit of the result."""
    with np.errstate(over="ignore"):
        numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
        numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = numbers ^ (numbers >> np.uint64(31))
    return mixed
