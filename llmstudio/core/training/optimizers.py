"""The optimizers of a run behind one face: step, learning rate, state as named tensors for a checkpoint."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import torch
from torch import Tensor, nn

from llmstudio.core.errors import StudioError
from llmstudio.core.models.roles import VECTORS, roles_of
from llmstudio.core.optimizers import shared_out
from llmstudio.core.optimizers.base import Optimizer
from llmstudio.core.training_config import TrainingConfig

_OTHER_STATE = (
    "The training state does not belong to these weights ({name}): the model can talk, but training cannot go on from it."
)


class Optimizers:
    """The optimizers of a run: the one that is asked for, and AdamW for what that leaves."""

    def __init__(
        self,
        model: nn.Module,
        config: TrainingConfig,
        *,
        product_dtype: torch.dtype = torch.float32,
        rates: Mapping[str, float] | None = None,
        undecayed: Collection[str] = (),
    ) -> None:
        """Of what learns in `model`; each parameter at its share of the learning rate, by name, or at all of it. Nothing
        draws those towards zero that are `undecayed`, nor vectors.
        """
        self.named = {name: p for name, p in model.named_parameters() if p.requires_grad}
        roles = roles_of(model)
        share = {name: 1.0 if rates is None else rates[name] for name in self.named}
        self.parts: list[torch.optim.Optimizer] = []
        self.peaks: list[list[float]] = []
        self._owners: dict[str, tuple[torch.optim.Optimizer, Optimizer]] = {}
        for optimizer, names in shared_out(config.optimizer, {name: roles[name] for name in self.named}):
            alike: dict[tuple[float, bool], list[nn.Parameter]] = {}
            for name in names:
                alike.setdefault((share[name], roles[name] not in VECTORS and name not in undecayed), []).append(
                    self.named[name]
                )
            # The fastest first, since its rate is the one that is told; of these what decays, then vectors.
            kinds = sorted(alike, reverse=True)
            groups = [{"params": alike[kind], "weight_decay": config.weight_decay if kind[1] else 0.0} for kind in kinds]
            part = optimizer.make(groups, config, product_dtype)
            self.parts.append(part)
            peaks = zip(part.param_groups, kinds, strict=True)
            self.peaks.append([group["lr"] * rate for group, (rate, _) in peaks])
            self._owners |= dict.fromkeys(names, (part, optimizer))

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

    def rate_of(self, name: str) -> float:
        """The learning rate of a parameter that learns, as it was set last."""
        parameter = self.named[name]
        groups = self._owners[name][0].param_groups
        return float(next(group["lr"] for group in groups if any(p is parameter for p in group["params"])))

    def forget(self) -> None:
        """Keep no state any more: the next step is as the first."""
        for part in self.parts:
            part.state.clear()

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
            if parameter is None or state.keys() != set(self._owners[name][1].state):
                raise StudioError(_OTHER_STATE, name=name)
            if any(value.shape != (() if key == "step" else parameter.shape) for key, value in state.items()):
                raise StudioError(_OTHER_STATE, name=name)
        for name, state in kept.items():
            parameter = self.named[name]
            for key, value in state.items():
                # A counter of steps is one number and stays on the processor; moments lie where their weight lies.
                moment = value.clone() if key == "step" else value.clone().to(parameter.device)
                self._owners[name][0].state[parameter][key] = moment
