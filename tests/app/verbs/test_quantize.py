from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from llmstudio.app.items.loaded import forget, load
from llmstudio.app.pruning.preview import lineage
from llmstudio.app.runs.resuming import resume
from llmstudio.app.runs.run_summary import summary_of
from llmstudio.app.runs.starting import recipe_from
from llmstudio.app.verbs.compact import compact
from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.app.verbs.export import export
from llmstudio.app.verbs.generate import generate
from llmstudio.app.verbs.heal import heal
from llmstudio.app.verbs.options import changed
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.quantize import quantize as quantize_job
from llmstudio.app.verbs.train import train
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Finished, Noted, Progress, Stopped
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.models.weights import small
from llmstudio.core.models.weights.quantized.matrix import QuantizedMatrix
from llmstudio.core.models.weights.sparse.building import KERNELS
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.masks import share_gone
from llmstudio.core.sparsity.quantizing.config import QuantizingConfig
from llmstudio.core.sparsity.structured.config import CompactConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def end_of(events: object) -> Finished:
    *_, end = events  # type: ignore[misc]
    assert isinstance(end, Finished)
    return end


def heard(project: Project, name: str, model: str = "Tiny", **config: object) -> list[object]:
    settings = QuantizingConfig(**({"calibration_tokens": 512} | config))  # type: ignore[arg-type]
    return list(quantize_job(project, model, name=name, config=settings, stop=Stop()))


def quantize(project: Project, name: str, model: str = "Tiny", **config: object) -> dict[str, object]:
    return dict(end_of(heard(project, name, model, **config)).result)


@pytest.mark.parametrize("method", ["nearest", "coordinate_descent"])
def test_that_a_smaller_copy_is_made_measured_and_read_bit_for_bit(project: Project, method: str) -> None:
    found = quantize(project, "Small", bits=8, method=method)
    assert found["bits"] == 8
    assert int(found["file_bytes_after"]) < int(found["file_bytes_before"]) / 2  # type: ignore[call-overload]
    assert int(found["file_bytes_bound"]) < int(found["file_bytes_after"])  # type: ignore[call-overload]
    assert float(found["bits_per_byte_after"]) == pytest.approx(float(found["bits_per_byte_before"]), abs=0.01)  # type: ignore[arg-type]
    for name in ("tokens_per_second", "bits_per_byte", "val_loss"):
        assert float(found[f"{name}_before"]) > 0, name  # type: ignore[arg-type]
        assert float(found[f"{name}_after"]) > 0, name  # type: ignore[arg-type]
    assert found["memory_bytes_before"] == found["memory_bytes_after"]  # so small a model is as fast in 32 bits
    measured = end_of(evaluate(project, "Small", stop=Stop()))
    assert measured.result["bits_per_byte"] == pytest.approx(found["bits_per_byte_after"], abs=1e-9)
    model = load(project, "Small").model
    assert sum(int(torch.count_nonzero(p)) for p in model.parameters()) == found["nonzeros"]
    about = project.about("model", "Small")
    assert summary_of(project, about).state == "quantized"
    assert [step.verb for step in about.model_card.lineage] == ["grown", "quantized"]
    assert about.parent("parent").name == "Tiny"
    members = {member.model: member for member in lineage(project, "Small")}
    assert members["Small"].quantized == QuantizingConfig(bits=8, method=method, calibration_tokens=512)
    assert members["Tiny"].quantized is None
    with pytest.raises(StudioError, match="A new one can begin"):
        list(resume(project, "Small", stop=Stop()))


