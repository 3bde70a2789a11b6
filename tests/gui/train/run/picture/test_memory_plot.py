from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from llmstudio.core.training.history import History
from llmstudio.core.training.steps import MEMORY_KINDS, STEP
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.train.forecast.memory_bar import MemoryBar
from llmstudio.gui.train.run.picture.memory_plot import KINDS, MemoryPlot, bands, fullest, peak_bytes

MB = 1_000_000
SIZES = {"base": 300, "weights": 4, "gradients": 4, "optimizer": 8, "activations": 50, "process": 380}


def run_with(every: int = 10, count: int = 100, **more: int) -> RunData:
    table = np.zeros(count, STEP)
    table["step"] = np.arange(1, count + 1)
    for kind in MEMORY_KINDS:
        table[kind] = -1
        if size := (SIZES | more).get(kind):
            table[kind][::every] = size * MB
    return RunData.from_history("run", History(table, []))


@pytest.fixture
def plot(qtbot: QtBot) -> MemoryPlot:
    made = MemoryPlot()
    qtbot.addWidget(made)
    made.resize(700, 300)
    made.show()
    return made


def test_that_the_bands_add_up_to_the_process() -> None:
    run = run_with()
    parts = bands(run, run.memory_rows())
    assert tuple(parts) == KINDS
    assert sum(parts.values()).tolist() == [380 * MB] * 10
    assert parts["other"][0] == 14 * MB


def test_that_each_band_is_stacked_on_those_below(plot: MemoryPlot) -> None:
    plot.set_runs(run_with())
    plot.redraw()
    tops = [float(plot._areas[kind].getData()[1][-1]) / MB for kind in KINDS]
    assert tops == [300, 304, 308, 316, 366, 380]
    assert [label.split(" ")[0] for label in plot.beside.texts] == [
        "program", "weights", "gradients", "optimizer", "activations", "other",
    ]  # fmt: skip
    assert peak_bytes(plot.run) == 380 * MB


def test_that_kinds_there_is_no_room_for_are_counted(plot: MemoryPlot) -> None:
    plot.set_runs(run_with())
    plot.redraw()
    ends = plot.beside.ends
    ends.resize(ends.size().width(), 3.2 * ends._line())
    assert [label.text for label in ends.fitting()] == ["program 300 MB", "activations 50.0 MB", "+4 more"]
    ends.resize(ends.size().width(), 6.2 * ends._line())
    assert len(ends.fitting()) == 6


def test_that_a_near_budget_is_a_line_and_a_far_one_is_said(plot: MemoryPlot) -> None:
    plot.set_runs(run_with())
    plot.set_budget(500 * MB)
    plot.redraw()
    assert plot._budget_line.isVisible()
    assert plot.view.viewRange()[1][1] > 500 * MB
    plot.set_budget(16_000 * MB)
    plot.redraw()
    assert not plot._budget_line.isVisible()
    assert plot.view.viewRange()[1][1] < 500 * MB
    assert plot.readout_text == "380 MB of 16.0 GB, with the program"


def test_that_graphics_memory_is_a_line_of_its_own(plot: MemoryPlot) -> None:
    plot.set_runs(run_with(gpu=700))
    plot.redraw()
    assert "GPU 700 MB" in plot.beside.texts
    assert plot.lines.curves["gpu"].getData()[1][-1] == 700 * MB


def test_that_steps_without_a_measurement_are_left_out(plot: MemoryPlot) -> None:
    plot.set_runs(run_with(every=25))
    plot.redraw()
    assert plot._areas["base"].getData()[0].tolist() == [1, 26, 51, 76]
    plot.point_at(50)
    assert plot.readout_text.startswith("step 51 · program 300 MB · weights 4.00 MB")


def test_that_a_run_without_measurements_says_nothing(plot: MemoryPlot) -> None:
    plot.set_runs(run_with())
    plot.redraw()
    plot.set_runs(RunData())
    plot.redraw()
    assert plot.beside.texts == []
    assert plot.readout_text == ""
    assert peak_bytes(plot.run) == 0


def test_that_a_peak_survives_thinning(plot: MemoryPlot) -> None:
    run = run_with(every=1, count=50_000)
    run.column("process")[33_333] = 900 * MB
    plot.set_runs(run)
    plot.redraw()
    x, y = plot._areas["other"].getData()
    assert len(x) <= 400
    assert y.max() == 900 * MB


def test_that_the_bar_tells_prediction_and_measurement_in_words(qtbot: QtBot) -> None:
    bar = MemoryBar()
    qtbot.addWidget(bar)
    bar.resize(280, 200)
    bar.set_sizes({"weights": 4 * MB, "activations": 90 * MB}, budget=1000 * MB)
    alone = bar.sizeHint().height()
    what = "This is what the run takes beyond what the program held before."
    assert bar.describe() == f"Predicted: weights 4.00 MB, activations 90.0 MB\n{what}\nThis computer has 1.00 GB."
    bar.set_sizes({"weights": 4 * MB, "activations": 90 * MB}, {"weights": 4 * MB, "activations": 60 * MB})
    assert "Measured: weights 4.00 MB, activations 60.0 MB" in bar.accessibleName()
    assert bar.sizeHint().height() > alone
    bar.show()
    assert not bar.grab().isNull()


def test_that_one_measurement_is_a_dot_for_every_band_and_none_is_a_sentence(plot: MemoryPlot) -> None:
    plot.set_runs(run_with(count=1))
    plot.redraw()
    tops = [float(plot.lines.curves[f"{kind} alone"].getData()[1][0]) / MB for kind in KINDS]
    assert tops == [300, 304, 308, 316, 366, 380]
    plot.set_runs(RunData())
    plot.redraw()
    assert "measured" in plot._awaited.label.text()


def test_that_even_the_lowest_plot_has_room_for_the_name_of_every_kind(plot: MemoryPlot, qtbot: QtBot) -> None:
    plot.set_budget(500 * MB)
    plot.set_runs(run_with(gpu=300))
    plot.redraw()
    plot.resize(500, plot.minimumSizeHint().height())
    qtbot.wait(50)
    assert plot.height() < 200
    assert [label.text for label in plot.beside.ends.fitting()] == plot.beside.texts
    assert len(plot.beside.texts) == 8


def test_that_what_was_measured_is_one_moment_beyond_what_was_there_before() -> None:
    table = np.zeros(2, STEP)
    table["step"] = [1, 2]
    for kind in MEMORY_KINDS:
        table[kind] = -1
    for kind, sizes in {"base": (900, 300), "weights": (4, 4), "activations": (50, 90), "process": (1000, 404)}.items():
        table[kind] = np.array(sizes) * MB
    found = fullest(RunData.from_history("run", History(table, [])))
    # 100 MB at step 1 and 104 at step 2; the peaks of the kinds, 4, 90 and 46, never stood together
    assert found == {"weights": 4 * MB, "activations": 90 * MB, "other": 10 * MB}
    assert fullest(RunData()) == {}


def test_that_memory_of_the_whole_process_says_that_the_program_is_in_it(plot: MemoryPlot) -> None:
    assert plot.of_budget(450 * MB) == "450 MB, with the program"
    plot.set_budget(25_300 * MB)
    assert plot.of_budget(450 * MB) == "450 MB of 25.3 GB, with the program"
