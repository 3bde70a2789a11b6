"""A new run from a model's weights: they are where it begins, they keep their shape, and the new model knows its parent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.items.loaded import forget
from llmstudio.app.pruning.preview import lineage
from llmstudio.app.runs.resuming import resume
from llmstudio.app.runs.starting import recipe_from
from llmstudio.app.runs.training import checkpoint_hash
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, TrainStep
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def learn_on(
    project: Project, start: str, name: str, *, corpus: str = "", tokenizer: str = "", **changes: Any
) -> list[Event]:
    recipe = recipe_from(project, start, {path.replace("__", "."): value for path, value in changes.items()})
    names = {"corpus": corpus, "tokenizer": tokenizer, "name": name}
    return list(train(project, recipe=recipe, start=start, stop=Stop(), **names))


def weights(project: Project, name: str, which: str = "last") -> dict[str, torch.Tensor]:
    return load_model(find_checkpoint(project.path("model", name), which)[0]).state_dict()


def first_loss(events: list[Event]) -> float:
    return next(event.loss for event in events if isinstance(event, TrainStep))


def test_that_a_run_begins_where_its_parent_ended(project: Project) -> None:
    [*_, end] = events = learn_on(project, "Tiny", "On", training__learning_rate="1e-7", training__max_steps="1")
    assert isinstance(end, Finished)
    begun, parent = weights(project, "On", "0"), weights(project, "Tiny", "best")
    assert all(torch.equal(begun[name], parent[name]) for name in parent)
    recipe = recipe_of(project.about("model", "Tiny"))
    random = list(train(project, corpus="World", tokenizer="Words", name="New", recipe=recipe, stop=Stop()))
    assert first_loss(events) < first_loss(random)
    assert any("Begins with the weights of Tiny" in str(event.message) for event in events if isinstance(event, Noted))


def test_that_the_new_model_knows_its_parent_by_hash_and_step_and_has_a_schedule_rate_and_batch_of_its_own(
    project: Project,
) -> None:
    changes = {"training__learning_rate": "1e-3", "training__batch_size": "2", "training__max_steps": "4"}
    [*_, end] = learn_on(project, "Tiny", "On", **changes)
    about, parent = project.about("model", "On"), project.about("model", "Tiny")
    best, _ = find_checkpoint(parent.path, "best")
    assert about.made_from["parent"] == {
        "id": parent.id, "name": "Tiny", "hash": checkpoint_hash(parent.path), "step": str(best.step)
    }  # fmt: skip
    assert {role: about.made_from[role] for role in ("corpus", "tokenizer")} == dict(parent.made_from)
    assert recipe_of(about).training.batch_size == 2
    assert isinstance(end, Finished)
    assert (end.result["steps"], about.facts["state"]) == (4, "finished")


def test_that_a_model_learns_on_from_another_text(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("clara has the kite . ben is in the garden .\n" * 80)
    list(import_corpus(project, [str(tmp_path / "a.txt")], name="Other", stop=Stop()))
    [*_, end] = learn_on(project, "Tiny", "On", corpus="Other")
    assert isinstance(end, Finished)
    assert project.about("model", "On").made_from["corpus"]["name"] == "Other"


def test_that_a_run_from_a_model_is_resumed_to_the_same_weights(project: Project) -> None:
    learn_on(project, "Tiny", "Whole")
    recipe = recipe_from(project, "Tiny", {})
    for name, after in (("Early", 1), ("Late", 5)):
        work = train(project, name=name, recipe=recipe, start="Tiny", stop=Stop())
        next(event for event in work if isinstance(event, TrainStep) and event.step == after)
        work.close()  # type: ignore[attr-defined]
        list(resume(project, name, stop=Stop()))
        whole, parts = weights(project, "Whole"), weights(project, name)
        assert all(torch.equal(whole[key], parts[key]) for key in whole)


@pytest.mark.parametrize("stopped_at", [0, 5])
def test_that_what_was_pruned_stays_pruned_while_the_rest_learns(project: Project, stopped_at: int) -> None:
    config = PruningConfig(method="magnitude", sparsity=0.5)
    list(prune(project, "Tiny", name="Thin", config=config, stop=Stop()))
    with pytest.raises(StudioError, match="weights alone") as refused:
        list(resume(project, "Thin", stop=Stop()))
    assert [remedy.value for remedy in refused.value.remedies] == ["train --from Thin --name NAME"]
    work = train(project, name="On", recipe=recipe_from(project, "Thin", {}), start="Thin", stop=Stop())
    said = []
    for event in work:
        said.append(event)
        if isinstance(event, TrainStep) and event.step == stopped_at:
            work.close()  # type: ignore[attr-defined]
            said += resume(project, "On", stop=Stop())
            break
    assert isinstance(said[-1], Finished)
    thin, on = weights(project, "Thin"), weights(project, "On")
    matrices = [name for name, weight in thin.items() if weight.dim() >= 2 and not bool((weight != 0).all())]
    assert matrices
    for name in matrices:
        assert torch.equal(thin[name] == 0, on[name] == 0), name
        assert not torch.equal(thin[name], on[name]), name
    assert any("stay zero" in str(event.message) for event in said if isinstance(event, Noted))
    forget()
    assert [member.model for member in lineage(project, "Tiny")] == ["Tiny", "Thin", "On"], "it is a healed one"


def test_that_a_model_knows_every_step_that_led_to_it_also_when_those_between_are_gone(project: Project) -> None:
    config = PruningConfig(method="magnitude", sparsity=0.5)
    list(prune(project, "Tiny", name="Thin", config=config, stop=Stop()))
    learn_on(project, "Thin", "On", training__max_steps="2")
    list(prune(project, "On", name="Last", config=replace(config, sparsity=0.75), stop=Stop()))
    tiny, thin, on = (project.about("model", name) for name in ("Tiny", "Thin", "On"))
    project.delete("model", "Thin")
    project.rename("model", "On", "Went on")
    steps = project.about("model", "Last").model_card.lineage
    assert [step.verb for step in steps] == ["grown", "pruned", "grown", "pruned"]
    assert [step.parent and step.parent.name for step in steps] == [None, "Tiny", "Thin", "On"]
    assert [step.parent and step.parent.id for step in steps] == [None, tiny.id, thin.id, on.id]
    assert [step.parent and step.parent.hash for step in steps] == [None, tiny.hash, thin.hash, on.hash]
    assert [step.settings.get("sparsity") for step in steps] == [None, 0.5, None, 0.75]
    assert steps[-1].parent == project.about("model", "Last").parent("parent")
    assert steps[:3] == on.model_card.lineage


def test_that_another_shape_family_or_tokenizer_is_refused_in_words(project: Project) -> None:
    others = {"num_layers": ("Layers", "2"), "context_length": ("Context", "32"), "num_heads": ("Heads", "1")}
    for name, (label, value) in others.items():
        with pytest.raises(StudioError, match=f"{label} is .* in Tiny and stays so"):
            recipe_from(project, "Tiny", {f"model.{name}": value})
    assert recipe_from(project, "Tiny", {"model.dropout": "0.2"}).model.dropout == 0.2
    list(build_tokenizer(project, "World", name="Letters", config=TokenizerConfig(kind="char"), stop=Stop()))
    with pytest.raises(StudioError, match="belong to its own tokenizer, Words"):
        learn_on(project, "Tiny", "On", tokenizer="Letters")
    assert not project.exists("model", "On")


def test_that_a_vae_that_learns_on_does_not_begin_its_warm_start_again(project: Project) -> None:
    from dataclasses import replace

    from llmstudio.core.recipe import Recipe

    tiny = recipe_of(project.about("model", "Tiny"))
    training = replace(tiny.training, max_steps=8, eval_steps=8)
    vae = Recipe("vae", VAEConfig(embed_dim=16, hidden_dim=16, context_length=32), training)
    list(train(project, corpus="World", tokenizer="Words", name="V", recipe=vae, stop=Stop()))
    events = learn_on(project, "V", "On")
    assert isinstance(events[-1], Finished)
    assert any("warm start behind it" in str(event.message) for event in events if isinstance(event, Noted))
    on = recipe_of(project.about("model", "On")).task
    assert on.warm_start_share == 0
    assert [event.parts["kl_weight"] for event in events if isinstance(event, TrainStep)] == [1.0] * 8
