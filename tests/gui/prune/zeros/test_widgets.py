from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.gui.prune.pages.share_dial import ShareDial
from llmstudio.gui.prune.pages.side_by_side import Side, SideBySide
from llmstudio.gui.prune.zeros.layer_bars import Bar, LayerBars, bar_of, name_that_fits, part_label, part_words
from llmstudio.gui.prune.zeros.size_bars import SizeBars
from llmstudio.gui.prune.zeros.sparsity_plot import AXES, Point, SparsityPlot
from llmstudio.gui.prune.zeros.view import way_text
from llmstudio.gui.shared.readouts.figure_row import Figure


def test_that_the_dial_says_every_per_cent_once_and_nothing_when_it_is_told(qtbot: QtBot) -> None:
    dial = ShareDial("of the weights", "Sparsity", most=99)
    qtbot.addWidget(dial)
    heard: list[float] = []
    dial.changed.connect(heard.append)
    dial.set_share(0.7)
    assert heard == []
    dial.slider.setValue(80)
    assert heard == [0.8]
    assert dial.text.startswith("80\u00a0%")


@pytest.mark.parametrize(("parameter", "group", "name"), [
    ("blocks.0.attention.qkv.weight", "Layer 1", "attention QKV"),
    ("blocks.11.feed_forward.down.weight", "Layer 12", "feed forward down"),
    ("embed.weight", "embed", "embed"),
])  # fmt: skip
def test_that_a_parameter_gets_a_name_for_people(parameter: str, group: str, name: str) -> None:
    bar = bar_of(parameter, 10, 5, is_prunable=True, words={"qkv": "QKV"}, layer="Layer {n}")
    assert (bar.group, bar.name, bar.share) == (group, name, 0.5)


