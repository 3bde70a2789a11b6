"""Labels spread over columns: joy, anger and fear, each yes or no. Where just one is yes in every row, it is the label.

Several may also be yes at once, or none; then no class can be told, and the columns are only named.
"""

from __future__ import annotations

from collections.abc import Sequence

from llmstudio.core.corpus.reading.columns.cells import JOINT, Columns, Row, as_text, label_text, parts_of
from llmstudio.core.corpus.reading.files.given_parts import part_flag
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import Remedy
from llmstudio.core.words import words

_YES = frozenset(("1", "1.0", "true", "yes", "y", "x"))
_FEWEST_ROWS = 4
_SEVERAL = 3  # columns that are named though none is taken: a single yes or no may say anything
_SHOWN = 8


def one_hot(columns: Columns, rows: Sequence[Row], keys: Sequence[str], remarks: list[Remark]) -> str:
    """The columns among `keys` of which one is yes in each row, joined as a setting names them; empty if there are none."""
    flags = [key for key in keys if columns.is_yes_or_no(key) and not part_flag(key)]
    if len(flags) < 2 or len(rows) < _FEWEST_ROWS:
        return ""
    names = ", ".join((*flags[:_SHOWN], *(["…"] if len(flags) > _SHOWN else [])))
    if all(sum(_is_yes(row, key) for key in flags) == 1 for row in rows):
        remarks.append(Remark(words("In each row just one of {names} is yes: its name is the label.", names=names)))
        return JOINT.join(flags)
    if len(flags) >= _SEVERAL:
        message = words("{names} say yes or no of each text, several at once or none: they were not read.", names=names)
        remedies = tuple(
            Remedy("set", words("Take {name} as the label", name=key), "reading.label_key", key) for key in flags[:_SEVERAL]
        )
        remarks.append(Remark(message, "warning", remedies))
    return ""


def label_of(row: Row, key: str) -> str:
    """The label under a column; of several, the names of those that are yes."""
    if key in row or JOINT not in key:
        return label_text(row.get(key))
    return ", ".join(part for part in parts_of(key, row) if _is_yes(row, part))


def _is_yes(row: Row, key: str) -> bool:
    return as_text(row.get(key)).strip().casefold() in _YES
