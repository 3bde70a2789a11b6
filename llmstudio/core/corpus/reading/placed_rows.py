"""Rows that know the line they begin in, so that what is said of one names a place that an editor finds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmstudio.core.corpus.reading.columns.cells import Row


class PlacedRow(dict[str, Any]):
    """A row of a file with lines. With a header, blank lines and line ends in cells its number is another one.

    Attributes:
        line: The line it begins in; the first one is 1.
    """

    def __init__(self, row: Mapping[str, Any], line: int) -> None:
        """A copy of `row` from `line`."""
        super().__init__(row)
        self.line = line


def line_of(row: Row) -> int:
    """The line a row begins in; 0 if it is not known, as of one that was put together from several."""
    return row.line if isinstance(row, PlacedRow) else 0
