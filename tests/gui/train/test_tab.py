from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from llmstudio.app.computer.dealt import Dealt
from llmstudio.app.computer.estimate import step_seconds
from llmstudio.app.computer.hardware import Machine, Probe
from llmstudio.app.computer.past_runs import PastRun
from llmstudio.app.presets.by_name import PRESETS
from llmstudio.core import recipe as recipes
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Evaluated, Event, Finished, Noted, Sampled, Started, Stopped, TrainStep
from llmstudio.core.training.history import HistoryWriter, read_history
from llmstudio.core.training.remarks import NOTHING_HELD_OUT
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.train import start as train_start
from llmstudio.gui.train.run.picture.differences import compare
from llmstudio.gui.train.run.runs import done_message
from llmstudio.gui.train.tab import TrainTab
from llmstudio.store.item_files import update_facts
from llmstudio.store.lineage import Parent
from llmstudio.store.project import Project

MACHINE = Machine("a processor", 4, 8_000_000_000, "", "a system")


def step_at(step: int, *, job: str = "train", loss: float | None = None) -> TrainStep:
    memory = {"process": 500, "base": 300, "weights": 20, "gradients": 20, "optimizer": 40, "activations": 120}
    return TrainStep(
        job=job, step=step, time=1000.0 + 60 * step, seconds=step - 1.0, loss=4.0 / step if loss is None else loss,
        learning_rate=0.01, grad_norm=0.5, tokens=100 * step, tokens_per_second=18_240.0, remaining_s=100.0 - step,
        memory={kind: size * 10**6 for kind, size in memory.items()} if step % 5 == 0 else {},
    )  # fmt: skip


def look_at(step: int, *, job: str = "train", quality: float = 1.53) -> Evaluated:
    figures = {"loss": 4.1 / step, "bits_per_byte": quality, "zip_bits_per_byte": 2.61}
    return Evaluated(job=job, step=step, time=1.0, split="val", figures=figures, is_best=True)


def a_run(steps: int, *, job: str = "train") -> list[Event]:
    events: list[Event] = []
    for step in range(1, steps + 1):
        events.append(step_at(step, job=job))
        if step % 10 == 0:
            events.append(look_at(step, job=job))
            events.append(Sampled(job=job, step=step, time=1.0, prompt="The fox", text=f" ran {step}"))
    return events


def begun(name: str = "Tales", step: int = 0, total: int = 40, job: str = "train") -> Started:
    return Started(job=job, step=step, title=words("Training"), item=name, total=total)


def add_corpus(project: Project, name: str = "Tales") -> None:
    with project.create("corpus", name) as (_, facts):
        facts |= {"bytes": 3_000_000, "hash": f"hash of {name}"}


def add_tokenizer(project: Project, name: str = "Tales bpe", corpus: str = "Tales") -> None:
    with project.create("tokenizer", name, made_from={"corpus": project.about("corpus", corpus)}) as (_, facts):
        facts |= {"kind": "bpe", "vocab_size": 2048, "bytes_per_token": 3.0, "hash": f"hash of {name}"}


def add_model(
    project: Project,
    name: str,
    *,
    state: str = "finished",
    events: Sequence[Event] = (),
    can_go_on: bool = True,
    parents: Mapping[str, Parent] | None = None,
    **training: float,
) -> None:
    grown = PRESETS["decoder:nano"].recipe
    recipe = recipes.to_dict(replace(grown, training=replace(grown.training, **training)))
    made_from = {"tokenizer": project.items("tokenizer")[0], **(parents or {})}
    with project.create("model", name, made_from=made_from) as (folder, facts):
        facts |= {"state": state, "recipe": recipe, "result": {"bits_per_byte": 1.5, "steps": 30}}
        checkpoint = folder / "checkpoints" / "00000001"
        checkpoint.mkdir(parents=True)
        (checkpoint / "facts.json").touch()
        if can_go_on:
            (checkpoint / "state.safetensors").touch()
        with HistoryWriter(folder) as history:
            for event in events:
                history.add(event)


@pytest.fixture
def ready(project: Project) -> Project:
    """A project with a text and a tokenizer."""
    add_corpus(project)
    add_tokenizer(project)
    return project


@pytest.fixture
def tab(ready: Project, session: Session, qtbot: QtBot) -> TrainTab:
    return opened(session, qtbot)


def opened(session: Session, qtbot: QtBot) -> TrainTab:
    made = TrainTab(session)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    return made


def press(button: QPushButton) -> None:
    assert not button.isHidden()
    button.click()


def plays(*events: Event, until_stopped: bool = False) -> Callable[[Stop], Iterator[Event]]:
    """A job that says these; with `until_stopped` it goes on taking steps until it is asked to stop."""

    def job(stop: Stop) -> Iterator[Event]:
        yield from events
        step = max((event.step for event in events), default=0)
        while until_stopped and not stop.requested:
            step += 1
            yield step_at(step)
        if until_stopped:
            yield Stopped(job="train", step=step, result={"model": "Tales", "kept": stop.keep})

    return job


def test_that_a_tokenizer_comes_with_the_text_that_it_learned_from(tab: TrainTab, ready: Project, session: Session) -> None:
    add_corpus(ready, "Poems")
    add_tokenizer(ready, "Poems char", corpus="Poems")
    for kind in ("corpus", "tokenizer"):
        session.items_changed.emit(kind)
    tab.setup.corpus.pick("Tales")
    tab.preparation.text.follow()
    session.visit(Remedy("open_tab", words("Train a model with it"), "train", "Poems char"))
    assert (tab.setup.corpus.current(), tab.setup.tokenizer.current()) == ("Poems", "Poems char")
    assert tab.race.setup.corpus.current() in ("", "Poems")
    session.chosen.emit("tokenizer", "Tales bpe")
    assert (tab.setup.corpus.current(), tab.setup.tokenizer.current()) == ("Tales", "Tales bpe")


