"""Corpora: written from sources in one stream, and read again record by record.

On disk: `corpus.json` (facts), `statistics.json`, `shards/00000.jsonl ...` (a record a line) and, where documents were
dealt out to the parts of the split, `splits.bin` (a byte a document).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypedDict

import numpy as np

from llmstudio.core.corpus.building import STATISTICS, CorpusBuilder
from llmstudio.core.corpus.cleaning.cleaning import DROPPING
from llmstudio.core.corpus.config import SPLITS, CorpusConfig
from llmstudio.core.corpus.reading.encodings.names import called
from llmstudio.core.corpus.reading.file_reader import Halted, Meter
from llmstudio.core.corpus.reading.files.sources import is_sample
from llmstudio.core.corpus.reading.other_kinds import LeftForOthers
from llmstudio.core.corpus.reading.readers import Plan, nothing_read, read, sample_documents, shown_name, survey
from llmstudio.core.corpus.records import FileRead, Record, Skipped, excerpt, texts_of
from llmstudio.core.corpus.shards import FOLDER, doc_of, parse, read_shards
from llmstudio.core.corpus.splitting.by_position import records_by_position, spread
from llmstudio.core.corpus.splitting.scripts import script_notes
from llmstudio.core.corpus.splitting.split import SIDES, SplitRule
from llmstudio.core.corpus.splitting.split_notes import split_notes
from llmstudio.core.corpus.statistics import Statistics
from llmstudio.core.corpus.tag_notes import tag_notes
from llmstudio.core.corpus.taken import TakenNotes
from llmstudio.core.corpus.withheld import Withheld
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped
from llmstudio.core.settings import to_dict
from llmstudio.core.words import Words, plain_bytes, words
from llmstudio.core.work import Stop
from llmstudio.store.files import write_json
from llmstudio.store.reading import damage_told, read_json, regular_only

FACTS = "corpus.json"
_DAMAGED = "{path} is damaged: import the corpus again."
_EVERY_S = 0.05
_TOLD = 20  # files and rows left out that are named one by one; the rest is counted
_LISTED = 1000  # sources listed with their encodings


def write_corpus(sources: Sequence[str | Path], config: CorpusConfig, folder: Path, *, stop: Stop) -> Iterator[Event]:
    """Read, clean, split and store `sources` in `folder`, in a stream and in bounded memory.

    Ends in `Finished`, whose result are the facts that `Corpus.facts` gives later: documents, characters, bytes,
    record_kind, sources (name, format, encoding, confidence, bytes, documents, taken, not_read, remarks), split
    (`SplitRule`), skipped (files, rows, empty, examples), cleaning (changes by step), hash, seconds. Stopping leaves
    nothing behind.

    Raises:
        StudioError: A source does not exist, nothing in the sources can be read, or the disk is full.
    """
    began = time.perf_counter()
    if not sources:
        raise StudioError("Choose a file, a folder or a sample to import.")
    names = [shown_name(source) for source in sources[:3]]
    name = names[0] if len(names) == 1 else ", ".join(map(str, names))
    yield Started(title=words("Reading {name}", name=name), item=folder.name)
    meter = Meter(stop)
    try:
        plan = survey(sources, config.reading, meter=meter, without=folder)
        folder.mkdir(parents=True, exist_ok=True)
        _check_space(plan, folder)
        facts = yield from _build(sources, config, folder, plan, meter, name)
    except Halted:
        _remove(folder)
        yield Stopped(result={"kept": False})
        return
    except StudioError:
        _remove(folder)
        raise
    facts["seconds"] = time.perf_counter() - began
    write_json(folder / FACTS, facts)
    yield Finished(result=facts)


def _build(
    sources: Sequence[str | Path], config: CorpusConfig, folder: Path, plan: Plan, meter: Meter, name: str | Words
) -> Generator[Event, None, dict[str, Any]]:
    log = _Log(sources, config, plan, meter)
    builder = CorpusBuilder(folder, config, plan.kind, expected_characters=plan.num_bytes)
    items = read(
        sources,
        config.reading,
        plan=plan,
        sample_count=config.sample_count,
        sample_seed=config.sample_seed,
        meter=meter,
        without=folder,
    )
    try:
        for item in items:
            meter.add(0)  # ends here if somebody asked to stop
            if isinstance(item, Skipped):
                if item.doc is not None:
                    builder.drop(item.doc)
                yield from log.skipped(item)
            elif isinstance(item, FileRead):
                yield from log.read(item, builder.num_empty)
            else:
                builder.add(item)
            yield from log.progress(builder)
        facts = builder.finish()
    finally:
        builder.close()
    if not builder.num_documents:
        if any(facts["cleaning"].get(step) for step in DROPPING) or (builder.num_empty and facts["cleaning"]):
            yield from log.withheld.tell()
            raise StudioError("Cleaning leaves nothing of {name}: switch some of its steps off.", name=name)
        raise nothing_read(log.examples, name)
    yield from log.notes.events()
    yield from log.left.events()
    rule = SplitRule.from_dict(facts["split"])
    yield from split_notes(rule, builder.num_documents)
    yield from tag_notes(plan.kind, config, builder)
    yield from script_notes(builder.glances, rule, builder.sides)
    return facts | log.facts(builder.num_empty) | {"config": to_dict(config)}


class _Log:
    """What is said on the way, and kept in the facts: files read, files and rows left out, progress."""

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


def _check_space(plan: Plan, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if plan.num_bytes > free:
        raise StudioError(
            "The disk that holds {folder} is too full: about {needed} are needed, {free} are free.",
            folder=str(folder.parent),
            needed=plain_bytes(plan.num_bytes),
            free=plain_bytes(free),
        )


def _remove(folder: Path) -> None:
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    for name in (STATISTICS, SIDES, FACTS):
        (folder / name).unlink(missing_ok=True)


class ShardFile(TypedDict):
    """A shard as it stands in `corpus.json`."""

    name: str
    num_records: int
    num_characters: int
    num_bytes: int


class CorpusFile(TypedDict):
    """What `corpus.json` holds where the corpus itself relies on it."""

    record_kind: Literal["text", "pairs", "labelled", "tagged", "turns"]
    documents: int
    characters: int
    bytes: int
    hash: str
    shards: list[ShardFile]
    split: dict[str, Any]


class Corpus:
    """A corpus on disk. Nothing is held open and nothing is read before it is asked for, but the facts.

    Attributes:
        folder: Where it lies.
        facts: As `write_corpus` returned them.
        rule: How it is split.
    """

    def __init__(self, folder: Path) -> None:
        """Raises StudioError if `folder` holds no corpus."""
        self.folder = Path(folder)
        self.facts: Mapping[str, Any] = read_json(self.folder / FACTS, CorpusFile)
        with damage_told(self.folder / FACTS):
            self.rule = SplitRule.from_dict(self.facts["split"])

    @property
    def record_kind(self) -> str:
        """Kind of all its records: text, pairs, labelled, tagged or turns."""
        return str(self.facts["record_kind"])

    @cached_property
    def statistics(self) -> Statistics:
        """Its figures."""
        with damage_told(self.folder / STATISTICS):
            return Statistics.from_dict(read_json(self.folder / STATISTICS, dict))

    def records(self, split: str = "train") -> Iterator[Record]:
        """The records of a part of the split in order; each carries its "doc", parts of a long document a "part".

        Args:
            split: train, val, test, or "all".

        Raises:
            StudioError: A shard is missing or damaged.
        """
        if split not in (*SPLITS, "all"):
            raise ValueError(f"no such part: {split}")
        with damage_told(self.folder, _DAMAGED):
            if split == "all" or (split == "train" and self.rule.method == "none"):
                yield from map(parse, read_shards(self.folder / FOLDER, self.facts["shards"]))
            elif self.rule.method == "position":
                yield from records_by_position(
                    self.folder / FOLDER, self.facts["shards"], self.rule, self.record_kind, split
                )
            elif self.rule.method != "none":
                sides = self._sides == SPLITS.index(split)
                for line in read_shards(self.folder / FOLDER, self.facts["shards"]):
                    if sides[doc_of(line)]:
                        yield parse(line)

    def texts(self, split: str = "train") -> Iterator[str]:
        """Every text a tokenizer should learn from: both halves of pairs, every turn; labels are no text."""
        for record in self.records(split):
            yield from texts_of(record)

    def sample_texts(self, n: int, *, max_characters: int = 2000) -> list[str]:
        """At most `n` pieces of training text, evenly spaced; what lies between is not read, unless every text is cut.

        Raises:
            StudioError: A shard is missing or damaged.
        """
        with damage_told(self.folder, _DAMAGED):
            return self._sample_texts(n, max_characters)

    def sample_records(self, n: int, *, max_characters: int = 600) -> list[Record]:
        """At most `n` training records, evenly spaced, for the eye: a piece of a long text, the start of others.

        Raises:
            StudioError: A shard is missing or damaged.
        """
        with damage_told(self.folder, _DAMAGED):
            if self.rule.cuts:
                return [{"text": text} for text in spread(self.records("train"), self.rule.cut, n, max_characters)]
            return [excerpt(record, inside, max_characters) for record, inside in self._drawn(n)]

    def _sample_texts(self, n: int, max_characters: int) -> list[str]:
        if self.rule.cuts:
            return spread(self.records("train"), self.rule.cut, n, max_characters)
        found: list[str] = []
        for record, inside in self._drawn(n):
            text = "\n".join(texts_of(record))
            start = min(int(len(text) * inside), max(0, len(text) - max_characters))
            if (piece := text[start : start + max_characters]) not in found[-1:]:
                found.append(piece)
        return found

    def _drawn(self, n: int) -> Iterator[tuple[Record, float]]:
        """Training records at `n` evenly spaced places of the shards, each with how far inside it (0 to 1) its place is."""
        shards = self.facts["shards"]
        total = sum(shard["num_bytes"] for shard in shards)
        if self.rule.method == "position":  # a margin, since bytes are not characters
            total = int(total * self.rule.cut / max(1, self.facts["characters"]) * 0.98)
        for at in (int(total * (i + 0.5) / n) for i in range(n)):
            for shard in shards:
                if at < shard["num_bytes"]:
                    break
                at -= shard["num_bytes"]
            with open(self.folder / FOLDER / shard["name"], "rb", opener=regular_only) as file:
                line, inside = _line_at(file, at)
            if self.rule.method in ("documents", "given") and self._sides[doc_of(line)]:
                continue
            yield parse(line), inside

    @cached_property
    def _sides(self) -> np.ndarray:
        """Each document's place in `SPLITS`, (documents,)."""
        try:
            with open(self.folder / SIDES, "rb", opener=regular_only) as file:
                return np.fromfile(file, dtype=np.uint8)
        except OSError:
            raise StudioError("{path} is missing: import the corpus again.", path=str(self.folder / SIDES)) from None


def _line_at(file: BinaryIO, at: int) -> tuple[bytes, float]:
    """The line that the byte at `at` lies in, and how far inside it (0 to 1) that is."""
    begin, block = at, 1 << 16
    while begin > 0:
        low = max(0, begin - block)
        file.seek(low)
        found = file.read(begin - low).rfind(b"\n")
        if found >= 0:
            begin = low + found + 1
            break
        begin = low
    file.seek(begin)
    line = file.readline()
    return line, (at - begin) / max(1, len(line))
