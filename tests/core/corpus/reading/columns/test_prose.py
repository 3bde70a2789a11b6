"""How much prose a column holds: texts more than names, dates and what comes again and again."""

from __future__ import annotations

import pytest

from llmstudio.core.corpus.reading.columns.prose import are_licences, prose

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


@pytest.mark.parametrize(
    "line",
    ["© {n} Anna Berg", "Copyright {n} by the town. All rights reserved.", "CC BY-SA 4.0, attribution: Anna Berg {n}",
     "https://a.org/{n} licensed under CC-BY", "public domain"],
)  # fmt: skip
def test_that_a_column_of_lines_about_rights_is_no_prose(line: str) -> None:
    assert prose([line.format(n=1990 + n) for n in range(20)], 20) == 0


@pytest.mark.parametrize(
    "line",
    [
        "{text}. © The Mill 2024",
        "Is it true that {text}, and is it licensed?",
        "Half price, {text:.7} ©",
        "{text}: copyright!",
    ],
)
def test_that_texts_which_speak_of_rights_are_prose(line: str) -> None:
    cells = [line.format(text=f"{TEXT} or {n}") for n in range(20)]
    assert not are_licences(cells)
    assert prose(cells, 20) > 0


def test_that_one_long_line_about_rights_that_comes_again_is_no_prose() -> None:
    line = "This story of the mill may be copied and changed by all who say whose it was: it is licensed under the GPL."
    assert prose([line] * 19 + [f"{line} Thanks."], 20) == 0
