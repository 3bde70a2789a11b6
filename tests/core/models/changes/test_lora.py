"""What LoRA learns beside a model's matrices gives the same merged as beside them, and is kept in a file of its size."""

from __future__ import annotations

import copy
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.build import build_model
from llmstudio.core.models.changes import apply_all
from llmstudio.core.models.changes.lora import adaptable, merge, new_lora
from llmstudio.core.models.checkpoint.card import Base
from llmstudio.core.models.checkpoint.folders import WEIGHTS
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model, weights_bytes
from llmstudio.core.models.checkpoint.verification import weights_hash
from llmstudio.core.models.checkpoint.write import save_checkpoint
from llmstudio.core.models.config import TOKENS
from llmstudio.core.models.depth import parts_of
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.roles import Role, roles_of
from llmstudio.core.models.weights.adapted import Adapted
from llmstudio.core.models.weights.base import dense_tensors
from llmstudio.core.models.weights.masked import masked
from llmstudio.core.teaching_config import MATRICES

SMALL: dict[str, Any] = {"num_layers": 2, "embed_dim": 16, "hidden_dim": 24, "num_heads": 2, "context_length": 32}
SHAPES = [(kind, {}) for kind in MODELS] + [("lstm", {"dropout": 0.1}), ("gru", {"layer_norm": True})]


def shape_of(kind: str, **changes: Any) -> Any:
    made = MODELS[kind].config()
    known = {entry.name for entry in fields(made)}
    return replace(made, **{name: value for name, value in (SMALL | changes).items() if name in known})


EVERYTHING = (*MATRICES, TOKENS)


def adapted(kind: str, kinds: tuple[str, ...] = EVERYTHING, **changes: Any) -> LanguageModel:
    """A model with small matrices that have learned something."""
    model = build_model(kind, shape_of(kind, **changes), 50, seed=3)
    apply_all(model, new_lora(model, kinds, rank=3, scale=0.7, dropout=0.5, seed=1))
    learned(model)
    return model.eval()


def learned(model: nn.Module) -> None:
    roles, draw = roles_of(model), torch.Generator().manual_seed(9)
    for name, parameter in model.named_parameters():
        if roles[name] == Role.ADAPTER:
            parameter.data.normal_(0, 0.3, generator=draw)


def logits(model: LanguageModel) -> torch.Tensor:
    ids = torch.randint(10, 50, (2, 9), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        out: torch.Tensor = model.head(model(Batch(ids, source=ids.flip(1))).hidden)
    return out


@pytest.mark.parametrize(("kind", "changes"), SHAPES)
def test_that_merged_and_unmerged_give_the_same_and_not_what_the_model_gave_before(kind, changes) -> None:
    before = build_model(kind, shape_of(kind, **changes), 50, seed=3).eval()
    begun = copy.deepcopy(before)
    apply_all(begun, new_lora(begun, EVERYTHING, rank=3, scale=0.7, dropout=0.0, seed=1))
    assert torch.equal(logits(begun), logits(before)), "it begins as the model that it was"
    model = adapted(kind, **changes)
    unmerged, dense = logits(model), dense_tensors(model)
    assert not torch.allclose(unmerged, logits(before), atol=1e-2)
    merge(model)
    torch.testing.assert_close(logits(model), unmerged, rtol=1e-4, atol=1e-5)
    assert model.changes == ()
    assert [(n, p.shape) for n, p in model.named_parameters()] == [(n, p.shape) for n, p in before.named_parameters()]
    assert parts_of(model) == parts_of(before)
    assert roles_of(model) == roles_of(before)
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear):
            torch.testing.assert_close(dense[f"{name}.weight"], module.weight.detach())


def thinned(model: LanguageModel) -> dict[str, torch.Tensor]:
    """Takes half of each matrix and of the table of tokens; where a number is left, by name."""
    draw, left = torch.Generator().manual_seed(7), {}
    for _, name, parameter in adaptable(model):
        left[name] = torch.rand(parameter.shape, generator=draw) < 0.5
        parameter.data *= left[name]
    return left


@pytest.mark.parametrize(("kind", "changes"), SHAPES)
def test_that_of_a_pruned_model_only_what_is_left_is_adapted_beside_its_matrices_as_merged(kind, changes) -> None:
    model = build_model(kind, shape_of(kind, **changes), 50, seed=3).eval()
    left = thinned(model)
    before, weights = logits(model), {name: p.detach().clone() for name, p in model.named_parameters()}
    free = copy.deepcopy(model)
    apply_all(model, new_lora(model, EVERYTHING, rank=3, scale=0.7, dropout=0.5, seed=1, is_pruned=True))
    apply_all(free, new_lora(free, EVERYTHING, rank=3, scale=0.7, dropout=0.5, seed=1))
    assert torch.equal(logits(model.eval()), before), "it begins as the model that it was"
    for one in (model, free):
        learned(one)
    unmerged = logits(model)
    merge(model)
    merge(free)
    torch.testing.assert_close(logits(model), unmerged, rtol=1e-4, atol=1e-5)
    merged, unmasked = dict(model.named_parameters()), dict(free.named_parameters())
    for name, stays in left.items():
        assert not merged[name][~stays].any(), f"{name}: what is gone is exactly zero"
        torch.testing.assert_close(merged[name][stays], unmasked[name][stays])
        assert (merged[name] != weights[name])[stays].float().mean() > 0.99


