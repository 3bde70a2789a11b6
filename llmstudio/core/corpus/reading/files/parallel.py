"""Parallel texts: two files of one name that end in two languages, x.de and x.en, each line a translation of the other's.

So translations are handed round by those who work with them (the tools around Moses, OPUS, WMT). What merely ends so and
has another number of lines stays text, and that is said.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, zip_longest
from pathlib import Path, PurePosixPath

from llmstudio.core.corpus.reading.columns.cells import Row
from llmstudio.core.corpus.reading.columns.names import language_of
from llmstudio.core.corpus.reading.encodings.encodings import TextFile
from llmstudio.core.corpus.reading.files.archives import Entry
from llmstudio.core.corpus.reading.files.sources import entries
from llmstudio.core.corpus.reading.formats.plain_text import lines
from llmstudio.core.corpus.reading.placed_rows import PlacedRow
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.words import words

_AS_TEXT = Remedy("set", words("Read them as texts"), "reading.kind", "text")
_FEWEST = 2  # lines: any two files of one line would be translations
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Counterpart:
    """The second file of a parallel text, beside the first.

    Attributes:
        languages: Of the first and of the second file, as their names say; the columns of what is read.
        name: The second file's.
        open: Finds it again; what it yields may be opened while the block lasts.
    """

    languages: tuple[str, str]
    name: str
    find: Callable[[], contextlib.AbstractContextManager[Entry]]

    def remark(self, first: str) -> Remark:
        """What a person should know."""
        message = words(
            "Line by line one text in two languages, read as pairs: {one} and {other}.",
            one=PurePosixPath(first).name,
            other=PurePosixPath(self.name).name,
        )
        return Remark(message, remedies=(_AS_TEXT,))

    def rows(self, first: TextFile, encoding: str, on_bytes: Callable[[int], None]) -> Iterator[Row | Skipped]:
        """The lines of both files side by side."""
        one, other = self.languages
        with self.find() as entry, entry.open() as raw:
            second = TextFile(raw, entry.name, encoding, on_bytes=on_bytes, is_alone=False)
            for number, (left, right) in enumerate(zip_longest(lines(first.chunks()), lines(second.chunks())), 1):
                if left is None or right is None:
                    yield Skipped(first.name, words("this line is too long, or has no counterpart"), number)
                else:
                    yield PlacedRow({one: left, other: right}, number)


@dataclass(frozen=True)
class ParallelTexts:
    """The parallel texts among some files.

    Attributes:
        counterparts: By the name of the first file of each.
        seconds: Names of the second files, which are read with the first ones.
        remarks: What is said of files that are named so and are none, by their names.
    """

    counterparts: Mapping[str, Counterpart] = field(default_factory=dict)
    seconds: frozenset[str] = frozenset()
    remarks: Mapping[str, Remark] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        return name in self.counterparts or name in self.seconds


NO_PARALLELS = ParallelTexts()
"""Files that are read one by one."""


def named_so(name: str) -> tuple[str, str] | None:
    """What a file shares with its counterpart, and its language: x.de, x_de.txt, de.txt; None if it names none."""
    path = PurePosixPath(name)
    bare = path.stem if path.suffix.lower() == ".txt" else path.name
    found = language_of(bare)
    return (f"{path.parent}/{found[0]}{path.name[len(bare) :].lower()}", found[1]) if found else None


def find_parallels(
    names: Iterable[str], sources: Sequence[str | Path], without: Path | None, check: Callable[[int], None]
) -> ParallelTexts:
    """Which of the texts with these names are parallel; `check` is called now and then and may raise.

    A third language leaves open which two are meant.
    """
    groups: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name in names:
        if found := named_so(name):
            groups[found[0]][found[1]].append(name)
    groups = {stem: own for stem, own in groups.items() if len(own) > 1 and all(len(alike) == 1 for alike in own.values())}
    if not groups:
        return NO_PARALLELS
    wanted = {alike[0] for own in groups.values() for alike in own.values()}
    num_lines: dict[str, int] = {}
    place: dict[str, str | Path] = {}
    for source in sources:
        for entry in entries([source], without=without):
            check(0)
            if isinstance(entry, Entry) and entry.name in wanted:
                place[entry.name] = source
                num_lines[entry.name] = _count_lines(entry, check)
    counterparts: dict[str, Counterpart] = {}
    remarks: dict[str, Remark] = {}
    for stem, own in groups.items():
        languages = _in_order(stem, sorted(own))
        files = [own[language][0] for language in languages]
        counts = [num_lines.get(name, 0) for name in files]
        if len(set(counts)) > 1:
            if len(files) == 2:
                remarks |= dict.fromkeys(files, _unequal(files, counts))
        elif len(files) > 2:
            remarks |= dict.fromkeys(files, _many(files))
        elif counts[0] >= _FEWEST:
            counterparts[files[0]] = Counterpart(
                (languages[0], languages[1]), files[1], _finder(place[files[1]], files[1], without)
            )
    return ParallelTexts(counterparts, frozenset(each.name for each in counterparts.values()), remarks)


def _in_order(stem: str, languages: list[str]) -> list[str]:
    """As the name itself has them (Books.en-de.de), else by the alphabet."""
    first = next((one for one in languages for other in languages if f"{one}-{other}" in stem and one != other), "")
    return sorted(languages, key=lambda language: language != first)


def _finder(source: str | Path, name: str, without: Path | None) -> Callable[[], contextlib.AbstractContextManager[Entry]]:
    @contextlib.contextmanager
    def find() -> Iterator[Entry]:
        found = entries([source], without=without)  # kept: what lies in an archive can be opened until the next is asked for
        for entry in found:
            if isinstance(entry, Entry) and entry.name == name:
                yield entry
                return
        raise StudioError("{name} is no longer there.", name=name)

    return find


def _count_lines(entry: Entry, check: Callable[[int], None]) -> int:
    """0 if it cannot be read."""
    total, last = 0, b"\n"
    try:
        with entry.open() as raw:
            for _ in count():
                check(0)
                if not (block := raw.read(_BLOCK_BYTES)):
                    break
                total += block.count(b"\n")
                last = block[-1:]
    except (OSError, StudioError):
        return 0
    return total + (last not in (b"\n", b"\0"))


def _unequal(files: Sequence[str], counts: Sequence[int]) -> Remark:
    message = words(
        "{one} and {other} are named like one text in two languages but have {first|line|lines} and {second|line|lines}: "
        "they were read as texts.",
        one=PurePosixPath(files[0]).name,
        other=PurePosixPath(files[1]).name,
        first=counts[0],
        second=counts[1],
    )
    return Remark(message)


def _many(files: Sequence[str]) -> Remark:
    message = words(
        "{names} are named like one text in several languages: they were read as texts. For translations import two of "
        "them.",
        names=", ".join(PurePosixPath(name).name for name in files),
    )
    return Remark(message)
