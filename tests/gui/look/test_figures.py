from __future__ import annotations

import itertools

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from llmstudio.core.words import plain_number, words
from llmstudio.gui.corpus.bar_plot import BarPlot
from llmstudio.gui.forms.number_boxes import ShortNumbers
from llmstudio.gui.look.figures import (
    bytes_text,
    count_text,
    duration_text,
    rounded,
    share_text,
    spent_text,
    tick_text,
    value_text,
    weights_text,
)
from llmstudio.gui.shared.plots.curve_plot import Curve, CurvePlot
from llmstudio.gui.shared.plots.end_labels import EndLabel
from llmstudio.gui.shared.plots.quiet_axis import MAX_TICKS, QuietAxis, ticks
from llmstudio.gui.train.modes.race.plot import RacePlot, runner_pen
from llmstudio.gui.train.run.picture.differences import _spell


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (40, "40 s"), (100, "1 min 40 s"), (121, "2 min"), (1500, "25 min"), (11_400, "3 h 10 min"),
     (7200, "2 h"), (187_200, "2 days 4 h")],
)  # fmt: skip
def test_that_a_length_of_time_is_said_as_people_say_it(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (40, "40 s"), (132.3, "2 min 12 s"), (120.2, "2 min"), (1503, "25 min 3 s"), (3599.8, "1 h"),
     (11_412, "3 h 10 min")],
)  # fmt: skip
def test_that_what_is_over_is_told_to_the_second(seconds: float, text: str) -> None:
    assert spent_text(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(950, "950"), (18_200, "18,200"), (805_000, "0.81 M"), (12_400_000, "12.4 M"), (1.2e9, "1.20 B")]
)
def test_that_a_count_has_three_figures(count: float, text: str) -> None:
    assert count_text(count) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(125_121, "0.13 M"), (76_480, "0.076 M"), (6_200, "0.0062 M"), (1_234_000, "1.23 M"), (12_400_000, "12.4 M"),
     (950, "950"), (1.2e9, "1.20 B")],
)  # fmt: skip
def test_that_weights_of_models_that_are_compared_are_in_one_unit(count: int, text: str) -> None:
    assert weights_text(count) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0 %"), (0.002, "under 1 %"), (0.5, "50 %"), (0.996, "over 99 %"), (1, "100 %")]
)
def test_that_a_share_is_nothing_or_all_only_where_that_is_true(share: float, text: str) -> None:
    assert share_text(share).replace("\u00a0", " ") == text


@pytest.mark.parametrize(("size", "text"), [(12, "12 bytes"), (84e6, "84.0 MB"), (999_999, "1.00 MB"), (6.2e9, "6.20 GB")])
def test_that_bytes_wear_the_unit_that_fits(size: float, text: str) -> None:
    assert bytes_text(size) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.5321, "1.532"), (0, "0"), (15.32, "15.32"), (18_240.4, "18,240"), (0.25, "0.2500"), (3.14e-5, "3.14e-5"),
     (float("nan"), "not a number"), (float("inf"), "∞"), (float("-inf"), "−∞")],
)  # fmt: skip
def test_that_a_value_has_four_figures(value: float, text: str) -> None:
    assert value_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.002, "0.002"), (1500, "1,500"), (20_000, "20 k"), (2.5e6, "2.5 M"), (0, "0")]
)
def test_that_a_tick_is_short(value: float, text: str) -> None:
    assert tick_text(value) == text


@pytest.mark.parametrize(("low", "high"), [(0, 1), (1.18, 5.9), (0, 1e6), (1e-5, 3e-3), (-2, 2), (4.0, 4.0001)])
def test_that_ticks_are_few_round_and_within(low: float, high: float) -> None:
    found = ticks(low, high)
    assert 2 <= len(found) <= MAX_TICKS
    assert all(low - 1e-9 <= value <= high + 1e-9 for value in found)


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.7), (0, 3), (-5, 5), (0.05, 0.12)])
def test_that_ticks_of_a_logarithmic_axis_are_round_numbers_too(low: float, high: float) -> None:
    found = [10**value for value in ticks(low, high, is_log=True)]
    assert 2 <= len(found) <= MAX_TICKS
    assert all(10**low * 0.999 <= value <= 10**high * 1.001 for value in found)


def test_that_nonsense_has_no_ticks() -> None:
    assert ticks(float("nan"), 1) == []
    assert ticks(3, 3) == []


def test_that_an_axis_of_steps_has_no_halves(qapp):
    axis = QuietAxis("bottom")
    axis.is_whole = True
    assert axis.tickValues(1.0, 3.0, 600)[0][1] == [1.0, 2.0, 3.0]


def test_that_a_rounded_number_is_never_a_power_of_ten() -> None:
    numbers = (0, 0.00001234, 0.5, 1.5, 9.99, 13.4, 132.0, 12_345.0)
    assert [rounded(n) for n in numbers] == ["0", "0.000012", "0.5", "1.5", "10", "13", "130", "12,000"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1000.0, "1,000"),
        (12_345.678, "12,346"),
        (9999.96, "10,000"),
        (0.003, "0.003"),
        (1e-6, "1e-6"),
        (2.5, "2.5"),
        (0.0, "0"),
    ],
)
def test_that_a_large_number_is_never_written_as_a_power_of_ten(value: float, text: str, qtbot: QtBot) -> None:
    assert plain_number(value) == text
    box = ShortNumbers(0.0, 1e6)
    qtbot.addWidget(box)
    assert "e" not in box.textFromValue(max(value, 1e-4))
    assert box.valueFromText(box.textFromValue(value)) == pytest.approx(value, rel=1e-3)
    assert "e+" not in _spell("training.grad_clip", None, value * 1e5)
    assert "e+" not in str(words("{n:g}", n=value * 1e5))
    bars = BarPlot(title="bars", unit="words")
    qtbot.addWidget(bars)
    bars.set_bars(["long"], [value + 1000.5])
    assert "e+" not in bars.describe(0)
    curve = CurvePlot("curve", x_title="x", y_title="y")
    qtbot.addWidget(curve)
    curve.set_curves([Curve("one", np.array([value * 1e3]), np.array([1.0]))])
    assert "e+" not in curve.readout(value * 1e3)


def test_that_every_runner_of_a_race_is_named_however_low_the_plot_is(qtbot: QtBot) -> None:
    plot = RacePlot()
    qtbot.addWidget(plot)
    plot.resize(500, plot.minimumSizeHint().height())
    plot.show()
    names = [f"runner {n}" for n in range(7)]  # six and the yardstick
    plot.beside.show([EndLabel(name, 1 + n / 100, runner_pen(n)) for n, name in enumerate(names)])
    qtbot.wait(20)
    assert [label.text for label in plot.beside.ends.fitting()] == names
    places = sorted(plot.beside.ends.places(plot.beside.ends.fitting()))
    assert min(after - before for before, after in itertools.pairwise(places)) > 7
