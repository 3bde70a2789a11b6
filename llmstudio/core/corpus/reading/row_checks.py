"""What the first rows say about all rows of a file: which column calls an answer wrong, what stands for "no text".

In: the first rows and the settings that `columns.guess` filled in. Out: for each row, whether it is left out, and its texts
as they were meant. A reader says how often a row was left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.chats.told import is_deleted
from llmstudio.core.corpus.reading.columns.cells import Row, as_text, parts_of
from llmstudio.core.corpus.reading.columns.choices import CHOICES, goes_on
from llmstudio.core.corpus.reading.columns.names import lettered, named
from llmstudio.core.corpus.reading.columns.one_hot import label_of
from llmstudio.core.corpus.reading.columns.spelled_breaks import are_escaped, unescaped
from llmstudio.core.corpus.reading.columns.spelled_bytes import are_spelled, decoded
from llmstudio.core.corpus.reading.columns.spelled_lists import are_lists, listed
from llmstudio.core.corpus.reading.label_checks import LabelChecks
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.words import words

_NO_VALUES = frozenset(("\\N", "None", "N/A", "n/a", "#N/A", "NA", "<NA>", "NaN", "nan", "null", "NULL", "Null", "(null)"))
_LETTERS_OF_TEXTS = 20  # on average in a column where such a word is no text: in a list of words it may be one
_OPTIONS = "\0options"  # a list made of columns of choices; no column is called so
_JUDGED = (
    "label", "is_chosen", "is_accepted", "accepted", "is_desirable", "desirable", "is_preferred", "is_correct", "correct",
    "is_good", "thumbs_up", "kto_tag",
)  # fmt: skip
_NO, _YES = frozenset(("false", "no", "0", "0.0")), frozenset(("true", "yes", "1", "1.0"))
_VOTES = ("feedback", "vote", "thumb", "thumbs")  # here words and signs mean yes and no, too
_DOWN = _NO | {
    "down",
    "thumbs_down",
    "thumbsdown",
    "thumbs down",
    "dislike",
    "bad",
    "negative",
    "-1",
    "reject",
    "rejected",
    "👎",
}
_UP = _YES | {"up", "thumbs_up", "thumbsup", "thumbs up", "like", "good", "positive", "accept", "accepted", "👍"}


class RowChecks:
    """Decisions about a file's rows, made from its first ones.

    Attributes:
        labels: Decisions about its labels.
        judged: The column that says whether an answer is right or wanted; empty if there is none.
        num_rejected: Rows left out because of it, counted by `rejects`.
        remarks: What to say of labels.
    """

    def __init__(self, rows: Sequence[Row] = (), config: ReadingConfig | None = None, *, is_guessed: bool = True) -> None:
        """`is_guessed`: False if a person chose the columns, who then gets every row."""
        self.remarks: list[Remark] = []
        self.num_rejected = 0
        self.labels = LabelChecks()
        self._choices = self._target = ""
        self._options: list[str] = []
        self._texts = _texts_with_gaps(rows, config) if config and config.text_key else ()
        self._taken = _text_columns(rows, config) if config else ()
        self._spelled = [key for key in self._taken if are_spelled(row.get(key) for row in rows)]
        if self._spelled:
            message = words(
                "The texts of {columns} are bytes as Python prints them (b'…'): they were decoded.",
                columns=", ".join(self._spelled),
            )
            self.remarks.append(Remark(message))
        self._look_at_spelled(rows)
        self._first = 0
        if config and is_guessed and config.target_key and rows:
            self._look_at_choices(rows, config)
        self.judged = _judging(rows) if config and is_guessed and (config.source_key or config.turns_key) else ""
        if self.judged and self.judged == self._target:
            self.judged = ""  # the number of a choice: 0 is the first of two
        if config and config.label_key:
            cells = [row.get(config.label_key) or label_of(row, config.label_key) for row in rows]
            self.labels = LabelChecks(cells, config.label_key, config.text_key, capitals=not config.label_capitals)
            self.remarks += self.labels.remarks

    def rejects(self, row: Row) -> bool:
        """True for a row whose answer is marked as a bad one: it is not learned."""
        is_bad = bool(self.judged) and as_text(row.get(self.judged)).strip().casefold() in _no_and_yes(self.judged)[0]
        self.num_rejected += is_bad
        return is_bad

    def rejected_remark(self) -> Remark | None:
        """How many rows were left out, if any."""
        if not self.num_rejected:
            return None
        message = words(
            "Answers that {column} marks as bad were left out: {n:,}. Choose source and target to read them all.",
            column=self.judged,
            n=self.num_rejected,
        )
        return Remark(message, "warning")

    def with_choice(self, row: Row) -> Row:
        """The row, with the text of the right choice where its answer is only the number or letter of one."""
        row = row | {_OPTIONS: [as_text(row.get(key)) for key in self._options]} if self._options else row
        if not self._choices or not _are_texts(row.get(self._choices)):
            return row
        choices, place = row[self._choices], _place(row.get(self._target))
        if place is None:
            return row
        place -= 0 if isinstance(row[self._target], str) and row[self._target].strip().isalpha() else self._first
        return row | {self._target: choices[place] if 0 <= place < len(choices) else ""}

    def with_gaps(self, row: Row) -> Row:
        """The row, without words in its texts that programs write where there is no text: None, NaN, [deleted].

        Texts that are spelled as bytes or lists are decoded, and so are line breaks that are spelled out.
        """
        for key in self._spelled:
            if isinstance(cell := row.get(key), str):
                row = row | {key: decoded(cell)}
        for key in self._lists:
            row = row | {key: found} if (found := listed(row.get(key))) is not None else row
        for key in self._escaped:
            if isinstance(cell := row.get(key), str):
                row = row | {key: unescaped(cell)}
        gaps = [key for key in self._texts if isinstance(cell := row.get(key), str) and cell.strip() in _NO_VALUES]
        gaps += [key for key in self._taken if isinstance(cell := row.get(key), str) and is_deleted(cell)]
        return row | dict.fromkeys(gaps, "") if gaps else row

    def _look_at_spelled(self, rows: Sequence[Row]) -> None:
        """Which columns hold lists as programs print them, and which have line breaks spelled out."""
        self._lists = [key for key in self._taken if are_lists(row.get(key) for row in rows)]
        others = [key for key in self._taken if key not in self._lists]
        self._escaped = [key for key in others if are_escaped(row.get(key) for row in rows)]
        if self._lists:
            message = words(
                "The texts of {columns} are lists as programs print them (['…', '…']): what they hold was taken, each item"
                " a line.",
                columns=", ".join(self._lists),
            )
            self.remarks.append(Remark(message))
        if self._escaped:
            message = words(
                'Line breaks and quotes in {columns} were spelled out (\\n, \\"): they were put in.',
                columns=", ".join(self._escaped),
            )
            self.remarks.append(Remark(message))

    def _look_at_choices(self, rows: Sequence[Row], config: ReadingConfig) -> None:
        columns = [*parts_of(config.source_key, rows[0]), *filter(goes_on, rows[0])]
        nameless = columns[1:] if all(key.isdigit() for key in (*columns, config.target_key)) else []
        if options := lettered(columns) or (nameless if len(nameless) > 1 else []):
            self._options = options
            rows = [row | {_OPTIONS: [as_text(row.get(key)) for key in options]} for row in rows]
        lists = [key for key in (*columns, _OPTIONS) if _are_texts(rows[0].get(key))]
        key = named(lists, (*CHOICES, _OPTIONS))
        if not key or any(_place(row.get(config.target_key)) is None for row in rows):
            return
        self._choices, self._target = key, config.target_key
        numbers = [_place(row.get(self._target)) for row in rows]
        are_letters = any(as_text(row.get(self._target)).strip().isalpha() for row in rows)
        lengths = [len(row[key]) for row in rows if _are_texts(row.get(key))]
        self._first = int(not are_letters and 0 not in numbers and max(lengths) in numbers)
        message = words(
            "{answer} only tells which of {choices} is right: the text of that choice was taken.",
            answer=self._target,
            choices=", ".join(self._options) if key == _OPTIONS else key,
        )
        self.remarks.append(Remark(message))


def _text_columns(rows: Sequence[Row], config: ReadingConfig) -> tuple[str, ...]:
    """The columns whose cells become texts."""
    keys = rows[0] if rows else {}
    return tuple(part for key in (config.text_key, config.source_key, config.target_key) for part in parts_of(key, keys))


def _texts_with_gaps(rows: Sequence[Row], config: ReadingConfig) -> tuple[str, ...]:
    """The columns of text in which a word for "nothing" is no text."""
    found = []
    for key in parts_of(config.text_key, rows[0] if rows else ()):
        lengths = [len(cell) for row in rows if isinstance(cell := row.get(key), str) and cell.strip() not in _NO_VALUES]
        if lengths and sum(lengths) >= _LETTERS_OF_TEXTS * len(lengths):
            found.append(key)
    return tuple(found)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and len(value) > 1 and all(isinstance(item, str) for item in value)


def _place(value: object) -> int | None:
    """The number that an answer is, A counting as 0; None for any other answer."""
    answer = as_text(value).strip()
    if len(answer) == 1 and "A" <= answer <= "J":
        return ord(answer) - ord("A")
    return int(answer) if answer.isdecimal() and len(answer) < 3 else None


def _judging(rows: Iterable[Row]) -> str:
    """The column that says of each answer whether it is wanted: it holds yes and no, and nothing else."""
    rows = list(rows)
    if not rows or not (key := named(rows[0], (*_JUDGED, *_VOTES))):
        return ""
    no, yes = _no_and_yes(key)
    found = {cell for row in rows if (cell := as_text(row.get(key)).strip().casefold())}
    return key if found and found <= no | yes and found & no else ""


def _no_and_yes(key: str) -> tuple[frozenset[str], frozenset[str]]:
    """What means no and yes in a column that judges."""
    return (_DOWN, _UP) if named([key], _VOTES) else (_NO, _YES)
