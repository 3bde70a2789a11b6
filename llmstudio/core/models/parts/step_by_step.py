"""Recurrent layers one token at a time, every gate in the open: for a tap that asks for gates, which fused kernels hide."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from llmstudio.core.models.parts.through_time import LayerWeights
from llmstudio.core.models.taps import Tap

_See = Callable[[str, Tensor], Tensor]


def step_by_step(
    x: Tensor, hidden: Tensor, cell: Tensor | None, weights: LayerWeights, tap: Tap
) -> tuple[Tensor, Tensor | None]:
    """One layer over a text; the tap is called for every token and gate.

    Args:
        x: (T, B, D), what enters.
        hidden: (B, H), the state before the first token.
        cell: (B, H), an LSTM's cells before it; None for the others.
        weights: Three gates a unit make it a GRU, one a plain RNN.
        tap: Called with the names of `taps`, without the layer's.

    Returns:
        The states after each token (T, B, H), and the cells after the last one.
    """
    states, is_gru = [], len(weights.recurrent) == 3 * hidden.shape[1]
    for token in x:
        given = _times(weights.input, token) + weights.input_bias
        back = _times(weights.recurrent, hidden) + weights.recurrent_bias
        if cell is not None:
            hidden, cell = _lstm(given, back, cell, tap)
        else:
            hidden = _gru(given, back, hidden, tap) if is_gru else (given + back).tanh()
        hidden = tap("state", hidden)
        states.append(hidden)
    return torch.stack(states), cell


def _lstm(given: Tensor, back: Tensor, cell: Tensor, see: _See) -> tuple[Tensor, Tensor]:
    """i, f, o = sigmoid(W x + U h); g = tanh(W x + U h); c' = f c + i g; h' = o tanh(c')."""
    i, f, g, o = (given + back).chunk(4, dim=-1)
    enter, forget = see("input", i.sigmoid()), see("forget", f.sigmoid())
    output, candidate = see("output", o.sigmoid()), see("candidate", g.tanh())
    cell = see("cell", forget * cell + enter * candidate)
    return output * cell.tanh(), cell


def _gru(given: Tensor, back: Tensor, hidden: Tensor, see: _See) -> Tensor:
    """r, z = sigmoid(W x + U h); n = tanh(W x + r (U h)); h' = (1 - z) n + z h."""
    (gr, gz, gn), (br, bz, bn) = given.chunk(3, dim=-1), back.chunk(3, dim=-1)
    reset, update = see("reset", (gr + br).sigmoid()), see("update", (gz + bz).sigmoid())
    candidate = see("candidate", (gn + reset * bn).tanh())
    return (1 - update) * candidate + update * hidden


def _times(weight: Tensor, rows: Tensor) -> Tensor:
    """(B, D) -> (B, M): each row by itself, so that what is seen of a text is the same in any company."""
    return torch.stack([weight @ row for row in rows])
