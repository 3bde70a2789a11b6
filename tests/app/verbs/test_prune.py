from __future__ import annotations

import re
import shutil
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import torch

from llmstudio.app.items.loaded import load
from llmstudio.app.runs.resuming import resume
from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.app.verbs.export import export
from llmstudio.app.verbs.prune import prune as prune_job
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Finished, Noted, Progress, Sampled, Stopped
from llmstudio.core.models.entering import Look, seen_entering
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

KEYS = {
    "model", "sparsity", "bits_per_byte_before", "bits_per_byte_after", "file_bytes_before", "file_bytes_after", "nonzeros",
}  # fmt: skip


def prune(project: Project, name: str, model: str = "Tiny", **config: object) -> dict[str, object]:
    *_, end = prune_job(project, model, name=name, config=PruningConfig(**config), stop=Stop())  # type: ignore[arg-type]
    assert isinstance(end, Finished)
    return dict(end.result)


def test_that_pruning_makes_a_sparser_and_smaller_copy(project: Project) -> None:
    found = prune(project, "Half", sparsity=0.5)
    assert set(found) >= KEYS
    assert found["sparsity"] == pytest.approx(0.5, abs=0.001)
    assert int(found["file_bytes_after"]) < int(found["file_bytes_before"])  # type: ignore[call-overload]
    half = load(project, "Half").model
    assert sum(int(torch.count_nonzero(p)) for p in half.parameters()) == found["nonzeros"]


def test_that_16_bits_halve_what_the_numbers_take_and_how_far_they_moved_is_said(project: Project) -> None:
    whole = prune(project, "Wide", sparsity=0.9)
    *events, end = prune_job(
        project, "Tiny", name="Narrow", config=PruningConfig(sparsity=0.9, number_format="fp16"), stop=Stop()
    )
    assert isinstance(end, Finished)
    assert whole["rounding"] == 0.0
    assert 0 < end.result["rounding"] < 2**-11
    assert any("16 bits moves the weights" in str(event.message) for event in events if isinstance(event, Noted))
    assert end.result["nonzeros"] == whole["nonzeros"]
    saved = int(whole["file_bytes_after"]) - int(end.result["file_bytes_after"])  # type: ignore[call-overload]
    assert saved == pytest.approx(2 * int(end.result["nonzeros"]), rel=0.02)
    assert end.result["file_bytes_bound"] < end.result["file_bytes_after"]


@pytest.mark.parametrize(("width", "most"), [("int8", 0.02), ("int4", 0.2)])
def test_that_few_bits_make_the_file_smaller_and_pruned_weights_stay_zero(project: Project, width: str, most: float) -> None:
    halves, wide = (prune(project, name, sparsity=0.5, number_format=name) for name in ("fp16", "fp32"))
    found = prune(project, width, sparsity=0.5, number_format=width)
    assert 0 < float(found["rounding"]) < most  # type: ignore[arg-type]
    assert int(found["file_bytes_after"]) < int(halves["file_bytes_after"])  # type: ignore[call-overload]
    assert int(found["file_bytes_bound"]) < int(found["file_bytes_after"])  # type: ignore[call-overload]
    ours, theirs = (load(project, name).model.state_dict() for name in (width, "fp32"))
    assert not any(ours[name][theirs[name] == 0].any() for name in theirs)
    assert float(found["val_loss_after"]) == pytest.approx(float(wide["val_loss_after"]), abs=most)  # type: ignore[arg-type]


def test_that_the_model_that_is_pruned_stays_as_it_was(project: Project) -> None:
    before = {name: p.clone() for name, p in load(project, "Tiny").model.named_parameters()}
    prune(project, "Half", sparsity=0.9)
    after = dict(load(project, "Tiny").model.named_parameters())
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_that_taking_nothing_changes_no_figure(project: Project) -> None:
    found = prune(project, "Same", sparsity=0.0)
    assert found["bits_per_byte_before"] == found["bits_per_byte_after"]
    assert found["sample_before"] == found["sample_after"]


