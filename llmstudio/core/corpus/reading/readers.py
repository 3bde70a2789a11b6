"""Sources in, records out, in a stream: what a format is read with, and a preview of what will come.

The families: running text with Markdown and source code, web pages and other documents (`formats`), tables (`tables`), JSON
(`json`), conversations (`chats`), and all of these inside folders and archives (`files`). A source "sample:NAME" is one of
the built-in `samples`. Cleaning and splitting come later.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from llmstudio.core.corpus.config import SAMPLE, ReadingConfig
from llmstudio.core.corpus.reading.chats.exports.slack import BESIDE, SlackNames
from llmstudio.core.corpus.reading.contents import may_be_rows, tells_little
from llmstudio.core.corpus.reading.file_reader import FileReader, format_of
from llmstudio.core.corpus.reading.files.archives import Entry
from llmstudio.core.corpus.reading.files.folders import NO_LABELS, FolderFiles, FolderLabels, find_labels, folder_of
from llmstudio.core.corpus.reading.files.given_parts import NO_PARTS, GivenParts, NamedFiles
from llmstudio.core.corpus.reading.files.parallel import NO_PARALLELS, ParallelTexts, find_parallels
from llmstudio.core.corpus.reading.files.sources import entries, is_sample
from llmstudio.core.corpus.reading.files.textless import Textless
from llmstudio.core.corpus.reading.meter import Meter
from llmstudio.core.corpus.reading.other_kinds import other_kind
from llmstudio.core.corpus.records import FileRead, Record, Skipped, map_texts
from llmstudio.core.corpus.taken import NOTHING_SAID, Taken
from llmstudio.core.errors import StudioError
from llmstudio.core.words import Words, words

_FILES_TO_PEEK = 50  # of each format; the rest of a large folder will be alike
_EXCERPT = 2000
# Of a folder, at most so many files beside the first one are shown, each with so many records; how long they are sought.
_MOST_BESIDE, _RECORDS_BESIDE, _BESIDE_S = 4, 3, 1.0


@dataclass(frozen=True)
class Plan:
    """What a first look at all sources says.

    Attributes:
        kind: The chosen kind of record, or the one that most of the bytes hold.
        num_bytes: Size of all files.
        num_files: How many there are.
        folders: The labels that texts get from the folders they lie in.
        num_others: How many of them hold another kind, by kind; about, in folders of many files.
        given: Whether the names of the files are parts of a split.
        parallels: Files that are read two by two, line by line.
        slack: Names of people, where they stand beside the messages.
        is_alone: Whether there is one file only, so that a chosen encoding is meant for it without fail.
    """

    kind: str
    num_bytes: int
    num_files: int
    folders: FolderLabels = NO_LABELS
    num_others: Mapping[str, int] = field(default_factory=dict)
    given: GivenParts = NO_PARTS
    parallels: ParallelTexts = NO_PARALLELS
    slack: SlackNames = field(default_factory=SlackNames)
    is_alone: bool = True

    def reader(self, entry: Entry, config: ReadingConfig, meter: Meter | None = None) -> FileReader | None:
        """What reads a file; None for one that is read together with another."""
        if self.given.leaves_out(entry.name) or self.parallels.is_second(entry.name) or self.slack.has_read(entry.name):
            return None
        counterpart = self.parallels.counterparts.get(entry.name)
        file = FileReader(
            entry, config, self.kind, meter, self.folders, counterpart, self.slack.names, is_alone=self.is_alone
        )
        file.remarks += [self.parallels.remarks[entry.name]] if entry.name in self.parallels.remarks else []
        file.refusal = self.parallels.refusals.get(entry.name)
        file.remarks += self.slack.remarks(entry.name)
        return file


@dataclass(frozen=True)
class Preview:
    """The beginning of a source, read as it would be imported.

    Attributes:
        name: The file shown: the first one that holds text.
        format: As in `FORMATS`, or "text", or "sample".
        encoding: As found or chosen.
        encoding_confidence: 0 to 1.
        keys: Columns of a table or keys of JSON objects.
        guessed: The configuration with its keys filled in.
        kind: Kind of record it will make.
        records: The first records, long texts cut.
        skipped: What was left out on the way there.
        taken: Which columns became what, which were left unread, and what else was guessed.
        num_bytes: Size of the whole source.
        num_files: Files in the whole source.
        num_others: Files of other kinds in it, by kind, which this import would leave.
        beside: The beginnings of later files that are read in another way than the one shown.
    """

    name: str
    format: str
    encoding: str
    encoding_confidence: float
    keys: tuple[str, ...]
    guessed: ReadingConfig
    kind: str
    records: list[Record]
    skipped: list[Words] = field(default_factory=list)
    num_bytes: int = 0
    num_files: int = 1
    taken: Taken = NOTHING_SAID
    num_others: Mapping[str, int] = field(default_factory=dict)
    beside: Sequence[Beside] = ()


@dataclass(frozen=True)
class Beside:
    """The beginning of a file that is read in another way than those before it: another format, or other columns."""

    name: str
    format: str
    records: list[Record]
    taken: Taken


def preview(source: Path | str, config: ReadingConfig, *, limit: int = 20, is_alone: bool = True) -> Preview:
    """The first `limit` records of a source; `is_alone` is False if it will be imported together with others.

    Raises:
        StudioError: The source does not exist, or nothing in it can be read.
    """
    if is_sample(source):
        shown = list(itertools.islice(_sample_records(str(source), limit, 0), limit))
        kind = _sample_kind(str(source))
        return Preview(str(source), "sample", "utf-8", 1.0, (), config, kind, [_shortened(r) for r in shown])
    plan = survey([source], config)
    plan = replace(plan, is_alone=plan.is_alone and is_alone)
    until = time.monotonic() + _BESIDE_S
    skipped: list[Skipped] = []
    for entry in entries([source]):
        if isinstance(entry, Skipped):
            skipped.append(entry)
            continue
        if (file := plan.reader(entry, config)) is None:
            continue
        records: list[Record] = []
        for item in file.read(itertools.count()):
            if isinstance(item, Skipped):
                skipped.append(item)
            elif isinstance(item, dict) and len(records) < limit:
                records.append(_shortened(item))
                if len(records) >= limit or "part" in item:
                    break
        if records:
            notes = [_line_words(skip) for skip in skipped]
            found = file.text_file
            assert found is not None
            others = _beside(source, config, plan, file, until) if plan.num_files > 1 else []
            return Preview(
                entry.name, file.format, found.encoding, found.confidence, file.keys, file.config,
                plan.kind, records, notes, plan.num_bytes, plan.num_files, file.taken, plan.num_others, others,
            )  # fmt: skip
    raise nothing_read(skipped, str(source))


def _beside(source: Path | str, config: ReadingConfig, plan: Plan, first: FileReader, until: float) -> list[Beside]:
    """Files of a folder or an archive that are read otherwise than `first`, as far as time and number allow."""
    found: list[Beside] = []
    seen = {(first.format, first.keys)}
    for entry in entries([source]):
        if time.monotonic() > until or len(found) >= _MOST_BESIDE:
            break
        if isinstance(entry, Skipped) or entry.name == first.entry.name:
            continue
        if (file := plan.reader(entry, config)) is None:
            continue
        records: list[Record] = []
        for item in file.read(itertools.count()):
            if isinstance(item, dict):
                records.append(_shortened(item))
            if len(records) >= _RECORDS_BESIDE or time.monotonic() > until or "part" in (records[-1] if records else ()):
                break
        if records and (file.format, file.keys) not in seen:
            seen.add((file.format, file.keys))
            found.append(Beside(entry.name, file.format, records, file.taken))
    return found


def read(
    sources: Sequence[str | Path],
    config: ReadingConfig,
    *,
    plan: Plan | None = None,
    sample_count: int = 20_000,
    sample_seed: int = 0,
    meter: Meter | None = None,
    without: Sequence[Path] = (),
    docs: Iterator[int] | None = None,
) -> Iterator[Record | Skipped | FileRead]:
    """Every record of the sources in order, with a word on each file read and on everything left out.

    Args:
        sources: Files, folders, archives, or "sample:NAME".
        config: Encoding, format and columns; empty ones are found out for each file.
        plan: What `survey` says of the sources: files of another kind are skipped. If there is none, it is asked.
        sample_count: Training documents of a sample.
        sample_seed: Seed of a sample.
        meter: Counts bytes, and stops the reading.
        without: Folders and files inside the sources that are passed over.
        docs: Numbers of the documents, if they do not begin at 0.

    Raises:
        StudioError: A source does not exist. What is wrong with a single file is told by `Skipped` instead.
        Halted: The meter's stop was raised.
    """
    meter = meter or Meter()
    plan = plan or survey(sources, config, meter=meter, without=without)
    docs = docs or itertools.count()
    for source in sources:
        if is_sample(source):
            meter.name = shown_name(source)
            yield from _read_sample(str(source), plan.kind, sample_count, sample_seed, docs)
            continue
        for entry in entries([source], without=without):
            if isinstance(entry, Skipped):
                yield entry
            elif beside := plan.given.leaves_out(entry.name):
                yield beside
            elif (file := plan.reader(entry, config, meter)) is not None:
                meter.name = entry.name
                yield from plan.given.applied(entry.name, file.read(docs))


def survey(
    sources: Sequence[str | Path], config: ReadingConfig, *, meter: Meter | None = None, without: Sequence[Path] = ()
) -> Plan:
    """A first look at all sources, which opens tables and JSON just far enough to see what they hold.

    Raises:
        StudioError: A source does not exist.
        Halted: The meter's stop was raised.
    """
    tally = _Tally()
    bytes_of, files_of, texts = tally.bytes_of, tally.files_of, tally.texts
    kinds: dict[str, Counter[str]] = {}
    binary = Textless(_FILES_TO_PEEK)
    num_files = num_bytes = 0
    by_name: dict[str, int] = {}  # texts, which may belong together line by line; sizes
    slack, beside = SlackNames(), list[tuple[str, int, str, str]]()
    for source in sources:
        if is_sample(source):  # written as it is read, so it has no size yet; it decides the kind where no file does
            bytes_of[_sample_kind(str(source))] += 1
    for entry in entries(sources, without=without):
        if isinstance(entry, Skipped):
            continue
        num_files += 1
        num_bytes += entry.num_bytes
        if meter:
            meter.add(0)
        format = format_of(entry.name, config)
        seen = kinds.setdefault(format, Counter())
        if (format == "html" and config.format) or (format == "text" and (config.format or not may_be_rows(entry.name))):
            kind = binary.kind(entry, config)
        elif seen.total() < _FILES_TO_PEEK:
            kind = FileReader(entry, config, "", is_alone=len(sources) == 1 and "/" not in entry.name).peek()
            seen[kind] += 1
        else:
            kind = seen.most_common(1)[0][0]
        if format == kind == "text" and not config.format and config.kind in ("", "pairs", "labelled", "tagged"):
            by_name[entry.name] = entry.num_bytes
        elif entry.name.rsplit("/", 1)[-1] in BESIDE:
            slack.add(entry)
            beside.append((entry.name, entry.num_bytes, format, kind))
        else:
            tally.add(entry.name, entry.num_bytes, format, kind)
    for each in beside:
        if not slack.has_read(each[0]):
            tally.add(*each)
    parallels = find_parallels(by_name, sources, without, meter.add if meter else lambda _: None, config.kind)
    for name, size in by_name.items():
        tally.add(name, size, "text", parallels.kinds.get(name, "text"))
    folders = find_labels(texts, config.folders)
    num_labelled = sum(texts[folder].count for folder in folders.labels)
    bytes_of["labelled"] += folders.num_bytes
    bytes_of["text"] -= folders.num_bytes
    files_of["labelled"] += num_labelled
    files_of["text"] -= num_labelled
    known = Counter({kind: size for kind, size in bytes_of.items() if kind and size > 0})
    kind = config.kind or (known.most_common(1)[0][0] if known else "text")
    others = {other: count for other, count in files_of.most_common() if count > 0 and other not in ("", kind)}
    folders = folders if kind == "labelled" or not folders.labels else NO_LABELS
    given = tally.named.given(("labelled", "text") if folders.labels else (kind,), folders.labels)
    return Plan(kind, num_bytes, num_files, folders, others, given, parallels, slack, num_files == 1)


@dataclass
class _Tally:
    """What a survey counts: bytes and files of each kind, texts of each folder, and which names tell a part."""

    bytes_of: Counter[str] = field(default_factory=Counter)
    files_of: Counter[str] = field(default_factory=Counter)
    texts: dict[str, FolderFiles] = field(default_factory=dict)
    named: NamedFiles = field(default_factory=NamedFiles)

    def add(self, name: str, num_bytes: int, format: str, kind: str) -> None:
        """The next file."""
        self.bytes_of[kind] += num_bytes
        self.files_of[kind] += bool(kind)
        self.named.add(name, kind)
        if format == kind == "text":
            self.texts.setdefault(folder_of(name), FolderFiles()).add(num_bytes, is_plain=tells_little(name))


def shown_name(source: str | Path) -> str | Words:
    """What a source is called to a person: a file's own name, a sample's label."""
    if not is_sample(source):
        return Path(source).name
    from llmstudio.core.corpus.samples import SLICES

    name = str(source)[len(SAMPLE) :]
    return words(SLICES[name].label) if name in SLICES else name


def sample_documents(count: int) -> int:
    """How many documents a sample of `count` training documents has in all."""
    return count + 2 * _num_held_out(count)


def nothing_read(skipped: Sequence[Skipped], name: str | Words) -> StudioError:
    """The error to raise when no record came: the reason itself if there is one, else that there was nothing."""
    files = [skip for skip in skipped if not skip.is_row]
    if len(files) == 1 or (files and len({str(skip.reason) for skip in files}) == 1):
        first = files[0]
        return StudioError(first.reason.template, remedies=first.remedies, paths=(), **first.reason.values)
    if skipped:
        return StudioError(
            "Nothing in {name} can be read. The first reason: {reason}", name=name, reason=_line_words(skipped[0])
        )
    return StudioError("No text found in {name}: choose a file with words in it.", name=name)


def _sample_records(source: str, count: int, seed: int) -> Iterator[Record]:
    from llmstudio.core.corpus.samples import SPLITS, records  # written by a grammar that takes a moment to load

    _sample_kind(source)
    for split in SPLITS:
        num = count if split == "train" else _num_held_out(count)
        for record in records(source[len(SAMPLE) :], count=num, seed=seed, split=split):
            yield dict(record) | {"split": split}


def _num_held_out(count: int) -> int:
    """Documents of the validation part, and of the test part."""
    return min(2000, max(20, count // 20))


def _sample_kind(source: str) -> str:
    from llmstudio.core.corpus.samples import SLICES

    name = source[len(SAMPLE) :]
    if name not in SLICES:
        raise StudioError("There is no sample {name}. There are: {names}.", name=name, names=", ".join(SLICES))
    return SLICES[name].record_kind


def _read_sample(
    source: str, kind: str, count: int, seed: int, docs: Iterator[int]
) -> Iterator[Record | Skipped | FileRead]:
    if (own := _sample_kind(source)) != kind:
        other = other_kind(shown_name(source), own, kind)
        yield Skipped(source, other.words, remedies=other.remedies, kind=own)
        return
    num_documents = 0
    for record in _sample_records(source, count, seed):
        num_documents += 1
        yield record | {"doc": next(docs)}
    yield FileRead(source, "sample", "utf-8", 1.0, 0, num_documents)


def _shortened(record: Record) -> Record:
    return map_texts(record, lambda text: text if len(text) <= _EXCERPT else text[:_EXCERPT] + "…")


def _line_words(skip: Skipped) -> Words:
    if not skip.is_row:
        return skip.reason
    return words("{name}, {place}: {reason}", name=skip.name, place=skip.place, reason=skip.reason)
