"""Every parameter says what it is for, and what is done by roles is what was done by names and shapes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from llmstudio.core.models.build import build_model
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.roles import Role, roles_of
from llmstudio.core.sparsity.masks import prunable
from llmstudio.core.training.optimizers import Optimizers
from llmstudio.core.training_config import TrainingConfig

# What makes parameters that the defaults do not have.
MORE: dict[str, tuple[dict[str, Any], ...]] = {
    "decoder": ({"norm": "layer", "positions": "learned"}, {"value_embeddings": True}, {"num_kv_heads": 2}),
    "encoder": ({"norm": "layer", "positions": "learned", "convolution_width": 3},),
    "encoder_decoder": ({"norm": "layer", "positions": "learned"},),
    "lstm": ({"layer_norm": True}, {"dropout": 0.1}),
    "gru": ({"layer_norm": True},),
    "rnn": ({"layer_norm": True},),
}
CASES = [
    (kind, {"tie_embeddings": tied} | changes)
    for kind in MODELS
    for changes in ({}, *MORE.get(kind, ()))
    for tied in (True, False)
]


def built(kind: str, changes: dict[str, Any]) -> nn.Module:
    return build_model(kind, replace(MODELS[kind].config(), **changes), 50)


@pytest.mark.parametrize(("kind", "changes"), CASES)
def test_that_every_parameter_declares_its_role_and_the_groups_are_those_of_names_and_shapes(
    kind: str, changes: dict[str, Any]
) -> None:
    model = built(kind, changes)
    roles = roles_of(model)
    parameters = dict(model.named_parameters())
    assert list(roles) == list(parameters)
    for name, parameter in parameters.items():
        role = roles[name]
        assert (role in (Role.GAIN, Role.BIAS)) == (parameter.dim() < 2), name
        assert (role == Role.HEAD) == name.startswith("unembed"), name
        assert (role == Role.CONVOLUTION) == ("convolution" in name), name
        assert (role == Role.EMBEDDING) == ("embed" in name and "unembed" not in name), name
    tables = {f"{n}.weight" for n, m in model.named_modules() if isinstance(m, nn.Embedding)} | {"unembed.weight"}
    wide = {name for name, p in parameters.items() if p.dim() >= 2 and "convolution" not in name}
    assert set(prunable(model, keep_embeddings=False)) == wide
    assert set(prunable(model, keep_embeddings=True)) == wide - tables
    names = {id(p): name for name, p in parameters.items()}
    groups = Optimizers(model, TrainingConfig(optimizer="muon")).parts[1].param_groups
    assert {names[id(p)] for group in groups for p in group["params"]} == {name for name in wide if "embed" not in name}


def test_that_a_parameter_without_a_role_is_a_mistake_of_its_family() -> None:
    with pytest.raises(AssertionError, match=r"no role declared: .*bias"):
        roles_of(nn.Sequential(nn.Linear(2, 2)))


def test_that_copies_keep_their_roles() -> None:
    import copy

    model = built("lstm", {})
    assert roles_of(copy.deepcopy(model)) == roles_of(model)
    assert torch.equal(next(copy.deepcopy(model).parameters()), next(model.parameters()))
