"""A test file of one's own: all of it is the test part, none of it is learned from, and nothing else is added to it.

In: the files, how the sources were read. Out: their records, marked. Nothing of them is dropped for being short, long or a
copy, so that scores compare with those that others report on the same file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.columns.cells import Row
from llmstudio.core.corpus.reading.columns.columns import KEYS, keys_of
from llmstudio.core.corpus.reading.matching_columns import first_rows_of, matching_columns
from llmstudio.core.corpus.reading.meter import Meter
from llmstudio.core.corpus.reading.other_kinds import KIND_NAMES
from llmstudio.core.corpus.reading.readers import Plan, nothing_read, read, shown_name, survey
from llmstudio.core.corpus.records import WHOLE, FileRead, Record, Skipped, labels_of
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import StudioError
from llmstudio.core.settings import settings_of
from llmstudio.core.words import words

_ALL = Remark(words("All of it is the test part: none of it is learned from."))
_MOST = 10_000  # labels that are remembered
_SETTING = {"words": "text_key", "tags": "tags"}  # of a role; of all others, the role's name and _key


class OwnTest:
    """The test files of an import.

    Attributes:
        plan: What a first look at them says; its kind is the one of the sources only if they are read alike.
        num_documents: Read so far.
    """

    def __init__(self, tests: Sequence[Path], reading: ReadingConfig, without: Sequence[Path], meter: Meter) -> None:
        """Look at the files. Raises StudioError if one does not exist."""
        self._tests, self._reading, self._without, self._meter = tests, reading, without, meter
        self._pattern: FileRead | None = None
        self._skipped: list[Skipped] = []
        self._labels: set[str] = set()  # of the sources
        self._said: list[Remark] = []
        self.plan = survey(tests, reading, meter=meter, without=without)
        self.num_documents = 0

    def learned(self, items: Iterator[Record | Skipped | FileRead]) -> Iterator[Record | Skipped | FileRead]:
        """What the sources hold, for training unless they name another part; remembers how they were read."""
        for item in items:
            if isinstance(item, dict):
                if "label" in item and len(self._labels) < _MOST:
                    self._labels.update(labels_of(item))
                yield item | {"split": item.get("split") or "train"}
            else:
                if isinstance(item, FileRead) and item.num_documents and self._pattern is None:
                    self._pattern = item
                yield item

    def records(self, kind: str, docs: Iterator[int]) -> Iterator[Record | Skipped | FileRead]:
        """All of the files, as records of a kind.

        Raises:
            StudioError: Nothing in them can be read as such records.
        """
        reading, plan = self._read_like(kind)
        items = read(self._tests, reading, plan=plan, meter=self._meter, without=self._without, docs=docs)
        for item in items:
            if isinstance(item, dict):
                self.num_documents += not item.get("part")
                yield item | {"split": "test", WHOLE: True}
            elif isinstance(item, FileRead):
                yield replace(item, taken=replace(item.taken, remarks=(*item.taken.remarks, *self._said, _ALL)))
            else:
                self._skipped.append(item)
                yield item
        if not self.num_documents:
            left = next((skip for skip in self._skipped if skip.kind), None)
            if left and self._pattern:
                raise _of_other_kind(left, self._pattern, kind)
            raise nothing_read(self._skipped, ", ".join(str(shown_name(test)) for test in self._tests))

    def _read_like(self, kind: str) -> tuple[ReadingConfig, Plan]:
        """The settings that give records of a kind: the person's, or else with the sources' format and columns, or with the
        columns that hold the same by what is in them.

        A short test file shows less of itself than a long one for training.

        Raises:
            StudioError: None of them does.
        """
        pattern = self._pattern
        if self.plan.kind == kind or pattern is None:
            return self._reading, replace(self.plan, kind=kind)
        name, rows = first_rows_of(self._tests, self._reading)
        ways = [_like(self._reading, pattern)]
        if found := matching_columns(rows, pattern, self._labels):
            ways.append(replace(self._reading, **{**dict.fromkeys(KEYS, ""), **found}))
        for reading in ways:
            plan = survey(self._tests, reading, meter=self._meter, without=self._without)
            if plan.kind == kind:
                break
        else:
            if rows and set(pattern.taken.roles) <= {"text", "label", "source", "target"}:
                raise _unlike(name, rows, pattern)
            return self._reading, replace(self.plan, kind=kind)
        if reading is not ways[0]:
            message = words(
                "Its columns have other names than those of {source}: {columns} were taken for {theirs}, by what they"
                " hold or where they stand.",
                source=pattern.name,
                columns=", ".join(found.values()),
                theirs=", ".join(pattern.taken.roles.values()),
            )
            self._said.append(Remark(message, "warning"))
        return reading, plan


def _unlike(name: str, rows: Sequence[Row], pattern: FileRead) -> StudioError:
    """The error for a test file whose columns hold other things than those of the sources."""
    return StudioError(
        "{name} cannot be the test of {source}, which was read from the columns {theirs}. It has the columns {own}, none of"
        " which holds the same. Give them the same names.",
        name=name,
        source=pattern.name,
        theirs=", ".join(pattern.taken.roles.values()),
        own=", ".join(keys_of(rows)),
    )


def _of_other_kind(left: Skipped, pattern: FileRead, wanted: str) -> StudioError:
    """The error for a test file that holds another kind of record than the sources."""
    return StudioError(
        "{name} cannot be the test of {source}: it holds {kind}, and {wanted} are needed.",
        name=left.name,
        source=pattern.name,
        kind=KIND_NAMES[left.kind],
        wanted=KIND_NAMES[wanted],
    )


def _like(reading: ReadingConfig, pattern: FileRead) -> ReadingConfig:
    """Settings with the format and the columns of a file that was read, where none are set."""
    formats = next(setting.fact.choices for setting in settings_of(ReadingConfig) if setting.path == "format") or {}
    known = {field.name for field in fields(ReadingConfig)}
    found = {_SETTING.get(role, f"{role}_key"): column for role, column in pattern.taken.roles.items()}
    found |= {"format": pattern.format} if pattern.format in formats else {}
    return replace(reading, **{name: value for name, value in found.items() if name in known and not getattr(reading, name)})


def check_apart(sources: Sequence[str | Path], tests: Sequence[Path]) -> None:
    """Raises StudioError if nothing is left to learn from because all sources are test files."""
    if tests and {Path(source).resolve() for source in sources} <= {test.resolve() for test in tests}:
        raise StudioError("The test file is all there is: name a source to learn from as well.")
