from __future__ import annotations

import hashlib
import itertools
import json
import shutil
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.items.loaded import forget, load
from llmstudio.app.runs.resuming import resume
from llmstudio.app.runs.run_summary import summary_of
from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train as train_job
from llmstudio.core import recipe
from llmstudio.core.errors import Diverged, StudioError
from llmstudio.core.events import ENDS, Evaluated, Event, Finished, Noted, Saved, Started, Stopped, TrainStep
from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.training.going_on import training_of
from llmstudio.core.training.history import read_history
from llmstudio.core.words import from_kept
from llmstudio.core.work import Stop
from llmstudio.store.item_files import update_facts
from llmstudio.store.project import Project

KEYS = {
    "model", "steps", "train_loss", "val_loss", "bits_per_byte", "tokens_per_second", "seconds", "peak_bytes",
    "predicted_peak_bytes", "parameters",
}  # fmt: skip


def drain(events: Iterator[Event]) -> list[Event]:
    """Every event of a job that ends well; checks that its stream has the shape of a job."""
    heard = list(events)
    assert [event for event in heard if isinstance(event, ENDS)] == heard[-1:]
    return heard


def result(events: Iterator[Event]) -> dict[str, Any]:
    end = drain(events)[-1]
    assert isinstance(end, Finished), end
    return dict(end.result)


def start(project: Project, name: str, stop: Stop | None = None, **changes: object) -> Generator[Event, None, None]:
    """The run of Tiny again under another name; `model__x` and `training__x` change its recipe."""
    tiny = recipe.from_dict(project.about("model", "Tiny").facts["recipe"])
    changed = recipe.change(tiny, {path.replace("__", "."): value for path, value in changes.items()})
    events = train_job(project, corpus="World", tokenizer="Words", name=name, recipe=changed, stop=stop or Stop())
    assert isinstance(events, Generator)
    return events


def train(project: Project, name: str, stop: Stop | None = None, **changes: object) -> list[Event]:
    return list(start(project, name, stop, **changes))


def cut(project: Project, name: str, *, after: int) -> None:
    """A run that was closed after some steps, as when a program ends."""
    work = start(project, name)
    next(event for event in work if isinstance(event, TrainStep) and event.step == after)
    work.close()


def weights(project: Project, name: str) -> str:
    newest = max((project.path("model", name) / "checkpoints").iterdir())
    return hashlib.sha256((newest / "model.safetensors").read_bytes()).hexdigest()


def test_that_training_reports_every_promised_figure(project: Project, tiny: Recipe) -> None:
    found = result(iter(train(project, "New")))
    assert set(found) >= KEYS
    assert (found["model"], found["steps"]) == ("New", 6)
    assert found["parameters"] == tiny.num_parameters(project.about("tokenizer", "Words").facts["vocab_size"])


def test_that_a_model_remembers_all_that_made_it(project: Project, tiny: Recipe) -> None:
    about = project.about("model", "Tiny")
    assert set(about.made_from) == {"corpus", "tokenizer"}
    assert recipe_of(about) == tiny
    assert recipe.from_dict(json.loads((about.path / "recipe.json").read_text())) == tiny
    assert "recipe" not in json.loads((about.path / "about.json").read_text())["facts"], "it is kept once"
    assert (about.facts["seed"], about.facts["state"]) == (0, "finished")
    assert about.facts["result"]["steps"] == 6
    assert about.facts["hash"]


def test_that_the_first_training_encodes_the_text(project: Project) -> None:
    for item in project.items("dataset"):
        project.delete("dataset", item.name)
    heard = train(project, "New")
    assert isinstance(heard[0], Started)
    assert {("train", "encode"), ("train",)} == {event.path for event in heard}
    assert len(project.items("dataset")) == 1


def test_that_the_same_seed_grows_the_same_model(project: Project) -> None:
    train(project, "One")
    train(project, "Two")
    train(project, "Three", training__seed=1)
    assert weights(project, "One") == weights(project, "Two") == weights(project, "Tiny")
    assert weights(project, "One") != weights(project, "Three")


