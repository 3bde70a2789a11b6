from __future__ import annotations

from collections.abc import Iterator

import pytest

from llmstudio.core.corpus.reading.first_rows import first_rows
from llmstudio.core.errors import StudioError


def rows(last: int, *, is_broken: bool) -> Iterator[int]:
    yield from range(last)
    if is_broken:
        raise StudioError("Broken.")


@pytest.mark.parametrize("limit", [0, 3, 5, 9])
def test_that_a_look_at_the_first_rows_loses_none_and_faults_come_where_they_stand(limit: int) -> None:
    first, everything = first_rows(rows(5, is_broken=False), limit)
    assert first == list(range(min(limit, 5)))
    assert list(everything) == [0, 1, 2, 3, 4]
    first, everything = first_rows(rows(5, is_broken=True), limit)
    assert [next(everything) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(StudioError):
        next(everything)
