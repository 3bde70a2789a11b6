"""Which columns of one file hold what those of another do, where they have other names: by their labels, or their place.

In: the first rows of a file, and how another was read. Out: settings of the reading; empty if nothing fits.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from pathlib import Path

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.chats.told import Told
from llmstudio.core.corpus.reading.columns.cells import JOINT, Columns, Row
from llmstudio.core.corpus.reading.columns.columns import keys_of
from llmstudio.core.corpus.reading.columns.names import TEXTS
from llmstudio.core.corpus.reading.columns.one_hot import label_of
from llmstudio.core.corpus.reading.contents import content_format
from llmstudio.core.corpus.reading.encodings.encodings import TextFile
from llmstudio.core.corpus.reading.file_reader import format_of
from llmstudio.core.corpus.reading.files.archives import Entry
from llmstudio.core.corpus.reading.files.sources import entries
from llmstudio.core.corpus.reading.label_spelling import one_spelling
from llmstudio.core.corpus.reading.row_formats import rows_of
from llmstudio.core.corpus.records import FileRead, Skipped
from llmstudio.core.errors import StudioError

_ROWS = 200
_SHARE = 0.5  # of a column's cells that are known labels; others may be misspelled
_WITHOUT_ROWS = ("text", "html", "conll")


def first_rows_of(sources: Sequence[Path], config: ReadingConfig) -> tuple[str, list[Row]]:
    """The name of the first file, and its first rows; none of a file without rows, or one that cannot be read."""
    found = entries(sources)  # kept: what lies in an archive can be opened until it ends
    entry = next((entry for entry in found if isinstance(entry, Entry)), None)
    if entry is None:
        return ", ".join(path.name for path in sources), []
    try:
        with entry.open() as raw:
            file = TextFile(raw, entry.name, config.encoding)
            format, _ = content_format(entry.name, format_of(entry.name, config), file.head_text())
            rows = iter(()) if format in _WITHOUT_ROWS else rows_of(format, file, Told(), [], header=config.header)
            return entry.name, [row for row in itertools.islice(rows, _ROWS) if not isinstance(row, Skipped)]
    except (StudioError, OSError):
        return entry.name, []


def matching_columns(rows: Sequence[Row], pattern: FileRead, labels: Collection[str]) -> dict[str, str]:
    """The columns that hold what those of `pattern` do.

    Texts with labels are known by these; of others, the columns at the same places in a file of equally many.
    """
    keys, roles = keys_of(rows), pattern.taken.roles
    if set(roles) == {"text", "label"}:
        label = next((key for key in keys if _holds(rows, key, labels)), "")
        text = Columns(rows, [key for key in keys if key != label]).best(TEXTS)
        return {"text_key": text, "label_key": label} if label and text else {}
    theirs = [column for joint in roles.values() for column in joint.split(JOINT)]
    if len(keys) != len(pattern.keys) or not set(theirs) <= set(pattern.keys) or not set(roles) <= {"source", "target"}:
        return {}
    place = {column: keys[number] for number, column in enumerate(pattern.keys)}
    return {f"{role}_key": JOINT.join(place[column] for column in joint.split(JOINT)) for role, joint in roles.items()}


def _holds(rows: Sequence[Row], key: str, labels: Collection[str]) -> bool:
    """True if the cells of a column are labels that are known."""
    found = [label_of(row, key) for row in rows]
    cells = [one_spelling(name) for cell in found for name in (cell if isinstance(cell, list) else [cell]) if name]
    known = sum(cell in labels or cell.removesuffix(".0") in labels for cell in cells)
    return bool(cells) and known >= _SHARE * len(cells)