def test_that_a_stopped_run_resumes_to_the_same_weights(project: Project) -> None:
    stop = Stop()
    events = start(project, "Halves", stop)
    heard = []
    for event in events:
        heard.append(event)
        if isinstance(event, TrainStep) and event.step == 3:
            stop.request()
    assert isinstance(heard[-1], Stopped)
    assert heard[-1].result["kept"]
    assert project.about("model", "Halves").facts["state"] == "stopped"
    forget()
    again = drain(resume(project, "Halves", stop=Stop()))
    assert [event.step for event in again if isinstance(event, TrainStep)] == [4, 5, 6]
    assert {event.path for event in again} == {("resume",), ("resume", "train")}
    assert weights(project, "Halves") == weights(project, "Tiny")
    assert project.about("model", "Halves").facts["state"] == "finished"
    one, two = (read_history(project.path("model", name)).steps["loss"].tolist() for name in ("Halves", "Tiny"))
    assert one == two


def test_that_a_stopped_run_says_whether_its_loss_on_held_out_text_was_falling(project: Project) -> None:
    stop, heard = Stop(), []
    for event in start(project, "Halves", stop, training__eval_steps=1):
        heard.append(event)
        if isinstance(event, TrainStep) and event.step == 4:
            stop.request()
    looks = [event.figures["loss"] for event in heard if isinstance(event, Evaluated)]
    said = [str(event.message) for event in heard if isinstance(event, Noted) and "held-out text was" in str(event.message)]
    assert len(looks) == 3
    assert len(said) == 1
    assert ("still falling" in said[0]) == (looks[-1] < min(looks[:-1]))


def test_that_an_unwanted_model_is_removed(project: Project) -> None:
    stop = Stop()
    heard = []
    for event in start(project, "Gone", stop):
        heard.append(event)
        if isinstance(event, TrainStep) and event.step == 5:
            assert project.exists("model", "Gone")
            stop.request(keep=False)
    assert isinstance(heard[-1], Stopped)
    assert not heard[-1].result["kept"]
    assert not project.exists("model", "Gone")
    assert not [event for event in heard if isinstance(event, Saved) and event.kind == "model"]


def test_that_a_run_stopped_before_its_first_step_leaves_nothing(project: Project) -> None:
    stop = Stop()
    stop.request()
    assert isinstance(train(project, "Gone", stop)[-1], Stopped)
    assert not project.exists("model", "Gone")


@pytest.mark.parametrize("steps", [0, 1])
def test_that_a_run_closed_before_its_first_checkpoint_leaves_nothing(project: Project, steps: int) -> None:
    work = start(project, "Gone")
    seen = 0
    for event in work:
        seen += isinstance(event, TrainStep)
        if isinstance(event, TrainStep) or (not steps and project.exists("model", "Gone")):
            break
    work.close()
    assert not project.exists("model", "Gone")
    assert not (project.root / "project.lock").exists()


@pytest.mark.parametrize("error", [MemoryError(), KeyboardInterrupt(), StudioError("It cannot be read.")])
def test_that_a_run_that_fails_just_after_its_model_was_made_leaves_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    about = Project.about

    def fails(self: Project, kind: str, name: str) -> object:
        if name == "Gone":
            assert self.path(kind, name).exists()
            raise error
        return about(self, kind, name)

    monkeypatch.setattr(Project, "about", fails)
    with pytest.raises(type(error)):
        train(project, "Gone")
    assert list(project.path("model", "Gone").parent.iterdir()) == [project.path("model", "Tiny")]


@pytest.mark.parametrize("name", ["about.json", "recipe.json"])
@pytest.mark.parametrize("damage", ["removed", "cut"])
def test_that_what_vanishes_from_a_models_folder_is_written_again_at_the_next_checkpoint(
    project: Project, name: str, damage: str
) -> None:
    path, heard = project.path("model", "Again"), []
    for event in start(project, "Again"):
        heard.append(event)
        if isinstance(event, TrainStep) and event.step == 3:
            place = path / name
            place.unlink() if damage == "removed" else place.write_text("{")
    assert isinstance(heard[-1], Finished)
    (said,) = [event for event in heard if isinstance(event, Noted) and name in str(event.message)]
    assert said.level == "warning"
    assert said.step == 3, "at the look after that step, which saves"
    again, tiny = project.about("model", "Again"), project.about("model", "Tiny")
    assert set(again.facts) == set(tiny.facts)
    assert again.facts["state"] == "finished"
    assert recipe_of(again) == recipe_of(tiny)
    assert weights(project, "Again") == weights(project, "Tiny")


