"""An index out of a folder or a file: every file is read as an import would read it, and cut into passages.

Files of all kinds are taken, whatever the others hold: texts and pages, rows of tables, messages of conversations.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from pathlib import Path

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.file_reader import FileReader
from llmstudio.core.corpus.reading.files.archives import Entry
from llmstudio.core.corpus.reading.files.sources import entries
from llmstudio.core.corpus.reading.meter import Meter
from llmstudio.core.corpus.reading.readers import nothing_read
from llmstudio.core.corpus.records import FileRead, Record, Skipped, texts_of
from llmstudio.core.corpus.taken import TakenNotes
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Noted, Progress
from llmstudio.core.retrieval.folder_state import State, state_of
from llmstudio.core.retrieval.index import PassageIndex
from llmstudio.core.retrieval.passages import Passage, cut
from llmstudio.core.words import plain_bytes, words
from llmstudio.core.work import Stop

MAX_CHARACTERS = 100_000_000
"""Of a folder: its passages and their terms are held in memory, about ten bytes for each of these."""
_EVERY_S = 0.05
_TOLD = 5  # files left out that are named one by one


def build(
    source: Path, *, state: State | None = None, without: Path | None = None, stop: Stop
) -> Generator[Event, None, PassageIndex]:
    """The index of a folder or a file.

    Args:
        source: Where the files lie.
        state: Of these files, if it is known already.
        without: A folder inside that is passed over.
        stop: Looked at all the time.

    Raises:
        StudioError: There is nothing to read, or too much.
        Halted: Somebody asked to stop.
    """
    state = state_of(source, without=without, stop=stop) if state is None else state
    total = sum(each.size for each in state.values())
    meter, reading = Meter(stop), _Reading(source.name)
    began = told = time.perf_counter()
    for entry in entries([source], without=[without] if without else []):
        if isinstance(entry, Skipped):
            reading.skipped.append(entry)
            continue
        for _ in reading.read(entry, meter):
            meter.add(0)  # ends here if somebody asked to stop
            now = time.perf_counter()
            if now - told > _EVERY_S:
                told, done = now, min(meter.num_bytes, total)
                left = (total - done) * (now - began) / done if done else None
                what = words("Reading {name}", name=entry.name)
                yield Progress(what=what, done=done, total=total, unit="bytes", remaining_s=left)
    if not reading.passages:
        raise nothing_read(reading.skipped, source.name)
    yield from reading.notes.events()
    yield from reading.left_out()
    num_passages = len(reading.passages)
    yield Progress(what=words("Sorting the words of {n|passage|passages}", n=num_passages), done=0, unit="passages")
    return PassageIndex.made_of(reading.passages, state, stop=stop)


@dataclass
class _Reading:
    """What has been read so far: passages, what was guessed, what was left out."""

    name: str
    passages: list[Passage] = field(default_factory=list)
    notes: TakenNotes = field(default_factory=TakenNotes)
    skipped: list[Skipped] = field(default_factory=list)
    num_characters: int = 0

    def read(self, entry: Entry, meter: Meter) -> Generator[None, None, None]:
        """Take the passages of a file; lets go after each record."""
        file = FileReader(entry, ReadingConfig(), "", meter)
        line = number = record = 0
        doc: int | None = None
        mine: list[Passage] = []
        for item in file.read(itertools.count()):
            if isinstance(item, Skipped):
                self.skipped.append(item)
                if item.doc is not None:  # it broke off half way
                    mine = [passage for passage in mine if passage.record != record]
            elif isinstance(item, FileRead):
                guess = file.text_file.remark() if file.text_file else None  # others are about learning from the file
                self.notes.add(item.name, replace(item.taken, remarks=(guess,) if guess else ()))
            else:
                record += item["doc"] != doc
                doc, line, text = item["doc"], line or file.first_line, _text_of(item)
                self.num_characters += len(text)
                self._refuse_too_much()
                at = 0
                for start, end in cut(text):
                    number += 1
                    line += text.count("\n", at, start) if line else 0
                    at = start
                    mine.append(Passage(entry.name, text[start:end], line, record, number))
                line += text.count("\n", at) if line else 0
            yield
        self.passages += mine if record > 1 else [_of_one_text(passage) for passage in mine]

    def left_out(self) -> Generator[Event, None, None]:
        """Says which files and rows are not among the passages."""
        files = [skip for skip in self.skipped if not skip.is_row]
        for skip in files[:_TOLD]:
            yield Noted(message=skip.reason, level="warning")
        if (num_more := len(files) - _TOLD) > 0:
            message = words("{n|more file was|more files were} left out.", n=num_more)
            yield Noted(message=message, level="warning")
        if num_rows := len(self.skipped) - len(files):
            first = next(skip for skip in self.skipped if skip.is_row)
            message = words(
                "{n|row was|rows were} left out (the first, {place} of {name}: {reason}).",
                n=num_rows,
                place=first.place,
                name=first.name,
                reason=first.reason,
            )
            yield Noted(message=message, level="warning")

    def _refuse_too_much(self) -> None:
        if self.num_characters > MAX_CHARACTERS:
            raise StudioError(
                "{name} holds more than {amount} of text, which is too much to be searched here: choose a folder inside it.",
                name=self.name,
                amount=plain_bytes(MAX_CHARACTERS),
            )


def _text_of(record: Record) -> str:
    """What of a record is searched and read: its texts below each other, without label and tags."""
    return "\n".join(texts_of(record))


def _of_one_text(passage: Passage) -> Passage:
    return Passage(passage.file, passage.text, passage.line, 0, passage.number)
