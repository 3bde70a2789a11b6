"""Files that belong together line by line: a text and its translation, sources and targets, texts and their labels, words
and their tags.

So they are handed round by those who train models with other tools (Moses, OPUS, WMT, OpenNMT, fairseq): x.de and x.en,
train.src and train.tgt, en/x.txt and de/x.txt, X_train and y_train. What is merely named so and has another number of
lines stays text, and that is said; files of equally many lines whose names say nothing are asked about.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, zip_longest
from pathlib import Path, PurePosixPath

from llmstudio.core.corpus.reading.columns.cells import Columns, Row
from llmstudio.core.corpus.reading.encodings.encodings import TextFile
from llmstudio.core.corpus.reading.files.alike_names import Alike, find_alike
from llmstudio.core.corpus.reading.files.archives import Entry
from llmstudio.core.corpus.reading.files.class_files import FEWEST, ClassFile
from llmstudio.core.corpus.reading.files.sources import entries
from llmstudio.core.corpus.reading.formats.plain_text import lines
from llmstudio.core.corpus.reading.placed_rows import PlacedRow
from llmstudio.core.corpus.reading.tagged.tagged_rows import is_entity
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.words import words

_AS_TEXT = Remedy("set", words("Read them as texts"), "reading.kind", "text")
_AS_PAIRS = Remedy("set", words("Read them as pairs"), "reading.kind", "pairs")
_FEWEST = 2  # lines: any two files of one line would be translations
_FEWEST_ASKED = 20  # lines that two files have equally many of by no chance
_LARGEST_ASKED = 1 << 28  # bytes that are looked through for a question
_FEW_FOR_LABELS = 4  # lines by which labels are told
_BLOCK_BYTES, _TAIL_BYTES = 1 << 20, 1 << 12
_TAGGED = ("words", "tags")
_PAIR = ("source_key", "target_key")
_HEAD_LINES = 200
_ENDED = "\0"  # beside the lines of the longer file
_BLANK = f" \t\r{_ENDED}"
_RETURN = "\ue00d"  # in place of a carriage return
_BELONG = {
    "languages": words("Line by line one text in two languages, read as pairs: {one} and {other}."),
    "pairs": words("Line by line two texts that belong together, read as pairs: {one} and {other}."),
    "labelled": words("{other} holds the label of each line of {one}: they are read as texts with labels."),
    "tagged": words("{other} holds a tag for each word of {one}: they are read as tagged sentences."),
    "": words("Line by line read as pairs, as you chose: {one} and {other}."),
}
_UNEQUAL = {
    "languages": words(
        "{one} and {other} are named like one text in two languages but have {first|line|lines} and {second|line|lines}: "
        "they were read as texts."
    ),
    "pairs": words(
        "{one} and {other} are named like texts that belong together line by line but have {first|line|lines} and "
        "{second|line|lines}: they were read as texts."
    ),
    "tagged": words(
        "{other} holds the tags of {one} but has {second|line|lines} for {first|line|lines}: they were read as texts."
    ),
    "labelled": words(
        "{other} is named like the labels of {one} but has {second|line|lines} for {first|line|lines}: they were read as "
        "texts."
    ),
}


@dataclass(frozen=True)
class Counterpart:
    """The second file of a parallel text, beside the first.

    Attributes:
        kind: As in `Alike`.
        columns: Of the first and of the second file, as their names say: languages, for example.
        name: The second file's.
        find: Finds it again; what it yields may be opened while the block lasts.
    """

    kind: str
    columns: tuple[str, str]
    name: str
    find: Callable[[], contextlib.AbstractContextManager[Entry]]

    @property
    def record_kind(self) -> str:
        """The kind of record that the lines make."""
        return self.kind if self.kind in ("labelled", "tagged") else "pairs"

    @property
    def settings(self) -> dict[str, str]:
        """The settings of the reading that take the columns."""
        if self.kind == "tagged":
            return {"text_key": _TAGGED[0], "tags": _TAGGED[1]}
        return dict(zip(("text_key", "label_key") if self.kind == "labelled" else _PAIR, self.columns, strict=True))

    def remark(self, first: str) -> Remark:
        """What a person should know."""
        one, other = _shown((first, self.name))
        return Remark(words(_BELONG[self.kind].template, one=one, other=other), remedies=(_AS_TEXT,))

    def rows(self, first: TextFile, encoding: str, on_bytes: Callable[[int], None]) -> Iterator[Row | Skipped]:
        """The lines of both files side by side."""
        one, other = self.columns
        with self.find() as entry, entry.open() as raw:
            second = TextFile(raw, entry.name, encoding, on_bytes=on_bytes, is_alone=False)
            for number, (left, right) in enumerate(zip_longest(_lines_of(first), _lines_of(second), fillvalue=_ENDED), 1):
                if _ENDED in (left, right) and all(line is not None and not line.strip(_BLANK) for line in (left, right)):
                    continue  # empty lines at the end of one of them
                if left is None or right is None or _ENDED in (left, right):
                    yield Skipped(first.name, words("this line is too long, or has no counterpart"), number)
                else:
                    row = dict(zip(_TAGGED, (left.split(), right.split()), strict=True)) if self.kind == "tagged" else {}
                    yield PlacedRow(row or {one: left, other: right}, number)


def _lines_of(file: TextFile) -> Iterator[str | None]:
    """The lines of a parallel file, which only a line feed ends: a single carriage return stands inside one.

    Both files are counted so, too; what else ended a line would move all that follow beside others.
    """
    for line in lines(chunk.replace("\r", _RETURN) for chunk in file.chunks()):
        yield line and line.removesuffix(_RETURN).replace(_RETURN, "\r")


@dataclass(frozen=True)
class ParallelTexts:
    """The parallel texts among some files.

    Attributes:
        counterparts: By the name of the first file of each; of files named after classes, by each name.
        kinds: The kind of record of each file among them, first or second, by its name.
        remarks: What is said of files that are named so and are none, by their names.
        refusals: Why files that were asked to be so cannot be read, by their names.
    """

    counterparts: Mapping[str, Counterpart | ClassFile] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    remarks: Mapping[str, Remark] = field(default_factory=dict)
    refusals: Mapping[str, StudioError] = field(default_factory=dict)

    def is_second(self, name: str) -> bool:
        """True for a file that is read with its first one."""
        return name in self.kinds and name not in self.counterparts


NO_PARALLELS = ParallelTexts()
"""Files that are read one by one."""


@dataclass(frozen=True)
class _Lines:
    """How many lines a file has, and up to the last that holds something; the first ones. 0 if it cannot be read."""

    count: int = 0
    num_filled: int = 0
    first: tuple[str, ...] = ()


def find_parallels(
    sizes: Mapping[str, int],
    sources: Sequence[str | Path],
    without: Sequence[Path],
    check: Callable[[int], None],
    kind: str = "",
) -> ParallelTexts:
    """Which of the texts with these names and sizes are parallel; `check` is called now and then and may raise.

    A third language leaves open which two are meant. With a `kind`, only what makes such records is taken: of pairs also
    files whose names do not say that they belong together.
    """
    groups = find_alike(list(sizes), kind)
    groups = [each for each in groups if each.kind or max(map(sizes.__getitem__, each.files)) <= _LARGEST_ASKED]
    if not groups:
        return NO_PARALLELS
    wanted = {name for group in groups for name in group.files}
    lines_of: dict[str, _Lines] = {}
    place: dict[str, str | Path] = {}
    for source in sources:
        for entry in entries([source], without=without):
            check(0)
            if isinstance(entry, Entry) and entry.name in wanted:
                place[entry.name] = source
                lines_of[entry.name] = _lines(entry, check)
    counterparts: dict[str, Counterpart | ClassFile] = {}
    kinds: dict[str, str] = {}
    remarks: dict[str, Remark] = {}
    refusals: dict[str, StudioError] = {}
    torn: dict[str, bool] = {}  # families in which files differ, and whether that was said
    for group in groups:
        if group.kind != "classes" and _differ([lines_of.get(name, _Lines()) for name in group.files]):
            torn.setdefault(group.family, False)
    for group in groups:
        found = [lines_of.get(name, _Lines()) for name in group.files]
        if group.kind == "classes":
            if min(each.num_filled for each in found) >= FEWEST:
                counterparts |= {name: ClassFile(label) for label, name in zip(group.columns, group.files, strict=True)}
                kinds |= dict.fromkeys(group.files, "labelled")
            continue
        for first, second in ((0, 1), (1, 0)) if len(found) == 2 and kind in ("", "tagged") else ():
            if _are_tags(found[first].first, found[second].first):
                group = replace(group, kind="tagged", files=(group.files[first], group.files[second]))
        is_labelled = group.kind == "labelled" and _are_labels(found[1].first)
        if group.kind == "labelled" and not is_labelled:
            group = replace(group, kind="")
        if kind == "tagged" and group.kind != "tagged":
            continue
        if group.family in torn:
            is_asked = bool(group.kind) or kind == "pairs"
            if is_asked and len(group.files) == 2 and _differ(found) and not torn[group.family]:
                torn[group.family] = True
                if kind:
                    refusals |= dict.fromkeys(group.files, _refused(group, found))
                else:
                    remarks |= dict.fromkeys(group.files, _unequal(group, found))
        elif len(group.files) > 2:
            remarks |= dict.fromkeys(group.files, _many(group.files))
        elif not group.kind and kind != "pairs":
            if found[0].count >= _FEWEST_ASKED:
                remarks |= dict.fromkeys(group.files, _asked(group.files, found[0].count))
        elif found[0].count >= _FEWEST:
            one, other = group.files
            columns = (group.columns[0], group.columns[1])
            beside = Counterpart(group.kind, columns, other, _finder(place[other], other, without))
            counterparts[one] = beside
            kinds |= dict.fromkeys(group.files, beside.record_kind)
    return ParallelTexts(counterparts, kinds, remarks, refusals)


def _differ(found: Sequence[_Lines]) -> bool:
    """True unless files have equally many lines, or have but for empty ones at their ends."""
    return len({each.count for each in found}) > 1 and len({each.num_filled for each in found}) > 1


def _are_labels(lines_seen: Sequence[str]) -> bool:
    """True if the lines of a file are short and come again, as the names of classes do."""
    columns = Columns([{"label": line} for line in lines_seen], ["label"])
    return columns.can_be_label("label") and (len(lines_seen) < _FEW_FOR_LABELS or columns.is_class("label"))


def _are_tags(texts: Sequence[str], lines_seen: Sequence[str]) -> bool:
    """True if each line holds a tag of a span (B-LOC, O) for each word of the other file's."""
    tags = [line.split() for line in lines_seen]
    are_alike = all(len(own) == len(text.split()) for text, own in zip(texts, tags, strict=False))
    every = [tag for own in tags for tag in own]
    return bool(every) and are_alike and all(map(is_entity, every)) and any(len(tag) > 1 for tag in every)


