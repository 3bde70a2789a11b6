"""The window's self-test: open the real window, press Train, and measure how soon it is there and how smooth it stays.

Where there is no screen it opens off the screen. Everything it makes lies in a folder of its own that is removed at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmstudio.app.engine import is_loaded
from llmstudio.app.presets import preset
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Failed, Finished, Progress, Started
from llmstudio.core.words import words

if TYPE_CHECKING:
    from llmstudio.gui.main_window import MainWindow

_JOB = "doctor"
PRESET = "shakespeare_char"
SECONDS = 60.0
_SAMPLE = "tales"
_NUM_DOCUMENTS = 2200  # about a megabyte, which is what the preset is made for
_IDLE_S = 3.0
_SETTLE_S = 0.5  # a person looks before they press
_PATIENCE_S = 300.0


def run(arguments: argparse.Namespace) -> Iterator[Event]:
    """The self-test as a job of the command line."""
    return examine(seconds=float(getattr(arguments, "seconds", None) or SECONDS))


def examine(*, seconds: float = SECONDS) -> Iterator[Event]:
    """Open, wait, train, measure. Must be pulled in the main thread.

    Result: first_paint_seconds, torch_loaded_at_first_paint, torch_load_longest_freeze_ms, loop_delay_ms and
    idle_loop_delay_ms (p50, p99, max), tokens_per_second, headless_tokens_per_second.

    Raises:
        StudioError: The window did not paint, or a job in it failed.
    """
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from llmstudio.gui.application import open_window, preload_c10

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
            # Half before and half after: the computer's own pace drifts by more than what is to be measured.
            before = _headless(Path(folder) / "project", seconds / 2)
            yield _progress(words("Training in the window"), 3)
            result |= patient.train(seconds)
        finally:
            patient.discharge()
        yield _progress(words("Training without a window"), 4)
        after = _headless(Path(folder) / "project", seconds / 2)
        result["headless_tokens_per_second"] = round((before + after) / 2)
    yield Finished(job=_JOB, step=5, result=result)


class _Patient:
    """The window under test."""

    def __init__(self, window: MainWindow) -> None:
        from llmstudio.gui.heartbeat import Heartbeat

        self._window, self._session = window, window.session
        self._heart = Heartbeat(window)
        self._ends: list[Event] = []
        self._session.job_ended.connect(self._on_ended)
        self._all_tabs = False
        window.tabs_built.connect(self._on_built)

    def rest(self) -> dict[str, Any]:
        """Wait for the first paint and for all tabs; then see how the loop runs with nothing to do."""
        from llmstudio.gui.heartbeat import figures

        self._live(lambda: self._all_tabs)
        began = time.perf_counter()
        self._live(lambda: time.perf_counter() - began > _IDLE_S)
        return {
            "first_paint_seconds": round(self._window.first_paint_seconds, 3),
            "torch_loaded_at_first_paint": self._window.torch_at_first_paint,
            "idle_loop_delay_ms": figures(self._heart.delays_ms(began)),
        }

    def prepare(self) -> None:
        """A corpus and a tokenizer, as the preset wants them."""
        from llmstudio.app import jobs

        project, plan = self._session.project, preset(PRESET)
        corpus = CorpusConfig(sample_count=_NUM_DOCUMENTS)
        self._do(lambda stop: jobs.import_corpus(project, [f"sample:{_SAMPLE}"], name="Sample", config=corpus, stop=stop))
        self._do(lambda stop: jobs.build_tokenizer(project, "Sample", name="Letters", config=plan.tokenizer, stop=stop))

    def train(self, seconds: float) -> dict[str, Any]:
        """Press the tab's button and follow the run to its end."""
        from llmstudio.gui.heartbeat import figures

        recipe = preset(PRESET).recipe
        self._window.show_tab("train")
        shown = time.perf_counter()
        self._live(lambda: time.perf_counter() - shown > _SETTLE_S)
        tab = self._window.tab("train")
        tab.setup.set_recipe(replace(recipe, training=replace(recipe.training, max_seconds=seconds)))
        self._ends.clear()
        began = time.perf_counter()
        tab.run_verb()
        self._live(is_loaded)
        loaded = time.perf_counter()
        self._live(lambda: bool(self._ends), patience_s=_PATIENCE_S + 3 * seconds)
        return {
            "torch_load_longest_freeze_ms": figures(self._heart.delays_ms(began, loaded))["max"],
            "loop_delay_ms": figures(self._heart.delays_ms(loaded)),
            "tokens_per_second": round(self._result()["tokens_per_second"]),
        }

    def discharge(self) -> None:
        """Close without a trace in the person's preferences."""
        from llmstudio.gui.closing import wait_for_end

        self._heart.stop()
        wait_for_end(self._window, self._session)
        self._window.hide()
        self._window.deleteLater()

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
            raise StudioError("The window did not answer within {seconds} seconds.", seconds=round(patience_s))


def _headless(project: Path, seconds: float) -> int:
    """Tokens a second of the same run from the command line, in a process without a window."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "llmstudio"]
    wishes = ["--preset", PRESET, "--set", f"training.max_seconds={seconds:g}"]
    place = [
        "--project",
        str(project),
        "--corpus",
        "Sample",
        "--tokenizer",
        "Letters",
        "--name",
        f"Headless {time.time_ns()}",
        "--json",
    ]
    done = subprocess.run(
        [*program, "train", *wishes, *place],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_PATIENCE_S + 3 * seconds,
        check=False,
    )
    last = json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else {}
    if last.get("event") != "finished":
        raise StudioError("Training without a window failed: {reason}", reason=done.stderr.strip()[-500:])
    return round(last["result"]["tokens_per_second"])


def _progress(what: Any, done: int) -> Progress:
    return Progress(job=_JOB, step=done, what=what, done=done, total=5)