def test_that_a_layer_without_room_for_its_name_has_its_number(qtbot: QtBot) -> None:
    metrics = QFontMetrics(QApplication.font())
    room = metrics.horizontalAdvance("Layer 4")
    assert name_that_fits("Layer 4", metrics, room + 2) == "Layer 4"
    assert name_that_fits("Layer 4", metrics, room - 2) == "4"
    assert metrics.horizontalAdvance(name_that_fits("Tokens", metrics, room // 2)) <= room // 2


def test_that_a_bar_without_a_layer_is_called_after_what_it_does() -> None:
    names = part_words()
    bars = [bar_of(f"{part}.weight", 10, 5, is_prunable=True, words=names, layer="") for part in ("project", "to_latent")]
    assert [bar.group for bar in bars] == ["To the head", "To the latent space"]


@pytest.mark.parametrize(("key", "label"), [
    ("1", ("Layer 1", "")),
    ("12.feed_forward", ("Layer 12", "feed-forward")),
    ("encoder.2.attention", ("Reading half, Layer 2", "attention")),
    ("project", ("To the head", "")),
])  # fmt: skip
def test_that_a_part_of_a_layer_is_called_after_both(key: str, label: tuple[str, str]) -> None:
    assert part_label(key) == label


def test_that_shares_by_layer_have_a_curve_of_their_own() -> None:
    names = [
        way_text(PruningConfig(**settings))
        for settings in ({}, {"scope": "layer"}, {"layer_shares": "1=0.5"}, {"layer_shares": "1=0.5", "pattern": "2:4"})
    ]
    assert len({*names}) == 4


def test_that_a_press_on_a_bar_tells_which_it_was(qtbot: QtBot) -> None:
    bars = LayerBars()
    qtbot.addWidget(bars)
    bars.resize(400, 120)
    bars.set_bars([Bar("Layer 1", "a", 9, 3), Bar("Layer 1", "b", 9, 3), Bar("Layer 2", "a", 9, 3)])
    heard: list[int] = []
    bars.pressed.connect(heard.append)
    for place in bars.places():
        qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=place.center().toPoint())
    assert heard == [0, 1, 2]


@pytest.mark.parametrize("width", [160, 400, 1200])
@pytest.mark.parametrize("num_layers", [1, 4, 48])
def test_that_bars_stand_beside_each_other_within_the_picture(qtbot: QtBot, width: int, num_layers: int) -> None:
    bars = LayerBars()
    qtbot.addWidget(bars)
    bars.resize(width, 120)
    layers = [Bar(f"Layer {i // 4}", "m", 9, 3) for i in range(4 * num_layers)]
    bars.set_bars([Bar("Tokens", "table", 100, 0, False), *layers])
    places = bars.places()
    assert len(places) == 4 * num_layers + 1
    assert all(a.right() <= b.left() + 1e-6 for a, b in itertools.pairwise(places))
    assert places[-1].right() <= width + 1e-6
    assert "33.3% of 9 weights are zero" in bars.describe(bars.bars[1])
    bars.grab()


def test_that_sizes_and_sides_say_what_they_were_given(qtbot: QtBot) -> None:
    sizes, sides = SizeBars(), SideBySide()
    for widget in (sizes, sides):
        qtbot.addWidget(widget)
    assert sizes.text == ""
    sizes.set_bytes(3_200_000, 900_000)
    assert sizes.text == "3.20 MB → 900 kB"
    sizes.set_bytes(3_200_000, 900_000, 890_000)
    assert sizes.text == "3.20 MB → 900 kB, 1.01 times the limit"
    before = Side("Tales", (Figure("1.53", "bits per byte"),), "The fox", "went <home>")
    sides.set_sides(before, Side("70 % gone", (Figure("1.61", "bits per byte"),), remark="counted"))
    assert sides.words == ("Tales\n1.53 bits per byte\nThe fox\nwent <home>", "70 % gone\n1.61 bits per byte\ncounted")


def test_that_a_saved_point_can_be_pressed_and_a_look_cannot(qtbot: QtBot) -> None:
    plot = SparsityPlot()
    qtbot.addWidget(plot)
    plot.resize(600, 300)
    plot.show()
    saved, look = Point(0.5, 1.2, "half"), Point(0.8, 1.6, "tried", is_look=True)
    plot.set_series({"magnitude": [Point(0.0, 1.0, "Tales"), look, saved]})
    assert [p.name for p in plot.series["magnitude"]] == ["Tales", "half", "tried"]
    qtbot.wait(20)

    class Press:
        def __init__(self, point: Point) -> None:
            from PySide6.QtCore import QPointF

            self._place = plot.plotItem.vb.mapViewToScene(QPointF(point.sparsity, point.value))

        def scenePos(self) -> object:
            return self._place

    picked: list[str] = []
    plot.picked.connect(picked.append)
    plot._press(Press(look))
    plot._press(Press(saved))
    assert picked == ["half"]
    assert "a look at a part" in plot.describe(look)


@pytest.mark.parametrize(("after", "least", "most"), [(3.844, 0.01, 0.05), (7.6, 0.6, 0.8)])
def test_that_a_small_cost_of_pruning_looks_small(qtbot: QtBot, after: float, least: float, most: float) -> None:
    plot = SparsityPlot()
    qtbot.addWidget(plot)
    plot.set_series({"smallest first": [Point(0.0, 3.824, "Tales"), Point(0.5, after, "half")]})
    plot.draw()
    low, high = plot.plotItem.vb.viewRange()[1]
    assert low < 3.824 < after < high
    assert least < (after - 3.824) / (high - low) < most


def test_that_the_knee_of_a_curve_is_told_and_a_ruined_model_does_not_press_the_others_flat(qtbot: QtBot) -> None:
    plot = SparsityPlot()
    qtbot.addWidget(plot)
    figures = zip([0.0, 0.25, 0.5, 0.7, 0.8, 0.9], [2.0, 2.0, 2.05, 2.2, 3.0, 40.0], strict=True)
    points = [Point(share, bits, f"{share:.0%}") for share, bits in figures]
    plot.set_series({"smallest first": points})
    told = [plot.describe(point) for point in points]
    assert [text.endswith("the knee") for text in told] == [False, False, False, False, True, False]
    assert plot.plotItem.vb.viewRange()[1][1] < 10


def test_that_points_lie_by_share_bytes_or_pace_and_what_was_not_measured_is_left_out(qtbot: QtBot) -> None:
    plot = SparsityPlot()
    qtbot.addWidget(plot)
    plot.set_series(
        {
            "smallest first": [
                Point(0.0, 2.0, "Whole", num_bytes=4e6, pace=900.0),
                Point(0.5, 2.1, "Half", num_bytes=2e6),
                Point(0.9, 2.4, "tried", True, 5e5, 2_000.0),
            ]
        }
    )
    expected = {"share": [0.0, 0.5, 0.9], "bytes": [4e6, 2e6, 5e5], "pace": [900.0, 2_000.0]}
    for axis in AXES:
        plot.set_axis(axis)
        plot.draw()
        line = plot.listDataItems()[0]
        assert line.xData.tolist() == expected[axis]
        assert plot.plotItem.vb.viewRange()[0][1] >= max(expected[axis])
        assert plot._mark.isVisible() == (axis == "share")
    assert plot.getAxis("bottom").labelText == "tokens a second, written one after the other"


def test_that_a_way_keeps_its_colour_whatever_else_is_drawn(qtbot: QtBot) -> None:
    plot = SparsityPlot(["smallest first", "Wanda"])
    qtbot.addWidget(plot)
    points = [Point(0.0, 2.0, "M"), Point(0.5, 2.1, "half")]

    def shades(*names: str) -> dict[str, str]:
        plot.set_series(dict.fromkeys(names, points))
        plot.draw()
        return {label.text.rpartition(" ")[0]: label.pen.color().name() for label in plot._ends.labels}

    both, alone = shades("another", "smallest first", "Wanda"), shades("Wanda")
    assert both["Wanda"] == alone["Wanda"]
    assert len(set(both.values())) == 3
