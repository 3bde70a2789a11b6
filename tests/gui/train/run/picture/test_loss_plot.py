from __future__ import annotations

import time
import xml.dom.minidom
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from llmstudio.core.events import Evaluated, Noted, TrainStep
from llmstudio.core.recipe import Recipe
from llmstudio.core.training.history import History, HistoryWriter, read_history
from llmstudio.core.training.remarks import answers_weighted
from llmstudio.core.training.steps import STEP
from llmstudio.core.training_config import TrainingConfig
from llmstudio.gui.look.theme import series_pen, theme
from llmstudio.gui.shared.plots.column_plot import ColumnPlot
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.shared.plots.turns import SHARE, Turns
from llmstudio.gui.train.run.picture.loss_plot import LossPlot


def steps_of(losses: np.ndarray) -> np.ndarray:
    table = np.zeros(len(losses), STEP)
    table["step"] = np.arange(1, len(losses) + 1)
    table["tokens"] = table["step"] * 64
    table["loss"] = losses
    table["process"] = -1
    return table


def run_of(losses: np.ndarray, looks: dict[int, float] | None = None, name: str = "Tales") -> RunData:
    lowest = min((looks or {}).values(), default=0.0)
    events = [
        Evaluated(step=step, split="val", figures={"loss": loss}, is_best=loss == lowest)
        for step, loss in (looks or {}).items()
    ]
    return RunData.from_history(name, History(steps_of(losses), list(events)))


def falling(count: int, seed: int = 0) -> np.ndarray:
    return 1 + 3 * np.exp(-np.arange(count) / 200) + np.random.default_rng(seed).normal(0, 0.1, count)


@pytest.fixture
def plot(qtbot: QtBot) -> LossPlot:
    made = LossPlot()
    qtbot.addWidget(made)
    made.resize(700, 350)
    made.show()
    return made


def drawn(plot: ColumnPlot, key: str) -> tuple[np.ndarray, np.ndarray]:
    x, y = plot.lines.curves[key].getData()
    return np.asarray(x), np.asarray(y)


def test_that_smoothing_leaves_every_raw_value_in_sight(plot: LossPlot) -> None:
    losses = falling(400).astype(np.float32)
    plot.set_runs(run_of(np.array(losses)))
    for smoothing in (0.0, 0.5, 1.0):
        plot.set_smoothing(smoothing)
        plot.redraw()
        np.testing.assert_array_equal(drawn(plot, "raw")[1], losses)
    assert drawn(plot, "raw")[1][-1] == losses[-1]


def test_that_more_smoothing_is_smoother_and_none_is_the_line_itself(plot: LossPlot) -> None:
    losses = falling(600)
    plot.set_runs(run_of(np.array(losses)))
    bumps = []
    for smoothing in (0.0, 0.5, 1.0):
        plot.set_smoothing(smoothing)
        plot.redraw()
        bumps.append(np.abs(np.diff(drawn(plot, "smooth")[1])).sum())
    assert bumps[0] > bumps[1] > bumps[2]


def test_that_a_replayed_run_draws_the_curves_of_the_living_one(plot: LossPlot, tmp_path: Path) -> None:
    live = RunData("Tales")
    plot.set_runs(live)
    with HistoryWriter(tmp_path) as history:
        for step, loss in enumerate(falling(500), start=1):
            event = TrainStep(
                step=step, loss=float(loss), learning_rate=1e-3, grad_norm=1.0, tokens=step, tokens_per_second=9.0
            )
            history.add(event)
            live.add([event])
            if step % 100 == 0:
                plot.redraw()
    curves = {key: drawn(plot, key) for key in ("raw", "smooth")}
    plot.set_runs(RunData.from_history("Tales", read_history(tmp_path)))
    plot.redraw()
    for key, (x, y) in curves.items():
        np.testing.assert_array_equal(drawn(plot, key)[0], x)
        np.testing.assert_array_equal(drawn(plot, key)[1], y)


