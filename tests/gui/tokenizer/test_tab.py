from __future__ import annotations

import threading
import time

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from llmstudio.app.preferences import Preferences
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.events import Finished, Stopped
from llmstudio.core.tokenizer.config import TokenizerConfig, least_size
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.work import Stop
from llmstudio.gui.session.session import Session
from llmstudio.gui.tokenizer import queries as look
from llmstudio.gui.tokenizer.queries import Cut
from llmstudio.gui.tokenizer.tab import TokenizerTab
from llmstudio.store.project import Project
from tests.gui.conftest import end

TYPED = "Where is  the fox?\n狐狸 😀"


@pytest.fixture
def corpus(project: Project) -> str:
    for _ in import_corpus(project, ["sample:tour"], name="World", config=CorpusConfig(sample_count=60), stop=Stop()):
        pass
    return "World"


@pytest.fixture
def two(project: Project, corpus: str) -> tuple[str, str]:
    for kind in ("char", "bpe"):
        config = TokenizerConfig(kind=kind, vocab_size=400)
        for _ in build_tokenizer(project, corpus, name=f"by {kind}", config=config, stop=Stop()):
            pass
    return "by bpe", "by char"


@pytest.fixture
def tab(session: Session, qtbot: QtBot) -> TokenizerTab:
    widget = TokenizerTab(session)
    qtbot.addWidget(widget, before_close_func=lambda tab: settle(tab, session, qtbot))
    widget.resize(1000, 700)
    widget.show()
    return widget


@pytest.fixture
def typed(two: tuple[str, str], session: Session, qtbot: QtBot) -> TokenizerTab:
    """The tab on the byte-pair tokenizer, after something was typed and all answers have come."""
    widget = TokenizerTab(session)
    qtbot.addWidget(widget, before_close_func=lambda tab: settle(tab, session, qtbot))
    widget.show()
    widget._show("by bpe")
    widget.view.picker.pick("by bpe")
    widget.view.set_sentence(TYPED)
    qtbot.waitUntil(lambda: spoken(widget) == TYPED and widget.reader.book is not None, timeout=10_000)
    qtbot.waitUntil(lambda: any(c.count is not None for c in widget.view.strip.chips()), timeout=10_000)
    qtbot.waitUntil(lambda: widget.view.replay.num_frames() > 1, timeout=10_000)
    return widget


def settle(tab: TokenizerTab, session: Session, qtbot: QtBot) -> None:
    """Wait until every question has its answer, so that none is asked while the session ends."""
    qtbot.waitUntil(lambda: not (session.questions.are_open or tab.view._rest.isActive()), timeout=10_000)


def spoken(tab: TokenizerTab) -> str:
    return "".join(chip.text for chip in tab.view.strip.chips())


def load(session: Session, name: str) -> Tokenizer:
    return Tokenizer.load(session.project.path("tokenizer", name))


def test_that_chips_joined_are_what_was_typed_and_wear_the_tokenizers_ids(typed, session):
    chips = typed.view.strip.chips()
    assert spoken(typed) == TYPED
    assert [chip.id for chip in chips] == load(session, "by bpe").encode(TYPED)
    assert sum(chip.num_bytes for chip in chips) == len(TYPED.encode())


def test_that_the_large_figures_follow_from_the_chips(typed):
    num = len(typed.view.strip.chips())
    assert typed.view.figures.texts()[0] == (str(num), "tokens")
    assert typed.view.figures.texts()[1] == (f"{len(TYPED.encode()) / num:.2f}", "bytes a token")


def test_that_no_text_has_no_bytes_a_token(typed):
    typed.view.show_cut(Cut((), 0, 0.0, 0))
    assert typed.view.figures.texts()[:2] == [("–", "tokens"), ("–", "bytes a token")]


