"""A tiny model is really trained through the tab: hold, step, stop, go on, discard."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.events import Failed
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.training.history import read_history
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop
from llmstudio.gui.chat.tab import ChatTab
from llmstudio.gui.look.label import Label
from llmstudio.gui.session.session import Session
from llmstudio.gui.train.run.picture.memory_plot import fullest
from llmstudio.gui.train.tab import TrainTab
from llmstudio.store.project import Project

TINY = Recipe(
    model=DecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=16),
    training=TrainingConfig(
        max_steps=100_000, batch_size=2, eval_steps=25, eval_tokens=200, sample_tokens=4, checkpoint_steps=50, threads=1,
        number_format="fp32", device="cpu",
    ),
)  # fmt: skip


@pytest.fixture
def tab(project: Project, session: Session, qtbot: QtBot) -> TrainTab:
    text = project.root / "fox.txt"
    text.write_text("The fox went to the river and saw a bear.\n\n" * 200, encoding="utf-8")
    list(import_corpus(project, [text], name="Fox", config=CorpusConfig(), stop=Stop()))
    config = TokenizerConfig(kind="char", min_frequency=1)
    list(build_tokenizer(project, "Fox", name="Fox char", config=config, stop=Stop()))
    made = TrainTab(session)
    qtbot.addWidget(made)
    made.resize(1100, 760)
    made.show()
    made.setup.set_recipe(TINY)
    return made


NAME = "Fox decoder"  # as the tab proposes it


def trained(tab: TrainTab, qtbot: QtBot, steps: int) -> None:
    qtbot.waitUntil(lambda: len(tab.view.run) >= steps, timeout=60_000)


def test_that_a_held_run_stands_still_steps_once_and_goes_on_after_it_was_stopped(
    tab: TrainTab, project: Project, session: Session, qtbot: QtBot
) -> None:
    failures: list[object] = []
    session.job_ended.connect(lambda _lane, end: failures.append(end) if isinstance(end, Failed) else None)
    tab.run_verb()
    trained(tab, qtbot, 30)
    tab.controls.pause.click()
    qtbot.wait(300)
    held = tab.view.run.last_step
    qtbot.wait(300)
    assert tab.view.run.last_step == held
    tab.controls.step.click()
    qtbot.waitUntil(lambda: tab.view.run.last_step == held + 1, timeout=10_000)
    qtbot.wait(300)
    assert tab.view.run.last_step == held + 1
    assert not failures
    with qtbot.waitSignal(session.job_ended, timeout=60_000):
        tab.controls.keep.click()
    qtbot.mouseClick(tab.train, Qt.MouseButton.LeftButton)  # meant for Stop, whose place it takes
    assert not session.is_running()
    assert project.exists("model", NAME)
    assert not tab.view.tools.go_on.isHidden()
    before = read_history(project.path("model", NAME)).steps
    np.testing.assert_array_equal(tab.view.run.column("loss"), before["loss"])
    tab.view.tools.go_on.click()
    qtbot.waitUntil(lambda: tab.view.run.last_step > held + 20, timeout=60_000)
    with qtbot.waitSignal(session.job_ended, timeout=60_000):
        tab.stop_verb()
    qtbot.waitUntil(lambda: len(tab.view.run) > held, timeout=10_000)
    after = read_history(project.path("model", NAME)).steps
    assert after["step"].tolist() == list(range(1, len(after) + 1))
    np.testing.assert_array_equal(after["loss"][: len(before)], before["loss"])
    np.testing.assert_array_equal(tab.view.run.column("loss"), after["loss"])
    assert not failures


def test_that_a_discarded_run_is_gone(tab: TrainTab, project: Project, session: Session, qtbot: QtBot) -> None:
    tab.run_verb()
    trained(tab, qtbot, 60)
    tab.controls.discard.click()
    throw = next(b for b in tab.messages.findChildren(QPushButton) if "Throw" in b.text())
    with qtbot.waitSignal(session.job_ended, timeout=60_000):
        throw.click()
    assert not project.exists("model", NAME)
    assert tab.pages.currentWidget() is tab.offer


def test_that_a_finished_run_has_its_figures_and_cannot_go_on(
    tab: TrainTab, project: Project, session: Session, qtbot: QtBot
) -> None:
    training = replace(TINY.training, max_steps=60, learning_rate=0.01)
    tab.setup.set_recipe(replace(TINY, training=training))
    with qtbot.waitSignal(session.job_ended, timeout=60_000):
        tab.run_verb()
    assert "reached" in tab.messages.text
    assert tab.view.tools.go_on.isHidden()
    assert tab.view.run.last_step == 60
    assert tab.view.picture.numbers.quality.text.split(" ")[1:4] == ["bits", "per", "byte"]
    assert "zip: " in tab.view.picture.numbers.quality.text
    assert tab.view.run.samples
    assert fullest(tab.view.run)["weights"] > 0


def test_that_a_learning_rate_far_too_high_ends_in_words_with_a_way_out(
    tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    tab.setup.set_recipe(replace(TINY, training=replace(TINY.training, learning_rate=100.0, max_steps=300)))
    with qtbot.waitSignal(session.job_ended, timeout=60_000) as ended:
        tab.run_verb()
    assert isinstance(ended.args[1], Failed)
    assert "too high" in tab.messages.text
    tab.messages.findChildren(QPushButton)[-1].click()
    assert tab.setup.recipe.training.learning_rate < 1


def test_that_the_tokenizer_a_size_was_made_for_is_built_and_taken(
    tab: TrainTab, project: Project, session: Session, qtbot: QtBot
) -> None:
    kind = tab.setup.kind
    kind.setCurrentIndex(kind.findData("lstm"))
    kind.activated.emit(kind.currentIndex())
    assert tab.setup.advice.isHidden()
    tab.setup.size.show_current("textbook_lstm")
    tab.setup.size.chosen.emit("textbook_lstm")
    assert "a tokenizer of words" in tab.setup.advice.text()
    with qtbot.waitSignal(session.job_ended, timeout=30_000):
        tab.setup.advice.linkActivated.emit("build")
    qtbot.waitUntil(lambda: tab.setup.advice.isHidden(), timeout=10_000)
    made = project.about("tokenizer", tab.setup.tokenizer.current())
    assert made.facts["kind"] == "word"
    assert made.facts["config"]["vocab_size"] == 10_000


def test_that_during_the_first_run_chat_says_so_and_afterwards_talks_to_the_model(
    tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    chat = ChatTab(session)
    qtbot.addWidget(chat)
    chat.show()
    tab.run_verb()
    trained(tab, qtbot, 60)  # past the first checkpoint
    assert chat.offer.isVisible()
    assert f"Training “{NAME}”" in chat.offer.findChild(Label).text()
    with qtbot.waitSignal(session.job_ended, timeout=60_000):
        tab.controls.keep.click()
    qtbot.waitUntil(lambda: not chat.offer.isVisible(), timeout=10_000)
    assert chat.models.current() == NAME


def test_that_a_run_that_has_just_begun_is_no_model_that_one_could_use(
    tab: TrainTab, project: Project, session: Session, qtbot: QtBot
) -> None:
    seldom = replace(TINY.training, checkpoint_steps=100_000, eval_steps=100_000)  # a look that is best is kept, too
    tab.setup.set_recipe(replace(TINY, training=seldom))
    tab.run_verb()
    trained(tab, qtbot, 10)
    chat = ChatTab(session)  # a tab may be built late
    qtbot.addWidget(chat)
    chat.show()
    assert project.exists("model", NAME)
    assert session.items.models() == []
    assert not session.items.ready()["chat"]
    assert f"Training “{NAME}”" in chat.offer.findChild(Label).text()
    with qtbot.waitSignal(session.job_ended, timeout=60_000):
        tab.controls.keep.click()
    assert session.items.ready()["chat"]
