"""What a corpus is made of: records, and the small questions one asks of them.

A record is a plain dict of one of five kinds:

    text      {"text": "..."}
    pairs     {"source": "...", "target": "..."}
    labelled  {"text": "...", "label": "..."}, or a list: {"text": "...", "label": ["...", "..."]}
    turns     {"turns": [{"who": "story" | "user" | "assistant", "what": "..."}]}
    tagged    {"words": ["Go", "home", "!"], "tags": ["VERB", "ADV", "PUNCT"], "spaces": [true, false, true]}

A label is a text; where texts may have several, it is a list of texts in every record, empty where none of them applies.
`labels_of` gives a list of either. A record without the key "label" has none that is known.

A tagged sentence has one tag a word; `spaces` says behind which words a space stands, and so its text is the words, each
followed by its space, without the last one's ("Go home!"). `tagged_text` makes it, and says where each word lies in it. A
word may be a single character, with tags that say where words begin.

A record may carry "doc", the number of its document, and "part": a long text comes as several records of one document, which
join without anything between them. Samples also say which "split" a record belongs to. On its way into a corpus a record
made of several columns says what it "begins" with (`beginnings`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from llmstudio.core.corpus.taken import NOTHING_SAID, Taken
from llmstudio.core.errors import Remedy
from llmstudio.core.words import Words, words

Record = dict[str, Any]
T = TypeVar("T")
_RAW, _TELLING = 1 << 16, 1 << 14  # characters that are folded, and of those that are kept: white space does not decide
_TURNS = 6  # of a conversation that are shown
KINDS = ("text", "pairs", "labelled", "tagged", "turns")
ANSWERED = ("turns", "pairs", "labelled")
"""Kinds whose rows hold an answer: a model of such rows has learned to give it."""
WHOLE = "is_whole"
"""Key of a record on its way into a corpus that is kept whatever cleaning drops: of a test file of one's own."""
Span = tuple[int, int, str]
"""Where a word lies in a text, from a character to the one behind it, and its tag."""


@dataclass(frozen=True)
class Skipped:
    """Something that was left out, and why.

    Attributes:
        name: The file, folder or archive member.
        reason: One sentence.
        line: Line in which it begins; 0 if the whole file is meant, or its lines are not known.
        record: Its number among the records of the file, where its line is not known; else 0.
        doc: Number of a document that was broken off half way and must not be kept.
        remedies: Ways out that a face can offer.
        kind: The kind of record a file holds that was left for a corpus of its own; else empty.
    """

    name: str
    reason: Words
    line: int = 0
    doc: int | None = None
    remedies: tuple[Remedy, ...] = ()
    kind: str = ""
    record: int = 0

    @property
    def is_row(self) -> bool:
        """True for a part of a file."""
        return bool(self.line or self.record)

    @property
    def place(self) -> Words:
        """Where in the file it lies, of a row."""
        return words("line {line}", line=self.line) if self.line else words("record {number}", number=self.record)


@dataclass(frozen=True)
class FileRead:
    """A file has been read to its end.

    Attributes:
        name: The file or archive member.
        format: text, html, csv, tsv, json, jsonl, whatsapp, stamped, irc, telegram, transcript, marked, fasttext, lines,
            conll, inline, translations, parallel or sample.
        encoding: As it was found or chosen.
        confidence: How sure the finding is, 0 to 1.
        num_bytes: Bytes read from it.
        num_documents: Documents it gave; none if every row was left out.
        num_skipped: Rows left out.
        num_replaced: Places where bytes meant no letter and U+FFFD stands instead.
        taken: What of it became records, and what else was guessed.
        keys: Columns of its first rows.
    """

    name: str
    format: str
    encoding: str
    confidence: float
    num_bytes: int
    num_documents: int
    num_skipped: int = 0
    num_replaced: int = 0
    taken: Taken = NOTHING_SAID
    keys: tuple[str, ...] = ()


