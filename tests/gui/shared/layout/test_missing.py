"""A tab that lacks something says so, and never contradicts the job that is making it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from llmstudio.core.events import Event, Finished, Progress
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.gui.chat.tab import ChatTab
from llmstudio.gui.inspect.tab import InspectTab
from llmstudio.gui.look.label import Label
from llmstudio.gui.prune.tab import PruneTab
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.missing import Missing
from llmstudio.gui.tokenizer.tab import TokenizerTab
from llmstudio.gui.train.tab import TrainTab
from llmstudio.store.project import Project


def said(tab: QWidget) -> tuple[str, str]:
    """What the tab's page of what is missing says, and its button."""
    offer = tab.offer
    assert isinstance(offer, Missing)
    return offer.findChild(Label).text(), offer.findChild(QPushButton).text()


@pytest.fixture
def held(session: Session, qtbot: QtBot) -> Iterator[Callable[[str, str], None]]:
    """Starts a job that lasts until the test is over."""
    over = threading.Event()

    def job(stop: Stop) -> Iterator[Event]:
        yield Progress(what=words("Measuring"))
        while not over.wait(0.005) and not stop.requested:
            yield Progress(what=words("Measuring"))
        yield Finished()

    def start(tab: str, title: str) -> None:
        assert session.start(job, tab=tab, title=title, engine=False)

    yield start
    over.set()
    qtbot.waitUntil(lambda: not session.is_running(), timeout=5000)


@pytest.mark.parametrize("kind", [ChatTab, PruneTab, InspectTab])
@pytest.mark.parametrize("job", [("train", "Training “diary”"), ("home", "Growing your first model")])
def test_that_a_tab_without_a_model_tells_of_the_job_that_makes_one_until_it_ends(
    kind: type[QWidget], job: tuple[str, str], session: Session, held: Callable[[str, str], None], qtbot: QtBot
) -> None:
    tab = kind(session)
    qtbot.addWidget(tab)
    before = said(tab)
    assert "no model" in before[0]
    held(*job)
    late = kind(session)  # a tab may be built after the job began
    qtbot.addWidget(late)
    for one in (tab, late):
        text, button = said(one)
        assert "no model" not in text
        assert job[1] in text
        assert button == "Watch"
    with qtbot.waitSignal(session.go_to) as gone:
        tab.offer.findChild(QPushButton).click()
    assert gone.args == ["train"]
    with qtbot.waitSignal(session.job_ended):
        session.stop()
    assert said(tab) == said(late) == before


def test_that_an_import_is_no_model_in_the_making(session: Session, held: Callable[[str, str], None], qtbot: QtBot) -> None:
    chat, tokenizer, train = ChatTab(session), TokenizerTab(session), TrainTab(session)
    for tab in (chat, tokenizer, train):
        qtbot.addWidget(tab)
    held("corpus", "Importing “diary”")
    assert "no model" in said(chat)[0]
    for tab in (tokenizer, train):
        assert "Importing “diary”" in said(tab)[0]
        with qtbot.waitSignal(session.go_to) as gone:
            tab.offer.findChild(QPushButton).click()
        assert gone.args == ["corpus"]


def test_that_train_tells_of_the_first_tokenizer_in_the_making(
    project: Project, session: Session, held: Callable[[str, str], None], qtbot: QtBot
) -> None:
    from llmstudio.app.verbs.import_corpus import import_corpus
    from llmstudio.core.corpus.config import CorpusConfig

    config = CorpusConfig(sample_count=40)
    list(import_corpus(project, ["sample:tour"], name="Tales", config=config, stop=Stop()))
    train = TrainTab(session)
    qtbot.addWidget(train)
    assert "Build" in said(train)[1]
    held("tokenizer", "Building “Tales word”")
    assert "Building “Tales word”" in said(train)[0]
    assert said(train)[1] == "Watch"
