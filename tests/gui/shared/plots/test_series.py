from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmstudio.gui.shared.plots.series import BLOCK, Series, spread

LOSSES = st.lists(st.floats(-1e6, 1e6, width=32) | st.just(float("nan")), min_size=1, max_size=400)


def filled(values: object) -> Series:
    series = Series(np.float32)
    series.extend(values)
    return series


@settings(max_examples=60, deadline=None)
@given(values=LOSSES, cuts=st.lists(st.integers(0, 400), max_size=4))
def test_that_values_in_pieces_equal_values_at_once(values: list[float], cuts: list[int]) -> None:
    whole, pieces = filled(values), Series(np.float32)
    edges = [0, *sorted(min(cut, len(values)) for cut in cuts), len(values)]
    for start, stop in itertools.pairwise(edges):
        pieces.extend(values[start:stop])
    rows = np.arange(len(values))
    np.testing.assert_array_equal(pieces.values, whole.values)
    np.testing.assert_allclose(pieces.smooth(rows, 9), whole.smooth(rows, 9), rtol=1e-5, atol=1e-3)


@settings(max_examples=60, deadline=None)
@given(values=LOSSES, window=st.integers(1, 50))
def test_that_smoothing_is_the_mean_of_the_finite_neighbours(values: list[float], window: int) -> None:
    series = filled(values)
    smooth = series.smooth(np.arange(len(values)), window)
    for row in range(len(values)):
        half = min(window // 2, row)
        near = np.asarray(values[row - half : row + half + 1], np.float32).astype(np.float64)
        near = near[np.isfinite(near)]
        assert smooth[row] == pytest.approx(near.mean() if len(near) else np.nan, abs=1e-3, rel=1e-6, nan_ok=True)


def test_that_a_window_of_one_leaves_the_values_as_they_are() -> None:
    values = np.random.default_rng(0).normal(size=500).astype(np.float32)
    np.testing.assert_allclose(filled(values).smooth(np.arange(500), 1), values, atol=1e-4)


@pytest.mark.parametrize("count", [10, 5_000, 300_000])
def test_that_few_points_keep_every_peak_and_both_ends(count: int) -> None:
    values = np.random.default_rng(1).normal(size=count).astype(np.float32)
    values[count // 3], values[count // 2] = 40.0, -40.0
    rows, points = filled(values).peaks(0, count, 1000)
    assert len(points) <= 1000
    assert points.max() == 40.0
    assert points.min() == -40.0
    assert (points[0], points[-1]) == (values[0], values[-1])
    assert (rows[0], rows[-1]) == (0, count - 1)
    assert np.all(np.diff(rows) >= 0)


def test_that_a_peak_among_the_very_last_steps_is_kept() -> None:
    values = np.zeros(300_030, np.float32)
    values[-10] = 9.0
    assert filled(values).peaks(0, len(values), 1000)[1].max() == 9.0


def test_that_values_that_are_not_numbers_do_not_hide_their_neighbours() -> None:
    values = np.ones(200_000, np.float32)
    values[::7] = np.nan
    values[100_001] = 5.0
    _, points = filled(values).peaks(0, len(values), 800)
    assert np.nanmax(points) == 5.0
    assert np.isfinite(points[1:-1]).all()


def test_that_cutting_and_growing_again_equals_never_having_grown() -> None:
    values = np.arange(10 * BLOCK, dtype=np.float32)
    series = filled(values)
    series.cut(3 * BLOCK + 5)
    series.extend(values[3 * BLOCK + 5 :] * -1)
    other = filled(np.concatenate([values[: 3 * BLOCK + 5], values[3 * BLOCK + 5 :] * -1]))
    np.testing.assert_array_equal(series.peaks(0, len(series), 100)[1], other.peaks(0, len(other), 100)[1])
    np.testing.assert_array_equal(series._lows.values, other._lows.values)


def test_that_spread_rows_hold_both_ends() -> None:
    rows = spread(5, 100_000, 300)
    assert (rows[0], rows[-1], len(rows)) == (5, 99_999, 300)


def test_that_a_million_steps_are_thinned_within_a_redraw() -> None:
    series = filled(np.random.default_rng(2).normal(size=1_000_000).astype(np.float32))
    began = time.perf_counter()
    for _ in range(10):
        series.peaks(0, len(series))
        series.smooth(spread(0, len(series)), 10_000)
    assert (time.perf_counter() - began) / 10 < 0.02
