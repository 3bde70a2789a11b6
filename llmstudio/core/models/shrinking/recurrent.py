"""Units of RNN, LSTM and GRU: numbers of the state, numbers of the tokens' vectors, and layers that are added."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from llmstudio.core.models.families.recurrent import Recurrent
from llmstudio.core.models.families.recurrent_config import RecurrentConfig
from llmstudio.core.models.shrinking.units import Cut, Units


def places(model: Recurrent) -> Iterator[Units]:
    """Every place of units."""
    config = model.config
    layers = range(config.num_layers)
    states = [_state(config, layer) for layer in layers]
    if config.residual:  # what each layer gives is added to what the one before gave, so a unit is one through all
        written, read = (tuple(cut for units in states for cut in getattr(units, side)) for side in ("written", "read"))
        yield Units("units", "units", config.hidden_dim, written, read)
    else:
        yield from states
    out = (Cut("project.weight", 0),) if config.is_projected else ()
    yield Units("width", "width", config.embed_dim, (Cut("embed.weight", 1), *out), (Cut(_cell(config, 0, "weight_ih"), 1),))
    if config.residual:
        numbered = ("cells.", "norms.") if config.layer_norm else ("cells.",)
        first = frozenset() if config.embed_dim == config.hidden_dim else frozenset({0})
        yield Units("layers", "layers", config.num_layers, numbered=numbered, stays=first)


def _state(config: RecurrentConfig, layer: int) -> Units:
    width = config.hidden_dim
    gates = tuple((gate * width, 1) for gate in range(config.gates))
    written = tuple(Cut(_cell(config, layer, name), 0, gates) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    read = [Cut(_cell(config, layer, "weight_hh"), 1)]
    if layer + 1 < config.num_layers:
        read.append(Cut(_cell(config, layer + 1, "weight_ih"), 1))
    elif config.is_projected:
        read.append(Cut("project.weight", 1))
    elif not config.tie_embeddings:
        read.append(Cut("unembed.weight", 1))
    return Units(f"layers.{layer}.units", "units", width, written, tuple(read))


def _cell(config: RecurrentConfig, layer: int, name: str) -> str:
    return f"cells.0.{name}_l{layer}" if config.is_plain else f"cells.{layer}.{name}_l0"


def projected(tensors: dict[str, Tensor], before: RecurrentConfig, kept: tuple[int, ...]) -> dict[str, Tensor]:
    """With a projection that puts each number of a narrower state back where the table of tokens reads it."""
    project = torch.zeros(before.embed_dim, len(kept))
    project[list(kept), torch.arange(len(kept))] = 1
    return tensors | {"project.weight": project}
