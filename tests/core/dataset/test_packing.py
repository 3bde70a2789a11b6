"""Packed rows hold every document once and no more than fits."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.dataset.packing import pack


@given(st.lists(st.integers(1, 30), min_size=1, max_size=60))
def test_that_each_document_lies_in_one_row_that_has_room_for_it(lengths):
    rows = pack(np.array(lengths), 30)
    assert sorted(np.concatenate(rows).tolist()) == list(range(len(lengths)))
    assert all(1 <= sum(lengths[document] for document in row) <= 30 for row in rows)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=60))
def test_that_no_two_rows_could_be_one(lengths):
    filled = sorted(sum(lengths[document] for document in row) for row in pack(np.array(lengths), 30))
    assert len(filled) == 1 or filled[0] + filled[1] > 30


def test_that_what_fits_exactly_is_put_together():
    rows = pack(np.array([3, 7, 5, 2, 5, 8]), 10)
    assert sorted(sorted(row.tolist()) for row in rows) == [[0, 1], [2, 4], [3, 5]]