def test_that_a_second_tokenizer_cuts_the_same_sentence_beside_the_first(typed, session, qtbot):
    view = typed.view
    view.compare.pick("by char")
    view.compare.picked.emit("by char")
    qtbot.waitUntil(lambda: not view.other_strip.isHidden() and bool(view.other_strip.chips()), timeout=5000)
    assert "".join(chip.text for chip in view.other_strip.chips()) == TYPED
    unknown = [chip.text for chip in view.other_strip.chips() if chip.is_unknown]
    assert {"狐", "狸", "😀"} <= set(unknown)
    assert (str(len(unknown)), "unknown") in view.other_figures.texts()
    view.compare.pick("")
    view.compare.picked.emit("")
    assert view.other_strip.isHidden()


def test_that_the_replay_ends_with_the_chips_of_the_sentence(typed, session):
    replay = typed.view.replay
    replay.slider.setValue(replay.num_frames() - 1)
    tokenizer = load(session, "by bpe")
    assert [chip.text for chip in replay.strip.chips()] == [tokenizer.token(i) for i in tokenizer.encode(TYPED)]
    assert replay.sentence.text().startswith("merge ")


def test_that_the_vocabulary_lists_every_token_with_its_count_in_the_corpus(typed, session):
    tokenizer = load(session, "by bpe")
    assert [entry.token for entry in typed.reader.book.entries] == [token for _, token in tokenizer.vocabulary()]
    ranked = dict(typed.view.ranks.ranked())
    assert sum(ranked.values()) == sum(entry.count for entry in typed.reader.book.entries) > 0


def test_that_a_build_is_shown_merge_by_merge_and_then_looked_at(tab, corpus, session, qtbot):
    tab.refresh()
    assert tab.pages.currentWidget() is tab.offer
    tab.setup.form.row("vocab_size").edited.emit("vocab_size", 350)
    with qtbot.waitSignal(session.job_ended, timeout=60_000) as ended:
        tab.offer.pressed.emit()
        assert tab.pages.currentWidget() is tab.running
    assert isinstance(ended.args[1], Finished)
    assert tab.merges.chips()
    assert session.items.of("tokenizer")[0].name == "World bpe"
    qtbot.waitUntil(lambda: tab.pages.currentWidget() is tab.view and bool(tab.view.strip.chips()), timeout=10_000)
    assert tab.view.sentence.text()
    assert "350 tokens" in tab.messages.text
    (train,) = [button.property("remedy") for button in tab.messages.findChildren(QPushButton) if button.property("remedy")]
    chosen = []
    session.chosen.connect(lambda kind, name: chosen.append((kind, name)))
    tab.messages.remedy.emit(train)
    assert chosen == [("tokenizer", "World bpe")]


def test_that_cancelling_ends_the_build_at_once_and_leaves_nothing(tab, project, session, qtbot):
    config = CorpusConfig(sample_count=20_000)
    for _ in import_corpus(project, ["sample:tour"], name="Big", config=config, stop=Stop()):
        pass
    tab.refresh()
    with qtbot.waitSignal(session.job_ended, timeout=60_000) as ended:
        tab.run_verb()
        qtbot.waitUntil(lambda: bool(tab.running.done.text()), timeout=30_000)
        asked = time.monotonic()
        tab.stop.click()
    assert isinstance(ended.args[1], Stopped)
    assert time.monotonic() - asked < 3
    assert list((project.root / "tokenizers").iterdir()) == []
    assert "nothing was kept" in tab.messages.text
    assert tab.pages.currentWidget() is tab.offer


def test_that_a_taken_name_is_refused_in_place(typed, session, qtbot):
    kept = load(session, "by bpe").hash
    typed.setup.name_field.line.setText("by bpe")
    with qtbot.assertNotEmitted(session.job_started):
        typed.run_verb()
    assert "exists already" in typed.setup.name_field.problem()
    assert typed.setup.name_field.instead.text() == "Use “by bpe 2”"
    assert load(session, "by bpe").hash == kept


def test_that_without_a_corpus_one_press_imports_the_tales(tab, session, qtbot):
    assert tab.pages.currentWidget() is tab.offer
    with qtbot.waitSignals([session.job_started, session.go_to]) as _:
        tab.run_verb()
    session.stop(keep=False)
    qtbot.waitUntil(lambda: not session.is_running(), timeout=30_000)


