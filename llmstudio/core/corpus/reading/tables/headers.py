"""Whether the first row of a table names its columns.

In: the first rows as cells. A usual name tells, or a first row that is short, or ends without a full stop, unlike all below.
"""

from __future__ import annotations

from collections.abc import Sequence

from llmstudio.core.corpus.reading.columns.names import LANGUAGES, folded
from llmstudio.core.corpus.reading.columns.numbers import is_number
from llmstudio.core.corpus.reading.tables.dialects import is_name
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import Remedy
from llmstudio.core.words import words

_LONGEST_NAME = 40
_ENDS = (".", "!", "?", "…", "。", "！", "？", "।", "؟", '"', "»", "”")
_FEWEST, _SENTENCES = 3, 0.8
_LISTED = frozenset((
    "name", "names", "first_name", "last_name", "firstname", "surname", "domain", "domains", "word", "words", "url", "urls",
    "city", "country", "email", "username", "password", "keyword", "keywords", "term", "token", "hashtag", "place", "title",
))  # fmt: skip
_CAPITALS = 5  # rows that begin with capitals in every cell: fewer may by chance
_SHOWN = 3  # names quoted


def has_usual_name(rows: Sequence[Sequence[str]]) -> bool:
    """True if a cell of the first row is a column's usual name, and does not come again below."""
    first, below = _columns(rows)
    return any(is_name(cell) and len(cell) > 1 and cell not in below[n] for n, cell in enumerate(first))


def is_header(rows: Sequence[Sequence[str]], header: str = "", said: list[Remark] | None = None) -> bool:
    """True if the first row names the columns: by known names, or by being short and unlike what stands below it.

    Args:
        rows: The first rows of the table.
        header: "yes" or "no" if a person chose; empty to find out.
        said: Takes what a person should check.
    """
    if header:
        return header == "yes"
    if has_usual_name(rows) or _names_languages(rows[0]) or _heads_list(rows):
        return True
    said = said if said is not None else []
    first, below = _columns(rows)
    named = [cell for cell in first if cell]
    if len(rows) < _FEWEST or len(set(named)) < len(named) or not named or any(len(cell) > _LONGEST_NAME for cell in named):
        return False
    if any(is_number(cell) for cell in named) or "" in first[1:]:  # an index has no name
        return False
    if any(
        first[n] and cells and (all(map(is_number, cells)) or sum(map(len, cells)) / len(cells) >= 3 * len(first[n]))
        for n, cells in enumerate(below)
    ):
        return True
    if len(first) < 2 or any(cell.endswith(_ENDS) for cell in named):
        return False
    if any(cell and cell in below[n] for n, cell in enumerate(first)):
        return False  # a class that comes again
    names = ", ".join(named[:_SHOWN])
    if (
        all(map(str.islower, named))
        and len(rows) > _CAPITALS
        and all(cell[:1].isupper() for cells in below for cell in cells)
    ):
        remedy = Remedy("set", words("Read it as a row"), "reading.header", "no")
        message = words("The first row was taken for the columns' names, as all others have capitals: {names}.", names=names)
        said.append(Remark(message, "info", (remedy,)))
        return True
    if all(cells and sum(cell.endswith(_ENDS) for cell in cells) >= _SENTENCES * len(cells) for cells in below):
        remedy = Remedy("set", words("Read it as a row"), "reading.header", "no")
        message = words("The first row was taken for the columns' names, as it holds no sentences: {names}.", names=names)
        said.append(Remark(message, "warning", (remedy,)))
        return True
    remedy = Remedy("set", words("It names the columns"), "reading.header", "yes")
    said.append(Remark(words("The first row was read like the others: {names}.", names=names), remedies=(remedy,)))
    return False


def _names_languages(cells: Sequence[str]) -> bool:
    """True if all cells, two at least, begin with the name of a language: "English words", "French words"."""
    named = [cell.split(maxsplit=1)[0].casefold() for cell in cells if cell.strip()]
    are_names = all(name in LANGUAGES and (len(name) > 4 or not name.isascii()) for name in named)  # no codes: it, no
    return len(named) > 1 and are_names


def _heads_list(rows: Sequence[Sequence[str]]) -> bool:
    """True if all that stands in the first row says what the single words below it are: names, words, addresses."""
    first, _ = _columns(rows)
    is_named = len(first) == 1 and folded(first[0]) in _LISTED
    return is_named and len(rows) >= _FEWEST and rows[0] not in rows[1:]


def _columns(rows: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """The cells of the first row, and for each the cells below it in rows that differ from the first."""
    num_columns = max((n for row in rows for n, cell in enumerate(row, 1) if cell.strip()), default=0)
    first = [cell.strip() for cell in rows[0][:num_columns]]
    return first, [[row[n].strip() for row in rows[1:] if n < len(row) and row != rows[0]] for n in range(len(first))]