def test_that_the_copy_knows_its_parent_and_its_ancestors(project: Project) -> None:
    parent = project.about("model", "Tiny")
    prune(project, "Half")
    child = project.about("model", "Half")
    assert child.made_from["parent"]["id"] == parent.id
    assert child.made_from["parent"]["hash"] == parent.facts["hash"]
    assert child.made_from["corpus"] == parent.made_from["corpus"]
    assert child.facts["pruning"]["sparsity"] == 0.5
    assert child.facts["hash"] != parent.facts["hash"]


def test_that_a_copy_can_be_pruned_further_measured_and_exported(project: Project, tmp_path: Path) -> None:
    prune(project, "Half", sparsity=0.5)
    found = prune(project, "Quarter", model="Half", sparsity=0.75)
    assert found["sparsity"] == pytest.approx(0.75, abs=0.001)
    *_, measured = evaluate(project, "Quarter", stop=Stop())
    assert isinstance(measured, Finished)
    assert measured.result["bits_per_byte"] == pytest.approx(found["bits_per_byte_after"])
    *_, exported = export(project, "Quarter", out=tmp_path / "out", stop=Stop())
    assert isinstance(exported, Finished)
    assert (tmp_path / "out" / "config.json").exists()


def test_that_a_pruned_copy_is_not_trained_on(project: Project) -> None:
    prune(project, "Half")
    with pytest.raises(StudioError):
        list(resume(project, "Half", stop=Stop()))
    assert project.exists("model", "Half")


def test_that_figures_and_samples_are_shown_before_and_after(project: Project) -> None:
    heard = list(prune_job(project, "Tiny", name="Half", config=PruningConfig(), stop=Stop()))
    assert sum(isinstance(event, Evaluated) for event in heard) == 2
    assert sum(isinstance(event, Sampled) for event in heard) == 2
    assert {event.job for event in heard} == {"prune"}


def test_that_a_stopped_pruning_leaves_nothing(project: Project) -> None:
    stop = Stop()
    stop.request()
    heard = list(prune_job(project, "Tiny", name="Half", config=PruningConfig(), stop=stop))
    assert isinstance(heard[-1], Stopped)
    assert not project.exists("model", "Half")


def test_that_a_model_without_its_corpus_is_pruned_without_figures(project: Project) -> None:
    project.delete("corpus", "World")
    for item in project.items("dataset"):
        project.delete("dataset", item.name)
    heard = list(prune_job(project, "Tiny", name="Half", config=PruningConfig(), stop=Stop()))
    assert [event for event in heard if isinstance(event, Noted) and event.level == "warning"]
    assert isinstance(heard[-1], Finished)
    assert heard[-1].result["bits_per_byte_after"] is None
    assert heard[-1].result["sparsity"] == pytest.approx(0.5, abs=0.001)


def test_that_a_taken_name_is_refused(project: Project) -> None:
    with pytest.raises(StudioError, match="exists already"):
        prune(project, "Tiny")