def test_that_what_is_forgotten_of_the_earlier_text_is_a_line_with_its_change_and_no_other_run_has_it(
    plot: LossPlot,
) -> None:
    earlier = {0: 2.0, 100: 2.25, 200: 2.5}
    looks = [Evaluated(step=step, split="val", figures={"loss": 3.0, "parent_loss": loss}) for step, loss in earlier.items()]
    plot.set_runs(RunData.from_history("Taught", History(steps_of(np.full(200, 1.5)), list(looks))))
    plot.redraw()
    x, y = drawn(plot, "forgetting")
    assert dict(zip(x, y, strict=True)) == earlier
    assert plot.beside.texts[-1] == "earlier text 2.500 (+0.50)"
    assert "earlier text 2.250 (+0.25)" in plot.readout(150)
    assert "the model forgets" in plot.column.explanation
    plot.set_runs(run_of(np.full(200, 1.5), {100: 2.0}))
    plot.redraw()
    assert "forgetting" not in plot.lines.curves
    assert "forgets" not in plot.column.explanation


def test_that_the_best_look_is_ringed_and_the_last_values_stand_at_the_lines_ends(plot: LossPlot) -> None:
    plot.set_runs(run_of(np.full(300, 1.5), {100: 2.0, 200: 1.625, 300: 1.75}))
    plot.redraw()
    assert plot.best_point == pytest.approx((200, 1.625))
    assert plot.beside.texts == ["training 1.500", "validation 1.750"]
    x, y = drawn(plot, "validation")
    assert list(zip(x, y, strict=True)) == [(100, 2.0), (200, 1.625), (300, 1.75)]


def test_that_overlays_keep_their_own_steps_are_named_and_differ_by_dash(plot: LossPlot) -> None:
    first, second = run_of(falling(200, 1), name="small"), run_of(falling(800, 2), name="long")
    plot.set_runs(run_of(falling(400)), [first, second])
    plot.redraw()
    assert drawn(plot, "overlay 0")[0][-1] == 200
    assert drawn(plot, "overlay 1")[0][-1] == 800
    assert [label.split(" ")[:2] for label in plot.beside.texts[1:]] == [["small", "training"], ["long", "training"]]
    pens = [plot.lines.curves[f"overlay {i}"].opts["pen"] for i in (0, 1)]
    assert pens[0].dashPattern() != pens[1].dashPattern()
    assert pens[0].dashPattern() == series_pen(2).dashPattern()
    assert plot.view.viewRange()[0] == pytest.approx([1, 800], rel=0.01)
    plot.set_runs(plot.run)
    plot.redraw()
    assert "overlay 0" not in plot.lines.curves


def test_that_both_lines_of_an_earlier_run_are_named_and_one_that_does_not_compare_says_why(plot: LossPlot) -> None:
    plot.set_runs(run_of(falling(300)), [run_of(np.full(300, 2.25), {100: 2.5, 200: 2.75}, name="lstm")])
    plot.redraw()
    assert plot.beside.texts[1:] == ["lstm training 2.250", "lstm validation 2.750"]
    plot.set_unlike({"lstm": "tokenizer"})
    plot.redraw()
    assert plot.beside.texts[1:] == ["lstm (other tokenizer) training 2.250", "lstm (other tokenizer) validation 2.750"]


def test_that_the_crosshair_tells_exact_values(plot: LossPlot) -> None:
    losses = falling(300).astype(np.float32)
    plot.set_runs(run_of(losses, {100: 2.5, 200: 2.25}), [run_of(np.full(300, 1.125), name="flat")])
    plot.redraw()
    plot.point_at(150.2)
    assert plot.readout_text.startswith(f"step 150 · training {losses[149]:.3f} (smooth ")
    assert "validation 2.500 (at 100)" in plot.readout_text
    assert "flat training 1.125" in plot.readout_text
    plot.point_at(None)
    assert plot.readout_text == ""


def test_that_arrow_keys_move_the_crosshair_and_tell_others(plot: LossPlot, qtbot: QtBot) -> None:
    plot.set_runs(run_of(falling(101)))
    plot.redraw()
    with qtbot.waitSignal(plot.pointed) as told:
        qtbot.keyClick(plot.canvas, Qt.Key.Key_Home)
    assert told.args == [1.0]
    qtbot.keyClick(plot.canvas, Qt.Key.Key_Right)
    assert plot.readout_text.startswith("step 2 ")