def test_that_matrices_without_zeros_are_adapted_beside_pruned_ones_as_ever() -> None:
    model = build_model("decoder", shape_of("decoder"), 50)
    name = next(name for kind, name, _ in adaptable(model) if kind == "attention")
    dict(model.named_parameters())[name].data[0] = 0
    [recorded] = new_lora(model, EVERYTHING, rank=2, scale=1.0, dropout=0.0, seed=0, is_pruned=True)
    assert recorded["masked"] == [name]
    assert len(recorded["matrices"]) > 4


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("kind", MODELS)
def test_that_the_matrices_of_a_model_are_those_that_its_settings_tell(kind: str, tied: bool) -> None:
    for changes in ({}, {"activation": "gelu", "num_kv_heads": 1}, {"dropout": 0.1}):
        shape = shape_of(kind, tie_embeddings=tied, **changes)
        model = build_model(kind, shape, 50)
        parts, found = parts_of(model), {}
        for sort, name, parameter in adaptable(model):
            if sort == TOKENS:
                assert (name, tuple(parameter.shape)) == ("embed.weight", (50, shape.embed_dim))
                continue
            found.setdefault((parts[name], sort), []).append(tuple(parameter.shape))
        told = {(part, sort): sorted(shapes) for part, sorts in shape.matrices().items() for sort, shapes in sorts.items()}
        assert {key: sorted(shapes) for key, shapes in found.items()} == told


def test_that_only_the_kinds_asked_for_are_adapted() -> None:
    model = adapted("decoder", ("attention",))
    assert {name.rpartition(".")[2] for name, m in model.named_modules() if isinstance(m, Adapted)} == {"qkv", "out"}
    assert new_lora(build_model("gru", shape_of("gru"), 50), ("attention",), rank=1, scale=1, dropout=0, seed=0) == []


def test_that_what_begins_with_zeros_is_not_taken_for_pruned() -> None:
    model = build_model("decoder", shape_of("decoder"), 50)
    apply_all(model, new_lora(model, EVERYTHING, rank=2, scale=1.0, dropout=0.0, seed=0))
    assert masked(model) == []


def saved(folder: Path, kind: str = "decoder") -> LanguageModel:
    """A model whose checkpoint 0 holds all, and whose checkpoint 5 holds what its small matrices have learned."""
    model = build_model(kind, shape_of(kind), 50, seed=3)
    apply_all(model, new_lora(model, EVERYTHING, rank=3, scale=0.7, dropout=0.0, seed=1))
    whole = save_checkpoint(folder, 0, model=model, kind=kind, facts={})
    learned(model)
    names = tuple(name for name, role in roles_of(model).items() if role != Role.ADAPTER)
    save_checkpoint(folder, 5, model=model, kind=kind, facts={}, base=Base(0, weights_hash(whole), names))
    return model.eval()


@pytest.mark.parametrize("kind", MODELS)
def test_that_a_checkpoint_beside_its_base_takes_the_bytes_of_what_was_learned_and_gives_the_model_back(
    kind, tmp_path
) -> None:
    model = saved(tmp_path, kind)
    checkpoint, notes = find_checkpoint(tmp_path, "last")
    assert (checkpoint.step, notes) == (5, [])
    roles = roles_of(model)
    numbers = sum(4 * p.numel() for name, p in model.named_parameters() if roles[name] == Role.ADAPTER)
    size = (checkpoint.path / WEIGHTS).stat().st_size
    assert numbers < size < numbers + 200 * len(roles)
    base = (tmp_path / "checkpoints" / "00000000" / WEIGHTS).stat().st_size
    assert weights_bytes(checkpoint.path) == size + base
    back = load_model(checkpoint)
    torch.testing.assert_close(logits(back), logits(model), rtol=1e-4, atol=1e-5)
    assert back.changes == ()


@pytest.mark.parametrize("harm", ["gone", "another", "cut"])
def test_that_a_checkpoint_whose_base_is_gone_or_another_is_not_read(harm: str, tmp_path: Path) -> None:
    saved(tmp_path)
    below = tmp_path / "checkpoints" / "00000000"
    if harm == "cut":
        (below / WEIGHTS).write_bytes((below / WEIGHTS).read_bytes()[:-4])
    if harm == "gone":
        below.rename(tmp_path / "elsewhere")
    if harm == "another":
        model = build_model("decoder", shape_of("decoder"), 50, seed=4)
        apply_all(model, new_lora(model, EVERYTHING, rank=3, scale=0.7, dropout=0.0, seed=1))
        save_checkpoint(tmp_path, 0, model=model, kind="decoder", facts={})
        checkpoint, (note,) = find_checkpoint(tmp_path, "last")
        assert checkpoint.step == 0
        assert "step 5 is damaged" in str(note)
        return
    with pytest.raises(StudioError, match="damaged"):
        find_checkpoint(tmp_path, "last")


@pytest.mark.parametrize(
    "matrices", [{"blocks.7.attention.qkv.weight": [48, 16]}, {"blocks.0.attention.qkv.weight": [4, 4]}]
)
def test_that_matrices_which_a_model_does_not_have_are_told(matrices: dict[str, Any]) -> None:
    model = build_model("decoder", shape_of("decoder"), 50)
    recorded = {"change": "lora", "rank": 2, "scale": 1.0, "dropout": 0.0, "seed": 0, "matrices": matrices}
    with pytest.raises(StudioError, match="no matrix blocks"):
        apply_all(model, [recorded])
