"""A race that was stopped or killed goes on, and ends as the race that was not."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from llmstudio.app.race import round_robin as robin
from llmstudio.app.race.board import Runner, leaderboard, races
from llmstudio.app.race.racing import Budget
from llmstudio.app.race.racing import race as race_job
from llmstudio.app.race.resuming import is_race, resume_race, runners_of
from llmstudio.app.verbs.delete import delete
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.list import list_items, table
from llmstudio.app.verbs.rename import rename
from llmstudio.app.verbs.show import show
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Stopped, TrainStep
from llmstudio.core.models.families.recurrent_config import LSTMConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.work import Stop
from llmstudio.store.item_files import update_facts
from llmstudio.store.project import Project

BUDGET = Budget(tokens=12 * 4 * 32)


@pytest.fixture
def runners(tiny: Recipe) -> tuple[Runner, ...]:
    training = replace(tiny.training, rows="running", eval_steps=5, checkpoint_steps=4)
    looks = replace(tiny, model=replace(tiny.model, context_length=32), training=training)
    remembers = Recipe("lstm", LSTMConfig(num_layers=1, embed_dim=16, hidden_dim=24, context_length=32), training)
    wild = replace(remembers, training=replace(training, learning_rate=100.0, weight_decay=0.0))
    return Runner("Looks", looks, "Words"), Runner("Remembers", remembers, "Words"), Runner("Wild", wild, "Words")


def race(project: Project, runners: tuple[Runner, ...], stop: Stop) -> Iterator[Event]:
    return race_job(project, name="Derby", corpus="World", runners=runners, budget=BUDGET, stop=stop)


def places(project: Project) -> list[tuple[object, ...]]:
    return [(p.model, p.kind, p.bits_per_byte, p.steps, p.parameters, bool(p.out)) for p in leaderboard(project, "Derby")]


def at_step(number: int) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, TrainStep) and event.step == number


def is_counting(event: Event) -> bool:
    return isinstance(event, Progress) and "yardstick" in str(event.what)


@pytest.fixture(scope="module")
def undisturbed(grown: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[tuple[Runner, ...]], Project]:
    made: list[Project] = []

    def run(runners: tuple[Runner, ...]) -> Project:
        if not made:
            root = tmp_path_factory.mktemp("whole") / "project"
            shutil.copytree(grown, root)
            made.append(Project(root))
            list(race(made[0], runners, Stop()))
        return made[0]

    return run


@pytest.mark.parametrize("moment", [at_step(1), at_step(9), is_counting], ids=["first step", "step 9", "all at the end"])
@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_that_a_race_cut_off_and_resumed_ends_as_the_one_that_was_not(
    project: Project, tmp_path: Path, runners: tuple[Runner, ...], undisturbed, moment, how: str
) -> None:
    whole, stop = undisturbed(runners), Stop()
    events = race(project, runners, stop)
    next(event for event in events if moment(event))
    cut_off = project
    if how == "killed":  # as a killed program leaves it: what lies there at this moment
        shutil.copytree(project.root, tmp_path / "killed", ignore=shutil.ignore_patterns("project.lock"))
        cut_off = Project(tmp_path / "killed")
        events.close()  # type: ignore[attr-defined]
        assert [(race.name, race.can_go_on) for race in races(cut_off)] == [("Derby", True)]
    else:
        stop.request()
        *_, end = events
        if isinstance(end, Finished):  # nothing was left to stop
            return
        assert isinstance(end, Stopped)
    *_, end = resume_race(cut_off, "Derby", stop=Stop())
    assert isinstance(end, Finished)
    assert [race.can_go_on for race in races(cut_off)] == [False]
    assert places(cut_off) == places(whole)
    assert [place["model"] for place in end.result["places"]] == [place[0] for place in places(whole)]
    hashes = ({about.name: about.facts.get("hash") for about in p.items("model")} for p in (cut_off, whole))
    assert next(hashes) == next(hashes)
    with pytest.raises(StudioError, match="is over"):
        list(resume_race(cut_off, "Derby", stop=Stop()))


def test_that_who_has_another_name_by_now_goes_on_under_it(project: Project, runners: tuple[Runner, ...]) -> None:
    stop = Stop()
    for event in race(project, runners[:2], stop):
        if isinstance(event, TrainStep) and event.step == 6:
            stop.request()
    list(rename(project, "Looks", "Sees"))
    *_, end = resume_race(project, "Derby", stop=Stop())
    assert isinstance(end, Finished)
    assert {place["model"] for place in end.result["places"]} == {"Sees", "Remembers"}


def test_that_a_tokenizer_with_another_name_by_now_is_found_by_who_had_not_begun(
    project: Project, runners: tuple[Runner, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robin, "_TURN_S", 0.0)
    stop = Stop()
    for event in race(project, runners[:2], stop):
        if isinstance(event, TrainStep) and event.step == 6:
            stop.request()
    list(delete(project, "model/Remembers"))  # as one that was killed before it began
    list(rename(project, "tokenizer/Words", "Cuts"))
    assert {runner.tokenizer for runner in runners_of(project, "Derby")} == {"Cuts"}
    *_, end = resume_race(project, "Derby", stop=Stop())
    assert isinstance(end, Finished)
    assert {place["model"] for place in end.result["places"]} == {"Looks", "Remembers"}


def import_again(project: Project) -> None:
    config = CorpusConfig(sample_count=120)
    list(import_corpus(project, ["sample:tour"], name="Again", config=config, stop=Stop()))


@pytest.mark.parametrize("gone", [("corpus",), ("corpus", "tokenizer"), ("corpus", "dataset")], ids="+".join)
def test_that_a_stopped_race_goes_on_without_what_its_models_know_themselves(
    project: Project, runners: tuple[Runner, ...], undisturbed, monkeypatch: pytest.MonkeyPatch, gone: tuple[str, ...]
) -> None:
    monkeypatch.setattr(robin, "_TURN_S", 0.0)
    stop = Stop()
    for event in race(project, runners, stop):
        if isinstance(event, TrainStep) and event.step == 6:
            stop.request()
    for kind in gone:
        for item in project.items(kind):
            list(delete(project, f"{kind}/{item.name}"))
    if "dataset" in gone:  # nothing is left to learn from: nobody drops out for good because of that
        with pytest.raises(StudioError, match="gone from this project"):
            list(resume_race(project, "Derby", stop=Stop()))
        assert all(place.out is None for place in leaderboard(project, "Derby") if place.model != "Wild")
        import_again(project)
    *_, end = resume_race(project, "Derby", stop=Stop())
    assert isinstance(end, Finished), end
    assert places(project) == places(undisturbed(runners))
    assert end.result["yardstick"] > 0
    assert not races(project)[0].can_go_on


@pytest.mark.parametrize("gone", ["corpora", "tokenizers", "datasets"])
def test_that_what_is_only_needed_for_the_yardstick_does_not_keep_a_race_from_its_end(
    project: Project, runners: tuple[Runner, ...], gone: str
) -> None:
    said = []
    for event in race(project, runners[:2], Stop()):
        said.append(event)
        if is_counting(event):
            shutil.rmtree(project.root / gone)
    end = said[-1]
    assert isinstance(end, Finished)
    assert not races(project)[0].can_go_on
    if gone == "datasets":
        assert end.result["yardstick"] is None
        assert any(isinstance(event, Noted) and "yardstick" in str(event.message) for event in said)
    else:
        assert end.result["yardstick"] > 0


def test_that_a_race_that_is_none_is_refused(project: Project) -> None:
    assert not is_race(project, "Derby")
    with pytest.raises(StudioError, match="no race named Derby"):
        list(resume_race(project, "Derby", stop=Stop()))


@pytest.mark.parametrize("message", ["Far too fast.", {"template": "Far too {what}.", "values": {"what": "fast"}}])
def test_that_who_left_all_bounds_before_the_race_was_cut_off_stays_out_with_its_reason(
    project: Project, runners: tuple[Runner, ...], message: object
) -> None:
    next(event for event in race(project, runners[:2], Stop()) if at_step(9)(event))
    looks = project.about("model", "Looks")
    update_facts(looks.path, state="diverged", diverged={"message": message, "proposed_rate": "0.003"})
    events = list(resume_race(project, "Derby", stop=Stop()))
    assert isinstance(events[-1], Finished)
    out = {place.model: place.out for place in leaderboard(project, "Derby")}
    assert str(out["Looks"]) == "Far too fast."
    assert out["Remembers"] is None


def test_that_who_dropped_out_before_it_was_a_model_does_not_begin_again(
    project: Project, runners: tuple[Runner, ...]
) -> None:
    next(event for event in race(project, runners[:2], Stop()) if at_step(9)(event))
    if project.exists("model", "Remembers"):
        project.delete("model", "Remembers")
    plan = next(runner for runner in project.about("model", "Looks").facts["race"]["plan"] if runner["name"] == "Remembers")
    gone = {"out": {"template": "Too little text.", "values": {}}, "parameters": 1, "weight_bytes": 0, "seconds": 0.5}
    gone |= plan | {"steps": 0, "tokens_per_second": 0.0}
    looks = project.about("model", "Looks")
    update_facts(looks.path, race={**looks.facts["race"], "gone": [gone]})
    events = list(resume_race(project, "Derby", stop=Stop()))
    assert isinstance(events[-1], Finished)
    assert not project.exists("model", "Remembers")
    assert {place.model: str(place.out) for place in leaderboard(project, "Derby")}["Remembers"] == "Too little text."


def test_that_a_stopped_race_is_listed_with_its_way_on_and_shown_by_its_name(
    project: Project, runners: tuple[Runner, ...]
) -> None:
    stop = Stop()
    for event in race(project, runners[:2], stop):
        if isinstance(event, TrainStep) and event.step == 6:
            stop.request()
    *_, end = list_items(project)
    begun = sorted(item.name for item in project.items("model") if item.facts.get("race"))
    assert "Looks" in begun
    listed = [(item["name"], item["models"], item["state"]) for item in end.result["race"]]
    assert listed == [("Derby", begun, "can_go_on")]
    assert "llmstudio resume Derby" in table(end.result)
    *_, end = show(project, "Derby")
    assert {place["model"] for place in end.result["places"]} == set(begun)
    list(resume_race(project, "Derby", stop=Stop()))
    *_, end = list_items(project)
    assert [item["state"] for item in end.result["race"]] == ["finished"]
    assert "llmstudio resume" not in table(end.result)