def test_that_a_logarithmic_axis_shows_exponents_and_reads_out_values(plot: LossPlot) -> None:
    plot.set_runs(run_of(np.geomspace(100, 1, 200)))
    plot.set_axes(is_log_y=True, is_log_x=True)
    plot.redraw()
    x, y = drawn(plot, "raw")
    assert (x[0], x[-1]) == pytest.approx((0.0, np.log10(200)))
    assert (y[0], y[-1]) == pytest.approx((2.0, 0.0), abs=1e-6)
    plot.point_at(np.log10(200))
    assert plot.readout_text.startswith("step 200 · training 1.000")


def test_that_the_axis_can_count_tokens(plot: LossPlot) -> None:
    plot.set_runs(run_of(falling(100), {50: 2.0}))
    plot.set_axes(x_column="tokens")
    plot.redraw()
    assert drawn(plot, "raw")[0][-1] == 6400
    assert drawn(plot, "validation")[0].tolist() == [3200]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_that_a_loss_that_is_not_a_number_leaves_a_gap_and_the_rest_in_sight(plot: LossPlot, bad: float) -> None:
    losses = falling(100)
    losses[60:] = bad
    plot.set_runs(run_of(losses, {50: 2.0, 100: bad}))
    for is_log in (False, True):
        plot.set_axes(is_log_y=is_log)
        plot.redraw()
        assert np.isfinite(plot.view.viewRange()).all()
        assert np.isnan(drawn(plot, "raw")[1][60:]).all()
        assert np.isfinite(drawn(plot, "raw")[1][:60]).all()


def test_that_an_empty_run_and_a_single_step_can_be_drawn(plot: LossPlot) -> None:
    plot.set_runs(RunData())
    plot.redraw()
    assert plot.beside.texts == []
    plot.set_runs(run_of(np.array([4.0])))
    plot.redraw()
    assert plot.beside.texts == ["training 4.000"]


def test_that_zooming_stays_where_it_is_while_the_run_grows_and_a_double_click_returns(plot: LossPlot, qtbot: QtBot) -> None:
    run = run_of(falling(200))
    plot.set_runs(run)
    plot.redraw()
    plot.view.setXRange(50, 100, padding=0)
    plot.view.sigRangeChangedManually.emit((True, False))
    plot.redraw()
    run.add([TrainStep(step=201, loss=1.0, learning_rate=1.0, grad_norm=1.0, tokens=1, tokens_per_second=1.0)])
    plot.redraw()
    assert plot.view.viewRange()[0] == pytest.approx([50, 100])
    qtbot.mouseDClick(plot.canvas.viewport(), Qt.MouseButton.LeftButton)
    plot.redraw()
    assert plot.view.viewRange()[0] == pytest.approx([1, 201], rel=0.01)


def test_that_a_hidden_plot_is_not_drawn_and_catches_up_when_shown(plot: LossPlot, qtbot: QtBot) -> None:
    plot.hide()
    plot.set_runs(run_of(np.full(50, 2.0)))
    qtbot.wait(200)
    assert plot.beside.texts == []
    plot.show()
    assert plot.beside.texts == ["training 2.000"]


def test_that_a_flood_of_news_is_drawn_at_most_ten_times_a_second(plot: LossPlot, qtbot: QtBot) -> None:
    plot.set_runs(run_of(falling(100)))
    drawings: list[float] = []
    draw = plot.redraw

    def counted() -> None:
        drawings.append(time.monotonic())
        draw()

    plot.redraw = counted  # type: ignore[method-assign]
    end = time.monotonic() + 20
    while len(drawings) < 3 and time.monotonic() < end:
        plot.refresh()
        qtbot.wait(2)
    assert len(drawings) == 3
    assert min(np.diff(drawings)) >= 0.095


def test_that_plots_which_are_slow_to_draw_are_drawn_less_often(qtbot: QtBot) -> None:
    class Slow(QWidget):
        drawn: ClassVar[list[float]] = []

        def redraw(self) -> None:
            self.drawn.append(time.monotonic())
            time.sleep(0.01)

    turns, slow = Turns(), Slow()
    qtbot.addWidget(slow)
    slow.show()
    end = time.monotonic() + 20
    while len(slow.drawn) < 2 and time.monotonic() < end:
        turns.ask(slow)
        qtbot.wait(2)
    apart = slow.drawn[1] - slow.drawn[0]
    assert apart >= 0.01 / SHARE