def test_that_a_run_whose_folder_was_removed_ends_at_the_next_checkpoint_and_leaves_nothing(project: Project) -> None:
    path, steps = project.path("model", "Gone"), []

    def runs() -> None:
        for event in start(project, "Gone"):
            if isinstance(event, TrainStep):
                steps.append(event.step)
                if event.step == 3:
                    shutil.rmtree(path)

    with pytest.raises(StudioError, match="was removed while it was being trained"):
        runs()
    assert steps == [1, 2, 3]
    assert list(path.parent.iterdir()) == [project.path("model", "Tiny")]


def test_that_a_run_closed_after_a_checkpoint_can_be_resumed(project: Project) -> None:
    cut(project, "Cut", after=5)
    drain(resume(project, "Cut", stop=Stop()))
    assert weights(project, "Cut") == weights(project, "Tiny")


def test_that_a_run_killed_before_its_first_checkpoint_begins_again_and_is_the_same(project: Project) -> None:
    work, path = start(project, "Killed"), project.path("model", "Killed")
    next(event for event in work if isinstance(event, TrainStep))
    shutil.copytree(path, path.with_name("Copy"))  # who is killed clears nothing away
    work.close()
    path.with_name("Copy").rename(path)
    assert summary_of(project, project.about("model", "Killed")).state == "not_begun"
    with pytest.raises(StudioError, match="begin again"):
        load(project, "Killed")
    again = drain(resume(project, "Killed", stop=Stop()))
    assert [event.step for event in again if isinstance(event, TrainStep)] == [1, 2, 3, 4, 5, 6]
    assert {event.path for event in again} == {("resume",), ("resume", "train")}
    assert weights(project, "Killed") == weights(project, "Tiny")
    history = read_history(path)
    assert history.steps["step"].tolist() == [1, 2, 3, 4, 5, 6]
    assert sum(isinstance(event, Started) for event in history.events) == 1
    assert project.about("model", "Killed").facts["state"] == "finished"


def test_that_a_run_that_has_not_begun_outlives_a_stop(project: Project) -> None:
    work, path = start(project, "Killed"), project.path("model", "Killed")
    next(event for event in work if isinstance(event, TrainStep))
    shutil.copytree(path, path.with_name("Copy"))
    work.close()
    path.with_name("Copy").rename(path)
    stop = Stop()
    stop.request()
    assert isinstance(drain(resume(project, "Killed", stop=stop))[-1], Stopped)
    drain(resume(project, "Killed", stop=Stop()))
    assert weights(project, "Killed") == weights(project, "Tiny")


@pytest.mark.parametrize("how", ["closed", "stopped"])
def test_that_a_run_cut_off_while_it_was_being_closed_is_closed_by_resuming(project: Project, how: str) -> None:
    stop = Stop()
    for event in (work := start(project, "Cut", stop)):
        if isinstance(event, Saved) and event.step == 6:
            stop.request() if how == "stopped" else work.close()
    assert project.about("model", "Cut").facts["state"] == {"closed": "training", "stopped": "stopped"}[how]
    again = drain(resume(project, "Cut", stop=Stop()))
    assert not any(isinstance(event, TrainStep) for event in again)
    ours, theirs = (project.about("model", name).facts for name in ("Cut", "Tiny"))
    assert ours["state"] == "finished"
    for key in ("steps", "train_loss", "val_loss", "bits_per_byte", "ended_early"):
        assert ours["result"][key] == theirs["result"][key], key
    assert ours["hash"] == theirs["hash"]


def test_that_a_start_that_fails_leaves_nothing(project: Project) -> None:
    with pytest.raises(StudioError):
        train(project, "Gone", model__context_length=65536, training__rows="running")
    assert not project.exists("model", "Gone")


def test_that_a_taken_name_is_refused_before_any_work(project: Project) -> None:
    with pytest.raises(StudioError, match="exists already"):
        train(project, "Tiny")
    assert project.exists("model", "Tiny")


@pytest.mark.parametrize("changes", [{}, {"training.learning_rate": "1e-4"}])
def test_that_a_finished_run_that_is_resumed_stays_as_it_is_and_names_the_ways_on(
    project: Project, changes: dict[str, str]
) -> None:
    before = weights(project, "Tiny")
    *_, said, end = drain(resume(project, "Tiny", changes=changes, stop=Stop()))
    assert isinstance(said, Noted)
    assert said.level == "warning"
    assert "all of its 6 steps" in str(said.message)
    assert "--" not in str(said.message)  # what is typed stands beside it
    typed = [remedy.value for remedy in said.remedies if remedy.action == "command"]
    assert typed == ["resume Tiny --set training.max_steps=12", "train --from Tiny --name NAME"]
    assert end.result == project.about("model", "Tiny").facts["result"]  # type: ignore[attr-defined]
    assert weights(project, "Tiny") == before