def test_that_an_export_never_overwrites(project: Project, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(StudioError, match="exists"):
        list(export(project, "Tiny", out=tmp_path / "out", stop=Stop()))
    assert list((tmp_path / "out").iterdir()) == []


def test_that_an_unknown_format_is_refused_with_those_there_are(project: Project, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="hugging_face"):
        list(export(project, "Tiny", format="scroll", out=tmp_path / "out", stop=Stop()))


def test_that_a_method_that_reads_hurts_less_and_says_how_far_it_is(project: Project) -> None:
    small = prune(project, "Small", method="magnitude", scope="layer", sparsity=0.6)
    config = PruningConfig(method="admm", sparsity=0.6, calibration_tokens=512)
    *events, end = prune_job(project, "Tiny", name="Read", config=config, stop=Stop())
    assert isinstance(end, Finished)
    assert end.result["nonzeros"] == small["nonzeros"]
    assert end.result["bits_per_byte_after"] < small["bits_per_byte_after"]  # type: ignore[operator]
    steps = [event for event in events if isinstance(event, Progress) and "Reading" in str(event.what)]
    assert steps[-1].done == steps[-1].total
    assert project.about("model", "Read").facts["pruning"]["method"] == "admm"


def test_that_a_text_of_ones_own_is_read_and_a_missing_or_too_short_one_is_told(project: Project, tmp_path: Path) -> None:
    own, short, none = (tmp_path / name for name in ("own.txt", "short.txt", "none.txt"))
    own.write_text("the fox saw the dog and the dog saw it .\n" * 60, encoding="utf-8")
    short.write_text("fox", encoding="utf-8")
    found = {
        name: prune(project, name, method="wanda", calibration_tokens=512, calibration_text=text)
        for name, text in (("Own", str(own)), ("Usual", ""))
    }
    assert found["Own"]["nonzeros"] == found["Usual"]["nonzeros"]
    masks = [load(project, name).model.state_dict() for name in ("Own", "Usual")]
    assert any(not torch.equal(masks[0][name] == 0, masks[1][name] == 0) for name in masks[0])
    with pytest.raises(StudioError, match="few"):
        prune(project, "Short", method="wanda", calibration_text=str(short))
    with pytest.raises(StudioError, match=re.escape("none.txt")):
        prune(project, "None", method="wanda", calibration_text=str(none))
    assert not project.exists("model", "Short")
    assert not project.exists("model", "None")


def test_that_stopping_while_it_reads_leaves_no_model(project: Project) -> None:
    stop = Stop()
    config = PruningConfig(method="wanda", calibration_tokens=512)
    for event in prune_job(project, "Tiny", name="Half", config=config, stop=stop):
        if isinstance(event, Progress) and "Reading" in str(event.what):
            stop.request()
    assert isinstance(event, Stopped)
    assert not project.exists("model", "Half")


def test_that_without_its_text_a_model_is_pruned_by_size_and_reading_says_what_to_do(project: Project) -> None:
    shutil.rmtree(project.path("corpus", "Text"), ignore_errors=True)
    for folder in (project.root / "corpora", project.root / "datasets"):
        shutil.rmtree(folder, ignore_errors=True)
    assert prune(project, "Half", sparsity=0.5)["bits_per_byte_after"] is None
    with pytest.raises(StudioError, match="calibration_text"):
        prune(project, "Read", method="admm")


def test_that_settings_that_do_nothing_are_told(project: Project) -> None:
    config = PruningConfig(pattern="2:4", sparsity=0.8, calibration_tokens=4096)
    events = list(prune_job(project, "Tiny", name="Even", config=config, stop=Stop()))
    said = " ".join(str(event.message) for event in events if isinstance(event, Noted))
    assert "Sparsity" in said
    assert "Text that is read" in said
    assert "Compared" not in said
    assert isinstance(events[-1], Finished)
    assert events[-1].result["sparsity"] == pytest.approx(0.5, abs=0.01)


def test_that_the_model_may_be_talked_to_while_it_is_read_with(project: Project) -> None:
    model = load(project, "Tiny").model
    own = [module for module in model.modules() if {"multiply", "forward"} & vars(module).keys()]
    seen = set()
    config = PruningConfig(method="wanda", sparsity=0.5, calibration_tokens=512)
    whole = seen_entering

    def watched(looked_at: torch.nn.Module, look: Look) -> AbstractContextManager[None]:
        seen.add(id(looked_at))
        return whole(looked_at, look)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("llmstudio.core.sparsity.calibration.seen_entering", watched)
        assert isinstance([*prune_job(project, "Tiny", name="Half", config=config, stop=Stop())][-1], Finished)
    assert len(seen) == 2
    assert id(model) not in seen
    assert own == []
