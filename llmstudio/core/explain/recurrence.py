"""Looking inside a recurrence: what each unit held and what each gate let through, token by token.

The cells' equations are written out here, one token at a time, to be read; the tests hold them to the fast kernels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from llmstudio.core.errors import StudioError
from llmstudio.core.models.families.recurrent import Recurrent
from llmstudio.core.models.families.recurrent_config import GRUConfig, LSTMConfig
from llmstudio.core.models.parts.through_time import LayerWeights
from llmstudio.core.work import Stop, check

Values = NDArray[np.float32]


@dataclass(frozen=True)
class LayerTrace:
    """One layer over a text of T tokens.

    Attributes:
        hidden: (T, H), the state after each token, in -1 to 1.
        cell: (T, H), the LSTM's cells after each token, without bounds; None for the others.
        gates: (T, H) by name, 0 shut to 1 open: input, forget and output of an LSTM; reset and update of a GRU; empty for a
            plain RNN. And `candidate`, what would have been written, in -1 to 1.
    """

    hidden: Values
    cell: Values | None
    gates: Mapping[str, Values]


def trace(model: Recurrent, ids: Sequence[int], *, stop: Stop | None = None) -> tuple[LayerTrace, ...]:
    """Every layer over a text, read with an empty memory; the first layer first.

    Raises:
        StudioError: The text is empty, or a stop came in between (it is looked at before every token).
    """
    if not len(ids):
        raise StudioError("There is no text to look into: type a word.")
    steps = _STEPS.get(type(model.config), _rnn_step)
    found = []
    with torch.inference_mode():
        x = model.embed.weight[torch.tensor(list(ids), device=model.device)]  # (T, D)
        for index, weights in enumerate(model.layers()):
            entering = model.norms[index](x) if model.config.layer_norm else x
            layer, out = _through(steps, entering, weights, stop)
            found.append(layer)
            x = x + out if model.config.residual and x.shape == out.shape else out
    return tuple(found)


_Step = Callable[[Tensor, Tensor, tuple[Tensor, Tensor]], tuple[Tensor, Tensor, dict[str, Tensor]]]


def _through(step: _Step, x: Tensor, weights: LayerWeights, stop: Stop | None) -> tuple[LayerTrace, Tensor]:
    width = weights.recurrent.shape[1]
    state = x.new_zeros(width), x.new_zeros(width)
    hidden, cells, gates = [], [], []
    for token in x:
        check(stop)
        given = weights.input @ token + weights.input_bias
        back = weights.recurrent @ state[0] + weights.recurrent_bias
        *state, opened = step(given, back, state)  # type: ignore[assignment]
        hidden.append(state[0])
        cells.append(state[1])
        gates.append(opened)
    out = torch.stack(hidden)
    has_cell = "forget" in gates[0]
    named = {name: _array(torch.stack([g[name] for g in gates])) for name in gates[0]}
    return LayerTrace(_array(out), _array(torch.stack(cells)) if has_cell else None, named), out


def _lstm_step(given: Tensor, back: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    i, f, g, o = (given + back).chunk(4)
    enter, forget, output, candidate = i.sigmoid(), f.sigmoid(), o.sigmoid(), g.tanh()
    cell = forget * state[1] + enter * candidate
    return output * cell.tanh(), cell, {"input": enter, "forget": forget, "output": output, "candidate": candidate}


def _gru_step(given: Tensor, back: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    (gr, gz, gn), (br, bz, bn) = given.chunk(3), back.chunk(3)
    reset, update = (gr + br).sigmoid(), (gz + bz).sigmoid()
    candidate = (gn + reset * bn).tanh()
    hidden = (1 - update) * candidate + update * state[0]
    return hidden, state[1], {"reset": reset, "update": update, "candidate": candidate}


def _rnn_step(given: Tensor, back: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    return (given + back).tanh(), state[1], {}


_STEPS: dict[type, _Step] = {LSTMConfig: _lstm_step, GRUConfig: _gru_step}


def _array(tensor: Tensor) -> Values:
    array: Values = tensor.cpu().numpy().astype(np.float32)
    return array