def test_that_a_finished_model_takes_more_steps_and_remembers_that_it_did(project: Project) -> None:
    found = result(resume(project, "Tiny", changes={"training.max_steps": "9"}, stop=Stop()))
    about = project.about("model", "Tiny")
    assert found["steps"] == about.facts["result"]["steps"] == 9
    assert about.facts["state"] == "finished"
    assert about.facts["changes"] == [{"step": 6, "training.max_steps": "9"}]
    assert recipe_of(about).training.max_steps == 9


def test_that_a_part_of_the_shape_is_no_setting_to_go_on_with(project: Project) -> None:
    cut(project, "Cut", after=5)
    with pytest.raises(StudioError, match="no setting of training"):
        drain(resume(project, "Cut", changes={"model.num_layers": "2"}, stop=Stop()))
    with pytest.raises(StudioError, match="learning_rate"):
        drain(resume(project, "Cut", changes={"training.learning_rat": "2"}, stop=Stop()))
    drain(resume(project, "Cut", stop=Stop()))
    assert weights(project, "Cut") == weights(project, "Tiny")


WILD: dict[str, object] = {
    "training__learning_rate": 100.0, "training__schedule": "constant", "training__grad_clip": 0.0,
    "training__max_steps": 40,
}  # fmt: skip


def test_that_a_run_that_left_all_bounds_says_so_and_goes_on_at_the_proposed_rate_under_its_name(project: Project) -> None:
    with pytest.raises(Diverged):
        train(project, "Wild", **WILD)
    about = project.about("model", "Wild")
    assert about.facts["state"] == "diverged"
    assert about.facts["hash"]
    rate = about.facts["diverged"]["proposed_rate"]
    kept = from_kept(about.facts["diverged"]["message"])
    assert "{step:,}" in kept.template  # so that a window can say it in another language
    assert "left all bounds at step" in str(kept)
    assert "{threads}" in from_kept(about.facts["computing"]).template
    assert rate == "0.003"
    with pytest.raises(StudioError, match=r"would again.*0\.003\.$") as refused:
        drain(resume(project, "Wild", stop=Stop()))
    command = "resume Wild --set training.learning_rate=0.003"  # for a terminal, apart from the sentence
    assert [way.value for way in refused.value.remedies if way.action == "command"] == [command]
    with pytest.raises(StudioError, match=r"Wild exists already; its run left all bounds") as refused:
        train(project, "Wild")
    assert [way.value for way in refused.value.remedies] == [command]
    found = result(resume(project, "Wild", changes={"training.learning_rate": rate}, stop=Stop()))
    assert found["steps"] == 40
    assert float(found["val_loss"]) < 5
    assert project.about("model", "Wild").facts["state"] == "finished"


def test_that_a_run_that_goes_on_says_that_it_is_in_training_while_it_is(project: Project) -> None:
    cut(project, "Cut", after=5)
    update_facts(project.about("model", "Cut").path, state="stopped")
    events = resume(project, "Cut", stop=Stop())
    next(event for event in events if isinstance(event, TrainStep))
    assert project.about("model", "Cut").facts["state"] == "training"
    drain(events)
    assert project.about("model", "Cut").facts["state"] == "finished"


def test_that_resuming_makes_lost_tokens_anew(project: Project) -> None:
    cut(project, "Cut", after=5)
    shutil.rmtree(project.root / "datasets")
    drain(resume(project, "Cut", stop=Stop()))
    assert weights(project, "Cut") == weights(project, "Tiny")


def test_that_a_model_whose_corpus_changed_is_not_resumed_on_other_text(project: Project) -> None:
    cut(project, "Cut", after=5)
    shutil.rmtree(project.root / "datasets")
    project.delete("corpus", "World")
    with pytest.raises(StudioError, match="World that Cut learned from is gone"):
        drain(resume(project, "Cut", stop=Stop()))
    assert project.exists("model", "Cut")


