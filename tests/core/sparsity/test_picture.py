from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmstudio.core.sparsity.picture import BINS, TALLEST, WIDEST, picture_of


@settings(deadline=None, max_examples=25)
@given(rows=st.integers(1, 300), width=st.integers(1, 300), share=st.floats(0, 1), seed=st.integers(0, 99))
def test_that_the_mean_is_the_share_of_zeros_and_every_row_is_counted_once(rows, width, share, seed):
    gone = np.random.default_rng(seed).random((rows, width)) < share
    found = picture_of("m", gone)
    assert found.cells.shape == (min(rows, TALLEST), min(width, WIDEST))
    assert found.cells.mean() == pytest.approx(gone.mean(), abs=1e-5)
    assert found.cells.min() >= 0
    assert found.cells.max() <= 1 + 1e-5
    assert found.rows_by_share.sum() == rows
    assert found.zeros == gone.sum()


def test_that_a_small_matrix_is_shown_place_by_place():
    gone = np.array([[True, False, True], [False, False, False]])
    found = picture_of("m", gone)
    assert np.array_equal(found.cells, gone)
    assert (found.rows, found.width, found.zeros, found.share) == (2, 3, 2, 2 / 6)


def test_that_a_dead_row_and_a_dead_column_are_told_and_seen_where_they_are():
    gone = np.zeros((2 * TALLEST, 2 * WIDEST), dtype=bool)
    gone[10:12] = True
    gone[:, 40:42] = True
    found = picture_of("m", gone)
    assert (found.empty_rows, found.empty_columns) == (2, 2)
    assert np.all(found.cells[5] == 1)
    assert np.all(found.cells[:, 20] == 1)
    assert found.cells[0, 0] == 0
    assert found.rows_by_share[-1] == 2
    assert found.rows_by_share[0] == 2 * TALLEST - 2
    assert len(found.rows_by_share) == BINS
