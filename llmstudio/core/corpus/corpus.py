"""Corpora: written from sources in one stream, and read again record by record.

On disk: `corpus.json` (facts), `statistics.json`, `shards/00000.jsonl ...` (a record a line) and, where documents were
dealt out to the parts of the split, `splits.bin` (a byte a document).
"""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypedDict

import numpy as np

from llmstudio.core.corpus.building import STATISTICS, CorpusBuilder
from llmstudio.core.corpus.cleaning.cleaning import DROPPING
from llmstudio.core.corpus.cleaning.tagging import TagTexts
from llmstudio.core.corpus.config import SPLITS, CorpusConfig
from llmstudio.core.corpus.import_log import ImportLog
from llmstudio.core.corpus.own_test import OwnTest, check_apart
from llmstudio.core.corpus.reading.meter import Halted, Meter
from llmstudio.core.corpus.reading.readers import Plan, nothing_read, read, shown_name, survey
from llmstudio.core.corpus.records import FileRead, Record, Skipped, excerpt, num_characters, texts_of
from llmstudio.core.corpus.shards import FOLDER, doc_of, parse, read_shards
from llmstudio.core.corpus.splitting.by_position import records_by_position, spread
from llmstudio.core.corpus.splitting.scripts import script_notes
from llmstudio.core.corpus.splitting.split import SIDES, SplitRule
from llmstudio.core.corpus.splitting.split_notes import split_notes
from llmstudio.core.corpus.statistics import Statistics
from llmstudio.core.corpus.tag_notes import tag_notes
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Started, Stopped
from llmstudio.core.settings import to_dict
from llmstudio.core.words import Words, plain_bytes, words
from llmstudio.core.work import Stop
from llmstudio.store.files import write_json
from llmstudio.store.reading import damage_told, read_json, regular_only

FACTS = "corpus.json"
_AT_ONCE, _CHARACTERS_AT_ONCE = 128, 50_000  # beyond these a tagger gains little, and nobody sees how far it is
_DAMAGED = "{path} is damaged: import the corpus again."

_Item = Record | Skipped | FileRead


def write_corpus(
    sources: Sequence[str | Path],
    config: CorpusConfig,
    folder: Path,
    *,
    tests: Sequence[str | Path] = (),
    tag: TagTexts | None = None,
    stop: Stop,
) -> Iterator[Event]:
    """Read, clean, split and store `sources` in `folder`, in a stream and in bounded memory.

    All of the files `tests` becomes the test part, and is never learned from, also where it lies inside a source. `tag` is
    what the tagger tells that the configuration names, if it names one.

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
        apart = [folder, *map(Path, tests)]
        check_apart(sources, apart[1:])
        plan = survey(sources, config.reading, meter=meter, without=apart)
        test = OwnTest(apart[1:], config.reading, apart[:1], meter) if tests else None
        folder.mkdir(parents=True, exist_ok=True)
        num_bytes = plan.num_bytes + (test.plan.num_bytes if test else 0)
        _check_space(num_bytes, folder)
        items = _items(sources, config, plan, apart, meter, test)
        facts = yield from _build(sources, config, folder, replace(plan, num_bytes=num_bytes), meter, name, items, tag)
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


def _items(
    sources: Sequence[str | Path],
    config: CorpusConfig,
    plan: Plan,
    without: Sequence[Path],
    meter: Meter,
    test: OwnTest | None,
) -> Iterator[_Item]:
    """What the sources hold, then the test files, if there are any."""
    docs = itertools.count()
    items = read(
        sources,
        config.reading,
        plan=plan,
        sample_count=config.sample_count,
        sample_seed=config.sample_seed,
        meter=meter,
        without=without,
        docs=docs,
    )
    if test is None:
        yield from items
    else:
        yield from test.learned(items)
        yield from test.records(plan.kind, docs)


def _build(
    sources: Sequence[str | Path],
    config: CorpusConfig,
    folder: Path,
    plan: Plan,
    meter: Meter,
    name: str | Words,
    items: Iterator[_Item],
    tag: TagTexts | None,
) -> Generator[Event, None, dict[str, Any]]:
    log = ImportLog(sources, config, plan, meter)
    builder = CorpusBuilder(folder, config, plan.kind, expected_characters=plan.num_bytes, tag=tag)
    try:
        for group in _together(items, _AT_ONCE if tag is not None else 1):
            cleaned = iter(builder.cleaned([item for item in group if isinstance(item, dict)]))
            for item in group:
                meter.add(0)  # ends here if somebody asked to stop
                if isinstance(item, Skipped):
                    if item.doc is not None:
                        builder.drop(item.doc)
                    yield from log.skipped(item)
                elif isinstance(item, FileRead):
                    yield from log.read(item, builder.num_empty)
                else:
                    builder.add(next(cleaned))
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
    yield from builder.names.notes()
    yield from tag_notes(plan.kind, config, builder)
    yield from script_notes(builder.glances, rule, builder.sides)
    return facts | log.facts(builder.num_empty) | {"config": to_dict(config)}


def _together(items: Iterator[_Item], most: int) -> Iterator[list[_Item]]:
    """So many at a time, fewer of long texts, for a tagger to read side by side."""
    group: list[_Item] = []
    size = 0
    for item in items:
        group.append(item)
        size += num_characters(item) if isinstance(item, dict) else 0
        if len(group) >= most or size > _CHARACTERS_AT_ONCE:
            yield group
            group, size = [], 0
    if group:
        yield group


def _check_space(num_bytes: int, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if num_bytes > free:
        raise StudioError(
            "The disk that holds {folder} is too full: about {needed} are needed, {free} are free.",
            folder=str(folder.parent),
            needed=plain_bytes(num_bytes),
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