def test_that_it_writes_with_integers_in_memory_and_says_the_same(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    KERNELS.why_not()
    monkeypatch.setattr(small, "_WORTH_IT", 1)
    found = quantize(project, "Small", method="nearest")
    assert int(found["memory_bytes_after"]) < int(found["memory_bytes_before"])  # type: ignore[call-overload]
    config = GenerationConfig(max_new_tokens=8, temperature=0.0)
    integers = load(project, "Small", to_write=True)
    assert any(isinstance(part, QuantizedMatrix) for part in integers.model.modules())
    assert integers.num_bytes < load(project, "Small").num_bytes
    said = end_of(generate(project, "Small", prompt="the fox", config=config, stop=Stop()))
    monkeypatch.setattr(small, "_WORTH_IT", 10**9)
    forget()
    again = end_of(generate(project, "Small", prompt="the fox", config=config, stop=Stop()))
    assert said.result["text"] == again.result["text"]
    forget()


def test_that_a_pruned_and_healed_model_keeps_its_zeros_and_learns_on(project: Project) -> None:
    end_of(prune(project, "Tiny", name="Sparse", config=PruningConfig(sparsity=0.5), stop=Stop()))
    found = quantize(project, "Both", "Sparse", bits=4)
    zeros = {name: p == 0 for name, p in load(project, "Sparse").model.named_parameters()}
    both = dict(load(project, "Both").model.named_parameters())
    assert not any(both[name][gone].any() for name, gone in zeros.items() if gone.dim() > 1)
    assert int(found["rounded_to_zero"]) > 0  # type: ignore[call-overload]
    own = share_gone(load(project, "Both").model, keep_embeddings=True)
    assert found["sparsity"] == project.about("model", "Both").model_card.result.sparsity == own  # type: ignore[union-attr]
    assert found["nonzeros"] + found["rounded_to_zero"] == sum(int((~gone).sum()) for gone in zeros.values())  # type: ignore[operator]
    end_of(heal(project, "Both", name="Healed", share=0.5, stop=Stop()))
    healed = dict(load(project, "Healed").model.named_parameters())
    name = "blocks.0.feed_forward.up.weight"
    assert not healed[name][zeros[name]].any()
    assert not torch.equal(healed[name], both[name])
    assert [step.verb for step in project.about("model", "Healed").model_card.lineage] == [
        "grown", "pruned", "quantized", "grown",
    ]  # fmt: skip
    assert any(member.is_healed for member in lineage(project, "Tiny"))


def test_that_it_can_be_exported_pruned_made_smaller_and_taught(project: Project, tmp_path: Path) -> None:
    quantize(project, "Small", method="nearest")
    end_of(export(project, "Small", out=tmp_path / "out", stop=Stop()))
    end_of(prune(project, "Small", name="Sparse", config=PruningConfig(number_format="int8"), stop=Stop()))
    end_of(compact(project, "Small", name="Half", config=CompactConfig(calibration_tokens=256), stop=Stop()))
    recipe = recipe_from(project, "Small", {"training.max_steps": 2})
    *said, _ = train(project, name="More", recipe=recipe, start="Small", stop=Stop())
    assert any("32 bits" in str(event.message) for event in said if isinstance(event, Noted))


def test_that_what_gains_nothing_is_refused_and_rounding_twice_is_told(project: Project) -> None:
    quantize(project, "Eight", bits=8, method="nearest")
    with pytest.raises(StudioError, match="in 8 bits already"):
        quantize(project, "Again", "Eight", bits=8)
    said = [str(event.message) for event in heard(project, "Four", "Eight", bits=4) if isinstance(event, Noted)]
    assert any("Rounding twice" in one for one in said), said
    for bits in (4, 8):
        with pytest.raises(StudioError, match="in 4 bits already"):
            quantize(project, "Again", "Four", bits=bits)
    with pytest.raises(StudioError, match="Four"):
        quantize(project, "Four")
    assert not project.exists("model", "Again")


@pytest.mark.parametrize("setting", ["bits=3", "bits=x", "group=17", "method=magic", "calibration_tokens=1"])
def test_that_wrong_settings_are_told(setting: str) -> None:
    with pytest.raises(StudioError):
        changed(QuantizingConfig(), [setting])


def test_that_without_its_text_the_nearest_is_what_is_left_and_said(project: Project) -> None:
    for folder in (project.root / "corpora", project.root / "datasets"):
        shutil.rmtree(folder, ignore_errors=True)
    with pytest.raises(StudioError, match="nearest"):
        quantize(project, "Small")
    assert quantize(project, "Small", method="nearest")["bits_per_byte_after"] is None


def test_that_settings_that_do_nothing_are_told_and_a_stop_leaves_nothing(project: Project) -> None:
    said = " ".join(str(event.message) for event in heard(project, "Near", method="nearest") if isinstance(event, Noted))
    assert "Text that is read" in said
    stop = Stop()
    for event in quantize_job(project, "Tiny", name="Small", config=QuantizingConfig(calibration_tokens=512), stop=stop):
        if isinstance(event, Progress) and "rounding" in str(event.what):
            stop.request()
    assert isinstance(event, Stopped)
    assert not project.exists("model", "Small")


def test_that_a_text_that_is_not_there_is_told_before_anything_is_measured(project: Project) -> None:
    config = QuantizingConfig(calibration_text="nowhere.txt")
    said = quantize_job(project, "Tiny", name="Small", config=config, stop=Stop())
    measured = (event for event in said if isinstance(event, Evaluated))
    with pytest.raises(StudioError, match="nowhere"):
        next(measured)
