"""Columns of marks: who speaks, of which type something is, how it is numbered. Nobody reads them for their own sake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmstudio.core.corpus.reading.chats.roles import role_of
from llmstudio.core.corpus.reading.columns.cells import Row
from llmstudio.core.corpus.reading.columns.names import folded

_MARKS = frozenset((
    "id", "ids", "uuid", "guid", "uid", "type", "types", "kind", "role", "roles", "object", "status", "state", "part",
    "hash", "timestamp", "created_at", "updated_at",
))  # fmt: skip


def is_mark(rows: Sequence[Row], key: str) -> bool:
    """True if the cells of a column are words for who speaks, or single words under the name of a number or a type."""
    cells: list[Any] = [cell for row in rows if (cell := row.get(key)) not in (None, "")]
    if not cells or not all(isinstance(cell, str) for cell in cells):
        return False
    last = folded(key.rsplit(".", 1)[-1]).rsplit("_", 1)[-1]
    return all(map(role_of, cells)) or (last in _MARKS and not any(cell.strip().count(" ") for cell in cells))
