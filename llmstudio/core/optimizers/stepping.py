"""An optimizer of ours as torch knows them: parameters of one shape are handed to a rule together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from llmstudio.core.optimizers.base import Groups

Rule = Callable[[list[nn.Parameter], list[dict[str, Tensor]], dict[str, Any]], None]


class Stepping(torch.optim.Optimizer):
    """Steps parameters that have a gradient by `rule`, which gets those of one shape, the state of each, and their group."""

    def __init__(self, groups: Groups, rule: Rule, **defaults: Any) -> None:
        super().__init__(groups, defaults)
        self.rule = rule

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One step."""
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[nn.Parameter]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    by_shape.setdefault(parameter.shape, []).append(parameter)
            for alike in by_shape.values():
                self.rule(alike, [self.state[parameter] for parameter in alike], group)
