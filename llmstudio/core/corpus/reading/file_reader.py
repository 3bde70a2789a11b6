"""One file, from its bytes to its records: opened, decoded, parsed by its format, columns found."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.backstop import or_left_out
from llmstudio.core.corpus.reading.chats.gathering import gathered
from llmstudio.core.corpus.reading.chats.told import EMPTY, FAILED, Told
from llmstudio.core.corpus.reading.columns.cells import JOINT, Row, as_text, parts_of
from llmstudio.core.corpus.reading.columns.columns import KEYS, guess, keys_of, kind_of_config, roles_of_config, to_record
from llmstudio.core.corpus.reading.contents import content_format
from llmstudio.core.corpus.reading.encodings.encodings import Bytes, TextFile
from llmstudio.core.corpus.reading.encodings.twice_spelled import twice_spelled
from llmstudio.core.corpus.reading.field_marks import FieldMarks
from llmstudio.core.corpus.reading.files.archives import Entry
from llmstudio.core.corpus.reading.files.class_files import ClassFile
from llmstudio.core.corpus.reading.files.folders import NO_LABELS, FolderLabels
from llmstudio.core.corpus.reading.files.given_parts import is_split, part_column, part_in
from llmstudio.core.corpus.reading.files.parallel import Counterpart
from llmstudio.core.corpus.reading.formats.foreign_texts import REMARKS, foreign_kind, foreign_texts
from llmstudio.core.corpus.reading.formats.frames import frame_in_column, frame_of
from llmstudio.core.corpus.reading.formats.front_matter import LEFT_OUT, front_matter, without
from llmstudio.core.corpus.reading.formats.gutenberg import gutenberg_frame
from llmstudio.core.corpus.reading.formats.learned_signs import learned_signs, watched
from llmstudio.core.corpus.reading.formats.plain_text import PART_CHARACTERS, lines, parts
from llmstudio.core.corpus.reading.formats.separators import documents, opening_in, separator, texts_in
from llmstudio.core.corpus.reading.formats.web_pages import page_text
from llmstudio.core.corpus.reading.json.inner_lists import opened
from llmstudio.core.corpus.reading.json.parts import BY_KEYS, PartRow
from llmstudio.core.corpus.reading.label_spelling import LabelSpelling
from llmstudio.core.corpus.reading.meter import Meter
from llmstudio.core.corpus.reading.other_kinds import other_kind
from llmstudio.core.corpus.reading.page_marks import holds_page_marks, page_marks_remark
from llmstudio.core.corpus.reading.placed_rows import line_of
from llmstudio.core.corpus.reading.row_checks import RowChecks
from llmstudio.core.corpus.reading.row_formats import rows_of
from llmstudio.core.corpus.reading.tagged.lists import with_lists
from llmstudio.core.corpus.reading.tagged.tagged_file import TaggedFile
from llmstudio.core.corpus.reading.tagged.tagged_rows import SPACES
from llmstudio.core.corpus.records import FileRead, Record, Skipped, texts_of
from llmstudio.core.corpus.splitting.beginnings import beginning
from llmstudio.core.corpus.taken import Remark, Taken
from llmstudio.core.errors import StudioError
from llmstudio.core.words import Words, words

FORMATS = {
    ".html": "html", ".htm": "html", ".xhtml": "html", ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".json": "json",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".jsonlines": "jsonl",
    ".tmx": "translations", ".xlf": "translations", ".xliff": "translations",
}  # fmt: skip
"""By the ending of a name; all others are plain text."""
_FEW_CHATS = 4  # so many conversations of one side are no chance
_HEAD = 1 << 16  # characters of a page's text that tell what it holds beside words
_ROWS_TO_GUESS, _CHARACTERS_TO_GUESS = 200, 1 << 20


def format_of(name: str, config: ReadingConfig) -> str:
    """The format to read a file as: the chosen one, or by the ending of its name."""
    return config.format or FORMATS.get(Path(name).suffix.lower(), "text")


class FileReader:
    """One file being read.

    Attributes:
        entry: Where it lies.
        config: How it is read; its columns are filled in once the first rows are seen.
        format: As in `FORMATS`, or "text".
        text_file: Its bytes as text, once it is open.
        keys: Columns of its first rows.
        remarks: What was guessed or done on the way; readers add to it.
        refusal: Why it cannot be what was asked for, if that is known beforehand.
        num_documents: Documents read so far; also `num_skipped` rows and `num_characters`.
    """

    def __init__(
        self,
        entry: Entry,
        config: ReadingConfig,
        kind: str,
        meter: Meter | None = None,
        folders: FolderLabels = NO_LABELS,
        counterpart: Counterpart | ClassFile | None = None,
        names: Mapping[str, str] | None = None,
        is_alone: bool = True,
    ) -> None:
        """Take only records of `kind`, or any if it is empty.

        `meter` counts bytes and may end the reading; `folders` say which labels texts get from where they lie; a
        `counterpart` holds what belongs to each line; `names` are those of people that messages call by an id;
        `is_alone` is False if the encoding was chosen for other files, too.
        """
        self._is_alone = is_alone
        self._folders, self._counterpart = folders, counterpart
        self.entry, self.config, self._kind, self._meter = entry, config, kind, meter or Meter()
        self.format = format_of(entry.name, config)
        self.text_file: TextFile | None = None
        self.keys: tuple[str, ...] = ()
        self.remarks: list[Remark] = []
        self.refusal: StudioError | None = None
        self._told = Told(names)
        self._checks = RowChecks()
        self._spelling = LabelSpelling(capitals=not config.label_capitals)
        self._marks = FieldMarks()
        self._left = ""  # the kind it holds, if that is not the one to take
        self._foreign = ""  # a formatted text, a notebook or mail, out of which the text is taken
        self._tagged: TaggedFile | None = None  # words with tags, a word a line
        self._front = 0  # characters of front matter above the text
        self._part_key = ""  # the column that names the part of a split
        self._parts: set[str] = set()
        self._is_many = False  # several documents in one file of running text
        self.num_documents = self.num_skipped = self.num_characters = 0

    @property
    def first_line(self) -> int:
        """Line in which its text begins, where the lines of its first record are those of the file; else 0."""
        is_as_written = self.format == "text" and not self._foreign and not self._is_many
        return 1 + self.text_file.head_text().count("\n", 0, self._front) if self.text_file and is_as_written else 0

    @property
    def taken(self) -> Taken:
        """What of the file becomes records, as far as it has been read."""
        roles = roles_of_config(self.config, self.keys) if self.keys else {}
        used = {key for keys in roles.values() for key in keys} | {*self._part_key.split(JOINT)}
        used |= {SPACES} if self.config.tags else set()
        not_read = tuple(key for key in self.keys if key not in used) if roles else ()
        guess = self.text_file.remark() if self.text_file else None
        said = [
            *([guess] if guess else []),
            *self.remarks,
            *self._spelling.remarks(),
            *(
                Remark(told, "warning" if told.template == FAILED.template else "info", key=told.template)
                for told in self._told.sentences()
            ),
        ]
        remarks = tuple({str(remark.message): remark for remark in said}.values())
        return Taken({role: " + ".join(keys) for role, keys in roles.items()}, not_read, remarks)

    def peek(self) -> str:
        """The kind of its records; empty if none of them can be read."""
        try:
            with self.entry.open() as raw:
                file = self._open(raw)
                if self._tagged:
                    return "tagged"
                if self.format == "html" and not page_text([file.head_text()], self.entry.name):
                    return ""  # a program: a script with what stands in another file, too
                if self.format not in ("text", "html"):
                    self._first_rows(self._rows(file))
        except (StudioError, OSError):
            return ""
        if self.format in ("text", "html"):
            return kind_of_config(replace(self.config, tags=""))
        return kind_of_config(self.config) if self.keys else ""

    def read(self, docs: Iterator[int]) -> Iterator[Record | Skipped | FileRead]:
        """All of it; what is wrong with the file comes as `Skipped`."""
        doc: int | None = None
        try:
            with self.entry.open() as raw:
                for item in self._records(self._open(raw), docs):
                    if isinstance(item, Skipped):
                        self.num_skipped += 1
                    else:
                        item = self._spelling.applied(item)
                        self.num_documents += item["doc"] != doc
                        doc = item["doc"]
                        self.num_characters += len(item.get("text", ""))
                    yield item
        except StudioError as error:
            if self._left:
                yield Skipped(self.entry.name, error.words, remedies=error.remedies, kind=self._left)
            else:
                yield self._broken_off(error.words, doc, error)
        except OSError as error:
            reason = words(
                "{name} could not be read to its end ({reason}).", name=self.entry.name, reason=str(error.strerror)
            )
            yield self._broken_off(reason, doc)
        if (self.num_documents or self.num_skipped) and self.text_file:
            file = self.text_file
            yield FileRead(
                self.entry.name, self.format, file.encoding, file.confidence, file.num_bytes,
                self.num_documents, self.num_skipped, file.num_replaced, self.taken, self.keys,
            )  # fmt: skip

    def _broken_off(self, reason: Words, doc: int | None, error: StudioError | None = None) -> Skipped:
        is_one_document = self.format in ("text", "html")
        if is_one_document:
            self.num_documents = max(0, self.num_documents - 1) if self._is_many else 0
        remedies = error.remedies if error else ()
        return Skipped(self.entry.name, reason, doc=doc if is_one_document else None, remedies=remedies)

    def _open(self, raw: Bytes) -> TextFile:
        self.text_file = file = TextFile(
            raw, self.entry.name, self.config.encoding, on_bytes=self._meter.add, is_alone=self._is_alone
        )
        head = file.head_text()
        self.remarks += filter(None, (twice_spelled(head), gutenberg_frame(head)))
        if self._counterpart:
            self.format = "parallel"
            self.remarks.append(self._counterpart.remark(self.entry.name))
            if not any(getattr(self.config, key) for key in KEYS):
                self.config = replace(self.config, **self._counterpart.settings)
        elif not self.config.format:
            self._foreign = foreign_kind(self.entry.name, head, self.config.kind) if self.format in ("text", "json") else ""
            if self._foreign:
                self.format = "text"
                self.remarks.append(REMARKS[self._foreign])
            else:
                self.format, remark = content_format(self.entry.name, self.format, head)
                self.remarks += [remark] if remark else []
                self._front = front_matter(self.entry.name, head) if self.format == "text" else 0
                self.remarks += [LEFT_OUT] if self._front else []
                if self.format == "text" and not (remark and remark.level == "warning"):
                    self.remarks += learned_signs(texts_in(head), self.entry.name)
        if self.format in ("fasttext", "lines") and not any(getattr(self.config, key) for key in KEYS):
            self.config = replace(self.config, text_key="text", label_key="label")
        if self.format == "conll":
            self._tagged = tagged = TaggedFile(self.entry.name, head, self.config)
            self.keys, self.config = tagged.keys, tagged.config
            self.remarks += tagged.guessed
        return file

    def _records(self, file: TextFile, docs: Iterator[int]) -> Iterator[Record | Skipped]:
        if self.format == "text" and self._folders.labels:
            yield from self._labelled_text(file, docs)
            return
        if self.format in ("text", "html"):
            self._check_kind("text")
            self.remarks += [self._folders.remark] if self._folders.remark else []
            yield from self._running_text(file, docs)
            return
        if self._tagged:
            self._check_kind("tagged")
            for item in self._tagged.read(lines(file.chunks())):
                yield item if isinstance(item, Skipped) else item | {"doc": next(docs)}
            self.remarks += self._tagged.remarks()
            return
        self._told = Told(self._told.names)
        rows = self._rows(file)
        first = self._first_rows(rows)
        num_marked = 0
        num_unlabelled = num_one_sided = 0
        are_by_key = False
        if self.keys:
            self._check_kind(kind_of_config(self.config))
        for number, row in self._marks.numbered(itertools.chain(first, rows)):
            if isinstance(row, Skipped):
                yield row
            elif self._checks.rejects(row):
                continue
            elif (record := self._record(self._checks.with_gaps(self._checks.with_choice(row)))) is None:
                line = line_of(row)
                reason = words("this record lacks a text, or its counterpart")
                if self.config.tags:
                    reason = words("this sentence does not have a tag at every word")
                yield Skipped(file.name, reason, line, record=0 if line else number)
            elif "text" in record and len(record["text"]) > PART_CHARACTERS and not self.config.label_key:
                yield from _in_parts(record, parts([record["text"]]), next(docs))
            else:
                record = self._checks.labels.applied(record)
                num_marked += holds_page_marks(texts_of(record))
                num_unlabelled += bool(self.config.label_key) and "label" not in record
                num_one_sided += len({turn["who"] for turn in record.get("turns", ())} & {"user", "assistant"}) == 1
                part = part_in(row, self._part_key) or (row.part if isinstance(row, PartRow) else "")
                are_by_key = are_by_key or isinstance(row, PartRow)
                self._parts.add(part)
                record |= beginning(row, self.config)
                yield record | {"doc": next(docs)} | ({"split": part} if part else {})
        if num_one_sided > 0.9 * self.num_documents and num_one_sided >= _FEW_CHATS:
            message = words(
                "{n|conversation has|conversations have} one side only: nobody asks, or nobody answers.", n=num_one_sided
            )
            self.remarks.append(Remark(message, "warning"))
        if is_split(self._parts) and "" not in self._parts:
            message = words("What is for training, for validation and for the test is as {key} says.", key=self._part_key)
            self.remarks.append(BY_KEYS if are_by_key else Remark(message))
        if not self.num_documents and not self.num_skipped:
            yield from self._nothing()
        if rejected := self._checks.rejected_remark():
            self.remarks.append(rejected)
        if marked := page_marks_remark(num_marked, self.num_documents):
            self.remarks.append(marked)
        self.remarks += self._checks.labels.end_remarks()
        if num_unlabelled:
            message = words("{n|text has no label and stays|texts have no label and stay} without one.", n=num_unlabelled)
            self.remarks.append(Remark(message, "warning"))

    def _record(self, row: Row) -> Record | None:
        return or_left_out(lambda: to_record(row, self.config, self._told), None, self._told)

    def _nothing(self) -> Iterator[Skipped]:
        """Why no row came, if that is known."""
        name = self.entry.name
        if self._told.has(EMPTY):
            yield Skipped(name, words("{name}: these conversations hold no messages.", name=name))
        elif self._told.has(FAILED):
            yield Skipped(name, words("{name}: every record is damaged, or of a form that cannot be read.", name=name))

    def _labelled_text(self, file: TextFile, docs: Iterator[int]) -> Iterator[Record | Skipped]:
        """The file as one text, labelled by its folder."""
        if (label := self._folders.of(file.name)) is None:
            reason = words("{name} lies beside the folders whose names are labels: it was left out.", name=file.name)
            yield Skipped(file.name, reason)
            return
        self._check_kind("labelled")
        self.remarks += [self._folders.remark] if self._folders.remark else []
        texts = foreign_texts(self._foreign, file) if self._foreign else ["".join(without(self._front, file.chunks()))]
        for text in texts:
            yield {"text": text, "doc": next(docs)} | ({"label": label} if label else {})

    def _running_text(self, file: TextFile, docs: Iterator[int]) -> Iterator[Record]:
        if self.format == "html":
            page = page_text(file.chunks(), file.name)
            self.remarks += [*filter(None, [frame_of("", page[:_HEAD])]), *learned_signs([page[:_HEAD]])]
            yield from _in_parts({}, parts([page]), next(docs))
        elif self._foreign:
            self._is_many = True
            for document in watched(foreign_texts(self._foreign, file), self.remarks):
                yield from _in_parts({}, parts([document]), next(docs))
        elif mark := separator(file.head_text()):
            self._is_many = True
            message = words("Each {mark} ends a document.", mark=mark.strip())
            if opening := opening_in(file.head_text(), mark):
                message = words("{message} {opening} begins one and is no text.", message=message, opening=opening)
            self.remarks.append(Remark(message))
            for text in documents(without(self._front, file.chunks()), mark):
                yield from _in_parts({}, parts(text), next(docs))
        else:
            yield from _in_parts({}, parts(without(self._front, file.chunks())), next(docs))

    def _check_kind(self, kind: str) -> None:
        if self._kind and kind != self._kind:
            self._left = kind
            raise self.refusal or other_kind(self.entry.name, kind, self._kind)

    def _rows(self, file: TextFile) -> Iterator[Row | Skipped]:
        chosen = [part for key in KEYS if (name := getattr(self.config, key)) for part in parts_of(name, ())]
        rows = opened(self._single_rows(file), self._told, self.remarks, chosen)
        return gathered(rows, self._told, is_guessed=not chosen)

    def _single_rows(self, file: TextFile) -> Iterator[Row | Skipped]:
        if self._counterpart:
            return self._counterpart.rows(file, self.config.encoding, self._meter.add)
        rows = rows_of(self.format, file, self._told, self.remarks, header=self.config.header)
        return with_lists(rows, self.format, self.config, self.remarks)

    def _first_rows(self, rows: Iterator[Row | Skipped]) -> list[Row | Skipped]:
        """Takes enough rows to see what the columns hold, and fills in the configuration."""
        first: list[Row | Skipped] = []
        num_characters = 0
        for row in rows:
            first.append(row)
            if not isinstance(row, Skipped):
                num_characters += sum(map(_size, row.values()))
            if len(first) >= _ROWS_TO_GUESS or num_characters > _CHARACTERS_TO_GUESS:
                break
        seen = [row for row in first if not isinstance(row, Skipped)]
        self.keys = keys_of(seen)
        if seen:
            is_guessed = not (self.config.source_key or self.config.turns_key)
            self.config = guess(seen, self.config, self.entry.name, self.remarks)
            taken = [key for keys in roles_of_config(self.config, self.keys).values() for key in keys]
            self._part_key = part_column(seen, taken)
            self._checks = RowChecks(seen, self.config, is_guessed=is_guessed)
            self._marks = FieldMarks(seen, self.config)
            framed = [frame_in_column(key, [as_text(row.get(key)) for row in seen]) for key in taken]
            signs = [sign for key in taken for sign in learned_signs(as_text(row.get(key)) for row in seen)]
            self.remarks += [*self._checks.remarks, *self._marks.remarks, *filter(None, framed), *signs]
        return first


def _size(value: Any) -> int:
    """About how many characters a cell holds; a conversation counts as its messages do."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return 100 * len(value)
    return len(as_text(value))


def _in_parts(record: Record, texts: Iterator[str], doc: int) -> Iterator[Record]:
    """A text as one record, or as numbered parts if there are several."""
    held = next(texts, None)
    for part in itertools.count():
        following = next(texts, None) if held is not None else None
        if held is None:
            return
        yield record | {"text": held, "doc": doc} | ({"part": part} if part or following is not None else {})
        held = following
