"""What a run remarks is said in its tab, and the ways out that it offers are buttons that do what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from llmstudio.app.presets.by_name import presets_of
from llmstudio.app.verbs.export import NOT_EXPORTABLE
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.recipe import to_dict
from llmstudio.core.settings import get
from llmstudio.core.tasks.latent.settings import LatentSettings
from llmstudio.core.tasks.latent.task import remedies
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.gui.session.session import Session
from llmstudio.gui.train.run.runs import stopped_message
from llmstudio.gui.train.tab import TrainTab
from llmstudio.store.item_files import update_facts
from llmstudio.store.project import Project

BARE = LatentSettings(free_bits=0.0, warm_start_share=0.0)
COLLAPSED = Noted(
    job="train",
    message=words("The latent space is not used."),
    level="warning",
    remedies=remedies(BARE, VAEConfig(word_dropout=0.0)),
)
IDLE = Noted(job="train", message=words("A setting has no effect."))


@pytest.fixture
def tab(project: Project, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> TrainTab:
    monkeypatch.setattr("llmstudio.gui.session.session.is_loaded", lambda: True)
    with project.create("corpus", "Tales") as (_, facts):
        facts |= {"bytes": 3_000_000, "hash": "a"}
    with project.create("tokenizer", "Tales word", made_from={"corpus": project.about("corpus", "Tales")}) as (_, facts):
        facts |= {"kind": "word", "vocab_size": 500, "bytes_per_token": 4.0, "hash": "b"}
    made = TrainTab(session)
    qtbot.addWidget(made)
    made.show()
    recipe = presets_of("vae")[0].recipe
    made.setup.set_recipe(replace(recipe, model=replace(recipe.model, word_dropout=0.0), task=BARE))
    return made


def says(*events: Event) -> Callable[[Stop], Iterator[Event]]:
    def job(_stop: Stop) -> Iterator[Event]:
        yield Started(job="train", title=words("Training"), item="Tales", total=9)
        yield from events
        yield Finished(job="train", step=9, result={"model": "Tales"})

    return job


def run(session: Session, qtbot: QtBot, *events: Event) -> None:
    with qtbot.waitSignal(session.job_ended):
        session.start(says(*events), tab="train", title="Training")


def buttons(tab: TrainTab) -> dict[str, QPushButton]:
    return {b.text(): b for b in tab.messages.findChildren(QPushButton) if b.property("remedy") is not None}


def offered(tab: TrainTab) -> list[Remedy]:
    return [button.property("remedy") for button in buttons(tab).values()]


@pytest.mark.parametrize("number", range(len(COLLAPSED.remedies)))
def test_that_every_way_out_of_a_collapse_is_a_button_that_sets_it(
    tab: TrainTab, session: Session, qtbot: QtBot, number: int
) -> None:
    way = COLLAPSED.remedies[number]
    run(session, qtbot, COLLAPSED)
    assert tab.messages.text == "The latent space is not used."
    assert f"{get(tab.setup.recipe, way.target):g}" != way.value
    buttons(tab)[str(way.label)].click()
    assert f"{get(tab.setup.recipe, way.target):g}" == way.value
    assert tab.messages.text == f"{way.label}. It is set."
    assert list(buttons(tab))[-1] == "Train again"  # those before are on their way out


def test_that_a_warning_with_a_way_out_outlasts_remarks_and_the_end(tab: TrainTab, session: Session, qtbot: QtBot) -> None:
    run(session, qtbot, COLLAPSED, IDLE)
    assert tab.messages.text == "The latent space is not used."
    assert offered(tab)[:-1] == list(COLLAPSED.remedies)
    assert offered(tab)[-1].action == "open_tab"
    tab.messages.dismissed.emit()
    run(session, qtbot, IDLE)
    assert "“Tales” has learned" in tab.messages.text


def test_that_a_way_out_taken_while_the_run_goes_on_is_for_the_next_one(
    tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    way = COLLAPSED.remedies[0]

    def job(stop: Stop) -> Iterator[Event]:
        yield Started(job="train", title=words("Training"), item="Tales", total=9)
        yield COLLAPSED
        while not stop.requested:
            yield Progress(job="train", what=words("Reading"), done=1)
        yield Finished(job="train", step=9, result={"model": "Tales"})

    session.start(job, tab="train", title="Training")
    qtbot.waitUntil(lambda: str(way.label) in buttons(tab))
    with qtbot.waitSignal(tab.setup.form.changed):
        buttons(tab)[str(way.label)].click()
    assert f"{get(tab.setup.recipe, way.target):g}" == way.value
    with qtbot.waitSignal(session.job_ended):
        session.stop("work")
    assert "has learned" in tab.messages.text


def test_that_what_other_programs_cannot_open_is_no_banner(tab: TrainTab, session: Session, qtbot: QtBot) -> None:
    run(session, qtbot, Noted(job="train", message=words(NOT_EXPORTABLE, reason="activation relu2 is foreign")))
    assert "relu2" not in tab.messages.text


def goes_on(stop: Stop) -> Iterator[Event]:
    yield Started(job="train", title=words("Training"), item="Tales", total=9)
    while not stop.requested:
        yield Progress(job="train", what=words("Reading"), done=1)
    yield Stopped(job="train", step=3, result={"model": "Tales", "kept": stop.keep})


@pytest.mark.parametrize("way", ["resume", "toggle_pause", "stop"])
def test_that_nobody_can_throw_a_run_away_that_has_gone_on(tab: TrainTab, session: Session, qtbot: QtBot, way: str) -> None:
    session.start(goes_on, tab="train", title="Training")
    tab.says.ask_discard(3, is_race=False)
    discard = next(button for button in buttons(tab).values() if button.property("remedy").action == "discard")
    assert discard.isVisible()
    getattr(session, way)()
    assert not discard.isVisible()
    assert tab.messages.text == ""
    with qtbot.waitSignal(session.job_ended):
        session.stop()
    kept = []
    session.job_stopping.connect(kept.append)
    with qtbot.waitSignal(session.job_ended):
        session.start(goes_on, tab="prune", title="Another one")
        tab.says.carry_out(discard.property("remedy"))
        assert not kept  # the other job goes on
        session.stop()


def test_that_the_question_whether_to_throw_a_run_away_does_what_it_says(
    tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    session.start(goes_on, tab="train", title="Training")
    tab.says.ask_discard(3, is_race=False)
    qtbot.wait(50)
    assert session.is_paused()
    assert "3 steps of learning would be lost." in tab.messages.text
    discard = next(button for button in buttons(tab).values() if button.property("remedy").action == "discard")
    with qtbot.waitSignal(session.job_ended) as ended:
        discard.click()
    assert not ended.args[1].result["kept"]


@pytest.mark.parametrize("names", [["Tales"], ["Tales", "New"]])
def test_that_what_an_earlier_sitting_made_is_not_said_to_be_lost(
    tab: TrainTab, session: Session, qtbot: QtBot, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmstudio.gui.train.messages.has_begun", lambda folder: folder.name == "Tales")
    with session.project.create("model", "Tales") as (_, facts):
        facts["recipe"] = {}
    session.items_changed.emit("model")
    session.start(goes_on, tab="train", title="Training")
    tab.says.ask_discard(3, is_race=len(names) > 1, names=names)
    assert "how it stood then: Tales" in tab.messages.text
    assert ("the other models" in tab.messages.text) == (len(names) > 1)
    assert "steps of learning" not in tab.messages.text
    with qtbot.waitSignal(session.job_ended):
        session.stop()


@pytest.mark.parametrize(
    ("begun", "names", "expected"),
    [
        (["Done", "Going"], ["Done", "Going"], "then: Going. What was learned since then would be lost. At their end"),
        (["Done", "Going"], ["Done", "Going", "New"], "and the other models, would be lost. At their end"),
        (["Done"], ["Done", "New"], "What the other models have learned would be lost. At their end"),
        (["Done"], ["Done"], "At their end"),
    ],
)
def test_that_a_runner_at_its_end_is_not_said_to_be_put_back(
    tab: TrainTab,
    session: Session,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    begun: list[str],
    names: list[str],
    expected: str,
) -> None:
    monkeypatch.setattr("llmstudio.gui.train.messages.has_begun", lambda folder: folder.name in begun)
    for name in names:
        with session.project.create("model", name) as (_, facts):
            facts |= {"recipe": {}, "state": "training"}
    session.items_changed.emit("model")
    session.start(goes_on, tab="train", title="Going on")
    update_facts(session.project.path("model", "Done"), state="finished")
    tab.says.ask_discard(3, is_race=True, names=names)
    assert expected in tab.messages.text
    assert tab.messages.text.endswith("left as they are: Done.")
    with qtbot.waitSignal(session.job_ended):
        session.stop()


def test_that_a_warning_covered_by_a_question_comes_back_when_that_is_answered(
    tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    session.start(goes_on, tab="train", title="Training")
    tab.says.note(COLLAPSED)
    tab.says.ask_discard(3, is_race=False)
    session.resume()
    assert tab.messages.text == "The latent space is not used."
    with qtbot.waitSignal(session.job_ended):
        session.stop()


def test_that_a_button_about_a_model_leads_to_that_model(tab: TrainTab, session: Session, qtbot: QtBot) -> None:
    run(session, qtbot)
    asked: list[str] = []
    session.talk_asked.connect(asked.append)
    next(button for button in buttons(tab).values() if button.property("remedy").action == "open_tab").click()
    assert asked == ["Tales"]


def test_that_what_a_run_proposed_is_not_offered_to_a_form_about_another_model(
    tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    tab._start(says(COLLAPSED), "Training")
    qtbot.waitUntil(lambda: not session.is_running())
    both = ["set"] * len(COLLAPSED.remedies) + ["open_tab"]
    qtbot.waitUntil(lambda: [way.action for way in shown(tab)] == both)
    tab.setup.set_recipe(presets_of("lstm")[0].recipe)
    assert [way.action for way in shown(tab)] == ["open_tab"]
    assert tab.messages.text == "The latent space is not used."  # what was found out stays


@pytest.mark.parametrize("family", ["vae", "lstm"])
def test_that_a_run_which_goes_on_proposes_nothing_to_a_form_about_another_model(
    tab: TrainTab, session: Session, qtbot: QtBot, project: Project, family: str
) -> None:
    with project.create("model", "Old") as (_, facts):
        facts |= {"recipe": to_dict(presets_of("vae")[0].recipe), "state": "stopped"}
    rate = presets_of("vae")[0].recipe.training.learning_rate
    tab.setup.set_recipe(presets_of(family)[0].recipe)
    tab.setup.form.put({"training.learning_rate": rate})  # the very value that is refused, but of another model

    def fails(_stop: Stop) -> Iterator[Event]:
        yield Started(job="train", parents=("resume",), title=words("Training"), item="Old", total=9)
        raise StudioError(
            "A rate of {rate} is too high.",
            rate=rate,
            paths=("training.learning_rate",),
            remedies=(Remedy("set", words("Use a lower one"), "training.learning_rate", "0.0001"),),
        )

    tab._start(fails, "Going on", project.about("model", "Old"))
    qtbot.waitUntil(lambda: not session.is_running())
    assert tab.messages.text == f"A rate of {rate} is too high."
    qtbot.waitUntil(lambda: bool(shown(tab)) == (family == "vae"))
    assert bool(tab.setup.form.row("training.learning_rate").error) == (family == "vae")


def shown(tab: TrainTab) -> list[Remedy]:
    """The ways out that can be pressed."""
    return [button.property("remedy") for button in buttons(tab).values() if not button.isHidden()]


@pytest.mark.parametrize(
    ("end", "part"),
    [
        (Stopped(job="train", step=5, result={"kept": True, "was_falling": True}), "still falling"),
        (Stopped(job="train", step=5, result={"kept": True, "was_falling": False}), "no longer falling"),
        (Stopped(job="train", step=5, result={"kept": True, "steps": 5, "best_step": 3, "was_falling": False}), "no longer"),
        (Finished(job="train", step=5, result={"model": "Tales", "ended_early": True, "bits_per_byte": 1.5}), "ended early"),
    ],
)
def test_that_the_last_word_on_a_run_says_whether_its_loss_was_falling(
    tab: TrainTab, session: Session, qtbot: QtBot, end: Event, part: str
) -> None:
    def job(_stop: Stop) -> Iterator[Event]:
        yield Started(job="train", title=words("Training"), item="Tales", total=9)
        yield Noted(job="train", message=words("No progress for 3 checks: ended early."))
        yield end

    with qtbot.waitSignal(session.job_ended):
        session.start(job, tab="train", title="Training")
    assert part in tab.messages.text


@pytest.mark.parametrize("result", [{"kept": False, "was_falling": True}, {"kept": True}])
def test_that_nothing_is_said_of_the_loss_where_nothing_is_kept_or_known(result: dict[str, bool]) -> None:
    assert "falling" not in str(stopped_message(Stopped(job="train", result=result)))