def kind_of(record: Record) -> str:
    """Which of `KINDS` a record is."""
    if "turns" in record:
        return "turns"
    if "source" in record:
        return "pairs"
    if "words" in record:
        return "tagged"
    return "labelled" if "label" in record else "text"


def is_record(value: Any) -> bool:
    """True if a value from a file is one of the five kinds of record."""
    if not isinstance(value, dict):
        return False
    if "turns" in value:
        return isinstance(value["turns"], list) and all(map(_is_turn, value["turns"]))
    if "source" in value:
        return isinstance(value["source"], str) and isinstance(value.get("target"), str)
    if "words" in value:
        return _is_tagged(value)
    label = value.get("label", "")
    is_label = isinstance(label, str) or (isinstance(label, list) and all(isinstance(name, str) for name in label))
    return isinstance(value.get("text"), str) and is_label


def _is_turn(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("who"), str) and isinstance(value.get("what"), str)


def _is_tagged(value: Record) -> bool:
    columns = [(value["words"], str), (value.get("tags"), str), (value.get("spaces"), bool)]
    if not all(isinstance(column, list) and all(isinstance(item, own) for item in column) for column, own in columns):
        return False
    return len({len(column) for column, _ in columns}) == 1 and len(value["words"]) > 0 and all(value["words"])


def tagged_text(record: Mapping[str, Any]) -> tuple[str, list[Span]]:
    """The text of a tagged sentence, and where in it each word lies, with its tag."""
    pieces: list[str] = []
    spans: list[Span] = []
    at, last = 0, len(record["words"]) - 1
    for place, (word, tag, is_followed) in enumerate(zip(record["words"], record["tags"], record["spaces"], strict=True)):
        spans.append((at, at + len(word), tag))
        piece = f"{word} " if is_followed and place < last else word
        pieces.append(piece)
        at += len(piece)
    return "".join(pieces), spans


def texts_of(record: Record) -> list[str]:
    """Every text in a record, in order; a label is no text, nor is a tag."""
    if "turns" in record:
        return [turn["what"] for turn in record["turns"]]
    if "source" in record:
        return [record["source"], record["target"]]
    return [tagged_text(record)[0]] if "words" in record else [record["text"]]


def labels_of(record: Mapping[str, Any]) -> list[str]:
    """The labels of a record: none, one, or several."""
    label = record.get("label", [])
    return list(label) if isinstance(label, list) else [str(label)]


def map_texts(record: Record, function: Callable[[str], str]) -> Record:
    """A copy of a record with `function` applied to each of its texts; tagged words stay as they are, beside their tags."""
    if "turns" in record:
        return record | {"turns": [turn | {"what": function(turn["what"])} for turn in record["turns"]]}
    return record | {key: function(record[key]) for key in ("text", "source", "target") if key in record}


def map_all_texts(records: Sequence[Record], function: Callable[[list[str]], list[str]]) -> list[Record]:
    """As `map_texts` of each record, where `function` takes the texts of all of them at once."""
    texts: list[str] = []

    def taken(text: str) -> str:
        texts.append(text)
        return text

    for record in records:
        map_texts(record, taken)
    changed = iter(function(texts))
    return [map_texts(record, lambda _: next(changed)) for record in records]


def excerpt(record: Record, inside: float, max_characters: int) -> Record:
    """A record for the eye: of a text the piece that begins so far inside it (0 to 1), of other texts the beginnings."""
    if "words" in record:
        return _first_words(record, max_characters)
    if "text" not in record:
        shown = {"turns": record["turns"][:_TURNS]} if "turns" in record else {}
        return map_texts(record | shown, lambda text: _cut(text, 0, max_characters))
    text = record["text"]
    start = min(int(len(text) * inside), max(0, len(text) - max_characters))
    return record | {"text": _cut(text, start, max_characters)}


