"""What settings say of each part of a model by arithmetic is what the parts of the built model have."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields, replace
from typing import Any

import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.models.build import build_model
from llmstudio.core.models.config import FLOAT, TEMPORARY
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.taps import Tap

VOCAB = 40
SMALL: dict[str, Any] = {"num_layers": 3, "embed_dim": 16, "hidden_dim": 24, "num_heads": 2, "context_length": 12}
CHANGES: list[dict[str, Any]] = [
    {},
    {"tie_embeddings": False, "positions": "learned", "norm": "layer", "layer_norm": True},
    {"norm_place": "after", "value_embeddings": True, "num_kv_heads": 1, "residual": True, "num_layers": 1},
    {"convolution_width": 0, "activation": "relu2", "qk_norm": False, "dropout": 0.1, "hidden_dim": 16, "latent_dim": 3},
    {"positions": "learned", "tie_embeddings": False, "dropout": 0.1, "embed_dim": 24},
    {"num_heads": 3, "head_width": 10, "qk_norm": False},
]
# The part that a parameter lies in, by the beginning of its name; `{}` is the number of the layer.
PARTS = {
    r"((stack|encoder)\.)?(embed|place_embed|value_embed|value_scale)\b": "embed",
    r"(stack\.)?blocks\.(?P<number>\d+)\.": "layers.{}",
    r"encoder\.blocks\.(?P<number>\d+)\.": "source.layers.{}",
    r"(stack\.)?norm\.": "norm",
    r"encoder\.norm\.": "source.norm",
    r"cells\.0\.\w+_l(?P<number>[1-9])": "layers.{}",  # a stack of layers in one module
    r"(cells|norms)\.(?P<number>\d+)\.": "layers.{}",
    r"reads_(forward|backward)\.": "source.layers.0",
    r"(to_latent|first_state)\.": "latent",
    r"writes\.": "layers.0",
    r"(project|unembed|out)\.|token_bias": "head",
}


def shaped(kind: str, change: dict[str, Any]) -> Any:
    made = MODELS[kind].config()
    known = {field.name for field in fields(made)}
    return replace(made, **{name: value for name, value in (SMALL | change).items() if name in known})


def part_of(name: str, config: Any) -> str:
    for pattern, part in PARTS.items():
        if found := re.match(pattern, name):
            if name.startswith(f"norms.{config.num_layers}."):
                return "norm"
            return part.format(found.groupdict().get("number"))
    raise AssertionError(f"of which part is {name}?")


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("kind", MODELS)
def test_that_the_parameters_of_each_part_are_those_of_the_built_models(kind: str, change: dict[str, Any]) -> None:
    config = shaped(kind, change)
    built: Counter[str] = Counter()
    for name, parameter in build_model(kind, config, VOCAB).named_parameters():
        built[part_of(name, config)] += parameter.numel()
    told = {part: sum(count) for part, count in config.parameters(VOCAB).items()}
    assert {part: count for part, count in told.items() if count} == built
    assert config.num_parameters(VOCAB) == sum(told.values()) == built.total()


def passing(config: Any, kind: str, tokens: int) -> dict[str, int]:
    """Bytes of what passes the points of a forward pass, by the names of its taps in the order in which they come."""
    seen: dict[str, int] = {}

    def look(name: str, tensor: torch.Tensor) -> torch.Tensor:
        seen[name] = tensor.nbytes
        return tensor

    ids = torch.full((tokens // 4, 4), 9)
    build_model(kind, config, VOCAB).train()(Batch(ids, source=ids), tap=Tap(look))
    return seen


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("kind", MODELS)
def test_that_parts_stand_in_the_order_in_which_a_text_passes_them(kind: str, change: dict[str, Any]) -> None:
    config = shaped(kind, change)
    parts = [*config.parameters(VOCAB)]
    assert (parts[0], parts[-1]) == ("embed", "head")
    passed = [name for name in passing(config, kind, 8) if "layers." in name]
    assert passed == [part for part in parts if part in passed]
    for number, part in enumerate(part for part in parts if part.startswith("layers.")):
        assert part == f"layers.{number}"
    assert number + 1 == config.num_layers


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("kind", MODELS)
def test_that_each_layer_keeps_what_came_in_and_more(kind: str, change: dict[str, Any]) -> None:
    config, tokens = shaped(kind, change), 20
    kept = config.activations(tokens=tokens, context=4, number_format="fp32")
    assert kept.keys() <= {*config.parameters(VOCAB), TEMPORARY}
    seen = passing(config, kind, tokens)
    if kind == "vae":  # one reads both ways, and the other what was drawn beside each token
        came_in = {"source.layers.0": seen["source.embed"] + seen["source.embed_backward"]}
        came_in["layers.0"] = seen["embed"] + tokens * config.latent_dim * FLOAT
    else:
        before = {part: re.sub(r"layers\.(\d+)", _before, part) for part in kept if "layers." in part}
        came_in = {part: seen[name] for part, name in before.items() if name in seen}
    assert came_in
    for part, num_bytes in came_in.items():
        assert kept[part].input_bytes == num_bytes
        assert kept[part].num_bytes > num_bytes


def _before(found: re.Match[str]) -> str:
    number = int(found[1])
    return f"layers.{number - 1}" if number else "embed"
