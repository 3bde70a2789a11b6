"""A model of a project is taught: what it had learned is found by its id, and what LoRA taught is used like any model."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.items.loaded import forget, load
from llmstudio.app.runs.resuming import resume
from llmstudio.app.runs.starting import recipe_from
from llmstudio.app.verbs.delete import delete
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.train import train
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Event, Finished, Noted, Stopped, TrainStep
from llmstudio.core.models.checkpoint.read import find_checkpoint, weights_bytes
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.teaching_config import TeachingConfig
from llmstudio.core.work import Stop
from llmstudio.store.item_files import update_facts
from llmstudio.store.project import Project


def teach(project: Project, start: str, name: str, *, stop_at: int = 0, **changes: Any) -> list[Event]:
    recipe = recipe_from(project, start, {path.replace("__", "."): value for path, value in changes.items()})
    events, stop = [], Stop()
    for event in train(project, recipe=recipe, start=start, name=name, stop=stop):
        events.append(event)
        if isinstance(event, TrainStep) and event.step == stop_at:
            stop.request()
    return events


def forgotten(events: list[Event]) -> list[float]:
    return [
        event.figures["parent_loss"] for event in events if isinstance(event, Evaluated) and "parent_loss" in event.figures
    ]


def test_that_what_lora_taught_is_used_pruned_and_learned_on_from_like_any_model(project: Project) -> None:
    [*_, end] = teach(project, "Tiny", "Lora", teach__weights="lora", training__max_steps="6")
    assert isinstance(end, Finished)
    loaded = load(project, "Lora")
    assert loaded.model.changes == ()
    assert weights_bytes(loaded.path) == weights_bytes(find_checkpoint(project.path("model", "Tiny"))[0].path)
    [*_, pruned] = prune(project, "Lora", name="Thin", config=PruningConfig(method="magnitude"), stop=Stop())
    assert isinstance(pruned, Finished)
    assert pruned.result["file_bytes_before"] == weights_bytes(loaded.path)
    thin = load(project, "Thin").model.state_dict()
    for kept in ("merged", "adapter"):
        way = {"teach__weights": "lora", "teach__lora_kept": kept, "training__max_steps": "4"}
        events = teach(project, "Thin", kept, **way)
        assert isinstance(events[-1], Finished)
        assert any("they stay zero" in str(event.message) for event in events if isinstance(event, Noted))
        healed = load(project, kept).model.state_dict()
        assert all(torch.equal(healed[name] == 0, old == 0) for name, old in thin.items())
        assert not all(torch.equal(healed[name], old) for name, old in thin.items())
    assert weights_bytes(load(project, "merged").path) < 1.02 * weights_bytes(load(project, "Thin").path)
    [*_, end] = teach(project, "Lora", "On", training__max_steps="2")
    assert isinstance(end, Finished)
    assert recipe_of(project.about("model", "On")).teach == TeachingConfig(), "how its parent was taught is no advice"
    begun = find_checkpoint(project.path("model", "On"), "0")[0]
    assert begun.card.changes == ()
    forget()


def test_that_a_parents_text_is_rehearsed_across_a_stop_and_a_run_without_a_parent_cannot(project: Project) -> None:
    share = {"teach__rehearsal_share": "0.25", "training__max_steps": "6", "training__eval_steps": "2"}
    whole = teach(project, "Tiny", "Whole", **share)
    assert len(forgotten(whole)) >= 3
    assert isinstance(teach(project, "Tiny", "Halves", stop_at=3, **share)[-1], Stopped)
    assert isinstance([*resume(project, "Halves", stop=Stop())][-1], Finished)
    left, right = (load(project, name, "last").model.state_dict() for name in ("Whole", "Halves"))
    assert all(torch.equal(left[name], right[name]) for name in left)
    recipe = recipe_of(project.about("model", "Whole"))
    with pytest.raises(StudioError, match="Rehearsal is for runs that begin"):
        list(train(project, corpus="World", tokenizer="Words", name="New", recipe=recipe, stop=Stop()))
    forget()


def test_that_a_run_goes_on_to_the_same_bits_where_the_parent_that_it_rehearses_has_changed_or_is_gone(
    project: Project,
) -> None:
    share = {"teach__rehearsal_share": "0.25", "teach__parent_loss": "on", "training__max_steps": "6"}
    for name, stop_at in (("Whole", 0), ("Changed", 3), ("Gone", 3)):
        teach(project, "Tiny", name, stop_at=stop_at, **share)
    changes = {"training.max_steps": "30", "training.learning_rate": "0.01"}
    list(resume(project, "Tiny", changes=changes, stop=Stop()))
    assert isinstance([*resume(project, "Changed", stop=Stop())][-1], Finished)
    list(delete(project, "Tiny"))
    assert isinstance([*resume(project, "Gone", stop=Stop())][-1], Finished)
    whole, *others = (load(project, name, "last").model.state_dict() for name in ("Whole", "Changed", "Gone"))
    assert all(torch.equal(whole[name], other[name]) for other in others for name in whole)
    forget()


def test_that_a_run_that_knows_nothing_of_a_lost_parent_says_what_is_not_measured_and_does_not_rehearse_less_than_asked(
    project: Project,
) -> None:
    for name, way in (("Watched", {"teach__parent_loss": "on"}), ("Rehearsed", {"teach__rehearsal_share": "0.2"})):
        teach(project, "Tiny", name, stop_at=2, training__max_steps="4", **way)
        update_facts(project.path("model", name), parent_had_read=None)
    list(delete(project, "Tiny"))
    events = list(resume(project, "Watched", stop=Stop()))
    assert isinstance(events[-1], Finished)
    assert any("is not measured" in str(event.message) for event in events if isinstance(event, Noted))
    with pytest.raises(StudioError, match="is gone, and with it what is to be rehearsed"):
        list(resume(project, "Rehearsed", stop=Stop()))
