"""GRU and plain RNN on a processor: the same cells as torch's, with a forward and a backward pass of our own through time.

torch has one fused kernel for processors, the LSTM's. It takes the other two apart into a dozen small operations a token,
and its backward pass adds up the recurrent matrix's gradient token by token. Here each step is one product and a few
operations in place, and that gradient is one large product at the end. 32-bit products go through oneDNN, which torch
itself uses for 16-bit ones alone.

In 16 bits the products are rounded and nothing else: states, gates and their gradients stay in 32.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

_HAS_ONEDNN: bool = torch._C._has_mkldnn


@dataclass(frozen=True)
class LayerWeights:
    """One recurrent layer's, in torch's order of gates; G gates of H rows each.

    Attributes:
        input: (G * H, D), for what enters.
        recurrent: (G * H, H), for the state.
        input_bias: (G * H,).
        recurrent_bias: (G * H,).
    """

    input: Tensor
    recurrent: Tensor
    input_bias: Tensor
    recurrent_bias: Tensor


def runs_through_time(stack: nn.RNNBase, x: Tensor) -> bool:
    """True if our passes are the faster ones for this stack of torch's layers and where its input lies."""
    return x.device.type == "cpu" and x.dtype == torch.float32 and isinstance(stack, nn.RNN | nn.GRU)


def through_time(x: Tensor, hidden: Tensor, weights: LayerWeights) -> Tensor:
    """The states of one layer after each token.

    Args:
        x: (T, B, D), what enters.
        hidden: (B, H), the state before the first token.
        weights: Three gates a unit make it a GRU, one a plain RNN with tanh.

    Returns:
        (T, B, H) in 32 bits.
    """
    cell = _GRU if weights.recurrent.shape[0] == 3 * hidden.shape[1] else _RNN
    product = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else torch.float32
    with torch.autocast("cpu", enabled=False):
        w = weights
        states: Tensor = cell.apply(x, hidden, w.input, w.recurrent, w.input_bias, w.recurrent_bias, product)  # type: ignore[no-untyped-call]
    return states


class _GRU(torch.autograd.Function):
    """r, z = sigmoid(W x + U h); n = tanh(W x + r (U h)); h' = (1 - z) n + z h."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, hidden: Tensor, *weights: Any) -> Tensor:
        """See `through_time`. Keeps r, z and n, and every U h."""
        w, u, w_bias, u_bias = (t.to(weights[-1]) for t in weights[:-1])
        (length, rows, _), width = x.shape, hidden.shape[1]
        low = x.to(w.dtype).reshape(length * rows, -1)
        entering = _linear(low, w, w_bias).view(length, rows, 3 * width)
        states, seen = _states(hidden, length, w.dtype)
        gates, candidates = x.new_empty(length, rows, 2 * width), x.new_empty(length, rows, width)
        step, ctx.backs = _Product(u, rows, u_bias), []
        given = entering[..., : 2 * width], entering[..., 2 * width :]
        for g, gn, rz, n, before, after, was, becomes in _steps(
            *given, gates, candidates, states[:-1], states[1:], seen[:-1], seen[1:]
        ):
            back = step(was)
            ctx.backs.append(back[:, 2 * width :])
            torch.add(g, back[:, : 2 * width], out=rz).sigmoid_()
            r, z = rz.chunk(2, dim=1)
            _tanh_(torch.mul(r, ctx.backs[-1], out=n).add_(gn))
            torch.lerp(n, before, z, out=after)
            if seen is not states:
                becomes.copy_(after)
        ctx.save_for_backward(low, w, u, gates, candidates, states, seen)
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor | None, ...]:
        """A step's gradients lie side by side as n, r, z, U n: the first three are W's, the last three U's."""
        low, w, u, gates, candidates, states, seen = ctx.saved_tensors
        length, rows, width = given.shape
        grads = low.new_empty(length, rows, 4 * width)
        step = given.new_empty(rows, 4 * width)
        dn, dr, dz, dun = step.chunk(4, dim=1)
        product = _Product(u.t(), rows)
        dh = torch.zeros_like(given[0])
        kept, spare = torch.empty_like(dh), torch.empty_like(dh)
        turns = _steps(gates, candidates, states[:-1], given, grads, backwards=True)
        for (rz, n, before, came, grad), un in zip(turns, reversed(ctx.backs), strict=True):
            r, z = rz.chunk(2, dim=1)
            dh += came
            torch.mul(dh, z, out=kept)
            _bent(torch.ops.aten.tanh_backward, torch.sub(dh, kept, out=spare), n, dn)
            _bent(torch.ops.aten.sigmoid_backward, torch.sub(before, n, out=spare).mul_(dh), z, dz)
            _bent(torch.ops.aten.sigmoid_backward, torch.mul(dn, un, out=spare), r, dr)
            torch.mul(dn, r, out=dun)
            grad.copy_(step)
            torch.add(kept, product(grad[:, width:]), out=dh)
        whole = grads.view(length * rows, 4 * width)
        of_w, of_u = whole[:, : 3 * width], whole[:, width:]
        # W's rows are r, z, n, its gradients lie as n, r, z.
        dx = _linear(of_w, w.roll(width, 0).t()).float().view(length, rows, -1) if ctx.needs_input_grad[0] else None
        dw = _weight_gradient(of_w, low).roll(-width, 0)
        du = _weight_gradient(of_u, seen[:-1].reshape(length * rows, width))
        biases = whole.sum(0, dtype=torch.float32)
        return dx, dh, dw, du, biases[: 3 * width].roll(-width), biases[width:], None


