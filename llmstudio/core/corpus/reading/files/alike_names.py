"""Names of files that differ in one piece, and what the pieces mean: train.src and train.tgt, en/x.txt and de/x.txt.

In: names. Out: which files may belong together line by line, as two languages, a text and what is made of it, texts and
their labels, or one class and another. Whether they do is seen by their lines (`parallel`). Files that differ in one piece
that says nothing are told, too: a person may know what they are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import PurePosixPath

from llmstudio.core.corpus.reading.columns.names import (
    ANSWERS,
    ASKS,
    LABELS,
    PAIRS,
    SUMMARIES,
    TEXTS,
    language_of,
)
from llmstudio.core.corpus.reading.files.folders import CLASSES
from llmstudio.core.corpus.reading.files.given_parts import part_of
from llmstudio.core.corpus.reading.formats.frames import CODE

_MOST = 10_000  # names that are compared piece by piece
_BETWEEN = re.compile(r"([/._\- ]+|(?<=[a-z])(?=[A-Z]))")
_PAIRS = frozenset((
    *PAIRS, *SUMMARIES, *product(ASKS, ANSWERS), ("buggy", "fixed"), ("orig", "sys"), ("orig", "simp"), ("input", "gold"),
    ("before", "after"), ("orig", "cor"), ("original", "simple"), ("original", "correction"), ("text", "headline"),
    ("article", "title"), ("article", "abstract"), ("body", "title"), ("old", "new"),
    ("in", "out"), ("question", "reply"), ("post", "reply"), ("post", "response"),
))  # fmt: skip
_TEXTS = frozenset((*TEXTS, "x", "data", "input", "txt"))
_LABELS = frozenset((*LABELS, "y", "gold"))


@dataclass(frozen=True)
class Alike:
    """Files of one name but for a piece.

    Attributes:
        kind: "languages", "pairs", "labelled" or, of files named after classes, "classes", as the pieces say; empty if they
            say nothing.
        columns: The pieces, in the order in which they are read.
        files: The files' names, in the same order.
        family: What must hold for all files of one family or for none: folders are compared as a whole.
    """

    kind: str
    columns: tuple[str, ...]
    files: tuple[str, ...]
    family: str


def named_so(name: str) -> tuple[str, str] | None:
    """What a file shares with its counterpart, and its language: x.de, x_de.txt, de.txt; None if it names none."""
    path = PurePosixPath(name)
    bare = path.stem if path.suffix.lower() == ".txt" else path.name
    found = language_of(bare)
    return (f"{path.parent}/{found[0]}{path.name[len(bare) :].lower()}", found[1]) if found else None


def find_alike(names: Sequence[str], kind: str = "") -> list[Alike]:
    """The files that differ in one piece, each in one group at most; those whose pieces say what they are come first.

    Args:
        names: Of texts.
        kind: The kind of record that is wanted, empty for any.
    """
    found = [*_by_language(names), *(_by_pieces(names) if len(names) <= _MOST else ())]
    found.sort(key=lambda alike: not alike.kind)
    told: set[str] = set()
    kept = []
    for alike in found:
        if kind not in ("", "tagged", "labelled" if alike.kind in ("labelled", "classes") else "pairs"):
            continue
        if told.isdisjoint(alike.files):
            told.update(alike.files)
            kept.append(alike)
    return kept


def _by_language(names: Iterable[str]) -> list[Alike]:
    """Files whose names end in languages."""
    groups: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name in names:
        if found := named_so(name):
            groups[found[0]][found[1]].append(name)
    alike = []
    for stem, own in groups.items():
        if len(own) > 1 and all(len(files) == 1 for files in own.values()):
            languages = _in_order(stem, sorted(own))
            alike.append(Alike("languages", languages, tuple(own[language][0] for language in languages), stem))
    return alike


def _in_order(stem: str, languages: Sequence[str]) -> tuple[str, ...]:
    """As the name itself has them (Books.en-de.de), else by the alphabet."""
    first = next((one for one in languages for other in languages if f"{one}-{other}" in stem and one != other), "")
    return tuple(sorted(languages, key=lambda language: language != first))


def _by_pieces(names: Sequence[str]) -> list[Alike]:
    """Files whose names differ in one piece, or in one that only the labels have: train.txt and train_labels.txt."""
    groups: dict[tuple[str, bool], list[tuple[str, str]]] = defaultdict(list)
    whole = {name.casefold(): name for name in names}
    alike = []
    for name in names:
        for stem, piece, is_folder in _pieces(name):
            groups[stem, is_folder].append((piece, name))
        for bare in _without_labels(name):
            if (texts := whole.get(bare.casefold())) and texts != name:
                alike.append(Alike("labelled", ("text", "label"), (texts, name), bare))
    for (stem, is_folder), members in groups.items():
        pieces = [piece for piece, _ in members]
        if len({piece.casefold() for piece in pieces} & CLASSES) == len(pieces) > 1 and not is_folder:
            alike.append(Alike("classes", tuple(pieces), tuple(name for _, name in members), stem))
            continue
        if len(members) != 2:
            if is_folder and len(members) > 2 and all(map(_language, pieces)):
                alike.append(Alike("languages", tuple(pieces), tuple(name for _, name in members), stem))
            continue
        kind, is_turned = _relation(stem, *pieces)
        if kind or _may_be_asked(*members):
            one, other = members[::-1] if is_turned else members
            folder = stem.split("*")[0] + "*" if is_folder else stem
            alike.append(Alike(kind, (one[0], other[0]), (one[1], other[1]), f"{folder} {one[0]} {other[0]}"))
    return alike


def _pieces(name: str) -> Iterable[tuple[str, str, bool]]:
    """For each piece of a name: the name with a star in its place, the piece, and whether it names a folder."""
    parted = _BETWEEN.split(name)
    for n in range(0, len(parted), 2):
        before, after = "".join(parted[:n]), "".join(parted[n + 1 :])
        if parted[n]:
            yield f"{before}*{after}".casefold(), parted[n], "/" in after
    folders = name.split("/")
    for n, folder in enumerate(folders[:-1]):
        if len(_BETWEEN.split(folder)) > 1 and _language(folder):  # pt_BR, zh-Hans
            yield "/".join((*folders[:n], "*", *folders[n + 1 :])).casefold(), folder, True


def _without_labels(name: str) -> Iterable[str]:
    """The name without a piece that says "labels", and what parts it from the others."""
    parted = _BETWEEN.split(name)
    for n in range(0, len(parted), 2):
        if _singular(parted[n]) in _LABELS and len(parted[n]) > 1:
            after = parted[n + 2 :] if n and not parted[n - 1].endswith("/") else None
            if after is not None:
                yield "".join((*parted[: n - 1], *parted[n + 1 :]))
            elif n + 2 < len(parted):
                yield "".join((*parted[:n], *parted[n + 2 :]))


def _relation(stem: str, one: str, other: str) -> tuple[str, bool]:
    """What two pieces are to each other, and whether the second one comes first; empty if they say nothing."""
    if len({_language(one), _language(other)} - {""}) == 2:
        first, _ = _in_order(stem, sorted((one, other)))
        return "languages", first != one
    a, b = _singular(one), _singular(other)
    for first, second, is_turned in ((a, b, False), (b, a, True)):
        if first in _TEXTS and second in _LABELS:
            return "labelled", is_turned
    for first, second, is_turned in ((a, b, False), (b, a, True)):
        if (first, second) in _PAIRS:
            return "pairs", is_turned
    return "", False


def _singular(piece: str) -> str:
    piece = piece.casefold()
    short = "class" if piece == "classes" else f"{piece[:-3]}y" if piece.endswith("ies") else piece.removesuffix("s")
    return short if short in _LABELS or short in _TEXTS or any(short in pair for pair in _PAIRS) else piece


def _language(piece: str) -> str:
    """The language that a piece names; empty if it is more than that, or something else."""
    found = language_of(piece)
    return found[1] if found and not found[0] else ""


def _may_be_asked(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """True if two pieces are words that say nothing: neither numbers nor parts of a split, and the files are no programs."""
    pieces = [piece for piece, _ in (one, other)]
    if len({re.sub(r"\d+", "", piece.casefold()) for piece in pieces}) < 2 or any(piece.isdigit() for piece in pieces):
        return False
    if any(part_of(piece) for piece in pieces):
        return False
    return not any(PurePosixPath(name).suffix.lower() in CODE for _, name in (one, other))