def test_that_a_tokenizer_whose_text_is_gone_is_used_with_the_text_at_hand(
    tab: TrainTab, ready: Project, session: Session
) -> None:
    add_corpus(ready, "Poems")
    add_tokenizer(ready, "Poems char", corpus="Poems")
    session.items.delete("corpus", "Poems")
    session.items_changed.emit("tokenizer")
    session.chosen.emit("tokenizer", "Poems char")
    assert (tab.setup.corpus.current(), tab.setup.tokenizer.current()) == ("Tales", "Poems char")


# What a project lacks


def test_that_without_a_text_the_way_to_one_is_offered(session: Session, qtbot: QtBot) -> None:
    tab = opened(session, qtbot)
    assert tab.pages.currentWidget() is tab.offer
    with qtbot.waitSignal(session.go_to) as told:
        tab.run_verb()
    assert told.args == ["corpus"]


def test_that_without_a_tokenizer_one_is_offered_from_the_text(
    project: Project, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(
        "llmstudio.gui.shared.pickers.text_and_tokenizer.build_tokenizer",
        lambda project, corpus, **_: asked.append(corpus) or iter([Finished()]),
    )
    add_corpus(project)
    tab = opened(session, qtbot)
    assert "“Tales”" in tab.offer.findChild(QPushButton).text()
    with qtbot.waitSignal(session.job_ended):
        tab.offer.take()
    assert asked == ["Tales"]


def test_that_tokenizers_of_the_chosen_text_come_first(ready: Project, session: Session, qtbot: QtBot) -> None:
    add_corpus(ready, "Other")
    add_tokenizer(ready, "Other bpe", "Other")
    tab = opened(session, qtbot)
    tab.setup.corpus.pick("Tales")
    tab.setup.corpus.picked.emit("Tales")
    assert tab.setup.tokenizer.names() == ["Tales bpe", "Other bpe"]
    assert tab.setup.tokenizer.current() == "Tales bpe"
    assert tab.setup.name_field.name() == "Tales micro"  # a model is not called like its text
    tab.setup.size.chosen.emit("nano")
    assert tab.setup.name_field.name() == "Tales nano"


def test_that_a_tokenizer_of_another_text_is_never_chosen_by_itself(
    ready: Project, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        "llmstudio.gui.shared.pickers.text_and_tokenizer.build_tokenizer",
        lambda project, corpus, **_: asked.append(corpus) or iter([Finished()]),
    )
    add_corpus(ready, "Other")
    tab = opened(session, qtbot)
    tab.setup.corpus.pick("Tales")
    tab.setup.corpus.picked.emit("Tales")
    assert tab.setup.tokenizer.current() == "Tales bpe"
    assert tab.setup.advice.isHidden()
    tab.setup.corpus.pick("Other")
    tab.setup.corpus.picked.emit("Other")
    assert tab.setup.tokenizer.names() == ["Tales bpe"]
    assert tab.setup.tokenizer.current() == ""
    assert "No tokenizer was learned from this text" in tab.setup.advice.text()
    assert tab.train.text() == "Build a tokenizer"
    with qtbot.waitSignal(session.job_ended):
        tab.run_verb()
    assert asked == ["Other"]
    # Chosen by hand it is used, and said to be another text's; reading the project anew does not take it away.
    tab.setup.tokenizer.pick("Tales bpe")
    tab.setup.tokenizer.picked.emit("Tales bpe")
    assert "learned from another text" in tab.setup.advice.text()
    assert tab.train.text() == "Train"
    session.items_changed.emit("tokenizer")
    assert tab.setup.tokenizer.current() == "Tales bpe"
    tab.setup.corpus.pick("Tales")
    tab.setup.corpus.picked.emit("Tales")
    assert tab.setup.advice.isHidden()


def test_that_the_same_text_under_another_name_has_the_same_tokenizer(
    ready: Project, session: Session, qtbot: QtBot
) -> None:
    with ready.create("corpus", "Tales again") as (_, facts):
        facts |= {"bytes": 3_000_000, "hash": "hash of Tales"}
    tab = opened(session, qtbot)
    assert tab.setup.corpus.current() == "Tales again"
    assert tab.setup.tokenizer.current() == "Tales bpe"


# The forecast


def test_that_the_forecast_follows_the_form(tab: TrainTab, qtbot: QtBot) -> None:
    tab.setup.set_computer(MACHINE, None)
    before = tab.setup.card.text
    assert "% of GPT-2 small" in before
    assert tab.setup.size.forecast.endswith("MB for the run · time not measured yet")
    assert not tab.setup.card.measure.isHidden()
    tab.setup.form.apply(Remedy("set", words("x"), "model.embed_dim", "256"))
    assert tab.setup.card.text != before
    assert "exported" not in tab.setup.card.text
    tab.setup.form.apply(Remedy("set", words("x"), "model.activation", "relu2"))
    assert "model.activation=swiglu" in tab.setup.card.text, "what cannot be exported says so before the hours of training"
    tab.setup.form.apply(Remedy("set", words("x"), "model.activation", "swiglu"))
    assert "gguf" not in tab.setup.card.text
    tab.setup.set_text(replace(tab.setup.forecaster.text, tokenizer_kind="word"))
    assert "but not to gguf" in tab.setup.card.text


def test_that_a_measured_computer_foretells_time_and_leaves_out_what_takes_longer_than_a_night(tab: TrainTab) -> None:
    slow = [
        {"layers": 4.0, "width": 128.0, "tokens": 2048.0, "vocab_size": 512.0, "flops": 1e10, "seconds": 0.5},
        {"layers": 2.0, "width": 64.0, "tokens": 128.0, "vocab_size": 512.0, "flops": 1e8, "seconds": 0.01},
    ]
    probe = Probe("key", {"fp32": 1e11}, {"fp32": 1.0}, 1e10, 4, {"4": 1e11}, slow, load=0.0)
    tab.setup.set_computer(MACHINE, replace(probe, load=0.9))
    assert "large" in tab.setup.size.names  # a measurement in a bad moment hides nothing
    assert "at most" in tab.setup.size.forecast
    assert "beside busy programs" in tab.setup.card.text
    assert not tab.setup.card.measure.isHidden()
    tab.setup.set_computer(MACHINE, probe)
    assert "about" in tab.setup.size.forecast
    assert "for 1,000 steps" in tab.setup.card.text
    assert tab.setup.card.measure.isHidden()
    assert "nano" in tab.setup.size.names
    assert "large" not in tab.setup.size.names
    # Real runs were two hundred times as fast: what was foretold in a bad moment is put right.
    recipe = PRESETS["decoder:nano"].recipe
    foretold = step_seconds(recipe, vocab_size=2048, probe=probe)
    assert foretold is not None
    tab.setup.set_computer(MACHINE, probe, [PastRun(Dealt(recipe, 2048, 128, False), foretold / 40, load=0.0)])
    assert "large" in tab.setup.size.names
    assert "by the pace of earlier runs here (1)" in tab.setup.card.text
    # A run beside busy programs widens what is foretold on a quick computer, and takes no size away.
    quick = replace(probe, steps=[step | {"seconds": step["seconds"] / 100} for step in slow])
    for held in (quick, replace(quick, load=0.9)):
        tab.setup.set_computer(MACHINE, held, [PastRun(Dealt(recipe, 2048, 128, False), foretold, load=0.6)])
        assert "large" in tab.setup.size.names
        assert "about" not in tab.setup.size.forecast
    tab.setup.set_computer(MACHINE, quick, [PastRun(Dealt(recipe, 2048, 128, False), foretold, load=0.6)])
    assert " to " in tab.setup.size.forecast
    assert "took up to 60 % of the processor" in tab.setup.card.text


def test_that_choosing_a_size_fills_the_form_and_keeps_the_prompt(tab: TrainTab) -> None:
    tab.setup.form.apply(Remedy("set", words("x"), "training.sample_prompt", "Once upon a time"))
    tab.setup.size.chosen.emit("nano")
    assert tab.setup.recipe.model == PRESETS["decoder:nano"].recipe.model
    assert tab.setup.recipe.training.learning_rate == PRESETS["decoder:nano"].recipe.training.learning_rate
    assert tab.setup.recipe.training.sample_prompt == "Once upon a time"


def test_that_a_run_may_be_given_time_instead_of_steps(tab: TrainTab) -> None:
    tab.setup.length.by_time.click()
    assert tab.setup.recipe.training.max_seconds > 0
    assert tab.setup.form.row("training.max_steps").isHidden()
    tab.setup.length.by_steps.click()
    assert tab.setup.recipe.training.max_seconds == 0
    assert tab.setup.form.row("training.max_seconds").isHidden()


def test_that_a_taken_name_is_refused_with_a_free_one(tab: TrainTab, ready: Project, session: Session) -> None:
    add_model(ready, "Taken")
    tab.setup.name_field.line.setText("Taken")
    tab.run_verb()
    assert "exists already" in tab.setup.name_field.problem()
    assert not session.is_running()


# A run


def test_that_a_run_shows_its_numbers_curves_and_samples(
    tab: TrainTab, ready: Project, session: Session, qtbot: QtBot
) -> None:
    add_model(ready, "Tales")
    tab.setup.set_recipe(PRESETS["decoder:nano"].recipe)
    job = plays(begun(), *a_run(30), Finished(job="train", step=30, result={"model": "Tales"}))
    with qtbot.waitSignal(session.job_ended):
        assert session.start(job, tab="train", title="Training", engine=False)
    assert tab.pages.currentWidget() is tab.view
    assert tab.view.run.column("step").tolist() == list(range(1, 31))
    assert tab.view.picture.numbers.quality.text == "1.500 bits per byte step 30, whole text · zip: 2.61"
    assert tab.view.picture.numbers.pace.text.startswith(
        "103 tokens/s, looks included 500 MB with the program"
    )  # 3,000 tokens in 29 s
    assert tab.view.picture.numbers.left.text == "29 s in all step 30 of 40 · finished"
    assert tab.view.picture.sample.text == "The fox ran 30"
    assert "weights 20.0 MB" in tab.setup.card.bar.describe().split("Measured")[1]
    tab.setup.size.chosen.emit("micro")
    assert "Measured" not in tab.setup.card.bar.describe()  # another model would take something else
    tab.setup.set_recipe(PRESETS["decoder:nano"].recipe)
    assert "Measured" in tab.setup.card.bar.describe()
    add_tokenizer(ready, "Others")
    session.items_changed.emit("tokenizer")
    tab.setup.tokenizer.pick("Others")
    tab.preparation._on_text()
    assert "Measured" not in tab.setup.card.bar.describe()  # and so would another vocabulary
    assert "has learned for 30 steps" in tab.messages.text


def test_that_the_run_inside_a_tour_is_shown_too(tab: TrainTab, ready: Project, session: Session, qtbot: QtBot) -> None:
    add_model(ready, "Tour")
    other = TrainStep(job="other", step=21, loss=9.0, learning_rate=1.0, grad_norm=1.0, tokens=1, tokens_per_second=1.0)
    events = [replace(event, parents=("tour",)) for event in (begun("Tour"), *a_run(20), other)]
    with qtbot.waitSignal(session.job_ended):
        session.start(plays(*events, Finished(job="tour")), tab="home", title="Tour", engine=False)
    assert tab.view.run.name == "Tour"
    assert len(tab.view.run) == 20
    assert tab.setup.recipe == PRESETS["decoder:tour"].recipe
    assert tab.messages.text == ""


def test_that_a_held_run_takes_no_step_and_a_single_step_takes_one(tab: TrainTab, session: Session, qtbot: QtBot) -> None:
    session.start(plays(begun(), until_stopped=True), tab="train", title="Training", engine=False)
    qtbot.waitUntil(lambda: len(tab.view.run) > 5)
    press(tab.controls.pause)
    qtbot.wait(200)
    held = len(tab.view.run)
    assert tab.controls.pause.text() == "Go on"
    qtbot.wait(150)
    assert len(tab.view.run) == held
    press(tab.controls.step)
    qtbot.waitUntil(lambda: len(tab.view.run) == held + 1)
    qtbot.wait(150)
    assert len(tab.view.run) == held + 1
    press(tab.controls.pause)
    qtbot.waitUntil(lambda: len(tab.view.run) > held + 5)
    with qtbot.waitSignal(session.job_ended):
        press(tab.controls.keep)
    assert "kept" in tab.messages.text
    assert tab.controls.isHidden()
    assert not tab.train.isHidden()


def test_that_discarding_asks_first_and_may_be_taken_back(tab: TrainTab, session: Session, qtbot: QtBot) -> None:
    session.start(plays(begun(), until_stopped=True), tab="train", title="Training", engine=False)
    qtbot.waitUntil(lambda: len(tab.view.run) > 5)
    press(tab.controls.discard)
    assert "would be lost" in tab.messages.text
    assert session.is_paused()
    buttons = {button.text(): button for button in tab.messages.findChildren(QPushButton)}
    press(buttons["Keep training"])
    assert not session.is_paused()
    press(tab.controls.discard)
    buttons = {button.text(): button for button in tab.messages.findChildren(QPushButton)}
    with qtbot.waitSignal(session.job_ended) as ended:
        press(buttons["Throw this model away"])
    assert ended.args[1].result["kept"] is False
    assert "Nothing was kept" in tab.messages.text


def test_that_a_run_that_failed_offers_a_remedy_that_sets_the_value_and_tries_again(
    tab: TrainTab, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates: list[float] = []

    def fails(_project: Project, *, recipe: recipes.Recipe, stop: Stop, **_: object) -> Iterator[Event]:
        rates.append(recipe.training.learning_rate)
        yield begun()
        way = Remedy("set", words("Use a learning rate of {rate}", rate=0.001), "training.learning_rate", "0.001")
        raise StudioError("A learning rate of {rate} is too high.", rate=9.0, remedies=(way,))

    monkeypatch.setattr("llmstudio.gui.train.start.train", fails)
    monkeypatch.setattr("llmstudio.gui.session.session.is_loaded", lambda: True)
    with qtbot.waitSignal(session.job_ended):
        tab.run_verb()
    assert tab.messages.text == "A learning rate of 9.0 is too high."
    press(tab.messages.findChildren(QPushButton)[-1])
    assert tab.setup.recipe.training.learning_rate == 0.001
    with qtbot.waitSignal(session.job_ended):
        press(next(button for button in tab.messages.findChildren(QPushButton) if button.text() == "Train again"))
    assert rates[-1] == 0.001


# Earlier runs


def test_that_an_earlier_run_is_replayed_from_disk(ready: Project, session: Session, qtbot: QtBot) -> None:
    add_model(ready, "Before", events=a_run(40))
    tab = opened(session, qtbot)
    qtbot.waitUntil(lambda: len(tab.view.run) == 40)
    live = RunData("Before")
    live.add(a_run(40))
    for column in live.columns:
        np.testing.assert_array_equal(tab.view.run.column(column), live.column(column))
    assert tab.view.picture.sample.text == "The fox ran 40"
    assert tab.view.tools.go_on.isHidden()


def test_that_a_run_without_a_state_of_training_is_not_offered_to_go_on(
    ready: Project, session: Session, qtbot: QtBot
) -> None:
    add_model(ready, "Burst", state="training", events=a_run(30), can_go_on=False)
    tab = opened(session, qtbot)
    qtbot.waitUntil(lambda: len(tab.view.run) == 30)
    assert tab.view.tools.go_on.isHidden()


@pytest.mark.parametrize(("state", "pause_s"), [("stopped", 0.0), ("training", 0.02)])
def test_that_an_unfinished_run_can_go_on_and_its_past_stays_in_sight(
    ready: Project, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, state: str, pause_s: float
) -> None:
    events = a_run(40)
    add_model(ready, "Before", state=state, events=events[:-20])
    checkpoint = 20

    def resume(project: Project, model: str, *, stop: Stop, **_: object) -> Iterator[Event]:
        yield Started(job="resume", title=words("Going on"), item=model)
        with HistoryWriter(project.path("model", model)) as history:
            history.cut(checkpoint)
            yield begun(model, step=checkpoint)
            for event in events:
                if event.step > checkpoint:
                    time.sleep(pause_s)
                    history.add(event)
                    yield event
        yield Finished(job="resume", step=40, result={"model": model})

    monkeypatch.setattr("llmstudio.gui.train.start.resume", resume)
    monkeypatch.setattr("llmstudio.gui.session.session.is_loaded", lambda: True)
    tab = opened(session, qtbot)
    qtbot.waitUntil(lambda: len(tab.view.run) > 20)
    told: list[str] = []
    session.items_changed.connect(told.append)
    with qtbot.waitSignal(session.job_ended):
        press(tab.view.tools.go_on)
    qtbot.waitUntil(lambda: told == ["model"])  # whoever shows it has other weights to show
    qtbot.waitUntil(lambda: len(tab.view.run) >= 40)
    whole = RunData("Before")
    whole.add(events)
    np.testing.assert_array_equal(tab.view.run.column("loss"), whole.column("loss"))
    assert tab.view.run.evaluations == whole.evaluations


def test_that_earlier_runs_are_laid_over_and_taken_away(ready: Project, session: Session, qtbot: QtBot) -> None:
    add_model(ready, "First", events=a_run(30))
    add_model(ready, "Second", events=a_run(50))
    tab = opened(session, qtbot)
    qtbot.waitUntil(lambda: len(tab.view.run) == 50)
    tab.view.tools.overlay("First")
    qtbot.waitUntil(lambda: [run.name for run in tab.view.picture.loss.overlays] == ["First"])
    assert [run.name for run in tab.view.picture.lower.strip.overlays] == ["First"]
    tab.view.tools.overlay("First", shown=False)
    assert tab.view.picture.loss.overlays == []


def test_that_the_list_of_runs_says_how_each_stands(ready: Project, session: Session, qtbot: QtBot) -> None:
    add_model(ready, "Ended", events=a_run(30))
    add_model(ready, "Held", state="stopped", events=a_run(50))
    update_facts(ready.about("model", "Held").path, result={"steps": 50})
    runs = opened(session, qtbot).view.tools.runs
    qtbot.waitUntil(lambda: runs.note() == "1.530 bits per byte on a sample, stopped")
    runs.pick("Ended")
    assert runs.note() == "1.500 bits per byte"
    assert "1.500 bits per byte" in runs.findChild(QComboBox).toolTip()


def test_that_a_run_that_never_ended_is_compared_by_what_it_reached(ready: Project) -> None:
    for name in ("Ended", "Broken off"):
        add_model(ready, name, events=a_run(30))
    update_facts(ready.about("model", "Broken off").path, result=None, state="training")
    found = compare(ready, [ready.about("model", name) for name in ("Ended", "Broken off")])
    figures = {label: cells for label, cells in found.figures}
    assert figures["Steps"] == ["30", "30"]
    last = look_at(30).figures["bits_per_byte"]
    assert figures["bits per byte"] == ["1.500", f"{last:.3f}"]
    assert figures["measured at"] == ["step 30, whole text", "step 30, on a sample"]
    assert figures["Time"] == ["29 s", "29 s"]
    assert figures["Tokens a second"] == ["103", "103"]
    assert figures["State"] == ["finished", "broken off"]


def test_that_runs_laid_over_each_other_are_compared_in_a_table_and_what_differs_is_marked(
    ready: Project, session: Session, qtbot: QtBot
) -> None:
    for name, rate in (("First", 0.003), ("Second", 0.003), ("Third", 0.001)):
        add_model(ready, name, events=a_run(30), learning_rate=rate)
    tab = opened(session, qtbot)
    picture, tools = tab.view.picture, tab.view.tools
    chip = picture.lower._differ
    qtbot.waitUntil(lambda: len(tab.view.run) == 30)
    assert chip.isHidden()
    tools.overlay("First")
    tools.overlay("Second")
    table = picture.lower.differences.table
    qtbot.waitUntil(lambda: not chip.isHidden() and table.columnCount() == 4)
    chip.click()
    assert picture.lower.differences.isVisibleTo(picture)
    rows = {table.item(row, 0).text(): [table.item(row, place) for place in (1, 2, 3)] for row in range(table.rowCount())}
    assert [item.text() for item in rows["bits per byte"]] == ["1.500"] * 3
    assert [item.text() for item in rows["Learning rate"]] == ["0.001", "0.003", "0.003"]
    assert [item.font().bold() for item in rows["Learning rate"]] == [True, False, False]
    assert not any(item.font().bold() for item in rows["bits per byte"])
    assert "Batch" not in rows
    tools.overlay("First", shown=False)
    tools.overlay("Second", shown=False)
    assert chip.isHidden()
    assert not picture.lower.differences.isVisibleTo(picture)


def test_that_a_run_of_another_tokenizer_or_text_is_not_laid_over_one_without_a_warning(
    ready: Project, session: Session, qtbot: QtBot
) -> None:
    for name in ("Like", "Own"):
        add_model(ready, name, events=a_run(30))
    for name, role in (("Tokens", "tokenizer"), ("Text", "corpus")):
        add_model(ready, name, events=a_run(30), parents={role: Parent("0" * 32, "Another", "of its own")})
    tab = opened(session, qtbot)
    picture, tools = tab.view.picture, tab.view.tools
    tab.view.show_run("Own")
    own_action = {action.data(): action for action in tools.compare.choices.actions()}["Own"]
    assert not own_action.isVisible(), "a run is not compared with itself"
    for name in ("Like", "Tokens", "Text"):
        tools.overlay(name)
    qtbot.waitUntil(lambda: picture.unlike.isVisibleTo(picture))
    tokens, text = picture.unlike.text().splitlines()
    assert "“Tokens”" in tokens
    assert "bits per byte" in tokens
    assert "“Text”" in text
    assert "Like" not in picture.unlike.text()
    for name in ("Tokens", "Text"):
        tools.overlay(name, shown=False)
    qtbot.waitUntil(lambda: picture.unlike.isHidden())


def test_that_a_run_which_was_given_time_does_not_say_how_many_steps_it_was_to_take(
    ready: Project, session: Session, qtbot: QtBot
) -> None:
    add_model(ready, "Timed", events=[begun("Timed"), *a_run(50)], max_seconds=20.0)
    tab = opened(session, qtbot)
    qtbot.waitUntil(lambda: len(tab.view.run) == 50)
    assert tab.view.picture.numbers.left.text.endswith("step 50 · broken off")  # it was kept at step 30, and went on to 50


def test_that_a_model_chosen_elsewhere_comes_into_sight(ready: Project, session: Session, qtbot: QtBot) -> None:
    add_model(ready, "First", events=a_run(30))
    add_model(ready, "Second", events=a_run(50))
    tab = opened(session, qtbot)
    session.chosen.emit("model", "First")
    qtbot.waitUntil(lambda: tab.view.run.name == "First" and len(tab.view.run) == 30)


# Files


def test_that_the_table_holds_the_run_to_the_last_digit(
    ready: Project, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    add_model(ready, "Before", events=a_run(40))
    tab = opened(session, qtbot)
    qtbot.waitUntil(lambda: len(tab.view.run) == 40)
    with qtbot.waitSignal(tab.view.files.written):
        tab.view.files.write(tmp_path / "run.csv", "csv")
    with open(tmp_path / "run.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kept = read_history(ready.path("model", "Before"))
    assert [np.float32(row["loss"]) for row in rows] == kept.steps["loss"].tolist()
    assert [int(row["tokens"]) for row in rows] == kept.steps["tokens"].tolist()
    assert {int(row["step"]) for row in rows if row["bits_per_byte"]} == {10, 20, 30, 40}


@pytest.mark.parametrize(("kind", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_that_the_curve_becomes_a_file(
    ready: Project, session: Session, qtbot: QtBot, tmp_path: Path, kind: str, begins: bytes
) -> None:
    add_model(ready, "Before", events=a_run(40))
    tab = opened(session, qtbot)
    qtbot.waitUntil(lambda: len(tab.view.run) == 40)
    with qtbot.waitSignal(tab.view.files.written):
        tab.view.files.write(tmp_path / f"run.{kind}", kind)
    assert (tmp_path / f"run.{kind}").read_bytes().startswith(begins)
    assert str(tmp_path / f"run.{kind}") in tab.messages.text  # where, not only what


def test_that_the_folder_of_a_written_file_is_one_press_away(
    tab: TrainTab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened_at: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened_at.append(url.toLocalFile()))
    tab.view.files.written.emit(str(tmp_path / "run.csv"))
    next(b for b in tab.messages.findChildren(QPushButton) if "folder" in b.text()).click()
    assert [Path(place) for place in opened_at] == [tmp_path]


def test_that_what_is_written_holds_the_runs_that_are_compared(
    ready: Project, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    add_model(ready, "First", events=a_run(30))
    add_model(ready, "Second", state="stopped", events=a_run(50))
    update_facts(ready.about("model", "Second").path, result={"steps": 50})
    tab = opened(session, qtbot)
    qtbot.waitUntil(lambda: len(tab.view.run) == 50)
    tab.view.tools.overlay("First")
    qtbot.waitUntil(lambda: len(tab.view.picture.loss.overlays) == 1)
    for kind in ("csv", "svg"):
        with qtbot.waitSignal(tab.view.files.written):
            tab.view.files.write(tmp_path / f"run.{kind}", kind)
    with open(tmp_path / "run.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["model"] for row in rows] == ["Second"] * 50 + ["First"] * 30
    drawing = (tmp_path / "run.svg").read_text(encoding="utf-8")
    for told in (
        "Learning curve of “Second”",
        "1.530 bits per byte on a sample, stopped",
        "step 50, on a sample",
        "compared with First",
    ):
        assert told in drawing


def test_that_other_figures_of_the_run_stand_under_the_curve(tab: TrainTab) -> None:
    run = RunData("Tales")
    run.add(a_run(20))
    picture = tab.view.picture
    picture.set_run(run)
    for number, last in ((1, 0.01), (2, 0.5), (3, 18_240.0)):
        picture.lower.show_part(number)
        picture.lower.strip.redraw()
        assert picture.lower.strip.lines.curves["smooth"].getData()[1][-1] == pytest.approx(last)
        assert picture.lower._stack.currentWidget() is picture.lower.strip
    assert picture.lower.strip.beside.texts == ["18,240"]
    picture.lower.show_part(0)
    assert picture.lower._stack.currentWidget() is picture.lower.memory


def test_that_the_parts_of_a_loss_have_curves_where_there_are_parts(tab: TrainTab) -> None:
    picture = tab.view.picture
    plain, latent = RunData("Tales"), RunData("Sentences")
    plain.add(a_run(20))
    parts = {"reconstruction": 30.0, "kl": 6.5, "kl_weight": 1.0}
    latent.add([replace(step_at(step), parts=parts) for step in range(1, 21)])
    shown = []
    for run in (plain, latent, plain):
        picture.set_run(run)
        shown.append([picture.lower._choice.button(number).isHidden() for number in (4, 5)])
        if run is latent:
            picture.lower.show_part(5)
            picture.lower.strip.redraw()
            assert picture.lower.strip.beside.texts == ["6.500"]
    assert shown == [[True, True], [False, False], [True, True]]
    assert picture.lower._stack.currentWidget() is picture.lower.memory


def test_that_a_run_that_makes_its_model_sparse_has_a_curve_of_its_zeros(tab: TrainTab) -> None:
    picture, run = tab.view.picture, RunData("Thin")
    run.add([replace(step_at(step), parts={"sparsity": step / 25}) for step in range(1, 21)])
    picture.set_run(run)
    assert not picture.lower._choice.button(6).isHidden()
    picture.lower.show_part(6)
    picture.lower.strip.redraw()
    assert picture.lower.strip.beside.texts == ["0.8000"]


def test_that_axes_and_smoothing_reach_every_plot(tab: TrainTab, session: Session, qtbot: QtBot) -> None:
    tab.view.tools.log_loss.setChecked(True)
    tab.view.tools.smoothing.setValue(20)
    picture = tab.view.picture
    assert picture.loss.scales.is_log_y
    assert not picture.lower.strip.scales.is_log_y
    assert picture.loss.smoothing == picture.lower.strip.smoothing == 0.2
    qtbot.waitUntil(lambda: session.preferences.smoothing == 0.2)
    tab.view.tools._by_column["tokens"].setChecked(True)
    assert {plot.x_column for plot in picture.plots} == {"tokens"}


def test_that_an_encoder_tells_how_much_it_fills_in_right_and_is_played_with_in_inspect(
    ready: Project, session: Session, qtbot: QtBot
) -> None:
    grown = PRESETS["encoder:micro"].recipe
    with ready.create("model", "Filler", made_from={"tokenizer": ready.items("tokenizer")[0]}) as (folder, facts):
        facts |= {"state": "finished", "recipe": recipes.to_dict(grown)}
        with HistoryWriter(folder) as history:
            for event in a_run(20):
                if not isinstance(event, Evaluated):
                    history.add(event)
            for step, right in ((10, 0.375), (20, 0.25)):
                figures = {"loss": 2.0, "masked_accuracy": right, "tokens": 100.0}
                history.add(Evaluated(job="train", step=step, split="val", figures=figures, is_best=step == 10))
    tab = opened(session, qtbot)
    qtbot.waitUntil(lambda: len(tab.view.run) == 20)
    said_of_it = "38 % of hidden words filled in right step 10, on a sample · last look: 25 %"
    qtbot.waitUntil(lambda: tab.view.picture.numbers.quality.text == said_of_it)
    said = "\n".join(label.text() for label in tab.why.findChildren(QLabel))
    assert "words that were hidden from it" in said
    tab.says.say_done(Finished(step=20, result={"model": "Filler"}))
    labels = [button.text() for button in tab.messages.findChildren(QPushButton)]
    assert "Play with it" in labels
    assert "Talk to it" not in labels


# Learning on


def test_that_a_finished_run_offers_to_go_on_with_it_in_a_button_and_in_its_menu_and_others_in_the_menu_alone(
    tab: TrainTab, ready: Project, session: Session
) -> None:
    add_model(ready, "Done")
    add_model(ready, "Half", state="stopped")
    session.items_changed.emit("model")
    tools = tab.view.tools
    for name, has_button in (("Done", True), ("Half", False)):
        tab.view.show_run(name)
        assert tools.learn_on.isVisible() is has_button
        assert tools.go_on.isVisible() is not has_button
        assert tools.learn_on_action.isVisible()


def test_that_going_on_with_a_model_fills_the_form_holds_its_shape_and_starts_a_run_from_it(
    tab: TrainTab, ready: Project, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_model(ready, "Done", learning_rate=0.0125)
    session.items_changed.emit("model")
    tab.view.show_run("Done")
    press(tab.view.tools.learn_on)
    setup = tab.setup
    assert setup.start.isVisible()
    assert setup.recipe.training.learning_rate == 0.0125
    assert "Done" in setup.name_field.name()
    held = (setup.kind, setup.size, setup.tokenizer, setup.form.row("model.context_length"))
    assert [field.isEnabled() for field in held] == [False] * 4
    asked: dict[str, object] = {}

    def train(project: Project, **wishes: object) -> Iterator[Event]:
        asked.update(wishes)
        yield Finished(job="train", result={})

    monkeypatch.setattr(train_start, "train", train)
    list(train_start.training(ready, setup, "On")(Stop()))
    assert (asked["start"], asked["corpus"], asked["tokenizer"], asked["name"]) == ("Done", "Tales", "", "On")
    setup.start.clear_button.click()
    assert [field.isEnabled() for field in held] == [True] * 4
    list(train_start.training(ready, setup, "New")(Stop()))
    assert (asked["start"], asked["tokenizer"]) == ("", "Tales bpe")


def test_that_the_way_to_go_on_with_a_model_leads_to_what_is_said_of_it_and_the_button_names_it_until_that_is_done(
    ready: Project, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_model(ready, "Done")
    tab = opened(session, qtbot)
    tab.resize(1200, 500)
    bar = tab.layout_._scroll.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 100)
    bar.setValue(bar.maximum())
    press(tab.view.tools.learn_on)
    said, pane = tab.setup.start, tab.layout_._scroll.viewport()
    qtbot.waitUntil(lambda: said.isVisible() and pane.rect().contains(said.mapTo(pane, said.rect().center())))
    assert tab.train.text() == "Go on with “Done”"
    tab.switch.turn_to("race")
    assert "Done" not in tab.train.text()
    tab.switch.turn_to("one")
    assert tab.train.text() == "Go on with “Done”"

    def train(project: Project, **wishes: object) -> Iterator[Event]:
        yield Started(job="train", title=words("Training"), item=str(wishes["name"]), total=1)
        yield Finished(job="train", result={"model": wishes["name"]})

    monkeypatch.setattr(train_start, "train", train)
    tab.run_verb()
    qtbot.waitUntil(lambda: tab.train.text() == "Train", timeout=60_000)
    assert tab.setup.start.isHidden()
    assert tab.setup.kind.isEnabled()


def test_that_a_beginning_is_followed_under_another_name_though_a_new_model_takes_its_own(
    tab: TrainTab, ready: Project, session: Session
) -> None:
    add_model(ready, "Done")
    session.items_changed.emit("model")
    tab.view.show_run("Done")
    tab.preparation.learn_on()
    ready.rename("model", "Done", "Other name")
    add_model(ready, "Done")
    session.items_changed.emit("model")
    assert tab.setup.start.model == "Other name"
    assert tab.setup.start.isVisible()
    assert not tab.setup.kind.isEnabled()
    assert "Other name" in tab.setup.name_field.name()
    assert tab.train.isEnabled()


def test_that_no_run_begins_from_random_weights_where_a_deleted_model_was_to_go_on(
    tab: TrainTab, ready: Project, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_model(ready, "Done")
    session.items_changed.emit("model")
    tab.view.show_run("Done")
    tab.preparation.learn_on()
    ready.delete("model", "Done")
    session.items_changed.emit("model")
    said = next(label for label in tab.setup.start.findChildren(QLabel) if "Done" in label.text())
    assert said.isVisible()
    assert said.property("role") == "error"
    started: list[object] = []
    monkeypatch.setattr(session, "start", lambda *given, **named: started.append(given))
    tab.run_verb()
    assert not started
    assert not tab.train.isEnabled()
    assert not tab.setup.kind.isEnabled(), "its shape is still held"
    tab.setup.start.clear_button.click()
    assert tab.setup.kind.isEnabled()
    assert tab.train.isEnabled()
    tab.run_verb()
    assert started


@pytest.mark.parametrize("kind", ["corpus", "tokenizer"])
def test_that_a_run_does_not_begin_on_another_item_than_was_chosen_where_that_is_gone(
    kind: str, tab: TrainTab, ready: Project, session: Session
) -> None:
    picker = getattr(tab.setup, kind)
    chosen = picker.current()
    ready.rename(kind, chosen, "Renamed")
    session.items_changed.emit(kind)
    assert picker.current() == "Renamed"
    (add_corpus if kind == "corpus" else add_tokenizer)(ready, "Another")
    ready.delete(kind, "Renamed")
    session.items_changed.emit(kind)
    assert (picker.current(), picker.gone) == ("", "Renamed")
    assert any("Renamed" in label.text() and label.property("role") == "error" for label in picker.findChildren(QLabel))
    assert not tab.train.isEnabled()


def test_that_a_run_that_left_all_bounds_goes_on_at_the_rate_that_was_proposed(
    tab: TrainTab, ready: Project, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_model(ready, "Wild", state="diverged", can_go_on=False)
    update_facts(ready.path("model", "Wild"), diverged={"proposed_rate": "0.001"})
    session.items_changed.emit("model")
    tab.view.show_run("Wild")
    assert tab.view.tools.go_on.isVisible()
    asked: dict[str, object] = {}

    def resume(project: Project, name: str, **wishes: object) -> Iterator[Event]:
        asked.update(wishes)
        yield Finished(job="resume", result={})

    monkeypatch.setattr(train_start, "resume", resume)
    list(train_start.going_on(ready, ready.about("model", "Wild"), "Wild")(Stop()))
    assert asked["changes"] == {"training.learning_rate": "0.001"}


def test_that_a_run_with_nothing_held_out_says_so_at_its_first_figure(
    tab: TrainTab, ready: Project, session: Session, qtbot: QtBot
) -> None:
    add_model(ready, "Tales")
    update_facts(ready.path("model", "Tales"), result={"steps": 30})
    steps = [event for event in a_run(30) if isinstance(event, TrainStep)]
    said = Noted(job="train", message=NOTHING_HELD_OUT, level="warning")
    job = plays(begun(), said, *steps, Finished(job="train", step=30, result={"model": "Tales"}))
    with qtbot.waitSignal(session.job_ended):
        assert session.start(job, tab="train", title="Training", engine=False)
    assert "nothing is held out" in tab.view.picture.numbers.quality.text
    assert "not measured yet" not in tab.view.picture.numbers.quality.text


def test_that_how_a_run_left_all_bounds_is_said_once_with_one_button(
    tab: TrainTab, ready: Project, session: Session, qtbot: QtBot
) -> None:
    rate = str(tab.setup.recipe.training.learning_rate)
    way = Remedy("set", words("Use a learning rate of {rate}", rate="0.001"), "training.learning_rate", "0.001")

    def job(stop: Stop) -> Iterator[Event]:
        yield begun()
        yield step_at(1)
        raise StudioError("The loss left all bounds: {rate} is too high.", remedies=(way,), rate=rate)

    with qtbot.waitSignal(session.job_ended):
        assert session.start(job, tab="train", title="Training", engine=False)
    assert "left all bounds" in tab.messages.text
    assert [button.text() for button in tab.findChildren(QPushButton)].count("Use a learning rate of 0.001") == 1
    assert not tab.setup.form.row("training.learning_rate").error


def test_that_a_run_that_left_all_bounds_at_once_leaves_nobody_to_talk_to(
    tab: TrainTab, ready: Project, session: Session
) -> None:
    add_model(ready, "Wild", state="diverged")
    checkpoints = ready.path("model", "Wild") / "checkpoints"
    (checkpoints / "00000001").rename(checkpoints / "00000000")
    session.items_changed.emit("model")
    assert session.items.models() == []
    assert not session.items.ready()["chat"]
    assert "Wild" in tab.view.tools.runs.names(), "its run can go on"
    (checkpoints / "00000000").rename(checkpoints / "00000001")
    assert [model.name for model in session.items.models()] == ["Wild"]


def test_that_a_run_without_a_look_says_that_nothing_was_measured(tab: TrainTab, ready: Project, session: Session) -> None:
    tab.view.begin(begun())
    assert tab.view.picture.numbers.quality.text.endswith("not measured yet")


@pytest.mark.parametrize("ended_early", [False, True])
def test_that_a_model_reached_its_figure_and_needs_none(ended_early: bool) -> None:
    end = Finished(job="train", step=1, result={"model": "Tales", "bits_per_byte": 1.7364, "ended_early": ended_early})
    said = str(done_message(end))
    assert "reached 1.736 bits per byte" in said
    assert "1 step" in said
    assert "1 steps" not in said
