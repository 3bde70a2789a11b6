"""Folders whose names are the labels of the texts in them: pos/ and neg/, also below train/ and test/.

In: which folders hold how many text files. Out: the label of each folder, and what a person should know of the guess.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import Remedy
from llmstudio.core.words import Words, words

CLASSES = frozenset(
    (
        "pos", "neg", "neu", "positive", "negative", "neutral", "mixed", "spam", "ham", "fake", "real", "truthful",
        "deceptive", "toxic", "nontoxic", "hate", "offensive", "good", "bad", "subjective", "objective", "subj", "obj",
        "male",
        "female", "human", "machine", "joy", "anger", "fear", "sadness", "正面", "负面", "积极", "消极",
    )
)  # fmt: skip
"""Names that only classes have."""
_NO_CLASS = frozenset(("unsup", "unlabeled", "unlabelled", "unsupervised"))
"""Folders of texts that nobody has labelled."""
PART = re.compile(r"(?:.*[-_. ])?(train|training|val|valid|validation|dev|test|testing|eval)", re.IGNORECASE)
"""A part of a split by its name."""
_ORDER = re.compile(  # names that keep files in order and say nothing of what is in them
    r"[\d\W_]+|[a-z]{1,2}|[ivxlc]+|(?:part|vol|volume|chapter|chap|book|band|section|batch|chunk|shard|page|disk|dir|folder|group|"
    r"set|season|episode|year|month|week|day|lesson|unit|module|file|files|data|text|texts|doc|docs|src|source|lib|bin|img|images?|"
    r"assets|static|tmp|temp|old|new|backup|archive|misc|other|notes?|drafts?|inbox|sent|json|csv|txt|raw|clean|corpus)"
    r"[ _.-]*\d*|.*\b(?:19|20)\d\d\b.*",
    re.IGNORECASE,
)
_SURE_FILES, _OFFERED_FILES = 10, 3  # in a folder on average, where the names alone do not tell
_SURE_BYTES = 10_000  # of a file on average: what is classified is short
_NAMED = 12


@dataclass
class FolderFiles:
    """Text files in one folder.

    Attributes:
        count: How many.
        num_bytes: Their size.
        is_plain: False if some of them are notes or programs by their ending.
    """

    count: int = 0
    num_bytes: int = 0
    is_plain: bool = True

    def add(self, num_bytes: int, *, is_plain: bool) -> None:
        """Count one more."""
        self.count += 1
        self.num_bytes += num_bytes
        self.is_plain = self.is_plain and is_plain


@dataclass(frozen=True)
class FolderLabels:
    """The labels that folders give.

    Attributes:
        labels: Folder -> label; an empty one for texts without a label. Empty if folders are no labels.
        num_bytes: Size of the files that get one.
        remark: What was decided, or is offered.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    num_bytes: int = 0
    remark: Remark | None = None

    def of(self, name: str) -> str | None:
        """The label of a file; None if it lies in none of the folders."""
        return self.labels.get(folder_of(name))


NO_LABELS = FolderLabels()
"""Folders are just folders."""


def folder_of(name: str) -> str:
    """The folder that a file lies in."""
    return str(PurePosixPath(name).parent)


def find_labels(folders: Mapping[str, FolderFiles], wish: str) -> FolderLabels:
    """Whether the names of the folders are labels.

    Args:
        folders: The text files by folder.
        wish: "labels" or "text" if a person has decided, else empty.
    """
    if wish == "text":
        return NO_LABELS
    places = {folder: place for folder in folders if (place := _place(folder))}
    roots = Counter(root for root, _ in places.values())
    if not roots:
        return NO_LABELS
    root = roots.most_common(1)[0][0]
    surely = {folder: name for folder, (_, name) in places.items() if name.casefold() in CLASSES | _NO_CLASS}
    inside = surely or {folder: name for folder, (own, name) in places.items() if own == root}
    inside = {folder: name for folder, name in inside.items() if not any(each.startswith(folder + "/") for each in inside)}
    # What lies above the classes (a readme, lists of addresses) does no harm; folders elsewhere do.
    above = [folder for folder in folders if folder not in inside and any(name.startswith(folder + "/") for name in inside)]
    classes = sorted({name for name in inside.values() if name.casefold() not in _NO_CLASS})
    if len(classes) < 2 or len(inside) + len(above) + ("." in folders and "." not in above) < len(folders):
        return NO_LABELS
    files = [folders[folder] for folder in inside]
    labels = {folder: "" if name.casefold() in _NO_CLASS else name for folder, name in inside.items()}
    found = FolderLabels(labels, sum(each.num_bytes for each in files), Remark(_told(classes, inside), remedies=(_AS_TEXT,)))
    if wish or all(name.casefold() in CLASSES for name in classes):
        return found
    if any(map(_ORDER.fullmatch, classes)) or not all(each.is_plain for each in files):
        return NO_LABELS
    count = sum(each.count for each in files)
    is_short = sum(each.num_bytes for each in files) <= _SURE_BYTES * count
    if is_short and (count >= _SURE_FILES * len(inside) or len(set(map(_parts_above, inside))) > 1):
        return found
    if count < _OFFERED_FILES * len(inside):
        return NO_LABELS
    message = words("The texts lie in the folders {names}, whose names were not taken as labels.", names=_listed(classes))
    return FolderLabels(remark=Remark(message, remedies=(_AS_LABELS,)))


_AS_TEXT = Remedy("set", words("Read them as text without labels"), "reading.folders", "text")
_AS_LABELS = Remedy("set", words("Take the names of the folders as labels"), "reading.folders", "labels")


def _place(folder: str) -> tuple[tuple[str, ...], str] | None:
    """What stands above a class without the parts of a split, and the class; None for a folder that is no class."""
    parts = [part for part in PurePosixPath(folder).parts if part != "." and not PART.fullmatch(part)]
    return (tuple(parts[:-1]), parts[-1]) if parts else None


def _parts_above(folder: str) -> str:
    """The part of a split that a folder lies in, or nothing."""
    return next((part for part in PurePosixPath(folder).parts if PART.fullmatch(part)), "")


def _told(classes: list[str], inside: Mapping[str, str]) -> Words:
    parts = sorted({part for folder in inside if (part := _parts_above(folder))})
    if not parts:
        return words("The names of the folders are the labels: {names}.", names=_listed(classes))
    return words(
        "The names of the folders are the labels: {names}. {parts} are no labels.",
        names=_listed(classes),
        parts=_listed(parts),
    )


def _listed(names: list[str]) -> Words:
    if len(names) <= _NAMED:
        return words("{names}", names=", ".join(names))
    return words("{names} and {n:,} more", names=", ".join(names[:_NAMED]), n=len(names) - _NAMED)
