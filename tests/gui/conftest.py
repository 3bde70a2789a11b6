from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from llmstudio.app.preferences import Preferences
from llmstudio.app.verbs.train import train
from llmstudio.core.events import Event
from llmstudio.core.recipe import Recipe
from llmstudio.core.work import Stop
from llmstudio.gui.look.theme import theme
from llmstudio.gui.session.session import Session
from llmstudio.store.project import Project
from tests.grown import SHORT, SORTER, grow, recipe, teach

SMALL = recipe(num_layers=2, checkpoint_steps=3)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Everything the program keeps on a computer goes into the test's own folder."""
    monkeypatch.setenv("LLMSTUDIO_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="session", autouse=True)
def dressed(qapp: QApplication) -> QApplication:
    """The application in its light clothes."""
    theme.start(qapp, wish="light")
    return qapp


@pytest.fixture(autouse=True)
def no_thread_left_behind(dressed: QApplication) -> Iterator[None]:
    """A test that leaves a thread running fails, rather than the one after it."""
    threads: list[QThread] = []
    start = QThread.start

    def remember(thread: QThread, *arguments: object) -> None:
        threads.append(thread)
        start(thread, *arguments)

    QThread.start = remember  # type: ignore[method-assign]
    yield
    QThread.start = start  # type: ignore[method-assign]
    threads = [thread for thread in threads if isValid(thread)]  # one that was freed with its session had ended
    left = [thread.objectName() for thread in threads if thread.isRunning()]
    for thread in threads:
        if thread.isRunning() and hasattr(thread, "request_end"):
            thread.request_end()
            thread.wait(5000)
    assert not left, f"still running: {left}"
    assert gc.isenabled()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project."""
    made = Project(tmp_path / "project")
    made.prepare()
    return made


@pytest.fixture
def session(project: Project) -> Iterator[Session]:
    """A session on the empty project, whose threads are ended afterwards."""
    opened = Session(project, Preferences())
    yield opened
    end(opened)


@pytest.fixture
def bench(grown_project: Project) -> Iterator[Session]:
    """A session on a copy of the grown project, whose threads are ended afterwards."""
    opened = Session(grown_project, Preferences())
    yield opened
    end(opened)


def end(session: Session) -> None:
    """Ask a session's threads to end and wait for them with events flowing."""
    session.request_end()
    for _ in range(1000):
        if session.has_ended():
            break
        QApplication.processEvents()
        QThread.msleep(5)
    QApplication.processEvents()


class Ear:
    """Collects what a session says of its jobs."""

    def __init__(self, session: Session) -> None:
        self.events: list[Event] = []
        self.bundles = 0
        self.ends: list[tuple[str, Event]] = []
        self.problems: list[object] = []
        session.job_events.connect(self._hear)
        session.job_ended.connect(lambda lane, event: self.ends.append((lane, event)))
        session.problem.connect(self.problems.append)

    def _hear(self, _lane: str, events: list[Event]) -> None:
        self.bundles += 1
        self.events += events


@pytest.fixture
def ear(session: Session) -> Ear:
    """Listens to the session."""
    return Ear(session)


@pytest.fixture(scope="session")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the corpus World (conversations), the tokenizer Words and the model Tiny."""
    return grow(tmp_path_factory.mktemp("grown") / "project", SMALL)


@pytest.fixture
def grown_project(grown: Path, tmp_path: Path) -> Project:
    """A copy of the grown project that a test may change."""
    shutil.copytree(grown, tmp_path / "grown")
    return Project(tmp_path / "grown")


@pytest.fixture(scope="session")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus Reviews, the model Sort that tells its classes, and Reader, which has only read."""
    root = teach(tmp_path_factory.mktemp("taught") / "project")
    reads = Recipe("gru", SORTER, training=SHORT)
    list(train(Project(root), corpus="Reviews", tokenizer="Words", name="Reader", recipe=reads, stop=Stop()))
    return root


@pytest.fixture
def classroom(taught: Path, tmp_path: Path) -> Project:
    """A copy of it that a test may change."""
    shutil.copytree(taught, tmp_path / "taught")
    return Project(tmp_path / "taught")


@pytest.fixture
def desk(classroom: Project) -> Iterator[Session]:
    """A session on that copy, whose threads are ended afterwards."""
    opened = Session(classroom, Preferences())
    yield opened
    end(opened)
