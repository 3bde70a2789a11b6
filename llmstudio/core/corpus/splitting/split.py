"""Which part of a corpus is learned from (train), watched (val) and kept for one last check (test).

Nothing is moved: a rule is kept, and applied whenever records are read.

- given: samples, and data that name their parts, say themselves where each record belongs; without a part for validation
  one is dealt out of training.
- documents: a document's side follows from what it begins with and a seed, so what begins alike lies on one side
  (`dealing`).
- position: when one text is more than a tenth of everything and little stands beside it, or documents are too few, the
  text is cut at a share of its characters: train before it, val behind it, no test. A few texts in several scripts are
  cut one by one.
- none: nothing is held out.

Two texts are taken for equal if they are so but for white space, punctuation, capitals and the form of their letters
(`folded`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from llmstudio.core.corpus.cleaning.duplicates import DIGEST_BYTES, Digests, digest
from llmstudio.core.corpus.config import SPLITS, SplitConfig
from llmstudio.core.corpus.splitting.dealing import LARGE, ROW, Dealer
from llmstudio.core.typed import made
from llmstudio.store.files import explained

SIDES = "splits.bin"
"""A byte a document: its place in `SPLITS`."""
_MANY = 50  # texts that are dealt out although one among them is large, if they hold half of everything
_FEWEST = 4  # so many records are dealt out; of fewer the last is held out
_MANY_CUTS = 1000  # documents that are cut one by one; of more only the last are held out
_ROW = struct.Struct(f"<{DIGEST_BYTES}s{DIGEST_BYTES}s{DIGEST_BYTES}sQQB")
_ROWS = 1 << 16
_CLASSES = 10_000  # that are counted


@dataclass(frozen=True)
class Keys:
    """What decides on which side a document lies, as digests of folded text.

    Attributes:
        opening: Of the text, the source of a pair, the first thing that a user says.
        whole: Of everything in it.
        story: Of the story before the opening; empty without one.
        label: Of its class; empty without one.
    """

    opening: bytes
    whole: bytes
    story: bytes = b""
    label: bytes = b""


@dataclass(frozen=True)
class SplitRule:
    """How a corpus is split.

    Attributes:
        method: given, documents, position or none.
        seed: Seed of the documents' sides.
        val_share: Share asked for; likewise `test_share`.
        at: Share of the characters where a text is cut.
        cut: Where it is cut by position, in characters from the beginning.
        sizes: Documents and characters of each part; the document that the cut goes through is in both.
        overlap: Training documents that begin with a text which is held out as well.
        is_divided: Whether a conversation that the cut goes through is divided there, where a user begins to speak.
        num_shared: Documents that begin with what very many begin with, and were dealt out by more of their text.
        num_classes: Classes of labelled documents outside the test; `num_unwatched` of them have no document in validation.
        num_torn: Labelled documents whose text came before with another label.
        num_given: Documents that named their part although the parts were dealt out, since not all of them did.
        num_leaked: Documents of a test part that is given whose text is learned from as well.
        cuts: Where each document is cut if one cut does not go through all of them, in characters from the beginning.
    """

    method: str
    seed: int
    val_share: float
    test_share: float
    at: float
    cut: int = 0
    sizes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    overlap: int = 0
    is_divided: bool = False
    num_shared: int = 0
    num_classes: int = 0
    num_unwatched: int = 0
    num_torn: int = 0
    num_given: int = 0
    num_leaked: int = 0
    cuts: Sequence[int] = ()

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        plain = asdict(self)
        return plain if self.cuts else {name: value for name, value in plain.items() if name != "cuts"}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SplitRule:
        """Inverse of `to_dict`. Raises TypeError if something in it is of another type."""
        return made(cls, data)

    def cut_of(self, doc: int) -> int:
        """Where the document with this number is cut, in characters from the beginning of the corpus."""
        return self.cuts[doc] if self.cuts else self.cut


def is_before_cut(start: int, length: int, cut: int) -> bool:
    """The side of a record that cannot be divided: before the cut if it ends there; the first one always is."""
    return start + length <= cut or start == 0


class Documents:
    """A row for each document while a corpus is written, on disk: what a split needs to know of it."""

    def __init__(self, path: Path) -> None:
        """Rows go to the file at `path`, which `close` removes."""
        self._path = path
        with explained(path):
            self._file = open(path, "wb")  # noqa: SIM115 - closed by close()
        self.num_documents = self.num_characters = self.largest = self.num_given = 0
        self._given: set[str] = set()
        self._have_openings = False
        self._borders: list[int] = []  # places in the first conversations where they may be divided, in characters

    def add(self, keys: Keys, num_characters: int, given: str = "", borders: Sequence[int] = ()) -> None:
        """Put a document at the end.

        Args:
            keys: What decides on its side.
            num_characters: Its length.
            given: The part it says it belongs to.
            borders: Places in it where it may be divided, in characters.
        """
        if self.num_documents < _FEWEST:
            self._borders += [self.num_characters + border for border in borders]
        label = int.from_bytes(keys.label[:8], "little")
        side = SPLITS.index(given) if given else 0
        try:
            self._file.write(_ROW.pack(keys.story, keys.opening, keys.whole, label, num_characters, side))
        except OSError:
            with explained(self._path):
                raise
        self.num_documents += 1
        self.num_given += bool(given)
        self._given |= {given} if given else set()
        self.num_characters += num_characters
        self.largest = max(self.largest, num_characters)
        self._have_openings = self._have_openings or bool(keys.story) or keys.opening != keys.whole

    def split(self, config: SplitConfig, folder: Path, *, is_text: bool) -> SplitRule:
        """Decide the rule, and leave the documents' sides in `folder` if it needs them.

        `is_text` says that a document can be cut anywhere.
        """
        with explained(self._path):
            self._file.flush()
        dealer = Dealer(
            self._rows, config, self.num_documents, self.num_characters, folder, have_openings=self._have_openings
        )
        with closing(dealer):
            rule = SplitRule(
                self._method(config, dealer, is_text), config.seed, config.val_share, config.test_share, config.at
            )
            if rule.method == "position":
                rule = replace(rule, cut=max(1, int(config.at * self.num_characters)))
                if not is_text and self._borders:
                    rule = replace(rule, cut=min(self._borders, key=lambda border: abs(border - rule.cut)), is_divided=True)
            elif rule.method == "documents":
                rule = replace(rule, num_shared=dealer.num_shared)
            if rule.method != "given" and self.num_given < self.num_documents:
                rule = replace(rule, num_given=self.num_given)
            rule = self._counted(rule, dealer, folder, is_text or rule.is_divided)
        if rule.method == "position":
            (folder / SIDES).unlink()
        return rule

    def cut_each(self, rule: SplitRule) -> SplitRule:
        """A rule like this one by position, but with a cut through every document, at the same share of each.

        It is the same rule if that would be of no use, or is too much to keep: for one document, or very many.
        """
        if not 1 < self.num_documents <= _MANY_CUTS:
            return rule
        lengths = np.concatenate([rows["characters"].astype(np.int64) for rows in self._rows()])
        before = np.maximum(1, (rule.at * lengths).astype(np.int64))
        num_divided, learned = int(np.count_nonzero(before < lengths)), int(before.sum())
        sizes = {
            "train": {"documents": self.num_documents, "characters": learned},
            "val": {"documents": num_divided, "characters": self.num_characters - learned},
            "test": {"documents": 0, "characters": 0},
        }
        cuts = (np.cumsum(lengths) - lengths + before).tolist()
        return replace(rule, cut=learned, cuts=cuts, sizes=sizes, overlap=0)  # no beginning is held out

    def _counted(self, rule: SplitRule, dealer: Dealer, folder: Path, is_text: bool) -> SplitRule:
        """The rule with the sizes of its parts, their overlap and classes; writes the documents' sides."""
        sizes = {name: {"documents": 0, "characters": 0} for name in SPLITS}
        overlap = 0
        classes: dict[int, bool] = {}  # whether validation has one of it
        with Digests(folder) as val, Digests(folder) as test:
            for keys, _, sides in self._sided(rule, dealer, is_text):
                for held, side in ((val, 1), (test, 2)):
                    for key in keys[sides == side]:
                        held.add(key)
            with explained(folder / SIDES), open(folder / SIDES, "wb") as file:
                for keys, rows, sides in self._sided(rule, dealer, is_text):
                    if rule.method == "documents" and dealer.is_by_class:  # a text of two classes lies on one side
                        sides = np.array([
                            1 if key in val else 2 if key in test else 0 for key in keys
                        ], dtype=np.uint8)  # fmt: skip
                    else:
                        overlap += sum(key in val or key in test for key in keys[sides == 0])
                    file.write(sides.tobytes())
                    for side, name in enumerate(SPLITS):
                        sizes[name]["documents"] += int(np.count_nonzero(sides == side))
                        sizes[name]["characters"] += int(rows["characters"][sides == side].sum())
                    if len(classes) <= _CLASSES:
                        classes |= dict.fromkeys(np.unique(rows["label"][sides != 2]).tolist(), False) | classes
                        classes |= dict.fromkeys(np.unique(rows["label"][sides == 1]).tolist(), True)
        if rule.method == "position" and is_text:
            through = sizes["train"]["characters"] > rule.cut  # the document that the cut goes through lies in both
            sizes["train"]["characters"], sizes["val"]["characters"] = rule.cut, self.num_characters - rule.cut
            sizes["val"]["documents"] += through
        named = {label: is_watched for label, is_watched in classes.items() if label}
        num_unwatched = sum(not is_watched for is_watched in named.values())
        num_torn = self._num_torn(folder) if len(named) > 1 else 0
        num_leaked = self._num_leaked(rule, dealer, folder, is_text) if rule.method == "given" else 0
        return replace(
            rule,
            sizes=sizes,
            overlap=overlap,
            num_classes=len(named),
            num_unwatched=num_unwatched,
            num_torn=num_torn,
            num_leaked=num_leaked,
        )

    def _num_leaked(self, rule: SplitRule, dealer: Dealer, folder: Path, is_text: bool) -> int:
        """How many documents of the test part read as one that is learned from."""
        count = 0
        with Digests(folder) as learned:
            for side in (0, 2):
                for _, rows, sides in self._sided(rule, dealer, is_text):
                    texts = [text.tobytes() for text in rows["whole"][sides == side]]
                    if side:
                        count += sum(text in learned for text in texts)
                    else:
                        for text in texts:
                            learned.add(text)
        return count

    def _num_torn(self, folder: Path) -> int:
        """How many documents bear another label than one of the same text before them."""
        count = 0
        with Digests(folder) as texts, Digests(folder) as labelled:
            for rows in self._rows():
                for text, label in zip(rows["whole"], rows["label"], strict=True):
                    is_new = labelled.add(digest(text.tobytes() + label.tobytes()))
                    count += is_new and not texts.add(text.tobytes())
        return count

    def close(self) -> None:
        """Remove the rows."""
        try:
            with explained(self._path):
                self._file.close()
        finally:
            self._path.unlink(missing_ok=True)

    def _method(self, config: SplitConfig, dealer: Dealer, is_text: bool) -> str:
        if self.num_given == self.num_documents and "train" in self._given and len(self._given) > 1:
            return "given"
        if not config.val_share and not config.test_share:
            return "none"
        if not is_text:
            return "documents" if self.num_documents >= _FEWEST else "position"
        if self.largest * LARGE > self.num_characters and not self._are_many_beside_the_large():
            return "position"
        wanted = {side for side, share in ((0, 1.0), (1, config.val_share)) if share}
        drawn: set[int] = set()
        for rows in self._rows():
            drawn |= set(np.unique(dealer.sides(rows)).tolist())
        return "documents" if wanted <= drawn else "position"

    def _are_many_beside_the_large(self) -> bool:
        """True if the documents can be dealt out although some are large: these stay in training."""
        num_small = num_characters = 0
        for rows in self._rows():
            small = rows["characters"] * LARGE <= self.num_characters
            num_small += int(small.sum())
            num_characters += int(rows["characters"][small].sum())
        return num_small >= _MANY and 2 * num_characters >= self.num_characters

    def _rows(self) -> Iterator[np.ndarray]:
        with open(self._path, "rb") as file:
            while block := file.read(_ROWS * ROW.itemsize):
                yield np.frombuffer(block, dtype=ROW)

    def _sided(self, rule: SplitRule, dealer: Dealer, is_text: bool) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Keys as an array of bytes objects, rows, and sides, some documents at a time."""
        start = 0
        for rows in self._rows():
            lengths = rows["characters"].astype(np.int64)
            starts = start + np.cumsum(lengths) - lengths
            start += int(lengths.sum())
            match rule.method:
                case "none":
                    sides = np.zeros(len(rows), dtype=np.uint8)
                case "given":
                    sides = rows["given"]
                    if "val" not in self._given:
                        sides = np.where((sides == 0) & (dealer.sides(rows) == 1), 1, sides).astype(np.uint8)
                case "position" if is_text:
                    sides = (starts >= rule.cut).astype(np.uint8)
                case "position":
                    sides = ((starts + lengths > rule.cut) & (starts > 0)).astype(np.uint8)
                case _:
                    sides = dealer.sides(rows)
            keys = np.array([key.tobytes() for key in dealer.keys(rows)], dtype=object)
            yield keys, rows, sides
