"""Recurrent cells whose matrices are sparse: token by token, for a text that a model writes."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from llmstudio.core.models.parts.step_by_step import gru_step, lstm_step
from llmstudio.core.models.weights.sparse.layout import Layout
from llmstudio.core.models.weights.sparse.matrix import SparseMatrix

State = Tensor | tuple[Tensor, Tensor]


class SparseCells(nn.Module):
    """Stands in the place of a stack of torch's, where it is only read with.

    Attributes:
        num_layers: Layers of the stack.
        products: For each layer what multiplies what enters, then what multiplies its state, each with its offset.
    """

    def __init__(self, cells: nn.RNNBase, layouts: Mapping[str, Layout]) -> None:
        """`layouts`: those of its matrices that are sparse, by their names in torch; the others stay dense."""
        super().__init__()
        self.num_layers, self._is_gru = cells.num_layers, isinstance(cells, nn.GRU)
        numbers = dict(cells.named_parameters())
        ends = [f"{end}_l{layer}" for layer in range(cells.num_layers) for end in ("ih", "hh")]
        self.products = nn.ModuleList(
            _product(numbers[f"weight_{end}"], numbers[f"bias_{end}"], layouts.get(f"weight_{end}")) for end in ends
        )

    def forward(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """As torch's: x (T, B, D) and a state (L, B, H), an LSTM's two, to (T, B, H) and the state after the last token."""
        before, cells = state if isinstance(state, tuple) else (state, None)
        left: list[Tensor] = []
        left_cells: list[Tensor] = []
        for layer in range(self.num_layers):
            enters, goes_on = self.products[2 * layer], self.products[2 * layer + 1]
            hidden, cell, states = before[layer], None if cells is None else cells[layer], []
            for given in enters(x).unbind():
                back = goes_on(hidden)
                if cell is not None:
                    hidden, cell = lstm_step(given, back, cell)
                else:
                    hidden = gru_step(given, back, hidden) if self._is_gru else (given + back).tanh()
                states.append(hidden)
            x = torch.stack(states)
            left.append(hidden)
            left_cells += [] if cell is None else [cell]
        after = torch.stack(left)
        return x, (after, torch.stack(left_cells)) if left_cells else after


def _product(weight: Tensor, bias: Tensor, layout: Layout | None) -> nn.Module:
    if layout is not None:
        return SparseMatrix(layout, bias)
    dense = nn.Linear(weight.shape[1], weight.shape[0], device="meta")
    dense.weight, dense.bias = nn.Parameter(weight.detach(), False), nn.Parameter(bias.detach(), False)
    return dense
