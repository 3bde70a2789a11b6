from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.items.loaded import load
from llmstudio.app.runs.resuming import resume
from llmstudio.app.runs.run_summary import summary_of
from llmstudio.app.runs.starting import recipe_from
from llmstudio.app.verbs.compact import VERB
from llmstudio.app.verbs.compact import compact as compact_job
from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.app.verbs.export import export
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.train import train
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished, Noted, Progress, Stopped
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.structured.config import CompactConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

SMALLER = CompactConfig(calibration_tokens=256)


def compact(project: Project, name: str, model: str = "Tiny", **settings: object) -> dict[str, object]:
    *_, end = compact_job(project, model, name=name, config=replace(SMALLER, **settings), stop=Stop())  # type: ignore[arg-type]
    assert isinstance(end, Finished)
    return dict(end.result)


def end_of(events: object) -> Finished:
    *_, end = events  # type: ignore[misc]
    assert isinstance(end, Finished)
    return end


def test_that_a_smaller_model_is_made_measured_and_known_by_its_shape(project: Project) -> None:
    heard = list(compact_job(project, "Tiny", name="Half", config=SMALLER, stop=Stop()))
    found = dict(end_of(heard).result)
    small, whole = load(project, "Half").model, load(project, "Tiny").model
    assert found["units"] == {"heads": [2, 1], "neurons": [48, 24]}
    assert found["parameters"] == sum(p.numel() for p in small.parameters()) < found["parameters_before"]
    assert recipe_of(project.about("model", "Half")).model == small.config
    assert small.config.num_parameters(small.vocab_size) == found["parameters"]
    assert small.config.num_heads == 1
    assert whole.config.num_heads == 2
    assert found["file_bytes_after"] < found["file_bytes_before"]
    for name in ("bits_per_byte", "tokens_per_second", "reading_tokens_per_second", "val_loss"):
        assert float(found[f"{name}_before"]) > 0, name
        assert float(found[f"{name}_after"]) > 0, name
    assert [event for event in heard if isinstance(event, Progress)]
    said = [str(event.message) for event in heard if isinstance(event, Noted)]
    assert any("heads: 2 → 1" in one and f"{found['parameters']:,} stay" in one for one in said), said
    assert {event.job for event in heard} == {"compact"}
    assert "heads" in VERB.reads(found)


def test_that_a_smaller_model_learns_on_is_pruned_exported_and_made_smaller_again(project: Project, tmp_path: Path) -> None:
    compact(project, "Half")
    half = project.about("model", "Half")
    assert summary_of(project, half).state == "compacted"
    recipe = recipe_from(project, "Half", {"training.max_steps": 4})
    healed = end_of(train(project, name="Healed", recipe=recipe, start="Half", stop=Stop()))
    assert healed.result["bits_per_byte"] < compact(project, "Again", "Healed")["bits_per_byte_before"] + 1e-9
    assert [step.verb for step in project.about("model", "Again").model_card.lineage] == [
        "grown", "compacted", "grown", "compacted",
    ]  # fmt: skip
    end_of(prune(project, "Half", name="Sparse", config=PruningConfig(), stop=Stop()))
    end_of(export(project, "Half", out=tmp_path / "out", stop=Stop()))
    measured = end_of(evaluate(project, "Half", stop=Stop()))
    assert measured.result["bits_per_byte"] == pytest.approx(half.facts["result"]["bits_per_byte_after"])
    with pytest.raises(StudioError, match="A new one can begin"):
        list(resume(project, "Half", stop=Stop()))


def test_that_taking_nothing_changes_no_bit(project: Project) -> None:
    found = compact(project, "Same", share=0.0)
    ours, theirs = load(project, "Same").model.state_dict(), load(project, "Tiny").model.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert found["bits_per_byte_before"] == found["bits_per_byte_after"]
    assert found["sample_before"] == found["sample_after"]
    assert recipe_of(project.about("model", "Same")) == recipe_of(project.about("model", "Tiny"))


def test_that_zeros_of_a_pruned_model_go_along_and_stay(project: Project) -> None:
    end_of(prune(project, "Tiny", name="Sparse", config=PruningConfig(sparsity=0.5), stop=Stop()))
    compact(project, "Both", "Sparse")
    begun = load(project, "Both").model.state_dict()
    recipe = recipe_from(project, "Both", {"training.max_steps": 4})
    end_of(train(project, name="Healed", recipe=recipe, start="Both", stop=Stop()))
    healed = load(project, "Healed").model.state_dict()
    name = "blocks.0.feed_forward.up.weight"
    gone = begun[name] == 0
    assert 0.2 < gone.float().mean() < 0.8
    assert not healed[name][gone].any()
    assert not torch.equal(healed[name], begun[name])


def test_that_a_stopped_one_leaves_nothing(project: Project) -> None:
    stop = Stop()
    heard = []
    for event in compact_job(project, "Tiny", name="Half", config=SMALLER, stop=stop):
        heard.append(event)
        if isinstance(event, Progress):
            stop.request()
    assert isinstance(heard[-1], Stopped)
    assert not project.exists("model", "Half")


def test_that_without_its_text_weights_alone_can_choose(project: Project) -> None:
    project.delete("corpus", "World")
    for item in project.items("dataset"):
        project.delete("dataset", item.name)
    with pytest.raises(StudioError, match="set score to magnitude"):
        compact(project, "Half")
    found = compact(project, "Half", score="magnitude")
    assert found["bits_per_byte_after"] is None
    assert found["reading_tokens_per_second_after"] is None
    assert float(found["tokens_per_second_after"]) > 0  # type: ignore[arg-type]


def test_that_what_cannot_go_and_a_taken_name_are_refused_before_anything_is_done(project: Project) -> None:
    with pytest.raises(StudioError, match="This family has none"):
        compact(project, "Half", parts=("units",))
    with pytest.raises(StudioError, match="exists already"):
        compact(project, "Tiny")
    assert not project.exists("model", "Half")


def test_that_a_model_that_sorts_texts_sorts_on_when_it_is_smaller(sorting: Project) -> None:
    heard = list(compact_job(sorting, "Sort", name="Small", config=replace(SMALLER, share=0.3, multiple=1), stop=Stop()))
    found = dict(end_of(heard).result)
    assert [e for e in heard if isinstance(e, Noted) and f"{found['parameters']:,} stay" in str(e.message)]
    assert found["units"] == {"units": [16, 11]}
    assert found["tokens_per_second_after"] is None
    assert float(found["reading_tokens_per_second_after"]) > 0  # type: ignore[arg-type]
    measured = end_of(evaluate(sorting, "Small", stop=Stop()))
    assert 0 <= measured.result["accuracy"] <= 1
