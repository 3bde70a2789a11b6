"""A test file of one's own: all of it is the test part, none of it is learned from, and nothing else is added to it.

In: the files, how the sources were read. Out: their records, marked. Nothing of them is dropped for being short, long or a
copy, so that scores compare with those that others report on the same file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.meter import Meter
from llmstudio.core.corpus.reading.readers import Plan, nothing_read, read, shown_name, survey
from llmstudio.core.corpus.records import WHOLE, FileRead, Record, Skipped
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import StudioError
from llmstudio.core.settings import settings_of
from llmstudio.core.words import words

_ALL = Remark(words("All of it is the test part: none of it is learned from."))
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
        self.plan = survey(tests, reading, meter=meter, without=without)
        self.num_documents = 0

    def learned(self, items: Iterator[Record | Skipped | FileRead]) -> Iterator[Record | Skipped | FileRead]:
        """What the sources hold, for training unless they name another part; remembers how they were read."""
        for item in items:
            if isinstance(item, dict):
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
                yield replace(item, taken=replace(item.taken, remarks=(*item.taken.remarks, _ALL)))
            else:
                self._skipped.append(item)
                yield item
        if not self.num_documents:
            raise nothing_read(self._skipped, ", ".join(str(shown_name(test)) for test in self._tests))

    def _read_like(self, kind: str) -> tuple[ReadingConfig, Plan]:
        """The settings that give records of a kind: the person's, or else with the sources' format and columns.

        A short test file shows less of itself than a long one for training.
        """
        if self.plan.kind != kind and self._pattern is not None:
            like = _like(self._reading, self._pattern)
            plan = survey(self._tests, like, meter=self._meter, without=self._without)
            if plan.kind == kind:
                return like, plan
        return self._reading, replace(self.plan, kind=kind)


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