class _RNN(torch.autograd.Function):
    """h' = tanh(W x + U h)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, hidden: Tensor, *weights: Any) -> Tensor:
        """See `through_time`."""
        w, u, w_bias, u_bias = (t.to(weights[-1]) for t in weights[:-1])
        (length, rows, _), width = x.shape, hidden.shape[1]
        low = x.to(w.dtype).reshape(length * rows, -1)
        entering = _linear(low, w, w_bias + u_bias).view(length, rows, width)
        states, seen = _states(hidden, length, w.dtype)
        step = _Product(u, rows)
        for g, after, was, becomes in _steps(entering, states[1:], seen[:-1], seen[1:]):
            _tanh_(torch.add(g, step(was), out=after))
            if seen is not states:
                becomes.copy_(after)
        ctx.save_for_backward(low, w, u, states, seen)
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor | None, ...]:
        """Through one bend and one matrix a step; the weights' gradients at the end."""
        low, w, u, states, seen = ctx.saved_tensors
        length, rows, width = given.shape
        grads = low.new_empty(length, rows, width)
        step, dh = given.new_empty(rows, width), torch.zeros_like(given[0])
        product = _Product(u.t(), rows)
        for after, came, grad in _steps(states[1:], given, grads, backwards=True):
            _bent(torch.ops.aten.tanh_backward, torch.add(dh, came), after, step)
            grad.copy_(step)
            dh = product(grad)
        whole = grads.view(length * rows, width)
        dx = _linear(whole, w.t()).float().view(length, rows, -1) if ctx.needs_input_grad[0] else None
        du = _weight_gradient(whole, seen[:-1].reshape(length * rows, width))
        bias = whole.sum(0, dtype=torch.float32)
        return dx, dh.float(), _weight_gradient(whole, low), du, bias, bias, None


class _Product:
    """Many small batches (N, D), one after the other, times one weight (M, D) transposed, plus bias.

    Where oneDNN multiplies, the weight is brought into its order once instead of at every step.
    """

    def __init__(self, weight: Tensor, rows: int, bias: Tensor | None = None) -> None:
        self.bias = bias
        self.is_packed = _in_onednn(weight.dtype)
        if self.is_packed:
            self.weight: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), rows)
        else:
            self.weight = weight.t()

    def __call__(self, x: Tensor) -> Tensor:
        if self.is_packed:
            product: Tensor = torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, "none", [], "")
            return product
        return torch.mm(x, self.weight) if self.bias is None else torch.addmm(self.bias, x, self.weight)


def _linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Product of x (N, D) and weight (M, D) transposed, plus bias; in 32 bits through oneDNN where this torch has it."""
    if x.dtype == torch.float32 and _in_onednn(x.dtype):
        product: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight.contiguous(), bias, "none", [], "")
        return product
    return torch.mm(x, weight.t()) if bias is None else torch.addmm(bias, x, weight.t())


def _in_onednn(dtype: torch.dtype) -> bool:
    """True if this torch has oneDNN and oneDNN the instructions for these numbers."""
    return _HAS_ONEDNN and (dtype == torch.float32 or (dtype == torch.bfloat16 and _has_bf16()))


@cache
def _has_bf16() -> bool:
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _weight_gradient(out: Tensor, into: Tensor) -> Tensor:
    """(M, D) in 32 bits, of gradients (N, M) and what was multiplied (N, D)."""
    return _linear(out.t(), into.t()).float()


def _tanh_(x: Tensor) -> Tensor:
    """In place, through the sigmoid: torch's own takes seven times as long as a sigmoid on a processor."""
    return x.mul_(2).sigmoid_().mul_(2).sub_(1)


def _states(hidden: Tensor, length: int, product: torch.dtype) -> tuple[Tensor, Tensor]:
    """Room for the states before and after every token, and the same as products see them; one tensor in 32 bits."""
    states = hidden.new_empty(length + 1, *hidden.shape)
    states[0] = hidden
    if product == torch.float32:
        return states, states
    seen = states.new_empty(states.shape, dtype=product)
    seen[0] = hidden
    return states, seen


def _steps(*tensors: Tensor, backwards: bool = False) -> Iterable[tuple[Tensor, ...]]:
    """The slices of each token, side by side."""
    sliced = [t.unbind() for t in tensors]
    return zip(*(reversed(s) for s in sliced) if backwards else sliced, strict=True)


def _bent(backward: Any, gradient: Tensor, bent: Tensor, out: Tensor) -> None:
    """Write into `out` what `gradient` becomes on the way back through a bend that gave `bent`."""
    backward(gradient, bent, grad_input=out)
