from __future__ import annotations

import json

import pytest
import torch

from llmstudio.app.items.loaded import load
from llmstudio.app.runs.starting import recipe_from
from llmstudio.app.verbs.delete import delete
from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.app.verbs.heal import heal
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.quantize import quantize
from llmstudio.app.verbs.train import train
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished, Noted, Stopped, TrainStep
from llmstudio.core.models.weights import small
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.quantizing.config import QuantizingConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def thin(project: Project, sparsity: float = 0.8) -> None:
    *_, end = prune(project, "Tiny", name="Thin", config=PruningConfig(sparsity=sparsity), stop=Stop())
    assert isinstance(end, Finished)


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_that_healing_lowers_the_loss_and_what_is_gone_stays_gone(project: Project, optimizer: str) -> None:
    thin(project)
    zeros = {name: p == 0 for name, p in load(project, "Thin").model.state_dict().items()}
    changes = {"training.max_steps": 12, "training.optimizer": optimizer}
    *events, end = heal(project, "Thin", name="Healed", changes=changes, stop=Stop())
    assert isinstance(end, Finished)
    assert sum(isinstance(event, TrainStep) for event in events) == 12
    assert end.result["bits_per_byte_after"] < end.result["bits_per_byte_before"]
    for name, weight in load(project, "Healed").model.state_dict().items():
        if zeros[name].float().mean() > 0.01:
            assert torch.equal(weight == 0, zeros[name]), name
    *_, measured = evaluate(project, "Healed", stop=Stop())
    assert isinstance(measured, Finished)
    assert measured.result["bits_per_byte"] == end.result["bits_per_byte_after"]
    assert [step.verb for step in project.about("model", "Healed").model_card.lineage] == ["grown", "pruned", "grown"]


def test_that_it_takes_a_share_of_the_steps_and_half_the_rate_unless_told_otherwise(project: Project) -> None:
    thin(project)
    own = load(project, "Tiny").about.facts["recipe"]["training"]
    list(heal(project, "Thin", name="Healed", share=0.5, stop=Stop()))
    taken = project.about("model", "Healed").facts["recipe"]["training"]
    assert taken["max_steps"] == max(1, round(0.5 * own["max_steps"]))
    assert taken["learning_rate"] == pytest.approx(0.5 * own["learning_rate"])


def test_that_a_model_that_has_lost_nothing_and_a_taken_name_are_refused(project: Project) -> None:
    with pytest.raises(StudioError, match="nothing to heal"):
        list(heal(project, "Tiny", name="Healed", stop=Stop()))
    thin(project)
    with pytest.raises(StudioError, match="Thin"):
        list(heal(project, "Thin", name="Thin", stop=Stop()))


def test_that_a_model_that_became_sparse_while_it_learned_is_not_said_to_have_lost_nothing(project: Project) -> None:
    recipe = recipe_from(project, "Tiny", {"training.max_steps": 4, "sparse.method": "gradual"})
    list(train(project, name="Sparse", recipe=recipe, start="Tiny", stop=Stop()))
    list(
        train(
            project, name="On", recipe=recipe_from(project, "Sparse", {"training.max_steps": 2}), start="Sparse", stop=Stop()
        )
    )
    for name in ("Sparse", "On"):
        assert (load(project, name).model.get_parameter("blocks.0.attention.qkv.weight") == 0).float().mean() > 0.7
        with pytest.raises(StudioError, match="became sparse while it learned") as caught:
            list(heal(project, name, name="Healed", stop=Stop()))
        assert caught.value.remedies[0].value.startswith(f"train --from {name}")


def test_that_a_healed_model_can_be_healed_again_and_pruned_further(project: Project) -> None:
    thin(project)
    list(heal(project, "Thin", name="Healed", changes={"training.max_steps": 2}, stop=Stop()))
    *_, again = heal(project, "Healed", name="Again", changes={"training.max_steps": 2}, stop=Stop())
    *_, more = prune(project, "Healed", name="Thinner", config=PruningConfig(sparsity=0.9), stop=Stop())
    assert isinstance(again, Finished)
    assert isinstance(more, Finished)
    assert more.result["sparsity"] == pytest.approx(0.9, abs=1e-3)


