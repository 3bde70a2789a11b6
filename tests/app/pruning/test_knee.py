from __future__ import annotations

import pytest

from llmstudio.app.pruning.knee import knee


def test_that_the_knee_is_where_a_curve_bends_most():
    shares = [0.0, 0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
    bits = [2.0, 2.0, 2.02, 2.05, 2.1, 2.3, 3.4, 5.0]
    assert shares[knee([*zip(shares, bits, strict=True)]) or 0] == 0.8
    right = [1 - b / 10 for b in bits]  # of a figure of which more is better
    assert knee([*zip(shares, right, strict=True)]) == knee([*zip(shares, bits, strict=True)])


@pytest.mark.parametrize(
    "points",
    [[], [(0, 1), (0.5, 1), (0.9, 2)], [(0, 1), (0.3, 1), (0.6, 1), (0.9, 1)], [(0, 1), (0.3, 4), (0.6, 5), (0.9, 5.5)]],
    ids=["none", "few", "flat", "bent the other way"],
)
def test_that_what_has_no_knee_is_given_none(points):
    assert knee(points) is None


def test_that_a_straight_line_has_none():
    assert knee([(at / 4, 2 * at / 4) for at in range(5)]) is None
