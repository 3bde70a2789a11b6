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


def _linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Product of x (N, D) and weight (M, D) transposed, plus bias; 32 bits through oneDNN where this torch has it."""
    if x.dtype == torch.float32 and _HAS_ONEDNN:
        product: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
        return product
    return torch.mm(x, weight.t()) if bias is None else torch.addmm(bias, x, weight.t())


def _weight_gradient(out: Tensor, into: Tensor) -> Tensor:
    """(M, D) in 32 bits, of gradients (N, M) and what was multiplied (N, D)."""
    return _linear(out.t(), into.t()).float()


class _GRU(torch.autograd.Function):
    """r, z = sigmoid(W x + U h); n = tanh(W x + r (U h)); h' = (1 - z) n + z h."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, hidden: Tensor, *weights: Any) -> Tensor:
        """See `through_time`. Keeps r, z, n, and U h's share of n."""
        w, u, w_bias, u_bias = (t.to(weights[-1]) for t in weights[:-1])
        (length, rows, _), width = x.shape, hidden.shape[1]
        low = x.to(w.dtype).reshape(length * rows, -1)
        entering = _linear(low, w, w_bias).view(length, rows, 3, width)
        states, seen = _states(hidden, length, w.dtype)
        gates = x.new_empty(length, 4, rows, width)
        for g, gate, before, after, was, becomes in _steps(entering, gates, states[:-1], states[1:], seen[:-1], seen[1:]):
            back = _linear(was, u, u_bias).view(rows, 3, width)
            (r, z, n, un), (gr, gz, gn), (br, bz, bn) = gate.unbind(), g.unbind(1), back.unbind(1)
            torch.add(gr, br, out=r).sigmoid_()
            torch.add(gz, bz, out=z).sigmoid_()
            torch.mul(r, un.copy_(bn), out=n).add_(gn).tanh_()
            torch.lerp(n, before, z, out=after)
            if seen is not states:
                becomes.copy_(after)
        ctx.save_for_backward(low, w, u, gates, states, seen)
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor | None, ...]:
        """Two gradients a step that differ in their third part: what entered as W x, and what came back as U h."""
        low, w, u, gates, states, seen = ctx.saved_tensors
        length, rows, width = given.shape
        of_w, of_u = (low.new_empty(length, rows, 3, width) for _ in range(2))
        u_turned = u.t().contiguous()
        dh = torch.zeros_like(given[0])
        kept, spare, dr, dz, dn = (torch.empty_like(dh) for _ in range(5))
        for gate, before, came, to_w, to_u in _steps(gates, states[:-1], given, of_w, of_u, backwards=True):
            r, z, n, un = gate.unbind()
            dh += came
            torch.mul(dh, z, out=kept)
            _bent(torch.ops.aten.tanh_backward, torch.sub(dh, kept, out=spare), n, dn)
            _bent(torch.ops.aten.sigmoid_backward, torch.sub(before, n, out=spare).mul_(dh), z, dz)
            _bent(torch.ops.aten.sigmoid_backward, torch.mul(dn, un, out=spare), r, dr)
            torch.stack((dr, dz, dn), dim=1, out=to_w) if low.dtype == dn.dtype else to_w.copy_(torch.stack((dr, dz, dn), 1))
            to_u.copy_(to_w)
            to_u[:, 2] = torch.mul(dn, r, out=spare)
            torch.add(kept, _linear(to_u.view(rows, -1), u_turned), out=dh)
        of_w, of_u = of_w.view(length * rows, -1), of_u.view(length * rows, -1)
        dx = _linear(of_w, w.t().contiguous()).float().view(length, rows, -1) if ctx.needs_input_grad[0] else None
        du = _weight_gradient(of_u, seen[:-1].reshape(length * rows, width))
        biases = (whole.sum(0, dtype=torch.float32) for whole in (of_w, of_u))
        return dx, dh, _weight_gradient(of_w, low), du, *biases, None


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
        for g, after, was, becomes in _steps(entering, states[1:], seen[:-1], seen[1:]):
            torch.add(g, _linear(was, u), out=after).tanh_()
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
        u_turned = u.t().contiguous()
        for after, came, grad in _steps(states[1:], given, grads, backwards=True):
            _bent(torch.ops.aten.tanh_backward, torch.add(dh, came), after, step)
            grad.copy_(step)
            dh = _linear(grad, u_turned)
        whole = grads.view(length * rows, width)
        dx = _linear(whole, w.t().contiguous()).float().view(length, rows, -1) if ctx.needs_input_grad[0] else None
        du = _weight_gradient(whole, seen[:-1].reshape(length * rows, width))
        bias = whole.sum(0, dtype=torch.float32)
        return dx, dh.float(), _weight_gradient(whole, low), du, bias, bias, None


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
