"""Makes the README's picture: opens the real window off the screen, trains a small model in it, and grabs a tab.

    .venv/bin/python packaging/screenshot.py                          resources/screenshot.png, the train tab
    .venv/bin/python packaging/screenshot.py --tab chat --out chat.png

Everything it makes lies in a folder of its own that is removed at the end; no preference of a person is read or written.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmstudio.core.events import Event
    from llmstudio.core.work import Stop
    from llmstudio.gui.window.main_window import MainWindow

ROOT = Path(__file__).resolve().parents[1]
_NUM_DOCUMENTS = 20_000
_PATIENCE_S = 20 * 60.0
_SETTLE_S = 2.0  # plots draw in turns; a picture is whole a moment after the last event


def main() -> int:
    """Take the picture."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="llmstudio-screenshot-", ignore_cleanup_errors=True) as folder:
        # Before the program is imported: it reads them once.
        os.environ.update(LLMSTUDIO_HOME=folder, LLMSTUDIO_THEME=arguments.theme, QT_QPA_PLATFORM="offscreen")
        from llmstudio.gui.window.application import open_window
        from llmstudio.gui.window.closing import wait_for_end

        _, window = open_window(Path(folder) / "My first project")
        try:
            window.resize(*arguments.size)
            _train(window, arguments.steps)
            window.tabs.show_tab(arguments.tab)
            _wait(_after(_SETTLE_S))
            picture = window.grab()
        finally:
            wait_for_end(window, window.session)
            window.hide()
    if not picture.save(str(arguments.out)):
        sys.stderr.write(f"The picture cannot be written to {arguments.out}.\n")
        return 1
    sys.stdout.write(f"{arguments.out}: {picture.width()} x {picture.height()}\n")
    return 0


def _train(window: MainWindow, steps: int) -> None:
    """A corpus, a tokenizer, then the train tab's button, as a person would press it."""
    from llmstudio.app.presets.by_name import preset
    from llmstudio.app.verbs.import_corpus import import_corpus
    from llmstudio.app.verbs.tokenizer import build_tokenizer
    from llmstudio.core.corpus.config import CorpusConfig

    project, plan = window.session.project, preset("tour")
    built: list[bool] = []
    window.tabs_built.connect(lambda: built.append(True))
    _wait(lambda: bool(built))
    settings = CorpusConfig(sample_count=_NUM_DOCUMENTS)
    _do(
        window,
        lambda stop: import_corpus(project, [plan.corpus], name="Tiny world", config=settings, stop=stop),
    )
    _do(window, lambda stop: build_tokenizer(project, "Tiny world", name="Tiny words", config=plan.tokenizer, stop=stop))
    window.tabs.show_tab("train")
    tab = window.tabs.tab("train")
    tab.setup.set_recipe(replace(plan.recipe, training=replace(plan.recipe.training, max_steps=steps)))
    _until_end(window, tab.run_verb)


def _do(window: MainWindow, job: Callable[[Stop], Iterator[Event]]) -> None:
    _until_end(window, lambda: window.session.start(job, tab="home", title="", engine=False))


def _until_end(window: MainWindow, begin: Callable[[], object]) -> None:
    """Begin a job and let the window live until it has finished."""
    from llmstudio.core.events import Finished

    ends: list[Event] = []

    def note(lane: str, end: Event) -> None:
        if lane == "work":
            ends.append(end)

    window.session.job_ended.connect(note)
    begin()
    _wait(lambda: bool(ends))
    window.session.job_ended.disconnect(note)
    if not isinstance(ends[-1], Finished):
        raise SystemExit(f"A job did not reach its end: {ends[-1]}")


def _wait(is_over: Callable[[], bool]) -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    loop, until = QEventLoop(), time.monotonic() + _PATIENCE_S
    look = QTimer(interval=50)
    look.timeout.connect(lambda: loop.quit() if is_over() or time.monotonic() > until else None)
    look.start()
    loop.exec()
    look.stop()
    if not is_over():
        raise SystemExit(f"The window did not get there within {_PATIENCE_S / 60:.0f} minutes.")


def _after(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Make the README's picture with the program itself.")
    parser.add_argument("--tab", default="train", help="which tab is shown (default: train)")
    parser.add_argument("--steps", type=int, default=500, help="how long the model is trained (default: 500)")
    parser.add_argument("--theme", default="light", choices=["light", "dark"])
    parser.add_argument("--size", type=int, nargs=2, default=(1360, 850), metavar=("WIDTH", "HEIGHT"))
    parser.add_argument("--out", type=Path, default=ROOT / "resources" / "screenshot.png")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
