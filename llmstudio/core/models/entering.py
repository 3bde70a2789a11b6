"""What enters a model's matrices: seen in a pass of the model as it is, whatever it is asked.

Whatever multiplies with a weight does so through its `multiply`, and recurrent layers are modules of torch's: these are the
two places where one looks, and nothing that passes is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from llmstudio.core.models.weights.base import Weight

Look = Callable[[str, Tensor], None]


@contextmanager
def seen_entering(model: nn.Module, look: Look) -> Iterator[None]:
    """Within it, `look` is called with the name of each matrix and what enters it, (..., D), in the order of the pass.

    Recurrent matrices see the state before each token. Rows come first, as everywhere in a batch.
    """
    watched: list[tuple[nn.Module, str]] = []
    for prefix, module in model.named_modules():
        if isinstance(module, Weight):
            vars(module)["multiply"] = _looking(module.multiply, look, f"{prefix}.weight")
            watched.append((module, "multiply"))
        elif isinstance(module, nn.RNNBase):
            vars(module)["forward"] = _looking_at_cells(module, look, prefix)
            watched.append((module, "forward"))
    try:
        yield
    finally:
        for module, name in watched:
            del vars(module)[name]


def is_seen(stack: nn.RNNBase) -> bool:
    """Whether somebody looks at what enters a recurrent layer, so that it has to be called as a module."""
    return "forward" in vars(stack)


def _looking(multiply: Callable[..., Tensor], look: Look, name: str) -> Callable[..., Tensor]:
    def seen(x: Tensor, bias: Tensor | None = None) -> Tensor:
        look(name, x)
        return multiply(x, bias)

    return seen


def _looking_at_cells(stack: nn.RNNBase, look: Look, prefix: str) -> Callable[..., Any]:
    """A pass layer by layer, since what passes between a stack's layers is not seen otherwise."""

    def seen(x: Tensor, state: Any = None) -> Any:
        first = x.transpose(0, 1) if stack.batch_first else x  # (T, B, D)
        states = _states(stack, state, first)
        lasts = []
        for layer in range(stack.num_layers):
            hidden = states[0][layer]
            out, last = _one_layer(stack, layer)(first, tuple(s[layer : layer + 1] for s in states))
            before = torch.cat([hidden[None].to(out.dtype), out[:-1]])
            look(f"{prefix}.weight_ih_l{layer}", first.transpose(0, 1))
            look(f"{prefix}.weight_hh_l{layer}", before.transpose(0, 1))
            lasts.append(last)
            first = out
        after = tuple(torch.cat(parts) for parts in zip(*lasts, strict=True))
        return first.transpose(0, 1) if stack.batch_first else first, after if len(after) > 1 else after[0]

    return seen


def _states(stack: nn.RNNBase, state: Any, x: Tensor) -> tuple[Tensor, ...]:
    if state is None:
        zeros = x.new_zeros(stack.num_layers, x.shape[1], stack.hidden_size)
        return (zeros, zeros) if isinstance(stack, nn.LSTM) else (zeros,)
    return tuple(state) if isinstance(stack, nn.LSTM) else (state,)


def _one_layer(stack: nn.RNNBase, layer: int) -> Callable[[Tensor, tuple[Tensor, ...]], tuple[Tensor, tuple[Tensor, ...]]]:
    """One of a stack's layers, (T, B, D) -> (T, B, H), and the state it leaves."""
    weights = [getattr(stack, f"{name}_l{layer}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]

    def run(x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        if isinstance(stack, nn.LSTM):
            out, hidden, cell = torch._VF.lstm(x, state, weights, True, 1, 0.0, False, False, False)
            return out, (hidden, cell)
        function = torch._VF.gru if isinstance(stack, nn.GRU) else torch._VF.rnn_tanh
        out, hidden = function(x, state[0], weights, True, 1, 0.0, False, False, False)
        return out, (hidden,)

    return run
