"""What the cells of a column are, told by how they look: so that a row which was cut can be put together again."""

from __future__ import annotations

from collections.abc import Sequence

from llmstudio.core.corpus.reading.columns.numbers import is_number

_CLASSES = 1 / 2  # different values a row, at most, in a column of classes


def columns_of(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The stripped cells of every column; all rows are equally wide."""
    return [[cell.strip() for cell in cells] for cells in zip(*rows, strict=True)]


def are_numbers(cells: Sequence[str]) -> bool:
    """True if every cell that is filled is a number."""
    return all(is_number(cell) for cell in cells if cell)


def are_classes(cells: Sequence[str]) -> bool:
    """True if few values stand again and again."""
    return len(set(cells)) <= _CLASSES * len(cells)


def are_told_apart(columns: Sequence[Sequence[str]], text: int) -> bool:
    """True if every column but that of the text, the one of this number, holds something: numbers, or classes."""
    others = [cells for n, cells in enumerate(columns) if n != text]
    return all(any(cells) and (are_numbers(cells) or are_classes(cells)) for cells in others)