def test_that_stopping_says_so_and_keeps_what_was_learned(project: Project) -> None:
    thin(project)
    stop = Stop()
    for event in heal(project, "Thin", name="Healed", changes={"training.max_steps": 500}, stop=stop):
        if isinstance(event, TrainStep) and event.step == 3:
            stop.request()
    assert isinstance(event, Stopped)
    assert event.result["steps"] == 3
    assert project.exists("model", "Healed")


def test_that_a_run_that_took_fewer_steps_than_planned_is_healed_for_a_share_of_those(project: Project) -> None:
    path = project.about("model", "Tiny").path / "about.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    kept["facts"]["result"]["steps"] = 4
    path.write_text(json.dumps(kept), encoding="utf-8")
    thin(project)
    *_, healed = heal(project, "Thin", name="Healed", share=0.5, stop=Stop())
    assert isinstance(healed, Finished)
    assert healed.result["steps"] == 2
    *_, again = heal(project, "Healed", name="Again", share=0.5, stop=Stop())
    assert isinstance(again, Finished)
    assert again.result["steps"] == 2


def test_that_small_matrices_and_the_parent_heal_with_zeros_as_before_and_every_figure_before_and_after(
    project: Project,
) -> None:
    thin(project)
    before = load(project, "Thin").model.state_dict()
    *events, end = heal(project, "Thin", name="Healed", share=2.0, by="lora", teacher="parent", stop=Stop())
    assert isinstance(end, Finished)
    step = next(event for event in events if isinstance(event, TrainStep))
    assert step.parts["teacher"] > 0
    healed = load(project, "Healed").model.state_dict()
    assert all(torch.equal(healed[name] == 0, old == 0) for name, old in before.items())
    assert not all(torch.equal(healed[name], old) for name, old in before.items())
    for figure in ("bits_per_byte", "val_loss", "file_bytes", "memory_bytes", "tokens_per_second", "figure"):
        assert end.result[f"{figure}_before"] > 0, figure
        assert end.result[f"{figure}_after"] > 0, figure
    told = project.about("model", "Healed").model_card.result
    assert told is not None
    assert told.sparsity == pytest.approx(0.8, abs=0.01)
    assert told.told["nonzeros"] == end.result["nonzeros"] == sum(int(p.count_nonzero()) for p in healed.values())
    assert project.about("model", "Healed").facts["teacher"]["name"] == "Tiny"


def test_that_what_learns_wider_numbers_than_it_has_says_so_and_a_lost_parent_cannot_teach(project: Project) -> None:
    config = PruningConfig(sparsity=0.5, number_format="fp16")
    list(prune(project, "Tiny", name="Thin", config=config, stop=Stop()))
    events = [*heal(project, "Thin", name="Healed", changes={"training.max_steps": 1}, stop=Stop())]
    assert any("kept in 32 bits" in str(event.message) for event in events if isinstance(event, Noted))
    list(delete(project, "Tiny"))
    with pytest.raises(StudioError, match="can be no teacher"):
        list(heal(project, "Thin", name="Again", teacher="parent", stop=Stop()))
    assert not project.exists("model", "Again")


def test_that_a_quantised_model_takes_the_memory_that_quantising_told(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small, "_WORTH_IT", 1)
    thin(project, 0.3)
    *_, few = quantize(project, "Thin", name="Few", config=QuantizingConfig(method="nearest"), stop=Stop())
    *_, end = heal(project, "Few", name="Healed", changes={"training.max_steps": 1}, stop=Stop())
    assert isinstance(few, Finished)
    assert isinstance(end, Finished)
    assert end.result["memory_bytes_before"] == few.result["memory_bytes_after"] < end.result["memory_bytes_after"]
    assert end.result["memory_bytes_after"] == few.result["memory_bytes_before"]