def test_that_a_picture_and_a_drawing_can_be_taken(plot: LossPlot) -> None:
    plot.set_runs(run_of(falling(300), {100: 2.0, 300: 1.5}))
    plot.redraw()
    picture = QImage.fromData(plot.exported("png", "Learning curve of “Tales”", "stopped"), "PNG")
    assert picture.width() > 2 * plot.canvas.width()
    assert picture.height() > 2 * plot.canvas.height()
    colors = {picture.pixelColor(x, y).name() for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3)}
    assert series_pen(0).color().name() in colors
    drawing = xml.dom.minidom.parseString(plot.exported("svg", "Learning curve of “Tales”", "stopped")).documentElement
    assert drawing.tagName == "svg"
    assert len(drawing.getElementsByTagName("path")) + len(drawing.getElementsByTagName("polyline")) > 3
    for told in ("validation 1.500", "Learning curve of “Tales”", "stopped", "steps", "Loss, nats a token"):
        assert f">{told}</text>" in drawing.toxml(), told


def test_that_a_logarithmic_axis_says_so_in_the_picture(plot: LossPlot) -> None:
    plot.set_runs(run_of(falling(300)))
    plot.set_axes(x_column="tokens", is_log_x=True, is_log_y=True)
    drawn = plot.exported("svg", "Curve", "").decode()
    assert ">tokens read (logarithmic)</text>" in drawn
    assert ">Loss, nats a token (logarithmic)</text>" in drawn


