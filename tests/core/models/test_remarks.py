"""A setting of a model that changes nothing says so, and one that changes something does not."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.remarks import without_effect

KINDS = [kind for kind in MODELS if hasattr(MODELS[kind].config(), "residual")]


def _hidden(kind: str, **settings: Any) -> torch.Tensor:
    with torch.inference_mode():
        model = build_model(kind, MODELS[kind].config(**settings), 20, seed=1).eval()
        return model(Batch(torch.arange(12)[None])).hidden


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("num_layers", "embed_dim", "is_idle"), [(1, 12, True), (1, 16, False), (2, 12, False)])
def test_that_adding_a_layers_input_is_said_to_change_nothing_exactly_where_no_layer_can(
    kind: str, num_layers: int, embed_dim: int, is_idle: bool
) -> None:
    shape = {"num_layers": num_layers, "embed_dim": embed_dim, "hidden_dim": 16, "context_length": 16}
    default = MODELS[kind].config().residual
    said = [str(remark) for remark in without_effect(MODELS[kind].config(**shape, residual=True))]
    assert len(said) == (is_idle and not default), said
    assert torch.equal(_hidden(kind, **shape, residual=True), _hidden(kind, **shape, residual=False)) == is_idle


@pytest.mark.parametrize("kind", MODELS)
def test_that_what_a_family_calls_idle_are_settings_of_its_own_and_at_their_defaults_none_is_spoken_of(kind: str) -> None:
    config = MODELS[kind].config()
    assert all(hasattr(config, name) for name in config.idle())
    assert without_effect(config) == []
