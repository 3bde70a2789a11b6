"""What LoRA taught is kept merged or as an adapter beside the parent: the same model, in files of different sizes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch

from llmstudio.app.items.changing import rename_item
from llmstudio.app.items.loaded import forget, load
from llmstudio.app.runs.resuming import resume
from llmstudio.app.runs.starting import recipe_from
from llmstudio.app.verbs.delete import delete
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.quantize import quantize
from llmstudio.app.verbs.train import train
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Stopped, TrainStep
from llmstudio.core.models.checkpoint.folders import WEIGHTS, checkpoint_folders, step_of
from llmstudio.core.models.checkpoint.read import find_checkpoint
from llmstudio.core.models.checkpoint.write import save_checkpoint
from llmstudio.core.sparsity.quantizing.config import QuantizingConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

RANK = 2


def teach(project: Project, name: str, kept: str, *, start: str = "Tiny", stop_at: int = 0, **changes: str) -> list[Event]:
    ways = {"teach.weights": "lora", "teach.lora_rank": str(RANK), "teach.lora_kept": kept, "training.max_steps": "6"}
    recipe = recipe_from(project, start, ways | {path.replace("__", "."): value for path, value in changes.items()})
    events, stop = [], Stop()
    for event in train(project, recipe=recipe, start=start, name=name, stop=stop):
        events.append(event)
        if isinstance(event, TrainStep) and event.step == stop_at:
            stop.request()
    return events


def weights(project: Project, name: str) -> dict[str, torch.Tensor]:
    forget()
    return load(project, name).model.state_dict()


def assert_same(left: dict[str, torch.Tensor], right: dict[str, torch.Tensor]) -> None:
    assert left.keys() == right.keys()
    assert [name for name in left if not torch.equal(left[name], right[name])] == []


def files(folder: Path) -> dict[str, str]:
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in folder.rglob("*") if f.is_file()}


def said(events: list[Event]) -> str:
    return " ".join(str(event.message) for event in events if isinstance(event, Noted))


def test_that_an_adapter_is_the_merged_model_in_a_small_file_and_the_parent_is_untouched(project: Project) -> None:
    before = files(project.path("model", "Tiny"))
    for kept in ("merged", "adapter"):
        events = teach(project, kept, kept)
        assert isinstance(events[-1], Finished)
        assert {"merged": "merged into the weights", "adapter": "read from Tiny"}[kept] in said(events)
    assert files(project.path("model", "Tiny")) == before
    merged = weights(project, "merged")
    assert_same(weights(project, "adapter"), merged)
    assert any(not torch.equal(merged[name], old) for name, old in weights(project, "Tiny").items())
    whole, beside = (checkpoint_folders(project.path("model", name)) for name in ("merged", "adapter"))
    assert [step_of(folder) for folder in whole] == [6]
    matrices = [tensor for name, tensor in merged.items() if tensor.dim() == 2 and name.startswith("blocks")]
    learned = 4 * RANK * sum(sum(matrix.shape) for matrix in matrices)
    every = 4 * sum(tensor.numel() for tensor in merged.values())
    size = beside[-1].joinpath(WEIGHTS).stat().st_size
    assert learned < size < learned + 4000
    assert every < whole[0].joinpath(WEIGHTS).stat().st_size
    assert not any(folder.joinpath(WEIGHTS).stat().st_size >= every for folder in beside), "no copy of the base lies here"
    with pytest.raises(StudioError, match="weights alone"):
        list(resume(project, "merged", changes={"training.max_steps": "9"}, stop=Stop()))


def test_that_an_adapter_is_resumed_to_the_last_bit_and_takes_more_steps(project: Project) -> None:
    teach(project, "Whole", "adapter", training__max_steps="9")
    assert isinstance(teach(project, "Halves", "adapter", training__max_steps="9", stop_at=4)[-1], Stopped)
    assert isinstance([*resume(project, "Halves", stop=Stop())][-1], Finished)
    assert_same(weights(project, "Halves"), weights(project, "Whole"))
    [*_, end] = resume(project, "Halves", changes={"training.max_steps": "11"}, stop=Stop())
    assert isinstance(end, Finished)
    assert end.result["steps"] == 11


def test_that_a_parent_may_be_renamed_learn_on_and_be_deleted(project: Project) -> None:
    teach(project, "Small", "adapter")
    held = weights(project, "Small")
    rename_item(project, "model", "Tiny", "Elder")
    assert_same(weights(project, "Small"), held)
    list(resume(project, "Elder", changes={"training.max_steps": "20"}, stop=Stop()))
    assert_same(weights(project, "Small"), held)
    assert "got a copy of its weights first: Small" in said(list(delete(project, "Elder")))
    assert_same(weights(project, "Small"), held)
    [*_, end] = resume(project, "Small", changes={"training.max_steps": "8"}, stop=Stop())
    assert isinstance(end, Finished)


@pytest.mark.parametrize(("harm", "told"), [("gone", "is gone"), ("another", "are gone or others"), ("cut", "are damaged")])
def test_that_an_adapter_whose_parent_is_not_as_it_was_says_so(project: Project, harm: str, told: str) -> None:
    teach(project, "Small", "adapter")
    place = project.path("model", "Tiny")
    best = find_checkpoint(place)[0]
    if harm == "gone":
        place.rename(place.with_name(".away"))
    if harm == "cut":
        whole = best.path.joinpath(WEIGHTS).read_bytes()
        best.path.joinpath(WEIGHTS).write_bytes(whole[:-4])
    if harm == "another":
        model = load(project, "Tiny").model
        next(model.parameters()).data[0, 0] += 1
        save_checkpoint(place, best.step, model=model, kind="decoder", facts={})
    forget()
    with pytest.raises(StudioError, match=f"Small keeps only what it learned beside Tiny.*{told}"):
        load(project, "Small")


def test_that_no_adapter_is_kept_beside_another_but_merged_it_learns_on(project: Project) -> None:
    teach(project, "Small", "adapter")
    with pytest.raises(StudioError, match="kept as an adapter itself"):
        teach(project, "Smaller", "adapter", start="Small")
    assert isinstance(teach(project, "On", "merged", start="Small")[-1], Finished)


def test_that_a_new_head_lies_in_the_adapter(project: Project) -> None:
    config = CorpusConfig(sample_count=80)
    list(import_corpus(project, ["sample:reviews"], name="Reviews", config=config, stop=Stop()))
    found = {}
    for kept in ("merged", "adapter"):
        ways = {"teach.weights": "lora", "teach.lora_kept": kept, "training.max_steps": "4"}
        recipe = recipe_from(project, "Tiny", ways, task="classify")
        [*_, end] = train(project, corpus="Reviews", recipe=recipe, start="Tiny", name=kept, stop=Stop())
        assert isinstance(end, Finished)
        found[kept] = weights(project, kept)
    assert_same(found["adapter"], found["merged"])
    card = find_checkpoint(project.path("model", "adapter"))[0].card
    assert {name for name in card.codecs if name.startswith("class_head")} == {
        name for name in found["adapter"] if name.startswith("class_head")
    }


def test_that_quantising_adds_an_adapter_up_and_an_adapter_may_lie_beside_a_quantised_model(project: Project) -> None:
    teach(project, "adapter", "adapter")
    config = QuantizingConfig(method="nearest")
    events = list(quantize(project, "adapter", name="Small", config=config, stop=Stop()))
    assert "added up first" in said(events)
    small = find_checkpoint(project.path("model", "Small"))[0].card
    assert (small.base, small.changes, small.is_quantized) == (None, (), True)
    events = teach(project, "Beside", "adapter", start="Small")
    assert isinstance(events[-1], Finished)
    assert "32 bits a number" not in said(events)
    assert "32 bits a number" in said(teach(project, "Merged", "merged", start="Small"))
    assert_same(weights(project, "Beside"), weights(project, "Merged"))
