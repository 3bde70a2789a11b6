"""AdamW and Muon, and their state as named tensors for a checkpoint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from llmstudio.core.errors import StudioError
from llmstudio.core.training_config import TrainingConfig

_OTHER_STATE = (
    "The training state does not belong to these weights ({name}): the model can talk, but training cannot go on from it."
)


class Muon(torch.optim.Optimizer):
    """Momentum whose matrix steps are made orthogonal, so that every direction of a weight moves alike.

    Matrices of one shape are treated together. The five products of each step run in `dtype`: bfloat16 only where the
    processor has instructions for it, for on others it is slower by far.

    Source: Jordan et al. 2024, "Muon: an optimizer for hidden layers"; scale of the step: Liu et al. 2025, arXiv:2502.16982.
    """

    def __init__(
        self, matrices: Iterable[nn.Parameter], *, lr: float, momentum: float = 0.95, weight_decay: float, dtype: torch.dtype
    ) -> None:
        super().__init__(matrices, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        self.dtype = dtype

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One step on every matrix that has a gradient."""
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[nn.Parameter]] = {}
            for matrix in group["params"]:
                if matrix.grad is not None:
                    by_shape.setdefault(matrix.shape, []).append(matrix)
            for shape, matrices in by_shape.items():
                self._step_alike(matrices, shape, group)

    def _step_alike(self, matrices: list[nn.Parameter], shape: torch.Size, group: dict[str, Any]) -> None:
        grads = [m.grad for m in matrices if m.grad is not None]
        buffers = [self.state[m].setdefault("momentum", torch.zeros_like(m)) for m in matrices]
        torch._foreach_lerp_(buffers, grads, 1 - group["momentum"])
        looked_ahead = torch._foreach_lerp(grads, buffers, group["momentum"])  # Nesterov's momentum
        # A wide matrix that stacks several square ones (queries, keys, values) is orthogonalised square by square.
        parts = -(-shape[0] // shape[1]) if shape[0] % shape[1] == 0 else 1
        stacked = torch.stack(looked_ahead).view(len(matrices) * parts, shape[0] // parts, shape[1])
        steps = orthogonalized(stacked, self.dtype).view(len(matrices), *shape)
        scale = group["lr"] * max(1.0, shape[0] / parts / shape[1]) ** 0.5
        weights: list[Tensor] = [*matrices]
        torch._foreach_mul_(weights, 1 - group["lr"] * group["weight_decay"])
        torch._foreach_add_(weights, list(steps.unbind()), alpha=-scale)


def orthogonalized(matrices: Tensor, dtype: torch.dtype) -> Tensor:
    """The nearest matrices (N, R, C) whose singular values all lie near 1, by five Newton-Schulz rounds.

    The quintic's coefficients trade exactness for speed: singular values end between about 0.7 and 1.2 (Jordan et al. 2024).
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrices.shape[1] > matrices.shape[2]
    x = (matrices.transpose(1, 2) if tall else matrices).to(torch.float32)
    x = (x / x.norm(dim=(1, 2), keepdim=True).clamp_min(1e-7)).to(dtype)
    for _ in range(5):
        gram = torch.bmm(x, x.transpose(1, 2))
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    x = x.to(torch.float32)
    return x.transpose(1, 2) if tall else x


class Optimizers:
    """The optimizers of a run behind one face: step, learning rate, state as named tensors."""

    def __init__(self, model: nn.Module, config: TrainingConfig, *, muon_dtype: torch.dtype = torch.float32) -> None:
        self.named = {name: p for name, p in model.named_parameters() if p.requires_grad}
        matrices = (
            {n: p for n, p in self.named.items() if p.dim() == 2 and "embed" not in n and "convolution" not in n}
            if config.optimizer == "muon"
            else {}
        )
        others = {n: p for n, p in self.named.items() if n not in matrices}
        decayed = [p for p in others.values() if p.dim() >= 2]
        plain = [p for p in others.values() if p.dim() < 2]
        groups = [{"params": decayed, "weight_decay": config.weight_decay}, {"params": plain, "weight_decay": 0.0}]
        self.parts: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(
                [g for g in groups if g["params"]],
                lr=config.learning_rate,
                betas=(config.beta1, config.beta2),
                eps=1e-8,
                fused=True,
            )
        ]
        if matrices:
            self.parts.append(
                Muon(matrices.values(), lr=config.muon_learning_rate, weight_decay=config.weight_decay, dtype=muon_dtype)
            )
        self.peaks = [[group["lr"] for group in part.param_groups] for part in self.parts]

    def set_factor(self, factor: float) -> float:
        """Set every group's learning rate to `factor` times its peak; returns the first group's."""
        for part, peaks in zip(self.parts, self.peaks, strict=True):
            for group, peak in zip(part.param_groups, peaks, strict=True):
                group["lr"] = peak * factor
        return float(self.parts[0].param_groups[0]["lr"])

    def step(self) -> None:
        """One step of every optimizer."""
        for part in self.parts:
            part.step()

    def num_bytes(self) -> int:
        """Bytes of all state."""
        return sum(t.numel() * t.element_size() for t in self.state().values())

    def state(self) -> dict[str, Tensor]:
        """Every tensor of state as `parameter:key`."""
        found = {}
        for name, parameter in self.named.items():
            for part in self.parts:
                for key, value in part.state.get(parameter, {}).items():
                    if isinstance(value, Tensor):
                        found[f"{name}:{key}"] = value
        return found

    def load_state(self, tensors: Mapping[str, Tensor]) -> None:
        """Inverse of `state`.

        Raises:
            StudioError: A moment is missing, of another shape, or of a weight or an optimizer that is not there. Nothing
                has been taken over then: torch would read past the end of a moment that is too short.
        """
        kept: dict[str, dict[str, Tensor]] = {}
        for full, value in tensors.items():
            name, _, key = full.rpartition(":")
            kept.setdefault(name, {})[key] = value
        for name, state in kept.items():
            parameter = self.named.get(name)
            if parameter is None or state.keys() != self._keys_of(parameter):
                raise StudioError(_OTHER_STATE, name=name)
            if any(value.shape != (() if key == "step" else parameter.shape) for key, value in state.items()):
                raise StudioError(_OTHER_STATE, name=name)
        for name, state in kept.items():
            parameter = self.named[name]
            for key, value in state.items():
                # A counter of steps is one number and stays on the processor; moments lie where their weight lies.
                moment = value.clone() if key == "step" else value.clone().to(parameter.device)
                self._owner(parameter).state[parameter][key] = moment

    def _owner(self, parameter: nn.Parameter) -> torch.optim.Optimizer:
        return next(part for part in self.parts if any(parameter is p for g in part.param_groups for p in g["params"]))

    def _keys_of(self, parameter: nn.Parameter) -> set[str]:
        return {"momentum"} if isinstance(self._owner(parameter), Muon) else {"step", "exp_avg", "exp_avg_sq"}
