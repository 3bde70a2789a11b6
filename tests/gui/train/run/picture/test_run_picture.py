from __future__ import annotations

from pytestqt.qtbot import QtBot

from llmstudio.core.events import TrainStep
from llmstudio.gui.session.session import JobInfo
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.train.run.picture.run_picture import TrainPicture
from llmstudio.gui.window.status_bar import StatusBar


def step(number: int, remaining_s: float) -> TrainStep:
    return TrainStep(
        job="train", step=number, loss=2.0, learning_rate=0.1, grad_norm=1.0, tokens=64 * number, tokens_per_second=100.0,
        remaining_s=remaining_s, seconds=number / 10, total=50,
    )  # fmt: skip


def test_that_the_run_and_the_foot_of_the_window_tell_one_time_left_with_every_bundle(qtbot: QtBot) -> None:
    picture, foot, run = TrainPicture(), StatusBar(), RunData("Tales")
    for widget in (picture, foot):
        qtbot.addWidget(widget)
        widget.resize(1200, 800)
        widget.show()
    foot.show_job(JobInfo("train", "Training “Tales”", "work"))
    picture.set_run(run, total_steps=50)
    for number, left in enumerate((32, 29, 28, 31), 1):
        events = [step(number, left)]
        run.add(events)
        picture.refresh()
        foot.show_events(events)
        assert picture.numbers.left.text.startswith(f"{left} s left")
        assert f"step {number} of 50" in picture.numbers.left.text
        assert foot._left.text() == f"about {left} s left"
