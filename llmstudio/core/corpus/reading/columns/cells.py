"""The first rows of a table seen by columns: which hold prose, which could be labels, which are empty."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from llmstudio.core.corpus.reading.columns.names import SCORES, folded, named
from llmstudio.core.corpus.reading.columns.numbers import is_number, is_whole
from llmstudio.core.corpus.reading.columns.prose import are_licences, has_tags, is_date, is_file_name, prose
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.words import words

Row = dict[str, Any]
JOINT = " + "
"""Between the names of columns that are taken together, in a setting and in a sentence."""
_LIST = re.compile(r"""\[\s*(?:(?:'[^'\\\n]*'|"[^"\\\n]*")\s*(?:,\s*(?=['"])|(?=\])))*\]""")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_NUMBERS = re.compile(r"\[\s*-?\d+(?:\.\d*)?(?:[,\s]\s*-?\d+(?:\.\d*)?)*\s*\]")
_NUMBERS_OF_CLASSES = re.compile(r"\d{1,3}(?:,\d{1,3})*")
_PIECES = ("tokens", "words")
_LONGEST_LABEL, _LONG_LABEL = 100, 40
_MOST = 20  # what counts classes or stars seldom goes further
_WORDS_OF_A_CLASS = 3  # on average where classes are many: more make sentences that come again, such as premises
_YES_AND_NO = frozenset(("0", "1", "0.0", "1.0", "true", "false", "yes", "no", "y", "n"))
NO_LABELS = frozenset(("-", "-1", "-1.0"))
"""What stands for "no label" in the test parts of competitions, and in some data sets beside classes."""
_INDEXES = frozenset(("id", "index", "idx", "no", "nr", "row", "row_number", "row_id", "key", "#"))
_TIE = 0.6  # a column with this share of the most prose is no worse a guess: the name decides


def as_text(value: Any) -> str:
    """A cell as text: numbers are spelled out, lists of texts become lines, what is no text becomes empty."""
    match value:
        case str():
            return value
        case bool():
            return str(value).lower()
        case float() if not math.isfinite(value):  # NaN is how data frames spell an empty cell
            return ""
        case int() | float():
            return str(value)
        case list():
            found = list(_leaves(value, 3))
            return "\n".join(found) if all(isinstance(item, str) for item in found) else ""
        case _:
            return ""


def _leaves(value: list[Any], depth: int) -> Iterable[Any]:
    for item in value:
        if isinstance(item, list) and depth:
            yield from _leaves(item, depth - 1)
        else:
            yield item


def parts_of(key: str, keys: Iterable[str] | Mapping[str, Any]) -> tuple[str, ...]:
    """The columns that a setting names: itself, or several with " + " between them."""
    return (key,) if key in keys or JOINT not in key else tuple(part.strip() for part in key.split(JOINT.strip()))


def no_such_column(column: str, name: str, columns: Iterable[str], setting: str) -> StudioError:
    """The error for a column that a person named by `setting` and that the file `name` has not."""
    return StudioError(
        "There is no column {key} in {name}. There are: {keys}.",
        key=column,
        name=name,
        keys=", ".join(columns) or "–",
        remedies=(Remedy("set", words("Find the columns"), setting, ""),),
    )


def cell_text(row: Mapping[str, Any], key: str) -> str:
    """The text that a setting takes from a row; several columns, and none of them twice, become lines."""
    if key in row or JOINT not in key:
        return _one_text(key, row.get(key))
    texts = [_one_text(part, row.get(part)) for part in parts_of(key, row)]
    return "\n".join(text for text in texts if text.strip())


def _one_text(key: str, value: Any) -> str:
    if isinstance(value, list) and folded(key).rsplit("_", 1)[-1] in _PIECES:
        return " ".join(item for item in value if isinstance(item, str))
    return as_text(value)


def labels_in(value: Any) -> list[str]:
    """The labels in a cell: one, or those of a list, also if that is spelled out, as in ['a', 'c'] or [2 14]."""
    if isinstance(value, str) and is_list_text(value):
        value = _NUMBER.findall(value) if _NUMBERS.fullmatch(value.strip()) else ast.literal_eval(value.strip())
    items = value if isinstance(value, list) else [value]
    return [label for item in items if (label := as_text(item).strip())]


def label_text(value: Any) -> str:
    """A cell as a label; several are joined by commas."""
    return ", ".join(labels_in(value))


def is_list_text(value: Any) -> bool:
    """True for a list of labels, or a text that spells one out as Python or JSON do."""
    if isinstance(value, list):
        return True
    return isinstance(value, str) and bool(_LIST.fullmatch(value.strip()) or _NUMBERS.fullmatch(value.strip()))


def _is_grade(cell: str) -> bool:
    return bool(re.fullmatch(r"\d{1,2}(?:\.[05])?", cell)) and float(cell) <= _MOST


def _are_lists_of_numbers(cells: Sequence[str]) -> bool:
    """True for numbers of classes, some of them several with commas between: 3 and 17 and 3,17. Most prices have a comma."""
    return all(map(_NUMBERS_OF_CLASSES.fullmatch, cells)) and 2 * sum("," in cell for cell in cells) < len(cells)


class Columns:
    """The columns of some rows.

    Attributes:
        keys: Their names in order.
        rows: The rows.
    """

    def __init__(self, rows: Sequence[Row], keys: Sequence[str]) -> None:
        self.keys = tuple(keys)
        self.rows = rows
        self._cells = {key: [cell for row in rows if (cell := _one_text(key, row.get(key)).strip())] for key in keys}

    @cached_property
    def _prose(self) -> dict[str, float]:
        return {key: prose(cells, len(self.rows)) for key, cells in self._cells.items()}

    def prose_of(self, key: str) -> float:
        """Letters of prose in a row on average."""
        return self._prose.get(key, 0.0)

    def words_of(self, key: str) -> bool:
        """True if a column has any letters or figures in it, alone or in lists."""
        return bool(self._cells.get(key)) or any(label_text(row.get(key)) for row in self.rows)

    def filled(self) -> list[str]:
        """Columns that are not empty in more than half of the rows."""
        return [key for key in self.keys if 2 * len(self._cells[key]) >= len(self.rows)]

    def with_words(self) -> list[str]:
        """Columns with something else than numbers in them, the one with the most prose first, then the longest."""
        found = [
            key
            for key, cells in self._cells.items()
            if cells and not all(map(is_number, cells)) and not isinstance(self.rows[0].get(key), bool)
        ]
        return sorted(found, key=lambda key: (-self.prose_of(key), -self._mean_length(key)))

    def with_prose(self) -> list[str]:
        """Columns, in their order, that hold prose worth reading: not classes, dates, licences, names of files."""
        worded = set(self.with_words())
        return [key for key in self.keys if key in worded and self.is_prose(key)]

    def is_prose(self, key: str) -> bool:
        """True if people wrote a column's cells to be read."""
        most = max(self._prose.values(), default=0.0)
        return self.prose_of(key) > 0.05 * most and not self.is_class(key) and not are_licences(self._cells[key])

    def best(self, names: Sequence[str]) -> str:
        """The column with the most prose; among those with nearly as much, the one that bears one of `names`."""
        ranked = self.with_words()
        if not ranked:
            return ""
        most = self.prose_of(ranked[0])
        tied = [key for key in ranked if self.prose_of(key) >= _TIE * most] if most else ranked
        plain = [key for key in tied if not self._all(key, has_tags)]  # the same text often stands beside it as a page
        return named(tied, names) or named(tied, names, by_ending=True) or (plain or ranked)[0]

    def is_class(self, key: str) -> bool:
        """True for few different short values, two at least; small whole numbers may be more."""
        cells = self._cells[key]
        if len(cells) >= 4 and 2 <= len(set(cells)) < len(cells) and all(map(_is_grade, cells)):
            return True
        return (
            len(cells) >= 4
            and 2 <= len(set(cells)) <= max(2, len(cells) / 3)
            and max(map(len, cells)) <= _LONG_LABEL
            and (len(set(cells)) <= _MOST or sum(map(len, map(str.split, cells))) <= _WORDS_OF_A_CLASS * len(cells))
            and not self._all(key, is_date)
            and not self._all(key, is_file_name)
            and (not all(map(is_number, cells)) or all(map(is_whole, cells)) or _are_lists_of_numbers(cells))
        )

    def is_yes_or_no(self, key: str) -> bool:
        """True if there are two values, which mean yes and no."""
        found = {cell.casefold() for cell in self._cells[key]}
        return len(found) > 1 and found <= _YES_AND_NO

    def is_index(self, key: str) -> bool:
        """True for whole numbers, all of them different, under no name or one that says that they count the rows."""
        cells = self._cells[key]
        named_so = key.isdigit() or folded(key) in _INDEXES or key.casefold().startswith("unnamed")
        return named_so and len(set(cells)) == len(cells) == len(self.rows) > 1 and all(map(is_whole, cells))

    def can_be_label(self, key: str) -> bool:
        """True for short values, not all of them different; of scores, few."""
        cells = [label_text(row.get(key)) for row in self.rows]
        cells = [cell for cell in cells if cell]
        if set(cells) <= NO_LABELS:
            return False
        if not cells or max(map(len, cells)) > _LONGEST_LABEL or sum(map(len, cells)) > _LONG_LABEL * len(cells):
            return False
        are_numbers = all(map(is_number, cells))
        if folded(key).rsplit("_", 1)[-1] in SCORES and len(cells) >= 4 and are_numbers:
            return len(set(cells)) < len(cells) and all(map(_is_grade, cells))
        return len(cells) < 20 or len(set(cells)) < len(cells)

    def are_single_words(self, key: str) -> bool:
        """True if no cell of a column has a gap inside."""
        return bool(self._cells[key]) and all(len(cell.split()) == 1 for cell in self._cells[key])

    def share_filled(self, key: str, beside: str) -> float:
        """In which share of the rows with a text in `beside` there is a label in `key`."""
        rows = [row for row in self.rows if cell_text(row, beside).strip()]
        return sum(bool(label_text(row.get(key))) for row in rows) / len(rows) if rows else 0.0

    def are_alike(self, one: str, other: str, ratio: float) -> bool:
        """True if the texts of one column are at most `ratio` times as long as those of the other, and not tiny."""
        lengths = sorted((self._mean_length(one), self._mean_length(other)))
        return lengths[0] >= 4 and lengths[1] <= ratio * lengths[0]

    def is_longer(self, one: str, other: str) -> bool:
        """True if the texts of `one` are longer than those of `other`."""
        return self._mean_length(one) > self._mean_length(other)

    def _mean_length(self, key: str) -> float:
        cells = self._cells[key]
        return sum(map(len, cells)) / len(cells) if cells else 0.0

    def _all(self, key: str, is_so: Any) -> bool:
        cells = self._cells[key]
        return bool(cells) and sum(map(is_so, cells)) > len(cells) / 2