def test_that_evaluating_tells_what_training_told(project: Project) -> None:
    told = project.about("model", "Tiny").facts["result"]
    heard = drain(evaluate(project, "Tiny", stop=Stop()))
    found = heard[-1].result  # type: ignore[attr-defined]
    assert {"loss", "perplexity", "bits_per_byte", "tokens"} <= set(found)
    assert found["loss"] == pytest.approx(told["val_loss"], abs=1e-4)
    assert [event.split for event in heard if isinstance(event, Evaluated)] == ["val"]


def test_that_a_single_letter_is_too_short_to_be_measured(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("a")
    with pytest.raises(StudioError, match="too short to measure"):
        drain(evaluate(project, "Tiny", text_file=path, stop=Stop()))


def test_that_equal_documents_of_a_text_file_are_all_measured(project: Project, tmp_path: Path) -> None:
    def tokens(copies: int) -> int:
        path = tmp_path / f"{copies}.jsonl"
        path.write_text('{"text": "clara has the kite . ben is in the garden ."}\n' * copies)
        return int(str(result(evaluate(project, "Tiny", text_file=path, stop=Stop()))["tokens"]))

    one, two, three = map(tokens, (1, 2, 3))
    assert three - two == two - one > 5


def test_that_a_text_file_is_measured_from_end_to_end(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "held out.txt"
    text = "clara has the kite . ben is in the garden .\n" * 5
    path.write_text(text)
    found = result(evaluate(project, "Tiny", text_file=path, stop=Stop()))
    tokenizer = load(project, "Tiny").tokenizer
    # The first token is predicted from nothing and so is not scored; END is.
    assert found["tokens"] == pytest.approx(len(tokenizer.encode(text)), abs=5)
    assert 0 < float(found["bits_per_byte"]) < 10  # type: ignore[arg-type]


def test_that_measuring_can_be_stopped(project: Project) -> None:
    stop = Stop()
    stop.request()
    assert isinstance(list(evaluate(project, "Tiny", stop=stop))[-1], Stopped)


def test_that_a_missing_text_file_is_refused_in_words(project: Project, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="no file"):
        drain(evaluate(project, "Tiny", text_file=tmp_path / "none.txt", stop=Stop()))


def test_that_a_model_speaks_without_the_projects_tokenizer_or_corpus(project: Project) -> None:
    project.delete("tokenizer", "Words")
    project.delete("corpus", "World")
    forget()
    found = load(project, "Tiny")
    assert found.tokenizer.decode(found.tokenizer.encode("clara")) == "clara"


def test_that_a_recipe_of_a_newer_version_is_refused_in_words(project: Project, tiny: Recipe) -> None:
    path = project.path("model", "Tiny") / "recipe.json"
    path.write_text(json.dumps(recipe.to_dict(tiny) | {"telepathy": True}))
    with pytest.raises(StudioError, match="telepathy"):
        drain(evaluate(project, "Tiny", stop=Stop()))


@pytest.mark.parametrize("part", [{"task": None}, {"model": 3}, {"training": "short"}, {"training": {"batch_size": -1}}])
def test_that_a_damaged_recipe_is_named_by_its_file(project: Project, tiny: Recipe, part: dict[str, Any]) -> None:
    path = project.path("model", "Tiny") / "recipe.json"
    path.write_text(json.dumps(recipe.to_dict(tiny) | part))
    for job in (evaluate, resume):
        with pytest.raises(StudioError) as refused:
            drain(job(project, "Tiny", stop=Stop()))
        assert str(path) in str(refused.value)
        assert not refused.value.remedies, "no form holds what the file says"


def test_that_an_unknown_family_is_refused_before_any_work(project: Project, tiny: Recipe) -> None:
    with pytest.raises(StudioError, match="oracle"):
        list(
            train_job(project, corpus="World", tokenizer="Words", name="X", recipe=replace(tiny, kind="oracle"), stop=Stop())
        )
    assert not project.exists("model", "X")


def test_that_a_number_of_steps_beside_a_time_is_said_to_have_no_effect(project: Project) -> None:
    def said(**changes: object) -> list[str]:
        events = start(project, f"M{len(changes)}", **changes)
        first = list(itertools.takewhile(lambda event: not isinstance(event, TrainStep), events))
        events.close()
        return [str(event.message) for event in first if isinstance(event, Noted)]

    told = said(training__max_seconds=4, training__max_steps=3)
    assert "Steps has no effect here: the time of 4 s decides how many there are." in told
    assert not any("Steps has no effect" in sentence for sentence in said(training__max_steps=3))


def test_that_weights_and_their_gradients_take_four_bytes_a_parameter_and_nothing_else(
    project: Project, tiny: Recipe
) -> None:
    heard = list(train_job(project, corpus="World", tokenizer="Words", name="Weighed", recipe=tiny, stop=Stop()))
    sizes = [event.memory for event in heard if isinstance(event, TrainStep) and event.memory]
    end = heard[-1]
    assert isinstance(end, Finished)
    assert sizes
    for memory in sizes:
        assert memory["weights"] == memory["gradients"] == 4 * end.result["parameters"]


@pytest.mark.parametrize("changes", [{}, {"training.learning_rate": 1e-4}], ids=["as it was", "another rate"])
def test_that_a_sitting_thrown_away_leaves_the_model_as_the_person_kept_it(
    project: Project, changes: dict[str, Any]
) -> None:
    stop = Stop()
    for event in start(project, "Kept", stop, training__max_steps=40, training__eval_steps=4):
        if isinstance(event, TrainStep) and event.step == 6:
            stop.request()
    about, stop = project.about("model", "Kept"), Stop()
    for event in resume(project, "Kept", changes=changes, stop=stop):
        if isinstance(event, TrainStep) and event.step == 30:
            stop.request(keep=False)
    assert isinstance(event, Stopped)
    assert event.step == 6
    assert summary_of(project, about).step == 6
    again = project.about("model", "Kept")
    assert again.model_card.changes == about.model_card.changes
    assert {name: again.facts[name] for name in ("state", "result", "hash", "recipe")} == {
        name: about.facts[name] for name in ("state", "result", "hash", "recipe")
    }
    assert recipe_of(again) == recipe_of(about)


def test_that_a_sitting_thrown_away_stands_where_one_that_was_cut_off_could_go_on(project: Project) -> None:
    work = start(project, "Cut", training__max_steps=40, training__eval_steps=4)
    next(event for event in work if isinstance(event, TrainStep) and event.step == 6)
    work.close()
    assert project.about("model", "Cut").model_card.state == "training"
    at = max(int(folder.name) for folder in (project.path("model", "Cut") / "checkpoints").iterdir())
    stop = Stop()
    for event in resume(project, "Cut", stop=stop):
        if isinstance(event, TrainStep) and event.step == at + 3:
            stop.request(keep=False)
    assert isinstance(event, Stopped)
    found = summary_of(project, project.about("model", "Cut"))
    assert (found.state, found.step) == ("stopped", at)


def test_that_a_gpu_that_is_not_there_is_refused_in_a_sentence_before_anything_is_made(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(StudioError, match="no GPU") as refused:
        train(project, "Fast", training__device="cuda")
    assert [(remedy.target, remedy.value) for remedy in refused.value.remedies] == [("training.device", "auto")]
    assert not project.exists("model", "Fast")


def test_that_a_run_of_a_computer_with_a_gpu_goes_on_where_there_is_none_and_that_is_said(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    stop = Stop()
    for event in start(project, "Moved", stop):
        if isinstance(event, TrainStep) and event.step == 3:
            stop.request()
    monkeypatch.setattr("llmstudio.core.training.trainer.training_of", _on_a_gpu)
    heard = drain(resume(project, "Moved", stop=Stop()))
    assert isinstance(heard[-1], Finished)
    assert sum("goes on with the processor" in str(event.message) for event in heard if isinstance(event, Noted)) == 1


def _on_a_gpu(checkpoint: Any) -> Any:
    return replace(training_of(checkpoint), device="cuda", number_format="fp16")


@pytest.mark.parametrize("kind", ["word", "bpe"])
def test_that_a_tokenizer_which_gguf_does_not_know_is_told_before_the_run_and_not_at_the_export(
    project: Project, tiny: Recipe, kind: str
) -> None:
    list(build_tokenizer(project, "World", name="Cut", config=TokenizerConfig(kind=kind, vocab_size=300), stop=Stop()))
    stop = Stop()
    heard = []
    for event in train_job(project, corpus="World", tokenizer="Cut", name="Net", recipe=tiny, stop=stop):
        heard.append(event)
        if isinstance(event, TrainStep):
            stop.request(keep=False)
    told = [event for event in heard if isinstance(event, Noted) and "not to gguf" in str(event.message)]
    assert len(told) == (kind == "word")
