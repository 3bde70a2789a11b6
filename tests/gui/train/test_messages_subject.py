"""What a tab says belongs to the text, tokenizer or model in sight, and goes when another one is turned to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from llmstudio.app.preferences import Preferences
from llmstudio.core.events import Failed
from llmstudio.core.words import words
from llmstudio.gui.inspect.tab import InspectTab
from llmstudio.gui.prune.tab import PruneTab
from llmstudio.gui.prune.zeros.page import ZerosPage
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.problems import MessageBar
from llmstudio.gui.tokenizer.tab import TokenizerTab
from llmstudio.store.project import Project
from tests.gui.conftest import end


@pytest.fixture
def bench(grown_project: Project) -> Iterator[Session]:
    """Two of everything: the second model has lost its weights."""
    for kind, name, other in (("corpus", "World", "Copy"), ("tokenizer", "Words", "Copy"), ("model", "Tiny", "Copy")):
        made = grown_project.path(kind, other)
        shutil.copytree(grown_project.path(kind, name), made)
    shutil.rmtree(grown_project.path("model", "Copy") / "checkpoints")
    session = Session(grown_project, Preferences())
    yield session
    end(session)


def settle(session: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not session.questions.are_open, timeout=30_000)


def test_that_what_is_said_of_one_text_or_tokenizer_goes_with_it(bench: Session, qtbot: QtBot) -> None:
    tab = TokenizerTab(bench)
    qtbot.addWidget(tab)
    tab.show()
    settle(bench, qtbot)
    for picker in (tab.setup.corpus, tab.view.picker):
        tab.messages.show_failed(Failed(message=words("This one is damaged.")))
        now = picker.current()
        picker.picked.emit(now)
        assert tab.messages.text  # the same is in sight
        picker.pick(next(name for name in picker.names() if name != now))
        picker.picked.emit(picker.current())
        assert not tab.messages.text
    settle(bench, qtbot)
    tab.setup.name_field.line.setText("Third")
    tab.run_verb()
    qtbot.waitUntil(lambda: "“Third” is ready" in tab.messages.text, timeout=60_000)
    qtbot.waitUntil(lambda: tab.view.picker.current() == "Third", timeout=10_000)
    settle(bench, qtbot)
    assert "“Third” is ready" in tab.messages.text  # it came into sight after it was said, or before
    tab.view.picker.pick("Words")
    tab.view.picker.picked.emit("Words")
    assert not tab.messages.text
    settle(bench, qtbot)


def test_that_what_is_said_of_one_model_goes_with_it_in_prune(bench: Session, qtbot: QtBot) -> None:
    tab = PruneTab(bench)
    qtbot.addWidget(tab)
    tab.show()
    page = tab.pages["zeros"]
    assert isinstance(page, ZerosPage)
    tab.models.pick("Tiny")
    tab.models.picked.emit("Tiny")
    qtbot.waitUntil(lambda: page.effects.outlook is not None, timeout=60_000)
    tab.models.pick("Copy")
    tab.models.picked.emit("Copy")
    qtbot.waitUntil(lambda: bool(tab.messages.text), timeout=30_000)  # it has no weights
    tab.models.pick("Tiny")
    tab.models.picked.emit("Tiny")
    assert not tab.messages.text
    page.effects._on_no_outlook("Copy", Failed(message=words("It comes late.")))
    assert not tab.messages.text
    page.effects._on_no_outlook("Tiny", Failed(message=words("Not with this setting.")))
    assert tab.messages.text
    page.setup.dial.slider.setValue(70)
    qtbot.waitUntil(lambda: page.effects.outlook is not None and page.effects.outlook.config.sparsity == 0.7, timeout=30_000)
    assert not tab.messages.text
    settle(bench, qtbot)


def test_that_a_model_that_is_refused_in_inspect_leaves_nothing_of_the_one_before_and_its_refusal_goes_too(
    bench: Session, qtbot: QtBot
) -> None:
    tab = InspectTab(bench)
    qtbot.addWidget(tab)
    tab.show()
    tab.models.pick("Tiny")
    tab.models.picked.emit("Tiny")
    qtbot.waitUntil(lambda: tab.subject is not None and tab.page is not None, timeout=30_000)
    tab._on_refused(Failed(message=words("It cannot be read.")))
    assert (tab.page, tab.subject, tab.pages["reach"].subject) == (None, None, None)
    assert tab.offer.isHidden()  # there are models
    shown = [
        tab.verb,
        *tab._choice.chips.values(),
        *(page.settings for page in tab.pages.values() if page.settings is not None),
    ]
    assert not [widget for widget in shown if widget.isVisible()]
    tab.run_verb()  # nothing to ask of no model
    assert tab.messages.text == "It cannot be read."
    tab.models.pick("Copy")
    tab.models.picked.emit("Copy")
    assert tab.messages.text != "It cannot be read."
    settle(bench, qtbot)
    tab.messages.show_failed(Failed(message=words("It cannot be read.")))
    for name in ("Tiny", "Copy"):
        shutil.rmtree(bench.project.path("model", name))
    tab._on_items("model")
    assert not tab.models.names()
    assert not tab.messages.text


def test_that_a_message_may_be_about_what_comes_into_sight_next(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.turn_to("a")
    bar.show_message("b is ready")
    bar.expect("b")
    bar.turn_to("b")
    assert bar.text == "b is ready"
    bar.turn_to("a")
    assert not bar.text
    bar.turn_to("b")
    bar.show_message("something else of b")
    bar.turn_to("a")
    assert not bar.text
