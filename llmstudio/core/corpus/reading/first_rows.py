"""A look at the first rows of a stream, which is then read from its beginning as if nobody had looked."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TypeVar

from llmstudio.core.errors import StudioError

T = TypeVar("T")


def first_rows(rows: Iterator[T], limit: int) -> tuple[list[T], Iterator[T]]:
    """At most `limit` of the first rows, and all rows. A fault behind the first ones comes where it stands, not before."""
    first: list[T] = []
    try:
        first.extend(itertools.islice(rows, limit))
    except StudioError as error:
        return first, _broken_off(first, error)
    return first, itertools.chain(first, rows)


def _broken_off(first: list[T], error: StudioError) -> Iterator[T]:
    yield from first
    raise error
