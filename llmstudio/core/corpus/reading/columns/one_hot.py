"""Labels spread over columns: joy, anger and fear, each yes or no. Where just one is yes in every row, it is the label.

Several may also be yes at once, or none: then a text has several labels. Columns that say something of a row and not of what
is in its text (is_new, verified) are only named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from llmstudio.core.corpus.reading.columns.cells import (
    JOINT,
    Columns,
    Row,
    as_text,
    is_list_text,
    label_text,
    labels_in,
    parts_of,
)
from llmstudio.core.corpus.reading.files.given_parts import part_flag
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import Remedy
from llmstudio.core.words import words

_YES = frozenset(("1", "1.0", "true", "yes", "y", "x"))
_FEWEST_ROWS = 4
_SEVERAL = 3  # columns that may be yes at once: fewer may say anything
_ABOUT = re.compile(
    r"(?:is|has|have|in|was|can|with|num)[-_ A-Z]|id$|.*(?:verified|checked|valid|flag)"
)  # of a row, no class
_SHOWN = 8


def one_hot(columns: Columns, rows: Sequence[Row], keys: Sequence[str], remarks: list[Remark]) -> str:
    """The columns among `keys` whose names are labels where they say yes, joined as a setting names them; or none."""
    flags = [key for key in keys if columns.is_yes_or_no(key) and not part_flag(key)]
    if len(flags) < 2 or len(rows) < _FEWEST_ROWS:
        return ""
    names = ", ".join((*flags[:_SHOWN], *(["…"] if len(flags) > _SHOWN else [])))
    if all(sum(_is_yes(row, key) for key in flags) == 1 for row in rows):
        remarks.append(Remark(words("In each row just one of {names} is yes: its name is the label.", names=names)))
        return JOINT.join(flags)
    if len(flags) < _SEVERAL:
        return ""
    remedies = tuple(
        Remedy("set", words("Take {name} as the label", name=key), "reading.label_key", key) for key in flags[:_SEVERAL]
    )
    if any(map(_ABOUT.match, flags)):
        message = words("{names} say yes or no of each text, several at once or none: they were not read.", names=names)
        remarks.append(Remark(message, "warning", remedies))
        return ""
    message = words("{names} say yes or no of each text: the names of those that say yes are its labels.", names=names)
    remarks.append(Remark(message, "warning", remedies))
    return JOINT.join(flags)


def label_of(row: Row, key: str) -> str | list[str]:
    """The label under a column, or the labels of a list; of several columns, the names of those that are yes."""
    if key in row or JOINT not in key:
        return labels_in(row.get(key)) if is_list_text(row.get(key)) else label_text(row.get(key))
    return [part for part in parts_of(key, row) if _is_yes(row, part)]


def _is_yes(row: Row, key: str) -> bool:
    return as_text(row.get(key)).strip().casefold() in _YES
