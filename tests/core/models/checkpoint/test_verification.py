"""A checkpoint whose files fit their hashes, but not each other: nothing is built from it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from llmstudio.core.errors import StudioError
from llmstudio.core.models.build import build_model
from llmstudio.core.models.checkpoint.card import read_card
from llmstudio.core.models.checkpoint.folders import FACTS, STATE, WEIGHTS
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.models.checkpoint.verification import _weight_shapes
from llmstudio.core.models.checkpoint.write import save_checkpoint
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.sparsity.rounding import WIDTHS, round_model
from llmstudio.core.training.optimizers import Optimizers
from llmstudio.core.training_config import TrainingConfig
from llmstudio.store.files import MANIFEST, write_json, write_manifest
from llmstudio.store.reading import read_json

CONFIG = DecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=8)


@pytest.fixture(params=["dense", "sparse", "grid", "sparse_grid"])
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A model with two whole checkpoints, of steps 1 and 2."""
    model = build_model("decoder", CONFIG, 50)
    with torch.no_grad():
        for parameter in model.parameters():
            if "sparse" in request.param:
                parameter[torch.rand_like(parameter) < 0.9] = 0
    if "grid" in request.param:
        round_model(model, WIDTHS["int8"], keep_embeddings=False)
    state = {f"{name}:exp_avg": torch.zeros_like(p) for name, p in model.named_parameters()}
    for step in (1, 2):
        is_small = request.param != "dense"
        save_checkpoint(tmp_path, step, model=model, kind="decoder", facts={}, state=state, sparse=is_small)
    assert request.param in read_card(tmp_path / "checkpoints" / "00000002").codecs.values()
    return tmp_path


