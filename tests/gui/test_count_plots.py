from __future__ import annotations

import pytest

from llmstudio.gui.corpus.bar_plot import BarPlot
from llmstudio.gui.look.theme import color, theme
from llmstudio.gui.tokenizer.rank_plot import RankPlot


@pytest.fixture
def bars(qtbot):
    widget = BarPlot(title="Words", unit="times")
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    widget.show()
    return widget


@pytest.fixture
def ranks(qtbot):
    widget = RankPlot()
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    widget.show()
    return widget


def test_that_every_bar_carries_its_name_and_value(bars):
    bars.set_bars(["the", "狐狸"], [1204, 3])
    assert bars.bars() == [("the", 1204), ("狐狸", 3)]
    assert [text for _, text in bars.getAxis("left")._tickLevels[0]] == ["the", "狐狸"]
    assert bars.describe(0).startswith("the: 1,204 times")


@pytest.mark.parametrize("width", [400, 150])
def test_that_the_longest_bar_fits_with_its_number(bars, qtbot, width):
    bars.set_bars(["a", "b"], [10, 62.5])
    bars.resize(width, 300)
    qtbot.wait(20)
    bars.grab()
    assert bars.viewRange()[0][1] > 62.5
    ends = [end.mapRectToScene(end.boundingRect()) for end in bars._ends]
    assert all(end.right() <= bars.plotItem.vb.sceneBoundingRect().right() + 0.5 for end in ends)


def test_that_a_histogram_names_the_interval(bars):
    bars.set_histogram([0, 10, 100], [5, 7])
    assert bars.describe(1).startswith("10 to 100: 7 times")


@pytest.mark.parametrize("values", [[], [0, 0]])
def test_that_nothing_to_count_draws_nothing_and_breaks_nothing(bars, values):
    bars.set_bars([str(v) for v in values], values)
    assert not bars.grab().isNull()


def test_that_ranks_go_from_the_most_frequent_down_without_the_unseen(ranks):
    ranks.set_counts(["a", "b", "c", "d"], [3, 0, 9, 1])
    assert ranks.ranked() == [("c", 9), ("a", 3), ("d", 1)]
    assert ranks.describe(1) == "rank 1: “c”, 9 times"


def test_that_a_vocabulary_nobody_used_leaves_an_empty_plot(ranks):
    ranks.set_counts(["a"], [5])
    ranks.set_counts(["a", "b"], [0, 0])
    assert ranks.ranked() == []
    assert not ranks.grab().isNull()


def test_that_plots_follow_the_theme(bars, qapp):
    bars.set_bars(["a"], [1])
    theme.start(qapp, wish="light")
    light = bars.getAxis("left").textPen().color().name()
    theme.choose("dark")
    dark = bars.getAxis("left").textPen().color().name()
    assert dark == color("text").name() != light
    theme.choose("light")


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (100, "100 %"),
        (99.96, "over 99 %"),
        (99, "99 %"),
        (3.9, "4 %"),
        (1, "1 %"),
        (0.4, "under 1 %"),
        (0.99, "under 1 %"),
        (0, "0 %"),
    ],
)
def test_that_a_share_is_a_whole_percent_and_never_rounded_to_nothing_or_all(qtbot, share, said):
    plot = BarPlot(title="Languages", unit="of the text", in_percent=True)
    qtbot.addWidget(plot)
    plot.set_bars(["Greek"], [share])
    assert plot.accessibleDescription().replace("\u00a0", " ") == f"Greek {said}"
    assert plot.describe(0).replace("\u00a0", " ") == f"Greek: {said} of the text"
