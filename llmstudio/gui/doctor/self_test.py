"""The window's self-test: open the real window, press Train, and measure how soon it is there and how smooth it stays.

Where there is no screen it opens off the screen. Everything it makes lies in a folder of its own that is removed at the end.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmstudio.app.computer.engine import is_loaded
from llmstudio.app.presets.by_name import preset
from llmstudio.core.corpus.config import SAMPLE, CorpusConfig
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Failed, Finished, Progress, Started, TrainStep
from llmstudio.core.words import words
from llmstudio.gui.doctor.headless_run import HeadlessRun, Moment, Turn, pace

if TYPE_CHECKING:
    from llmstudio.gui.window.main_window import MainWindow

_JOB = "doctor"
PRESET = "shakespeare_char"
SECONDS = 60.0
_SAMPLE = "tales"
_NUM_DOCUMENTS = 2200  # about a megabyte, which is what the preset is made for
_IDLE_S = 3.0
_SETTLE_S = 0.5  # a person looks before they press
_PATIENCE_S = 300.0
_TURN_S = 1.0
_HOLD_S = 0.25  # a step ends within it
_WARM_STEPS = 10
_ENDLESS = 10**6  # steps


def run(arguments: argparse.Namespace) -> Iterator[Event]:
    """The self-test as a job of the command line."""
    return examine(seconds=float(getattr(arguments, "seconds", None) or SECONDS))


def examine(*, seconds: float = SECONDS) -> Iterator[Event]:
    """Open, wait, train, measure. Must be pulled in the main thread.

    Result: first_paint_seconds, torch_loaded_at_first_paint, tabs_longest_freeze_ms, torch_load_longest_freeze_ms,
    loop_delay_ms and idle_loop_delay_ms (p50, p99, max), tokens_per_second and headless_tokens_per_second (in turns), and
    pace, their ratio.

    Raises:
        StudioError: The window did not paint, or a job in it failed.
    """
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from llmstudio.gui.window.application import open_window, preload_c10

    yield Started(job=_JOB, title=words("Looking at the window"), total=5)
    preload_c10()
    with tempfile.TemporaryDirectory(prefix="llmstudio-doctor-", ignore_cleanup_errors=True) as folder:
        _, window = open_window(Path(folder) / "project")
        patient = _Patient(window)
        try:
            yield _progress(words("Resting"), 1)
            result = patient.rest()
            yield _progress(words("Preparing a text"), 2)
            patient.prepare()
            alone = Path(folder) / "alone"  # two programs do not write into one project
            shutil.copytree(Path(folder) / "project", alone)
            yield _progress(words("Training in the window"), 3)
            result |= patient.train(seconds)
            wishes = ["--preset", PRESET, "--set", f"training.max_steps={_ENDLESS}", "--name", "Headless"]
            with HeadlessRun(["--project", str(alone), "--corpus", "Sample", "--tokenizer", "Letters", *wishes]) as rival:
                result |= yield from patient.take_turns(rival, max(1, round(seconds)))
        finally:
            patient.discharge()
    yield Finished(job=_JOB, step=5, result=result)


class _Patient:
    """The window under test."""

    def __init__(self, window: MainWindow) -> None:
        from llmstudio.gui.doctor.heartbeat import Heartbeat

        self._window, self._session = window, window.session
        self._heart = Heartbeat(window)
        self._ends: list[Event] = []
        self._steps: list[Moment] = []
        self._session.job_ended.connect(self._on_ended)
        self._session.job_events.connect(self._on_events)
        self._all_tabs = False
        window.tabs_built.connect(self._on_built)

    def rest(self) -> dict[str, Any]:
        """Wait for the first paint and for all tabs; then see how the loop runs with nothing to do."""
        from llmstudio.gui.doctor.heartbeat import figures

        self._live(lambda: self._window.first_paint_seconds > 0)
        painted = time.perf_counter()
        self._live(lambda: self._all_tabs)
        began = time.perf_counter()
        self._rest(_IDLE_S)
        return {
            "first_paint_seconds": round(self._window.first_paint_seconds, 3),
            "torch_loaded_at_first_paint": self._window.torch_at_first_paint,
            "tabs_longest_freeze_ms": figures(self._heart.delays_ms(painted, began))["max"],
            "idle_loop_delay_ms": figures(self._heart.delays_ms(began)),
        }

    def prepare(self) -> None:
        """A corpus and a tokenizer, as the preset wants them."""
        from llmstudio.app.verbs.import_corpus import import_corpus
        from llmstudio.app.verbs.tokenizer import build_tokenizer

        project, plan = self._session.project, preset(PRESET)
        corpus = CorpusConfig(sample_count=_NUM_DOCUMENTS)
        self._do(lambda stop: import_corpus(project, [f"{SAMPLE}{_SAMPLE}"], name="Sample", config=corpus, stop=stop))
        self._do(lambda stop: build_tokenizer(project, "Sample", name="Letters", config=plan.tokenizer, stop=stop))

    def train(self, seconds: float) -> dict[str, Any]:
        """Press the tab's button and follow the run to its end."""
        from llmstudio.gui.doctor.heartbeat import figures

        self._window.tabs.show_tab("train")
        self._rest(_SETTLE_S)
        began = self._press_train(max_seconds=seconds)
        self._live(is_loaded)
        loaded = time.perf_counter()
        self._live(lambda: bool(self._ends), patience_s=_PATIENCE_S + 3 * seconds)
        self._rest(_SETTLE_S)  # what the window does when a run ends counts too
        return {
            "torch_load_longest_freeze_ms": figures(self._heart.delays_ms(began, loaded))["max"],
            "loop_delay_ms": figures(self._heart.delays_ms(loaded)),
        }

    def take_turns(self, rival: HeadlessRun, num_turns: int) -> Generator[Event, None, dict[str, Any]]:
        """Train by turns of a second with the command line: the computer's own pace drifts by more than what is sought.

        The heart does not beat here, which would itself take three percent of a core; in the rival's turn the window stands.
        """
        what = words("Training in turns with the command line")
        yield Progress(job=_JOB, step=4, what=what, done=0, total=num_turns)
        rival.wait_for(_WARM_STEPS, _PATIENCE_S)
        rival.hold()
        self._press_train(max_steps=_ENDLESS)
        self._live(lambda: len(self._steps) >= _WARM_STEPS or bool(self._ends))
        if self._ends:
            self._result()
        self._session.pause()
        _let_loop_run(_HOLD_S)
        own, others = list[Turn](), list[Turn]()
        for number in range(num_turns):
            began = time.time()
            rival.let_go()
            time.sleep(_TURN_S)
            rival.hold()
            others.append((began, time.time()))
            began = time.time()
            self._session.resume()
            _let_loop_run(_TURN_S)
            own.append((began, time.time()))
            self._session.pause()
            _let_loop_run(_HOLD_S)
            yield Progress(job=_JOB, step=4, what=what, done=number + 1, total=num_turns)
        self._session.stop(keep=False)
        self._live(lambda: bool(self._ends))
        here, there = pace(self._steps, own), pace(rival.steps, others)
        if not (here and there):
            raise StudioError("A step takes this computer longer than a second: nothing could be compared.")
        return {"tokens_per_second": round(here), "headless_tokens_per_second": round(there), "pace": round(here / there, 3)}

    def discharge(self) -> None:
        """Close without a trace in the person's preferences."""
        from llmstudio.gui.window.closing import wait_for_end

        self._heart.stop()
        wait_for_end(self._window, self._session)
        self._window.hide()
        self._window.deleteLater()

    def _press_train(self, **changes: float) -> float:
        """Press the tab's button for a run of the preset with these settings; returns the moment."""
        recipe, tab = preset(PRESET).recipe, self._window.tabs.tab("train")
        tab.setup.set_recipe(replace(recipe, training=replace(recipe.training, **changes)))
        self._ends.clear()
        self._steps.clear()
        began = time.perf_counter()
        tab.run_verb()
        return began

    def _rest(self, seconds: float) -> None:
        began = time.perf_counter()
        self._live(lambda: time.perf_counter() - began > seconds)

    def _do(self, job: Callable[..., Iterator[Event]]) -> None:
        self._ends.clear()
        self._session.start(job, tab="home", title="", engine=False)
        self._live(lambda: bool(self._ends))
        self._result()

    def _result(self) -> dict[str, Any]:
        end = self._ends[-1]
        if isinstance(end, Failed):
            raise StudioError(end.message.template, remedies=end.remedies, **end.message.values)
        return dict(getattr(end, "result", {}))

    def _on_ended(self, lane: str, end: Event) -> None:
        if lane == "work":
            self._ends.append(end)

    def _on_events(self, lane: str, events: list[Event]) -> None:
        if lane == "work":
            self._steps += [(event.time, event.tokens) for event in events if isinstance(event, TrainStep)]

    def _on_built(self) -> None:
        self._all_tabs = True

    def _live(self, is_over: Callable[[], bool], patience_s: float = _PATIENCE_S) -> None:
        """Let the event loop run, with the heart beating, until something is true."""
        from PySide6.QtCore import QEventLoop, QTimer

        loop, until = QEventLoop(), time.monotonic() + patience_s
        look = QTimer(interval=10)
        look.timeout.connect(lambda: loop.quit() if is_over() or time.monotonic() > until else None)
        look.start()
        self._heart.start()
        loop.exec()
        look.stop()
        self._heart.stop()
        if not is_over():
            raise StudioError("The window did not answer within {seconds|second|seconds}.", seconds=round(patience_s))


def _let_loop_run(seconds: float) -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def _progress(what: Any, done: int) -> Progress:
    return Progress(job=_JOB, step=done, what=what, done=done, total=5)