def _tensors(name: str, change: Callable[[dict[str, torch.Tensor]], object]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        tensors = load_file(folder / name)
        change(tensors)
        save_file(tensors, folder / name)

    return apply


def _facts(change: Callable[[Any], object]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        facts = read_json(folder / FACTS)
        change(facts)
        write_json(folder / FACTS, facts)

    return apply


def _shorten(tensors: dict[str, torch.Tensor]) -> None:
    name = max(tensors, key=lambda key: tensors[key].numel())
    tensors[name] = tensors[name].flatten()[:-1].clone()


def _head(at: int, to: int) -> Callable[[Path], None]:
    """A byte of what says where the numbers of the largest tensor are; of a dense file, its shape."""

    def change(tensors: dict[str, torch.Tensor]) -> None:
        name = max(tensors, key=lambda key: (key.endswith(":places"), tensors[key].numel()))
        if name.endswith(":places"):
            tensors[name][at] = to
        else:
            _shorten(tensors)

    return _tensors(WEIGHTS, change)


def _integers(at: int, to: int) -> Callable[[Path], None]:
    """A byte at the beginning of the integers of the largest tensor, if there are any."""

    def change(tensors: dict[str, torch.Tensor]) -> None:
        name = max(tensors, key=lambda key: (key.endswith(":integers"), tensors[key].numel()))
        if name.endswith(":integers"):
            tensors[name][at] = to
        else:
            _shorten(tensors)

    return _tensors(WEIGHTS, change)


def _cut(tensors: dict[str, torch.Tensor], ending: str) -> None:
    found = [name for name in tensors if name.endswith(ending)]
    name = max(found or tensors, key=lambda key: tensors[key].numel())
    tensors[name] = tensors[name].flatten()[:-1].clone()


DAMAGE = {
    "a weight is cut": _tensors(WEIGHTS, _shorten),
    "places are cut": _tensors(WEIGHTS, lambda t: _cut(t, ":places")),
    "values are cut": _tensors(WEIGHTS, lambda t: _cut(t, ":values")),
    "another code": _head(0, 255),
    "more dimensions": _head(1, 9),
    "another shape": _head(9, 255),
    "another number of places": _head(10, 255),
    "another length of places": _head(14, 255),
    "integers of another width": _integers(0, 5),
    "integers of another kind of width": _integers(0, 4),
    "integers of more dimensions": _integers(1, 9),
    "integers of one dimension": _integers(1, 1),
    "integers of another shape": _integers(2, 7),
    "integers of another group": _integers(10, 32),
    "integers of an unknown group": _integers(10, 33),
    "integers are cut": _tensors(WEIGHTS, lambda t: _cut(t, ":integers")),
    "scales are cut": _tensors(WEIGHTS, lambda t: _cut(t, ":scales")),
    "a weight is missing": _tensors(WEIGHTS, lambda t: t.pop(next(iter(t)))),
    "a weight too many": _tensors(WEIGHTS, lambda t: t.update(more=torch.zeros(3))),
    "a weight in another type": _tensors(WEIGHTS, lambda t: t.update({k: v.bfloat16() for k, v in list(t.items())[:1]})),
    "a moment is cut": _tensors(STATE, _shorten),
    "another size": _facts(lambda f: f["config"].update(embed_dim=4096)),
    "another vocabulary": _facts(lambda f: f.update(vocab_size=10**7)),
    "another step": _facts(lambda f: f.update(step=7)),
    "no codecs": _facts(lambda f: f.pop("codecs")),
    "an unknown codec": _facts(lambda f: f["codecs"].update({next(iter(f["codecs"])): "magic"})),
    "a loss in words": _facts(lambda f: f["facts"].update(val_loss="low")),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_that_the_checkpoint_before_is_used_and_that_is_said(folder: Path, damage: str) -> None:
    newest = folder / "checkpoints" / "00000002"
    DAMAGE[damage](newest)
    (newest / MANIFEST).unlink()
    write_manifest(newest)  # hashes fit: only looking inside can tell
    found, notes = find_checkpoint(folder, "last")
    assert found.step == 1
    assert "step 2 is damaged" in str(notes[0])
    load_model(found)


def test_that_a_manifest_without_the_weights_is_damaged(folder: Path) -> None:
    newest = folder / "checkpoints" / "00000002"
    write_json(newest / MANIFEST, {"files": {}})
    assert find_checkpoint(folder, "last")[0].step == 1


def _optimizers(optimizer: str) -> Optimizers:
    model = build_model("decoder", CONFIG, 50)
    found = Optimizers(model, TrainingConfig(optimizer=optimizer))
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    found.step()
    return found


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_that_moments_of_other_weights_are_refused_before_any_is_taken(optimizer: str) -> None:
    state = _optimizers(optimizer).state()
    key = next(key for key in reversed(state) if state[key].dim())
    for wrong in (
        {key: state[key].flatten()[:-1]},
        {key: state[key], "nobody:exp_avg": torch.zeros(1)},
        {key.replace(key.rpartition(":")[2], "unknown"): state[key]},
    ):
        fresh = Optimizers(build_model("decoder", CONFIG, 50), TrainingConfig(optimizer=optimizer))
        with pytest.raises(StudioError, match="does not belong to these weights"):
            fresh.load_state({k: v for k, v in state.items() if k != key} | wrong)
        assert fresh.state() == {}


def test_that_weights_that_are_no_numbers_are_said_to_be_none(tmp_path: Path) -> None:
    model = build_model("decoder", CONFIG, 50)
    with torch.no_grad():
        next(model.parameters()).view(-1)[3] = float("nan")
    save_checkpoint(tmp_path, 1, model=model, kind="decoder", facts={})
    with pytest.raises(StudioError, match="not numbers any more"):
        load_model(find_checkpoint(tmp_path)[0])


@pytest.mark.parametrize("byte", [40, -1])
def test_that_places_that_lead_elsewhere_are_told_when_the_weights_are_read(tmp_path: Path, byte: int) -> None:
    model = build_model("decoder", CONFIG, 50)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter[torch.rand_like(parameter) < 0.9] = 0
    folder = save_checkpoint(tmp_path, 1, model=model, kind="decoder", facts={}, sparse=True)
    tensors = load_file(folder / WEIGHTS)
    name = max((name for name in tensors if name.endswith(":places")), key=lambda name: tensors[name].numel())
    tensors[name][byte] ^= 0x01  # a single bit: several could make up for each other
    save_file(tensors, folder / WEIGHTS)
    (folder / MANIFEST).unlink()
    write_manifest(folder)
    found, _ = find_checkpoint(tmp_path)
    with pytest.raises(StudioError, match="do not fit their own description"):
        load_model(found)


@pytest.mark.parametrize("damage", [(":integers", -1, 0x80), (":places", -1, 0x01), (":scales", 0, None)])
def test_that_integers_that_no_grid_has_are_told_when_the_weights_are_read(tmp_path: Path, damage: Any) -> None:
    model = build_model("decoder", CONFIG, 50)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter[torch.rand_like(parameter) < 0.9] = 0
    round_model(model, WIDTHS["int8"])
    folder = save_checkpoint(tmp_path, 1, model=model, kind="decoder", facts={}, sparse=True)
    tensors, (ending, at, byte) = load_file(folder / WEIGHTS), damage
    name = max((name for name in tensors if name.endswith(ending)), key=lambda name: tensors[name].numel())
    if byte is None:
        tensors[name][at] = float("inf")
    elif byte == 0x80:
        tensors[name][at] = byte  # -128
    else:
        tensors[name][at] ^= byte
    save_file(tensors, folder / WEIGHTS)
    (folder / MANIFEST).unlink()
    write_manifest(folder)
    found, _ = find_checkpoint(tmp_path)
    with pytest.raises(StudioError, match=r"do not fit their own description|not numbers any more"):
        load_model(found)


def test_that_a_weight_of_more_dimensions_than_any_model_has_is_not_built_from(tmp_path: Path) -> None:
    shape = torch.tensor([1] * 9 + [8])
    tensors = {"w:bits": torch.zeros(1, dtype=torch.uint8), "w:values": torch.zeros(0), "w:shape": shape}
    for dimensions in (8, 9):
        save_file(tensors | {"w:shape": shape[-dimensions:].clone()}, tmp_path / WEIGHTS)
        with safe_open(tmp_path / WEIGHTS, framework="pt") as file:
            if dimensions == 8:
                assert _weight_shapes(file, {"w": "bitmap"}) == {"w": (1,) * 7 + (8,)}
            else:
                with pytest.raises(ValueError, match="more dimensions"):
                    _weight_shapes(file, {"w": "bitmap"})
