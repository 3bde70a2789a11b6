"""Races in the window: prepared in place, seen while they run, read back from the project afterwards."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from llmstudio.app.inspecting.latent_rival import Match
from llmstudio.app.race.board import Runner, leaderboard
from llmstudio.app.race.racing import Budget
from llmstudio.app.race.racing import race as race_job
from llmstudio.app.runs.run_summary import HEADLINES, MEASURES, UNITS, Quality, RunSummary, summaries
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Evaluated, Failed, Finished, Progress, Started, Stopped, TrainStep
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.recurrent_config import LSTMConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.readouts.differences_table import marked
from llmstudio.gui.train.modes.race.data import Race, RaceRunner
from llmstudio.gui.train.modes.race.leaderboard import YARDSTICK, LeaderboardModel
from llmstudio.gui.train.modes.race.plot import BITS, LOSS
from llmstudio.gui.train.modes.race.runs import read_race
from llmstudio.gui.train.tab import TrainTab
from llmstudio.gui.window.status_bar import StatusBar
from llmstudio.store.project import Project

TRAINING = TrainingConfig(
    max_steps=40, batch_size=2, eval_steps=10, eval_tokens=200, sample_tokens=4, threads=1, number_format="fp32",
    device="cpu", rows="running",
)  # fmt: skip
LOOKS = Recipe(model=DecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=16), training=TRAINING)
REMEMBERS = Recipe("lstm", LSTMConfig(num_layers=1, embed_dim=16, hidden_dim=24, context_length=16), TRAINING)
TOKENS = 40 * 2 * 16


@pytest.fixture
def ready(project: Project) -> Project:
    text = project.root / "fox.txt"
    text.write_text("The fox went to the river and saw a bear.\n\n" * 200, encoding="utf-8")
    list(import_corpus(project, [text], name="Fox", config=CorpusConfig(), stop=Stop()))
    for kind, name in (("word", "Fox word"), ("char", "Fox char")):
        config = TokenizerConfig(kind=kind, min_frequency=1)
        list(build_tokenizer(project, "Fox", name=name, config=config, stop=Stop()))
    return project


@pytest.fixture
def tab(ready: Project, session: Session, qtbot: QtBot) -> TrainTab:
    made = TrainTab(session)
    qtbot.addWidget(made)
    made.resize(1100, 900)
    made.show()
    made.race.show_race()
    for line, recipe in zip(made.race.setup.lines, (LOOKS, REMEMBERS), strict=True):
        line.set_recipe(recipe)
    made.race.setup.lines[1].pick_tokenizer("Fox word")
    made.race.setup.by_tokens.click()
    made.race.setup.tokens.setValue(TOKENS)
    return made


def raced(project: Project, name: str) -> None:
    runners = [Runner(f"{name} 1 nano", LOOKS, "Fox char"), Runner(f"{name} 2 lstm", REMEMBERS, "Fox word")]
    list(race_job(project, name=name, corpus="Fox", runners=runners, budget=Budget(tokens=TOKENS), stop=Stop()))


def begin(tab: TrainTab, qtbot: QtBot, steps: int) -> None:
    tab.run_verb()
    qtbot.waitUntil(lambda: tab.race.steps >= steps, timeout=60_000)


def test_that_the_curves_of_all_grow_and_the_leaderboard_is_that_of_the_race(
    tab: TrainTab, ready: Project, session: Session, qtbot: QtBot
) -> None:
    view = tab.race.view
    tab.race.setup.tokens.setValue(TOKENS * 10)
    with qtbot.waitSignal(session.job_ended, timeout=60_000) as ended:
        begin(tab, qtbot, 1)
        assert tab.view.live is None  # none of them is taken for a single run
        assert view.is_live
        qtbot.waitUntil(lambda: all(len(runner.run) for runner in view.race.runners), timeout=30_000)
        lengths = [len(runner.run) for runner in view.race.runners]
        qtbot.waitUntil(lambda: all(len(r.run) > n for r, n in zip(view.race.runners, lengths, strict=True)), timeout=30_000)
        # One that has not looked at the validation text yet has no curve beside those that have.
        qtbot.waitUntil(lambda: all(len(view.plot.curve(number)[0]) for number in (0, 1)), timeout=30_000)
    assert isinstance(ended.args[1], Finished)
    qtbot.waitUntil(lambda: view.race.yardstick is not None, timeout=10_000)
    places = leaderboard(ready, "Race 1")
    cells = view.leaderboard.model.cells
    shown = [
        (row[0], row[1]) for row, number in zip(cells, view.leaderboard.model.order, strict=True) if number != YARDSTICK
    ]
    assert shown == [(p.model.removeprefix("Race 1 "), f"{p.bits_per_byte:.3f}") for p in places]
    assert f"{ended.args[1].result['yardstick']:.3f}" in [row[1] for row in cells]
    assert f"“{places[0].model}” wins" in tab.messages.text
    assert view.plot.shown_measure == BITS
    qtbot.waitUntil(lambda: any(label.startswith("5-gram") for label in view.plot.beside.texts), timeout=5_000)
    assert all(text for text in view.samples.texts())


def test_that_the_winner_is_one_press_away(tab: TrainTab, session: Session, qtbot: QtBot) -> None:
    chosen: list[tuple[str, str]] = []
    with qtbot.waitSignal(session.job_ended, timeout=60_000) as ended:
        tab.run_verb()
    session.chosen.connect(lambda kind, name: chosen.append((kind, name)))
    talk = next(b for b in tab.messages.findChildren(QPushButton) if b.text() == "Talk to the winner")
    with qtbot.waitSignal(session.go_to) as gone:
        talk.click()
    assert gone.args == ["chat"]
    assert chosen == [("model", ended.args[1].result["places"][0]["model"])]


def test_that_one_runner_or_seven_are_refused_in_place(tab: TrainTab, session: Session) -> None:
    setup = tab.race.setup
    for _ in range(5):
        setup.add.click()
    assert len(setup.lines) == 6
    assert "at most 6" in setup.problem.text()
    while len(setup.lines) > 1:
        setup.lines[-1].remove.click()
    assert setup.problem.isHidden()
    tab.run_verb()
    assert "two to six" in setup.problem.text()
    assert not session.is_running()


def test_that_a_size_nobody_can_be_brought_to_is_refused_in_place(tab: TrainTab, session: Session) -> None:
    setup = tab.race.setup
    setup.by_size.click()
    setup.parameters.setValue(1_000)
    tab.run_verb()
    assert "1,000 parameters" in setup.problem.text()
    assert not session.is_running()


def test_that_a_remedy_is_for_the_runner_it_was_offered_for_or_for_nobody(
    tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    setup = tab.race.setup
    setup.add.click()
    wild = replace(REMEMBERS, training=replace(TRAINING, learning_rate=30.0))
    for line, recipe in zip(setup.lines, (LOOKS, wild, REMEMBERS), strict=True):
        line.set_recipe(recipe)
        line.pick_tokenizer("Fox word")
    with qtbot.waitSignal(session.job_ended, timeout=60_000):
        tab.run_verb()
    way = next(b for b in tab.messages.findChildren(QPushButton) if "learning rate of" in b.text())
    remedy = way.property("remedy")
    setup.lines[0].remove.click()
    assert tab.race.says.apply(remedy)
    assert [line.recipe.training.learning_rate for line in setup.lines] == [3e-3, TRAINING.learning_rate]
    setup.lines[0].remove.click()
    assert not tab.race.says.apply(remedy)


def test_that_in_a_small_window_a_message_leaves_the_leaderboard_its_lines(
    tab: TrainTab, ready: Project, qtbot: QtBot
) -> None:
    raced(ready, "Derby")
    tab.race.view.refresh()
    tab.race.view.open("Derby")
    qtbot.waitUntil(lambda: tab.race.view.race.name == "Derby", timeout=10_000)
    ways = tuple(Remedy("set", words("2 lstm: Use a learning rate of {n}", n=n)) for n in (0.001, 0.002))
    said = words(
        "“{winner}” wins the race with {n} bits per byte. Out before the end: 2 lstm nano.", winner="Derby 1", n=1.234
    )
    tab.messages.show_message(said, remedies=(Remedy("talk", words("Talk to the winner")), *ways))
    tab.resize(1024, 640)  # what a window of 1024 by 768 leaves; what does not fit into it scrolls as a whole
    qtbot.wait(100)
    table = tab.race.view.leaderboard.table
    assert tab.race.view.plot.view.height() >= 140
    assert table.viewport().height() >= len(tab.race.view.leaderboard.model.order) * table.rowHeight(0)


def test_that_a_stopped_race_says_so_and_stays_in_sight(tab: TrainTab, session: Session, qtbot: QtBot) -> None:
    tab.race.setup.tokens.setValue(TOKENS * 10_000)
    begin(tab, qtbot, 1)
    qtbot.waitUntil(lambda: all(len(runner.run) for runner in tab.race.view.race.runners), timeout=30_000)
    assert not tab.controls.isHidden()
    with qtbot.waitSignal(session.job_ended, timeout=60_000) as ended:
        tab.controls.keep.click()
    assert isinstance(ended.args[1], Stopped)
    assert "“Race 1” was stopped. Models that are kept: 2" in tab.messages.text
    # What the board says does not change when the race is read back, and each run alone says the same.
    shown = {runner.name: runner.summary for runner in tab.race.view.race.runners}
    for name, kept in summaries(session.project).items():
        assert (kept.quality, kept.seconds, kept.step) == (shown[name].quality, shown[name].seconds, shown[name].step)
        assert kept.tokens_per_second == shown[name].tokens_per_second
        assert kept.state == "stopped"
    assert len(shown) == 2
    assert tab.race.view.race.name == "Race 1"
    assert tab.race.view.race.is_over
    assert tab.controls.isHidden()
    assert tab.race.setup.name_field.name() == "Race 2"


def test_that_a_stopped_race_goes_on_from_its_page_to_its_end(tab: TrainTab, session: Session, qtbot: QtBot) -> None:
    tab.race.setup.tokens.setValue(TOKENS * 20)
    view = tab.race.view
    begin(tab, qtbot, 1)
    assert view.go_on.isHidden()
    qtbot.waitUntil(lambda: all(len(runner.run) for runner in view.race.runners), timeout=30_000)
    with qtbot.waitSignal(session.job_ended, timeout=60_000):
        tab.controls.keep.click()
    qtbot.waitUntil(lambda: not view.go_on.isHidden(), timeout=10_000)
    one, other = (runner.name for runner in view.race.runners)
    tab.view.show_run(one)
    tab.view.tools.overlay(other)
    qtbot.waitUntil(lambda: [run.name for run in tab.view.picture.loss.overlays] == [other], timeout=10_000)
    assert tab.view.picture.numbers.summary.state == "stopped"
    before = view.race.steps
    with qtbot.waitSignal(session.job_ended, timeout=60_000) as ended:
        view.go_on.click()
        qtbot.waitUntil(lambda: view.is_live, timeout=10_000)
        assert view.go_on.isHidden()
        assert view.race.steps >= before  # what was learned before stands in the curves at once
    assert isinstance(ended.args[1], Finished)
    qtbot.waitUntil(lambda: view.race.yardstick is not None, timeout=10_000)
    assert view.go_on.isHidden()
    assert [len(runner.run) for runner in view.race.runners] == [40 * 20, 40 * 20]
    assert "wins the race" in tab.messages.text
    # What had a runner in sight before as a single run shows it as it is now, and so does the one laid over it.
    qtbot.waitUntil(lambda: len(tab.view.run) == 40 * 20, timeout=10_000)
    qtbot.waitUntil(lambda: [len(run) for run in tab.view.picture.loss.overlays] == [40 * 20], timeout=10_000)
    assert tab.view.picture.numbers.summary.state == "finished"


def test_that_a_refused_race_leaves_nothing_in_sight(
    tab: TrainTab, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> Iterator[object]:
        raise StudioError("Somebody else is at work in this project.")
        yield

    monkeypatch.setattr("llmstudio.gui.train.modes.race.mode.race_job", refused)
    with qtbot.waitSignal(session.job_ended, timeout=20_000):
        tab.run_verb()
    assert "Somebody else" in tab.messages.text
    assert not tab.race.view.race.runners
    assert tab.race.view.measure.key == BITS


def test_that_discarding_a_race_asks_first_and_leaves_no_model(
    tab: TrainTab, ready: Project, session: Session, qtbot: QtBot
) -> None:
    tab.race.setup.tokens.setValue(TOKENS * 10_000)
    begin(tab, qtbot, 20)
    tab.controls.discard.click()
    throw = next(b for b in tab.messages.findChildren(QPushButton) if b.text() == "Throw these models away")
    with qtbot.waitSignal(session.job_ended, timeout=60_000):
        throw.click()
    assert "Nothing was kept" in tab.messages.text
    assert ready.items("model") == []


def test_that_earlier_races_open_with_curves_places_and_differences(ready: Project, session: Session, qtbot: QtBot) -> None:
    raced(ready, "Derby")
    raced(ready, "Ascot")
    tab = TrainTab(session)
    qtbot.addWidget(tab)
    tab.show()
    tab.race.show_race()
    view = tab.race.view
    qtbot.waitUntil(lambda: view.race.name == "Ascot", timeout=10_000)
    assert view.races.names() == ["Ascot", "Derby"]
    view.open("Derby")
    qtbot.waitUntil(lambda: view.race.name == "Derby", timeout=10_000)
    assert [len(runner.run) for runner in view.race.runners] == [40, 40]
    assert [row[0] for row in view.leaderboard.model.cells if row[0] in ("1 nano", "2 lstm")] == [
        place.model.removeprefix("Derby ") for place in leaderboard(ready, "Derby")
    ]
    seconds = {place.model: place.seconds for place in leaderboard(ready, "Derby")}
    assert {runner.name: runner.seconds for runner in view.race.runners} == seconds
    table = view.differences.table
    assert {table.item(row, 0).text() for row in range(table.rowCount())} >= {"Family of models"}
    assert table.item(0, 1).text() != table.item(0, 2).text()


def test_that_a_race_shows_the_names_that_tokenizers_have_by_now(ready: Project) -> None:
    raced(ready, "Derby")
    ready.rename("tokenizer", "Fox word", "Words of the fox")
    shown = dict(read_race(ready, "Derby").differences)
    assert set(shown["Tokenizer"]) == {"Words of the fox", "Fox char"}


def test_that_another_axis_and_another_measure_are_one_press_each(
    ready: Project, session: Session, qtbot: QtBot, tab: TrainTab
) -> None:
    raced(ready, "Derby")
    tab.race.view.open("Derby")
    qtbot.waitUntil(lambda: tab.race.view.race.name == "Derby", timeout=10_000)
    view = tab.race.view
    for number, last in enumerate((None, TOKENS, 40)):
        view.axis.button(number).click()
        place = view.plot.curve(0)[0][-1]
        assert place == pytest.approx(view.race.runners[0].seconds if last is None else last)
    view.measure.button(1).click()
    assert view.plot.shown_measure == LOSS
    assert len(view.plot.curve(0)[0]) == 40


def test_that_the_settings_of_a_runner_are_its_own(tab: TrainTab) -> None:
    first, second = tab.race.setup.lines
    second.settings.click()
    assert second.form is not None
    second.form._edited("training.batch_size", 7)
    assert second.recipe.training.batch_size == 7
    assert first.recipe == LOOKS
    assert tab.race.setup.runners("X")[1].recipe.training == replace(second.recipe.training)


def test_that_every_runner_begins_its_samples_alike(tab: TrainTab) -> None:
    tab.race.setup.prompt.setText("The bear")
    assert {runner.recipe.training.sample_prompt for runner in tab.race.setup.runners("X")} == {"The bear"}


def test_that_a_race_moves_the_status_bar_as_a_whole(qtbot: QtBot) -> None:
    bar = StatusBar()
    qtbot.addWidget(bar)
    step = TrainStep(
        job="train",
        parents=("race", "0"),
        step=9,
        loss=1.0,
        learning_rate=1.0,
        grad_norm=1.0,
        tokens=1,
        tokens_per_second=1.0,
    )
    begun = Started(job="train", parents=("race", "0"), title=words("Training"), total=10)
    bar.show_events([begun, Progress(job="race", what=words("Running"), done=1, total=4), step])
    assert bar._bar.value() / bar._bar.maximum() == 0.25


def test_that_the_leaderboard_sorts_itself_and_those_without_a_figure_come_last() -> None:
    figures = {"a": 2.0, "b": None, "c": 1.5}
    runners = [
        RaceRunner(
            name, name, "decoder", 1, standing=RunSummary(name, quality=bits and Quality(BITS, bits, 1, is_whole=True))
        )
        for name, bits in figures.items()
    ]
    assert Race("Derby", runners).order() == [2, 0, 1]


@pytest.mark.parametrize("measure", MEASURES)
def test_that_the_leaderboard_says_what_its_figures_count_and_which_is_the_better(measure: str) -> None:
    board = LeaderboardModel()
    quality = Quality(measure, 0.5, 1, is_whole=True)
    board.update(Race("Derby", [RaceRunner("a", "a", "decoder", 1, standing=RunSummary("a", step=1, quality=quality))]))
    assert str(UNITS[measure]).lower() == str(board.headerData(1, Qt.Orientation.Horizontal)).lower()
    help_text = str(board.headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole))
    assert ("More is better" in help_text) == HEADLINES[measure].more_is_better
    assert ("Fewer is better" in help_text) != HEADLINES[measure].more_is_better


def test_that_how_far_a_runner_is_follows_its_own_stopwatch() -> None:
    board = LeaderboardModel()
    race = Race("Derby", [RaceRunner("a", "a", "decoder", 1), RaceRunner("b", "b", "lstm", 1)])
    standing = {"seconds": [15.0, 14.0], "shares": [0.25, None]}
    race.add([Progress(job="race", what=words("Running"), done=29.0, total=120.0, details=standing)])
    board.update(race)
    assert [cells[-1] for cells in board.cells] == ["25 %", "0 steps"]
    race.is_over = True
    board.update(race)
    assert board.cells[0][-1] == "0 steps"


def test_that_only_what_stands_alone_is_marked() -> None:
    assert marked(["8", "8", "16"]) == [False, False, True]
    assert marked(["8", "16"]) == [True, True]


def test_that_a_race_proposed_elsewhere_stands_ready(tab: TrainTab, session: Session, qtbot: QtBot) -> None:
    tab.race.setup.add.click()
    sentences = replace(REMEMBERS, training=replace(TRAINING, rows="sentences"), preset="micro")
    session.race_proposed.emit(Match("Fox", "Fox word", (LOOKS, sentences), 40_000, 45.0))
    setup = tab.race.setup
    assert tab.race.is_on
    assert [(line.recipe, line.tokenizer) for line in setup.lines] == [(LOOKS, "Fox word"), (sentences, "Fox word")]
    assert setup.lines[1].preset.key == "lstm:micro"
    assert setup.budget == Budget(seconds=45.0, parameters=40_000)
    assert setup.corpus.current() == "Fox"
    for line in list(setup.lines):
        line.remove.click()
    session.race_proposed.emit(Match("Fox", "Fox word", (LOOKS, sentences), 40_000, 45.0))
    assert [line.recipe for line in setup.lines] == [LOOKS, sentences]


def test_that_a_race_follows_a_change_of_text_and_takes_no_other_texts_tokenizer(
    tab: TrainTab, ready: Project, session: Session
) -> None:
    text = ready.root / "bear.txt"
    text.write_text("A bear slept in the snow until spring.\n\n" * 200, encoding="utf-8")
    list(import_corpus(ready, [text], name="Bear", config=CorpusConfig(), stop=Stop()))
    setup = tab.race.setup
    session.items_changed.emit("corpus")
    session.chosen.emit("corpus", "Bear")  # made or picked elsewhere
    assert setup.corpus.current() == "Bear"
    assert {line.tokenizer for line in setup.lines} == {""}
    tab.run_verb()
    assert "Not every runner has a tokenizer" in setup.problem.text()
    assert not session.is_running()
    config = TokenizerConfig(kind="char", min_frequency=1)
    list(build_tokenizer(ready, "Bear", name="Bear char", config=config, stop=Stop()))
    session.items_changed.emit("tokenizer")
    assert {line.tokenizer for line in setup.lines} == {"Bear char"}
    setup.corpus.pick("Fox")
    setup.corpus.picked.emit("Fox")
    assert {line.tokenizer for line in setup.lines} == {"Fox char"}


def test_that_a_race_proposed_while_one_goes_on_is_answered_in_words(tab: TrainTab, session: Session, qtbot: QtBot) -> None:
    said: list[str] = []
    tab.race.says.told.connect(lambda note: said.append(str(note.message)))
    before = list(tab.race.setup.lines)
    tab.race._turn(Race("Derby", []))
    session.race_proposed.emit(Match("Fox", "Fox word", (REMEMBERS, REMEMBERS), 40_000, 45.0))
    assert said == ["A race is going on: ask for this one again when it is over."]
    assert tab.race.setup.lines == before
    assert tab.race.setup.seconds.value() != 45
    tab.race._turn(None)


def test_that_who_diverges_drops_out_and_its_remedy_sets_its_own_setting(
    tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    tab.race.setup.add.click()
    wild = replace(REMEMBERS, training=replace(TRAINING, learning_rate=30.0))
    for line, recipe in zip(tab.race.setup.lines, (LOOKS, wild, REMEMBERS), strict=True):
        line.set_recipe(recipe)
        line.pick_tokenizer("Fox word")
    said: list[str] = []
    tab.race.says.told.connect(lambda note: said.append(str(note.message)))
    with qtbot.waitSignal(session.job_ended, timeout=60_000) as ended:
        tab.run_verb()
    assert isinstance(ended.args[1], Finished)
    assert said[0].startswith("“Race 1 2 lstm nano” is out of the race. The loss left all bounds at step")
    assert "wins the race" in tab.messages.text
    assert "Out before the end: 2 lstm nano." in tab.messages.text
    way = next(b for b in tab.messages.findChildren(QPushButton) if "learning rate of" in b.text())
    assert way.text().startswith("2 lstm nano: ")
    way.click()
    rates = [line.recipe.training.learning_rate for line in tab.race.setup.lines]
    assert rates == [TRAINING.learning_rate, 3e-3, TRAINING.learning_rate]
    assert "It is set" in tab.messages.text
    view = tab.race.view
    qtbot.waitUntil(lambda: view.race.yardstick is not None, timeout=10_000)
    far = {row[0]: row[-1] for row in view.leaderboard.model.cells}
    table = view.leaderboard.table
    assert table.columnWidth(6) > table.fontMetrics().horizontalAdvance(far["2 lstm nano"])
    assert far["1 decoder nano"] == "40 steps"
    assert far["2 lstm nano"].startswith("out at step ")
    again = next(b for b in tab.messages.findChildren(QPushButton) if b.text() == "Train again")
    with qtbot.waitSignal(session.job_ended, timeout=60_000):
        again.click()
    assert "“Race 2" in tab.messages.text
    assert "Out" not in tab.messages.text


def test_that_a_race_nobody_can_run_says_why_and_its_remedy_is_for_the_last(
    tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    wild = replace(REMEMBERS, training=replace(TRAINING, learning_rate=30.0))
    for line in tab.race.setup.lines:
        line.set_recipe(wild)
        line.pick_tokenizer("Fox word")
    with qtbot.waitSignal(session.job_ended, timeout=60_000) as ended:
        tab.run_verb()
    assert isinstance(ended.args[1], Failed)
    assert tab.messages.text.startswith("The loss left all bounds")
    tab.messages.findChildren(QPushButton)[-1].click()
    assert sorted(line.recipe.training.learning_rate for line in tab.race.setup.lines) == [3e-3, 30.0]
    assert tab.race.view.race.is_over


@pytest.mark.parametrize(("kind", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_that_the_curves_of_a_race_become_a_file(
    tab: TrainTab, ready: Project, qtbot: QtBot, tmp_path: Path, kind: str, begins: bytes
) -> None:
    raced(ready, "Derby")
    tab.race.view.open("Derby")
    qtbot.waitUntil(lambda: tab.race.view.race.name == "Derby", timeout=10_000)
    with qtbot.waitSignal(tab.race.view.export.written):
        tab.race.view.export.write(tmp_path / f"race.{kind}", kind)
    assert (tmp_path / f"race.{kind}").read_bytes().startswith(begins)
    assert str(tmp_path / f"race.{kind}") in tab.messages.text
    if kind == "svg":
        drawing = (tmp_path / "race.svg").read_text(encoding="utf-8")
        assert "Race “Derby”" in drawing
        assert all(
            f"{runner.label}: {runner.bits_per_byte:.3f} bits per byte" in drawing for runner in tab.race.view.race.runners
        )
        assert "seconds of its own" in drawing


def test_that_the_table_of_a_race_holds_every_step_of_every_runner(
    tab: TrainTab, ready: Project, qtbot: QtBot, tmp_path: Path
) -> None:
    raced(ready, "Derby")
    view = tab.race.view
    view.open("Derby")
    qtbot.waitUntil(lambda: view.race.name == "Derby", timeout=10_000)
    with qtbot.waitSignal(view.export.written):
        view.export.write(tmp_path / "race.csv", "csv")
    with open(tmp_path / "race.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for runner in view.race.runners:
        own = [row for row in rows if row["model"] == runner.name]
        assert [int(row["step"]) for row in own] == list(range(1, 41))
        assert float(own[-1]["own_seconds"]) == pytest.approx(runner.seconds, abs=1e-3)
        assert [np.float32(row["loss"]) for row in own] == runner.run.column("loss").tolist()
        looks = [float(row["bits_per_byte"]) for row in own if row["bits_per_byte"]]
        assert looks == runner.looks()[1].tolist()


def test_that_the_places_to_write_to_are_asked_for_by_kind(
    tab: TrainTab, ready: Project, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raced(ready, "Derby")
    view = tab.race.view
    view.open("Derby")
    qtbot.waitUntil(lambda: view.race.name == "Derby", timeout=10_000)
    monkeypatch.setattr("llmstudio.gui.train.modes.race.export.ask_place", lambda _, name, kind: tmp_path / f"{name}.{kind}")
    for action in view.export.choices.actions():
        with qtbot.waitSignal(view.export.written):
            action.trigger()
    assert {path.name for path in tmp_path.glob("Derby.*")} == {"Derby.png", "Derby.svg", "Derby.csv"}


def test_that_a_runners_closing_look_stands_at_the_weights_it_kept() -> None:
    runner = RaceRunner("race a", "a", "decoder", 100)
    for step, bits, of_step in ((2, 2.1, None), (4, 2.4, None), (4, 2.0, 2)):
        look = Evaluated(
            job="train", parents=("race", "0"), step=step, split="val", figures={"bits_per_byte": bits}, of_step=of_step
        )
        runner.run.add([look])
    steps, bits_per_byte = runner.looks()
    assert steps.tolist() == [2, 4]
    assert bits_per_byte.tolist() == [2.0, 2.4]


@pytest.mark.parametrize(("typed", "value", "said"), [("0", 1, "0 is too little: 1 is the least."), ("soon", 45, "“soon”")])
def test_that_a_time_that_cannot_be_is_said_beside_it(
    tab: TrainTab, qtbot: QtBot, typed: str, value: int, said: str
) -> None:
    setup = tab.race.setup
    setup.by_seconds.click()
    setup.seconds.setValue(45)
    setup.seconds.setFocus()
    setup.seconds.selectAll()
    qtbot.keyClicks(setup.seconds, typed)
    assert setup.settle()
    assert setup.budget == Budget(seconds=value)
    assert setup.note.isVisible()
    assert said in setup.note.text()
    setup.seconds.setValue(50)
    assert not setup.note.isVisible()


def test_that_a_race_begins_with_the_number_that_is_still_being_typed(tab: TrainTab, qtbot: QtBot) -> None:
    setup = tab.race.setup
    setup.tokens.setFocus()
    setup.tokens.selectAll()
    qtbot.keyClicks(setup.tokens, "2000")
    assert setup.settle()
    assert setup.budget == Budget(tokens=2000)