def _finder(
    source: str | Path, name: str, without: Sequence[Path]
) -> Callable[[], contextlib.AbstractContextManager[Entry]]:
    @contextlib.contextmanager
    def find() -> Iterator[Entry]:
        found = entries([source], without=without)  # kept: what lies in an archive can be opened until the next is asked for
        for entry in found:
            if isinstance(entry, Entry) and entry.name == name:
                yield entry
                return
        raise StudioError("{name} is no longer there.", name=name)

    return find


def _lines(entry: Entry, check: Callable[[int], None]) -> _Lines:
    total, last, head, tail = 0, b"\n", b"", b""
    try:
        with entry.open() as raw:
            for _ in count():
                check(0)
                if not (block := raw.read(_BLOCK_BYTES)):
                    break
                head = head or block
                total += block.count(b"\n")
                last, tail = block[-1:], (tail + block)[-_TAIL_BYTES:]
    except (OSError, StudioError):
        return _Lines()
    first = head.decode("utf-8", "replace").splitlines()[:_HEAD_LINES]
    num_lines = total + (last not in (b"\n", b"\0"))
    behind = tail[len(tail.rstrip(b" \t\r\n\0")) :].count(b"\n") - 1
    return _Lines(num_lines, num_lines - max(0, behind), tuple(first))


