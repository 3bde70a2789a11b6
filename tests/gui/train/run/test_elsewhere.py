"""Another program, really running, trains in the project that the window shows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from llmstudio.gui.session.session import Session
from llmstudio.store.project import Project
from tests.gui.train.test_tab import a_run, add_corpus, add_model, add_tokenizer, opened

# Holds the project and takes ten steps more at every line that it is told, until there are no more lines.
OTHER = """
import sys
from pathlib import Path
from llmstudio.app.items.locks import writing
from llmstudio.core.events import TrainStep
from llmstudio.core.training.history import HistoryWriter
from llmstudio.store.project import Project

project = Project(Path(sys.argv[1]))
step = int(sys.argv[2])
with writing(project), HistoryWriter(project.path("model", "Vae")) as history:
    print("holds", flush=True)
    for line in sys.stdin:
        for step in range(step + 1, step + 11):
            history.add(TrainStep(job="train", step=step, loss=2.0, learning_rate=0.1, grad_norm=1.0, tokens=64 * step,
                tokens_per_second=100.0, remaining_s=60.0, seconds=step / 10))
        history.flush()
        print(step, flush=True)
"""


class Other:
    """The other program."""

    def __init__(self, project: Project, step: int) -> None:
        command = [sys.executable, "-c", OTHER, str(project.root), str(step)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "holds\n"

    def take_steps(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(file=self._process.stdin, flush=True)
        self._process.stdout.readline()

    def end(self) -> None:
        self._process.communicate(timeout=20)


@pytest.fixture
def held(project: Project) -> Iterator[Other]:
    add_corpus(project)
    add_tokenizer(project)
    add_model(project, "Vae", state="training", events=a_run(28))
    other = Other(project, 28)
    yield other
    other.end()


def test_that_a_run_of_another_program_is_shown_followed_and_not_offered_to_go_on(
    held: Other, session: Session, qtbot: QtBot
) -> None:
    tab = opened(session, qtbot)
    view = tab.view
    qtbot.waitUntil(lambda: view.run.last_step == 28, timeout=20_000)
    assert "is being trained by another program" in view.picture.numbers.left.text
    assert view.tools.go_on.isHidden()
    assert view.tools.learn_on.isHidden(), "nor does another button take its place"
    view.picture.loss._zoom = (3.0, 9.0)
    held.take_steps()
    qtbot.waitUntil(lambda: view.run.last_step == 38, timeout=20_000)
    assert view.picture.loss._zoom == (3.0, 9.0), "who has zoomed in stays there"
    held.take_steps()
    qtbot.waitUntil(lambda: view.run.last_step == 48, timeout=20_000)
    held.end()
    qtbot.waitUntil(lambda: view.tools.go_on.isVisible(), timeout=20_000)
    qtbot.waitUntil(lambda: "another program" not in view.picture.numbers.left.text, timeout=20_000)


def test_that_it_is_noticed_when_another_program_begins(project: Project, session: Session, qtbot: QtBot) -> None:
    add_corpus(project)
    add_tokenizer(project)
    add_model(project, "Vae", state="training", events=a_run(28))
    tab = opened(session, qtbot)
    qtbot.waitUntil(lambda: tab.view.run.last_step == 28, timeout=20_000)
    assert tab.view.tools.go_on.isVisible()
    other = Other(project, 28)
    qtbot.waitUntil(lambda: tab.view.tools.go_on.isHidden(), timeout=20_000)
    qtbot.waitUntil(lambda: "another program" in tab.view.picture.numbers.left.text, timeout=20_000)
    other.end()