def test_that_the_size_is_asked_only_where_it_has_an_effect(tab, corpus):
    tab.refresh()
    tab.setup.form.row("kind").edited.emit("kind", "byte")
    assert tab.setup.form.row("vocab_size").isHidden()
    tab.setup.form.row("kind").edited.emit("kind", "char")
    assert not tab.setup.form.row("vocab_size").isHidden()


def test_that_a_kind_without_merges_says_why(typed, qtbot):
    typed.view.picker.pick("by char")
    typed._show("by char")
    qtbot.waitUntil(lambda: "nothing to merge" in typed.view.replay.sentence.text(), timeout=5000)


def test_that_what_is_seen_is_explained_by_the_kind_in_sight_and_merges_are_offered_of_merges_alone(typed, qtbot):
    parts = typed.view.parts
    merges = parts.indexOf(typed.view.replay)
    for name, has_merges in (("by char", False), ("by bpe", True)):
        typed.view.picker.pick(name)
        typed._show(name)
        kind = typed._session.items.find("tokenizer", name).tokenizer_card.kind
        assert (kind == "bpe") is has_merges
        qtbot.waitUntil(lambda wanted=has_merges: parts.isTabVisible(merges) is wanted, timeout=5000)
        assert ("merge" in typed.why._text.text()) is has_merges


def test_that_the_sentence_is_cut_before_the_corpus_is_counted(grown_project, qtbot, monkeypatch) -> None:
    """The count takes seconds; until then "0 tokens" stood under an empty strip."""
    release, book = threading.Event(), look.read_book

    def slow(*arguments):
        release.wait(10)
        return book(*arguments)

    monkeypatch.setattr(look, "read_book", slow)
    session = Session(grown_project, Preferences())
    tab = TokenizerTab(session)
    qtbot.addWidget(tab)
    tab.show()
    try:
        qtbot.waitUntil(lambda: bool(tab.view.strip._chips))
        assert tab.view.sentence.text()
        assert tab.reader.book is None
    finally:
        release.set()
        qtbot.waitUntil(lambda: tab.reader.book is not None)
        end(session)


def test_that_the_sample_sentence_goes_with_its_text_and_a_typed_one_stays(tab, corpus, project, session, qtbot, tmp_path):
    (tmp_path / "tale.txt").write_text("A bear slept in the snow until spring came. " * 60, encoding="utf-8")
    for _ in import_corpus(project, [tmp_path / "tale.txt"], name="Bear", stop=Stop()):
        pass
    for name in (corpus, "Bear"):
        config = TokenizerConfig(kind="char", min_frequency=1)
        for _ in build_tokenizer(project, name, name=f"{name} char", config=config, stop=Stop()):
            pass
    tab.refresh()
    tab._on_chosen("tokenizer", "World char")
    settle(tab, session, qtbot)
    assert "bear slept" not in tab.view.sentence.text()
    tab._on_chosen("tokenizer", "Bear char")
    settle(tab, session, qtbot)
    assert "bear slept" in tab.view.sentence.text()
    tab.view.set_sentence("My own words")
    tab._on_chosen("tokenizer", "World char")
    settle(tab, session, qtbot)
    assert tab.view.sentence.text() == "My own words"


def test_that_the_least_size_is_the_one_that_the_kind_needs(tab: TokenizerTab, qtbot: QtBot) -> None:
    row = tab.setup.form.row("vocab_size")
    box = row.editor.field
    for kind, least in (("bpe", 263), ("word", 16), ("unigram", 263)):
        tab.setup.form._edited("kind", kind)
        box.setFocus()
        box.selectAll()
        qtbot.keyClicks(box, "5")
        box.interpretText()
        assert tab.setup.form.config.vocab_size == least_size(kind) == least
        assert row._note.text() == f"5 is too little: {least} is the least."
    tab.setup.form._edited("kind", "char")
    tab.setup.form._edited("vocab_size", 100)
    tab.setup.form._edited("kind", "bpe")
    assert tab.setup.form.config.vocab_size == 263
    assert row._note.text() == "100 is too little: 263 is the least."
