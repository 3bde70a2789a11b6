"""Parts of a split that the data bring along: train.csv beside test.csv, folders train/ and test/, a column "split".

They are kept as they are where training and something to hold out are both named, for what others report on such data
holds for these parts alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from llmstudio.core.corpus.reading.columns.cells import JOINT
from llmstudio.core.corpus.records import FileRead, Record, Skipped
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.words import words

_PARTS = {
    "train": "train", "training": "train", "trn": "train", "val": "val", "valid": "val", "validation": "val", "dev": "val",
    "eval": "val", "evaluation": "val", "development": "val", "newsdev": "val", "test": "test", "testing": "test",
    "tst": "test", "devtest": "test", "newstest": "test", "holdout": "test", "heldout": "test",
    "testa": "val", "testb": "test", "publictest": "val", "privatetest": "test",
}  # fmt: skip
_WORD = "|".join(_PARTS)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_THINGS = re.compile(r"(?<=.)(?:datasets?|data|sets?|splits?|files?)\Z")
_KEY = re.compile(rf"(?:.*[-_. ])?({_WORD})(?:[-_. ]?(?:data|dataset|set|split|examples|rows|samples))?", re.IGNORECASE)
_FILE = re.compile(rf"(?:.*[-_. ])?({_WORD})(?:[-_. ]?\d{{1,6}}(?:-of-\d+)?)?(?:\.[a-z0-9]+){{0,2}}", re.IGNORECASE)
_PROGRAMS = re.compile(r"\.(?:py|js|ts|c|h|cc|cpp|hpp|java|rs|go|rb|sh|php|cs|kt|swift|lua|r|jl|ipynb|ya?ml|toml|cfg|ini)$")
_BESIDE = re.compile(  # what is told of data, and lists of the words, classes and addresses in them
    r"readme.*|licen[cs]e.*|copying.*|notice.*|changelog.*|dataset_info.*|"
    r"(?:citation|authors|contributors|about|info|metadata|description|dict|dictionary|vocab|vocabulary|wordlist|merges|"
    r"class(?:es|_names)|categories|label(?:s|_names|_map|_list)|urls?|checksums?|md5(?:sums?)?|sha256(?:sums?)?|manifest|"
    r"file_?list|stop_?words)(?:[-_. ][^/]*)?|.*\.(?:vocab|dict|md5|sha256|bib|feat)",
    re.IGNORECASE,
)
_FLAG = re.compile(rf"(?:is|in|for)[-_ ]?(?!dev)({_WORD})(?:[-_ ]?(?:set|split|data))?", re.IGNORECASE)
_YES, _NO = frozenset(("true", "1", "1.0", "yes", "y", "t")), frozenset(("false", "0", "0.0", "no", "n", "f"))
_COLUMNS = ("split", "subset", "partition", "set", "dataset_split", "data_split", "usage", "fold", "phase")
_FEW = 20  # files that name no part, beside which a lone "test" in a name is no chance
_KEPT = 1000  # names of files without a part that are held until the labels are known
_BY_NAMES = Remark(words("What is for training, for validation and for the test is as the names of files and folders say."))


@dataclass(frozen=True)
class GivenParts:
    """Whether the names of files say where each belongs.

    Attributes:
        are_kept: True if they do, for all files.
        remark: What a person should know where they do for some files only.
    """

    are_kept: bool = False
    remark: Remark | None = None

    def leaves_out(self, name: str) -> Skipped | None:
        """Why the file `name` is not read, if it is none of the parts: it would be mixed with them and undo the split."""
        if not self.are_kept or part_of(name):
            return None
        reason = words(
            "{name} lies beside the files for training and for the test, and is none of them: it was left out.", name=name
        )
        return Skipped(name, reason)

    def applied(self, name: str, items: Iterator[Record | Skipped | FileRead]) -> Iterator[Record | Skipped | FileRead]:
        """What was read from the file `name`, with the part that it belongs to."""
        part = part_of(name) if self.are_kept else ""
        remark = _BY_NAMES if part else self.remark
        for item in items:
            if part and isinstance(item, dict):
                yield item | {"split": part}
            elif remark and isinstance(item, FileRead):
                yield replace(item, taken=replace(item.taken, remarks=(*item.taken.remarks, remark)))
            else:
                yield item


NO_PARTS = GivenParts()
"""Files that name no parts."""


@dataclass
class NamedFiles:
    """Collects over a survey which files name a part."""

    _parts: dict[str, set[str]] = field(default_factory=dict)  # kind of record -> parts
    _others: dict[str, list[str]] = field(default_factory=dict)  # kind of record -> files that name none

    def add(self, name: str, kind: str) -> None:
        """The next file, and the kind of its records."""
        if part := part_of(name):
            self._parts.setdefault(kind, set()).add(part)
        elif not _BESIDE.fullmatch(PurePosixPath(name).name) and len(others := self._others.setdefault(kind, [])) < _KEPT:
            others.append(name)

    def given(self, kinds: Sequence[str], labels: Mapping[str, str]) -> GivenParts:
        """The parts of the files of these kinds; of folders with `labels` no other files are read."""
        found = {part for kind in kinds for part in self._parts.get(kind, ())}
        others = [name for kind in kinds for name in self._others.get(kind, ())]
        others = [name for name in others if not labels or str(PurePosixPath(name).parent) in labels]
        if not found or (not is_split(found) and not 0 < len(others) <= _FEW):
            return NO_PARTS
        if not others:
            return GivenParts(are_kept=True)
        message = words(
            "Some files are named as parts of a split and others are not ({name}): all are mixed and split anew, so "
            "what is called test may be learned. Import the files for training alone to keep the others out.",
            name=others[0],
        )
        return GivenParts(remark=Remark(message, "warning"))


def is_split(parts: set[str]) -> bool:
    """True if training and something to hold out are among the parts."""
    return "train" in parts and len(parts) > 1


def part_of(name: str) -> str:
    """train, val or test by the name of a file, or else of the innermost folder that names one; else empty.

    In a file's name the word may stand anywhere, also as in TrainData; it decides at the end, or if no other part is named.
    """
    path = PurePosixPath(name)
    if _PROGRAMS.search(path.name.lower()):
        return ""
    if found := _FILE.fullmatch(path.name):
        return _PARTS[found[1].lower()]
    named = {part for word in _WORDS.findall(path.name) if (part := _part_of_word(word.lower()))}
    if len(named) == 1:
        return named.pop()
    return next((_PARTS[found[1].lower()] for part in reversed(path.parts[:-1]) if (found := _KEY.fullmatch(part))), "")


def _part_of_word(word: str) -> str:
    return _PARTS.get(word) or _PARTS.get(_THINGS.sub("", word), "")


def named_part(key: str) -> str:
    """train, val or test if a key of an object is called so: train, test_data, dev-set; else empty."""
    found = _KEY.fullmatch(key.strip())
    return _PARTS[found[1].lower()] if found else ""


def part_column(rows: Sequence[Mapping[str, Any]], taken: Sequence[str]) -> str:
    """The column whose cells all name a part of a split, if it is none that is read as something else; else empty.

    Its name says so (split, is_test), or its cells name training and something to hold out. Columns such as is_val and
    is_test tell it together, joined as a setting names them, where no row is of two parts.
    """
    keys = [key for key in rows[0] if key not in taken and all(part_in(row, key) for row in rows)] if rows else []
    flags = [key for key in keys if part_flag(key)]
    for key in keys:
        found = Counter(part_in(row, key) for row in rows)
        if key in flags:
            is_meant = len(flags) == 1 and (part_flag(key) != "val" or 2 * found["val"] <= len(rows))  # else "is in order"
        else:
            is_meant = key.casefold().strip() in _COLUMNS or is_split(set(found))
        if is_meant:
            return key
    joined = JOINT.join(flags)
    found = Counter(part_in(row, joined) for row in rows) if len({*map(part_flag, flags)}) == len(flags) > 1 else Counter()
    return joined if is_split(set(found)) and not found[""] and 2 * found["val"] <= len(rows) else ""


def part_in(row: Mapping[str, Any], key: str) -> str:
    """The part that a row names in a column, or in several that were joined; else empty."""
    if JOINT in key and key not in row:
        flags = key.split(JOINT)
        named = [part for flag in flags if (part := part_flag(flag)) and _cell(row, flag) in _YES]
        is_rest_left = "train" not in map(part_flag, flags)
        return named[0] if len(named) == 1 else "train" if not named and is_rest_left else ""
    cell = _cell(row, key)
    if part := part_flag(key):
        return part if cell in _YES else ("test" if part == "train" else "train") if cell in _NO else ""
    return _PARTS.get(cell, "")


def _cell(row: Mapping[str, Any], key: str) -> str:
    return str(row.get(key, "")).casefold().strip()


def part_flag(key: str) -> str:
    """The part that a column called is_test, isTrain or in_val says yes or no of; else empty."""
    found = _FLAG.fullmatch(key.strip())
    return _PARTS[found[1].lower()] if found else ""