def _first_words(record: Record, max_characters: int) -> Record:
    """As many words of a tagged sentence as fit, one at least."""
    ends = [end for _, end, _ in tagged_text(record)[1]]
    kept = max(1, sum(end <= max_characters for end in ends))
    return record | {key: record[key][:kept] for key in ("words", "tags", "spaces")}


def _cut(text: str, start: int, max_characters: int) -> str:
    end = start + max_characters
    return ("… " if start else "") + text[start:end] + (" …" if end < len(text) else "")


def num_characters(record: Record) -> int:
    """Characters in all texts of a record."""
    return sum(map(len, texts_of(record)))


def is_blank(record: Record) -> bool:
    """True if nothing can be learned from a record: no text, half a pair, a conversation without words."""
    texts = texts_of(record)
    blank = [not text.strip() for text in texts]
    return any(blank) if "source" in record else all(blank)


def content(record: Record) -> bytes:
    """What makes a record the same as another, as bytes: its texts, with label, tags and speakers."""
    if "turns" in record:
        spoken = [f"{turn['who']}\x1e{turn['what']}" for turn in record["turns"]]
        return "\x1f".join(spoken).encode()
    if "words" in record:
        return "\x1f".join(f"{word}\x1e{tag}" for word, tag in zip(record["words"], record["tags"], strict=True)).encode()
    if "label" in record:
        return "\x1f".join([record["text"], *sorted(labels_of(record))]).encode()
    return "\x1f".join(texts_of(record)).encode()


def folded(text: str) -> str:
    """The letters and digits of a text, small and in one spelling: equal for texts that read alike.

    White space, punctuation and pictures do not count, unless there is nothing else; signs of mathematics do.
    """
    text = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return text.translate(_HEARD) or "".join(text.split())


def folded_beginning(text: str) -> str:
    """What tells a text from others: its beginning, `folded`. Long texts that agree in it are copies for all we need.

    The whole of a book need not be gone through: that would take longer than all else in an import.
    """
    return folded(text[:_RAW])[:_TELLING]


class _Heard(dict[int, int | None]):
    """For `str.translate`: keeps letters with their marks, numbers and signs of mathematics."""

    def __missing__(self, code: int) -> int | None:
        category = unicodedata.category(chr(code))
        self[code] = kept = code if category[0] in "LMN" or category == "Sm" else None
        return kept


_HEARD = _Heard()


def spread_over(items: Iterable[T], most: int) -> tuple[list[T], bool]:
    """At most `most` of a stream, in order and evenly spread, and whether these are all: the first ones of a table that
    is sorted by class would all be of one. Of more, at least half of `most` are kept; always the same ones.
    """
    kept: list[T] = []
    step = 1
    for number, item in enumerate(items):
        if number % step:
            continue
        if len(kept) == most:
            kept, step = kept[::2], 2 * step
            if number % step:
                continue
        kept.append(item)
    return kept, step == 1


def user_starts(record: Record) -> list[int]:
    """Where in a conversation a user begins to speak after somebody has, in characters; empty for other records."""
    starts, at, before = [], 0, ""
    for turn in record.get("turns", ()):
        if turn["who"] == "user" and before not in ("", "user", "story"):
            starts.append(at)
        at += len(turn["what"])
        before = turn["who"]
    return starts


def opening(record: Record) -> tuple[str, str]:
    """What a document starts from: its story, if it has one before anybody speaks, and its opening.

    The opening is the first thing that a user says, the source of a pair, a text, a tagged sentence. Documents that share it
    belong on the same side of a split; otherwise one text with two labels, or one sentence with two translations, could be
    learned and asked for.
    """
    if "turns" not in record:
        return "", texts_of(record)[0]
    turns = record["turns"]
    first = next((n for n, turn in enumerate(turns) if turn["who"] == "user"), None)
    if first is None:
        first = next((n for n, turn in enumerate(turns) if turn["who"] != "story"), 0)
    return "\n".join(turn["what"] for turn in turns[:first] if turn["who"] == "story"), turns[first]["what"]
