"""A run's teacher is another model of the project with the same tokenizer, known by its weights whatever it is called."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.items.changing import rename_item
from llmstudio.app.items.loaded import forget, load
from llmstudio.app.runs.resuming import resume
from llmstudio.app.runs.starting import recipe_from
from llmstudio.app.verbs.delete import delete
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Stopped, TrainStep
from llmstudio.core.recipe import change
from llmstudio.core.teaching_config import TeachingConfig
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def taught(project: Project, name: str, *, stop_at: int = 0, start: str = "Tiny", **changes: Any) -> list[Event]:
    ways = {"teach.teacher": "Elder", "training.max_steps": "6"} | {p.replace("__", "."): v for p, v in changes.items()}
    events, stop = [], Stop()
    for event in train(project, recipe=recipe_from(project, start, ways), start=start, name=name, stop=stop):
        events.append(event)
        if isinstance(event, TrainStep) and event.step == stop_at:
            stop.request()
    return events


def weights(project: Project, name: str) -> dict[str, torch.Tensor]:
    forget()
    return load(project, name, "last").model.state_dict()


@pytest.fixture
def elder(project: Project) -> Project:
    """The project with a second model, which has learned for longer."""
    recipe = recipe_from(project, "Tiny", {"training.max_steps": "5"})
    list(train(project, recipe=recipe, start="Tiny", name="Elder", stop=Stop()))
    return project


def test_that_a_taught_run_is_resumed_to_the_last_bit_though_its_teacher_was_renamed(elder: Project) -> None:
    events = taught(elder, "Whole")
    assert isinstance(events[-1], Finished)
    said = " ".join(str(event.message) for event in events if isinstance(event, Noted))
    assert "50 % of the loss is by the guesses of Elder, as it is at step 5, at a temperature of 2" in said
    assert next(event for event in events if isinstance(event, TrainStep)).parts["teacher"] > 0
    assert events[-1].result["predicted_peak_bytes"] > 0
    assert isinstance(taught(elder, "Halves", stop_at=3)[-1], Stopped)
    before = weights(elder, "Elder")
    rename_item(elder, "model", "Elder", "Sage")
    assert isinstance([*resume(elder, "Halves", stop=Stop())][-1], Finished)
    whole, halves = weights(elder, "Whole"), weights(elder, "Halves")
    assert all(torch.equal(whole[name], halves[name]) for name in whole)
    assert all(torch.equal(before[name], weight) for name, weight in weights(elder, "Sage").items())
    plain = taught(elder, "Plain", teach__teacher="")
    assert isinstance(plain[-1], Finished)
    assert not all(torch.equal(whole[name], weight) for name, weight in weights(elder, "Plain").items())


def test_that_a_run_whose_teacher_is_gone_says_so(elder: Project) -> None:
    taught(elder, "Halves", stop_at=3)
    list(delete(elder, "Elder"))
    with pytest.raises(StudioError, match="weights of Elder that Halves learns from are gone"):
        list(resume(elder, "Halves", stop=Stop()))
    with pytest.raises(StudioError, match="Elder"):
        taught(elder, "New")
    assert not elder.exists("model", "New")


def test_that_a_teacher_with_another_tokenizer_is_told_before_anything_is_made(project: Project) -> None:
    list(build_tokenizer(project, "World", name="Signs", config=TokenizerConfig(kind="char"), stop=Stop()))
    recipe = recipe_from(project, "Tiny", {"training.max_steps": "2"})
    list(train(project, corpus="World", tokenizer="Signs", recipe=recipe, name="Elder", stop=Stop()))
    with pytest.raises(StudioError, match=r"Elder has another tokenizer \(Signs\) than this model \(Words\)"):
        taught(project, "New")
    assert not project.exists("model", "New")


def test_that_a_new_and_smaller_model_may_have_a_teacher(elder: Project) -> None:
    shape = {"teach.teacher": "Elder", "training.max_steps": "2", "model.embed_dim": "16", "model.num_heads": "2"}
    recipe = change(replace(recipe_of(elder.about("model", "Tiny")), teach=TeachingConfig()), shape)
    [*_, end] = train(elder, corpus="World", tokenizer="Words", recipe=recipe, name="Small", stop=Stop())
    assert isinstance(end, Finished)
