"""Recurrent layers one token at a time: for a tap that asks for gates, which fused kernels hide, and to learn with a mask on
what a layer sends to itself, which no fast kernel knows.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

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
            hidden, cell = lstm_step(given, back, cell, tap)
        else:
            hidden = gru_step(given, back, hidden, tap) if is_gru else (given + back).tanh()
        hidden = tap("state", hidden)
        states.append(hidden)
    return torch.stack(states), cell


def dropped_through_time(
    x: Tensor, hidden: Tensor, cell: Tensor | None, weights: LayerWeights, mask: Tensor
) -> tuple[Tensor, Tensor | None]:
    """One layer over a text that forgets, while it learns, the same part of its state at every token.

    The mask lies on what the recurrent matrix reads, is one for all gates, and stays for a row's whole length; a state that
    a gate carries over is not masked. Source: Gal and Ghahramani 2016, arXiv:1512.05287.

    Args:
        x: (T, B, D), what enters.
        hidden: (B, H), the state before the first token.
        cell: (B, H), an LSTM's cells before it; None for the others.
        weights: Three gates a unit make it a GRU, one a plain RNN.
        mask: (B, H), 0 for what is not read of the state; else above 1, so that the mean stays.

    Returns:
        The states after each token (T, B, H) in 32 bits, and the cells after the last one.
    """
    states, is_gru = [], len(weights.recurrent) == 3 * hidden.shape[1]
    for given in F.linear(x, weights.input, weights.input_bias).unbind():
        back = F.linear(hidden * mask, weights.recurrent, weights.recurrent_bias).float()
        given = given.float()
        if cell is not None:
            i, f, g, o = (given + back).chunk(4, dim=-1)
            cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
            hidden = o.sigmoid() * cell.tanh()
        elif is_gru:
            (gr, gz, gn), (br, bz, bn) = given.chunk(3, dim=-1), back.chunk(3, dim=-1)
            candidate = (gn + (gr + br).sigmoid() * bn).tanh()
            hidden = torch.lerp(candidate, hidden, (gz + bz).sigmoid())
        else:
            hidden = (given + back).tanh()
        states.append(hidden)
    return torch.stack(states), cell


def _unseen(name: str, x: Tensor) -> Tensor:
    return x


def lstm_step(given: Tensor, back: Tensor, cell: Tensor, see: _See = _unseen) -> tuple[Tensor, Tensor]:
    """i, f, o = sigmoid(W x + U h); g = tanh(W x + U h); c' = f c + i g; h' = o tanh(c')."""
    i, f, g, o = (given + back).chunk(4, dim=-1)
    enter, forget = see("input", i.sigmoid()), see("forget", f.sigmoid())
    output, candidate = see("output", o.sigmoid()), see("candidate", g.tanh())
    cell = see("cell", forget * cell + enter * candidate)
    return output * cell.tanh(), cell


def gru_step(given: Tensor, back: Tensor, hidden: Tensor, see: _See = _unseen) -> Tensor:
    """r, z = sigmoid(W x + U h); n = tanh(W x + r (U h)); h' = (1 - z) n + z h."""
    (gr, gz, gn), (br, bz, bn) = given.chunk(3, dim=-1), back.chunk(3, dim=-1)
    reset, update = see("reset", (gr + br).sigmoid()), see("update", (gz + bz).sigmoid())
    candidate = see("candidate", (gn + reset * bn).tanh())
    return (1 - update) * candidate + update * hidden


def _times(weight: Tensor, rows: Tensor) -> Tensor:
    """(B, D) -> (B, M): each row by itself, so that what is seen of a text is the same in any company."""
    return torch.stack([weight @ row for row in rows])