def test_that_the_drawing_shows_what_the_picture_shows(plot: LossPlot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Axes and curves of one size: every dark spot of the one has its like in the other."""
    # A drawing's reader takes one family.
    monkeypatch.setattr("llmstudio.gui.look.theme._families", lambda: ("DejaVu Sans",))
    plot._dress()
    plot.set_runs(run_of(falling(300), {100: 2.0, 300: 1.5}))
    plot.redraw()
    picture = QImage.fromData(plot.exported("png", "Curve", "a run"), "PNG")
    drawing = QSvgRenderer(plot.exported("svg", "Curve", "a run"))
    assert drawing.isValid()
    beside = QImage(picture.size(), QImage.Format.Format_RGB32)
    painter = QPainter(beside)
    drawing.render(painter)
    painter.end()
    first, second = (coarse(image) for image in (picture, beside))
    assert first.shape == second.shape
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.97


def coarse(image: QImage) -> np.ndarray:
    """How dark each small square of a picture is: letters may be smoothed otherwise, but not stand elsewhere."""
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())[:, : grey.width()]
    side = 8
    whole = rows[: rows.shape[0] // side * side, : rows.shape[1] // side * side].astype(float)
    return 255 - whole.reshape(whole.shape[0] // side, side, -1, side).mean(axis=(1, 3))


def test_that_the_plot_takes_the_colours_in_force(plot: LossPlot) -> None:
    try:
        theme.choose("dark")
        assert plot.canvas.backgroundBrush().color().name() == theme.colors.page
        plot.set_runs(run_of(falling(50)))
        plot.redraw()
        assert plot.lines.curves["smooth"].opts["pen"].color() == series_pen(0).color()
    finally:
        theme.choose("light")


def test_that_a_long_run_is_drawn_with_few_points_and_keeps_its_spike(plot: LossPlot) -> None:
    losses = falling(300_000)
    losses[123_456] = 77.0
    plot.set_runs(run_of(np.array(losses)))
    plot.redraw()
    x, y = drawn(plot, "raw")
    assert len(x) <= 2000
    assert y.max() == 77.0
    began = time.perf_counter()
    for _ in range(5):
        plot.redraw()
    assert (time.perf_counter() - began) / 5 < 0.05


def test_that_an_empty_plot_draws_no_numbers_and_says_what_will_stand_there(plot: LossPlot) -> None:
    plot.set_runs(RunData())
    plot.redraw()
    assert not any(axis.style["showValues"] for axis in (plot._x_axis, plot._y_axis))
    assert plot._awaited.label.isVisible()
    assert "first step" in plot._awaited.label.text()
    assert not plot.beside.axis_name.name
    plot.set_runs(run_of(np.array([3.0, 2.0])))
    plot.redraw()
    assert all(axis.style["showValues"] for axis in (plot._x_axis, plot._y_axis))
    assert not plot._awaited.label.isVisible()
    assert plot.beside.axis_name.name == "steps"


@pytest.mark.parametrize("losses", [[3.0], [3.0, np.nan, 2.0, 1.9]])
def test_that_a_value_without_neighbours_is_a_dot(plot: LossPlot, losses: list[float]) -> None:
    plot.set_smoothing(0.0)
    plot.set_runs(run_of(np.array(losses)))
    plot.redraw()
    assert plot.lines.curves["raw alone"].getData()[1].tolist() == [3.0]
    plot.set_runs(run_of(np.array([3.0, 2.0, 1.0])))
    plot.redraw()
    assert "raw alone" not in plot.lines.curves


@pytest.mark.parametrize("x_column", ["step", "tokens"])
def test_that_the_closing_look_at_earlier_weights_stands_at_their_step(plot: LossPlot, x_column: str) -> None:
    run = run_of(falling(500), {250: 0.76, 475: 0.78})
    run.add([Evaluated(step=500, split="val", figures={"loss": 0.75}, is_whole=True, of_step=250)])
    plot.set_axes(x_column=x_column)
    plot.set_runs(run, [run])
    plot.redraw()
    scale = 64 if x_column == "tokens" else 1
    for key in ("validation", "overlay validation 0"):
        x, y = drawn(plot, key)
        assert x.tolist() == [250 * scale, 475 * scale]
        assert y.tolist() == [0.75, 0.78]
    assert plot.best_point == (250 * scale, 0.75), "the ring is on the curve"
    assert "validation 0.7800" in plot.beside.texts, "the line's end says what stands there"
    assert "validation 0.7800 (at 475)" in plot.readout(500.0 * scale)
    assert "validation 0.7500 (at 250)" in plot.readout(300.0 * scale)


def test_that_labels_have_the_room_of_larger_type_at_once(plot: LossPlot) -> None:
    plot.set_runs(run_of(np.array([4.714])))
    plot.redraw()
    theme.zoom(1.6)
    try:
        assert plot._dirty, "it has not drawn itself anew yet, but may be painted"
        assert plot.beside.ends.maximumWidth() >= plot.beside.ends.width_needed() > 0
    finally:
        theme.zoom(1.0)


def test_that_a_training_loss_which_counts_answers_above_all_is_named_so(plot: LossPlot) -> None:
    plain, weighted = run_of(falling(40), {20: 2.0, 40: 1.5}), run_of(falling(40), {20: 2.0, 40: 1.5}, name="Talks")
    recipe = Recipe(training=TrainingConfig(context_weight=0.1))
    weighted.add([Noted(job="train", message=answers_weighted(recipe))])
    for run, is_weighted in ((plain, False), (weighted, True), (plain, False)):
        plot.set_runs(run)
        plot.redraw()
        named = [plot._title.text(), plot.end_text(1.0), plot.readout(30.0)]
        assert ["answers weighted" in text for text in named] == [is_weighted] * 3
        assert ("no sign of learning by heart" in plot._title.toolTip()) == is_weighted
        assert ("it is learning by heart" in plot._title.toolTip()) != is_weighted


def test_that_a_run_which_says_so_while_it_is_watched_is_named_anew(plot: LossPlot) -> None:
    run = run_of(falling(40))
    plot.set_runs(run)
    plot.redraw()
    run.add([Noted(job="train", message=answers_weighted(Recipe()))])
    plot.redraw()
    assert "answers weighted" in plot._title.text()


@pytest.mark.parametrize(
    ("figures", "unit"), [({}, "token"), ({"accuracy": 0.5, "macro_f1": 0.5}, "text"), ({"tag_accuracy": 0.5}, "word")]
)
def test_that_the_loss_is_counted_in_what_the_task_asks_for(figures: dict[str, float], unit: str, qtbot: QtBot) -> None:
    plot = LossPlot()
    qtbot.addWidget(plot)
    look = Evaluated(step=2, split="val", figures={"loss": 1.0, **figures})
    plot.set_runs(RunData.from_history("Tales", History(steps_of(np.ones(3)), [look])))
    assert plot.column.title == f"Loss, nats a {unit}"
