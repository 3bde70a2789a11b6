"""How much prose a column holds: texts more than names, dates and what comes again and again."""

from __future__ import annotations

import pytest

from llmstudio.core.corpus.prose import prose

TEXT = "The old mill by the river has not turned for years"


def test_that_a_text_that_comes_again_and_again_counts_for_less_the_more_often_it_comes() -> None:
    figures = [
        prose([f"{TEXT} {'abcdefghijklmnopqrstuvwxyz'[n % kinds]}" for n in range(24)], 24) for kinds in (24, 8, 4, 2, 1)
    ]
    assert figures[0] == figures[1]  # a third of them may be new and no more
    assert figures[2:] == pytest.approx([figures[0] / 2, figures[0] / 4, figures[0] / 8])


def test_that_too_few_rows_say_nothing_of_repetition() -> None:
    assert prose([TEXT] * 3, 3) == prose([TEXT], 1)


def test_that_blank_cells_make_a_column_poorer() -> None:
    assert prose([TEXT], 4) == pytest.approx(prose([TEXT], 1) / 4)