def _shown(files: Sequence[str]) -> list[str]:
    """Names of files as a person tells them apart: with the folder where they are called alike."""
    bare = [PurePosixPath(name).name for name in files]
    return bare if len(set(bare)) == len(bare) else list(files)


def _unequal(group: Alike, found: Sequence[_Lines]) -> Remark:
    one, other = _shown(group.files)
    template = _UNEQUAL[group.kind].template
    return Remark(words(template, one=one, other=other, first=found[0].count, second=found[1].count))


def _refused(group: Alike, found: Sequence[_Lines]) -> StudioError:
    """Where pairs, or texts with labels, were asked for."""
    one, other = _shown(group.files)
    return StudioError(
        "{one} and {other} cannot be read line by line, since they have {first|line|lines} and {second|line|lines}. Give"
        " both equally many lines, or read them as texts.",
        remedies=(_AS_TEXT,),
        one=one,
        other=other,
        first=found[0].count,
        second=found[1].count,
    )


def _many(files: Sequence[str]) -> Remark:
    message = words(
        "{names} are named like one text in several languages: they were read as texts. For translations import two of "
        "them.",
        names=", ".join(_shown(files)),
    )
    return Remark(message)


def _asked(files: Sequence[str], num_lines: int) -> Remark:
    one, other = _shown(files)
    message = words(
        "{one} and {other} have equally many lines ({lines:,}): are these pairs? They were read as texts.",
        one=one,
        other=other,
        lines=num_lines,
    )
    return Remark(message, "warning", remedies=(_AS_PAIRS,))
