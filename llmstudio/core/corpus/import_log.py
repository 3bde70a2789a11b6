"""What is said while a corpus is imported, and kept in its facts: files read, files and rows left out, progress."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from llmstudio.core.corpus.building import CorpusBuilder
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.reading.encodings.names import called
from llmstudio.core.corpus.reading.files.sources import is_sample
from llmstudio.core.corpus.reading.meter import Meter
from llmstudio.core.corpus.reading.other_kinds import LeftForOthers
from llmstudio.core.corpus.reading.readers import Plan, sample_documents
from llmstudio.core.corpus.records import FileRead, Skipped
from llmstudio.core.corpus.taken import TakenNotes
from llmstudio.core.corpus.withheld import Withheld
from llmstudio.core.events import Event, Noted, Progress
from llmstudio.core.words import words

_EVERY_S = 0.05
_TOLD = 20  # files and rows left out that are named one by one; the rest is counted
_LISTED = 1000  # sources listed with their encodings


class ImportLog:
    """Collects what is said on the way.

    Attributes:
        examples: The first files and rows that were left out.
        withheld: The first note of what is left out.
        notes: How files were read.
        left: Files of other kinds.
    """

    def __init__(self, sources: Sequence[str | Path], config: CorpusConfig, plan: Plan, meter: Meter) -> None:
        self._plan, self._meter = plan, meter
        self._began = self._told_at = time.perf_counter()
        self._expected = sample_documents(config.sample_count) * sum(map(is_sample, sources))
        self._num_files = self._num_rows = self._num_empty = 0
        self._rows_of: list[Skipped] = []  # of the file being read
        self._sources: list[dict[str, Any]] = []
        self.examples: list[Skipped] = []
        self.withheld = Withheld()
        self.notes = TakenNotes()
        self.left = LeftForOthers(plan.kind)

    def skipped(self, skip: Skipped) -> Iterator[Event]:
        """A file or a row was left out; rows are told of when their file ends."""
        if len(self.examples) < _TOLD:
            self.examples.append(skip)
        if skip.is_row:
            self._num_rows += 1
            self._rows_of += [skip] if len(self._rows_of) < 5 else []
            return
        self._num_files += 1
        if skip.kind:
            self.left.add(skip)
            return
        if self._num_files <= _TOLD:
            yield from self.withheld.add(Noted(message=skip.reason, level="warning"))

    def read(self, file: FileRead, num_empty: int) -> Iterator[Event]:
        """A file was read to its end; `num_empty` documents were blank so far."""
        is_blank = num_empty > self._num_empty and file.num_documents == 1
        if file.num_documents and not is_blank:
            yield from self.withheld.tell()
        if file.num_documents:
            self.notes.add(file.name, file.taken)
        if file.num_documents and len(self._sources) < _LISTED:
            about = {"name": file.name, "format": file.format, "encoding": file.encoding, "confidence": file.confidence}
            self._sources.append(about | {"bytes": file.num_bytes, "documents": file.num_documents} | file.taken.facts())
        rows, self._rows_of = self._rows_of, []
        if rows:
            numbers = ", ".join(str(row.line or row.record) for row in rows) + (" …" if file.num_skipped > len(rows) else "")
            are_lines = all(row.line for row in rows)
            message = words(
                "{name}: {n|row was|rows were} left out, {places} (the first: {reason}).",
                name=file.name,
                n=file.num_skipped,
                places=words("in line {lines}", lines=numbers) if are_lines else words("record {numbers}", numbers=numbers),
                reason=rows[0].reason,
            )
            if file.num_skipped == 1:
                message = words(
                    "{name}: {place} was left out ({reason}).", name=file.name, place=rows[0].place, reason=rows[0].reason
                )
            yield Noted(message=message, level="warning")
        if file.num_replaced:
            message = words(
                "{name}: {n|place|places} could not be read as {encoding} and became \ufffd.",
                name=file.name,
                n=file.num_replaced,
                encoding=called(file.encoding),
            )
            if file.num_replaced == 1:
                message = words(
                    "{name}: one place could not be read as {encoding} and became \ufffd.",
                    name=file.name,
                    encoding=called(file.encoding),
                )
            yield Noted(message=message, level="warning")
        if is_blank:
            yield from self.skipped(Skipped(file.name, words("{name} is blank: it was left out.", name=file.name)))
        self._num_empty = num_empty

    def progress(self, builder: CorpusBuilder) -> Iterator[Event]:
        """Where reading stands, about twenty times a second."""
        now = time.perf_counter()
        if now - self._told_at < _EVERY_S:
            return
        self._told_at = now
        is_counted = not self._plan.num_bytes
        done = builder.num_documents if is_counted else self._meter.num_bytes
        total = max(done, self._expected if is_counted else self._plan.num_bytes)
        yield Progress(
            step=builder.num_documents,
            what=words("Reading {name}", name=self._meter.name) if self._meter.name else words("Reading"),
            done=done,
            total=total,
            unit="documents" if is_counted else "bytes",
            remaining_s=(total - done) * (now - self._began) / done if done else None,
            details={"excerpt": builder.excerpt, "documents": builder.num_documents},
        )

    def facts(self, num_empty: int) -> dict[str, Any]:
        """What was read and what was left out."""
        examples = [
            {"name": skip.name, "line": skip.line, "reason": str(skip.reason)}
            | ({"record": skip.record} if skip.record else {})
            for skip in self.examples
        ]
        left_out = {"files": self._num_files, "rows": self._num_rows, "empty": num_empty, "examples": examples}
        return {"sources": self._sources, "skipped": left_out}
