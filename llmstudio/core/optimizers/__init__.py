"""The table of optimizers, readable without torch. Adding one is a file and a line here.
It lies below the settings of training, which offer what is in it; a run's own optimizers are `training.optimizers`.

- base: what an optimizer is
- adamw: each weight by its gradient's mean over its usual size
- muon: matrix steps made orthogonal
- stepping: rules of ours as torch's optimizers
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from llmstudio.core.models.roles import Role
from llmstudio.core.optimizers.adamw import ADAMW
from llmstudio.core.optimizers.base import Optimizer, Shape
from llmstudio.core.optimizers.muon import MUON

OPTIMIZERS: dict[str, Optimizer] = {
    "adamw": ADAMW,
    "muon": MUON,
}


def shared_out(name: str, roles: Mapping[str, Role]) -> list[tuple[Optimizer, list[str]]]:
    """Which parameters, by name, are stepped by AdamW and which by the optimizer `name`; whoever has none is left out."""
    chosen = OPTIMIZERS[name]
    own = [parameter for parameter, role in roles.items() if role in chosen.roles]
    others = [parameter for parameter, role in roles.items() if role not in chosen.roles]
    return [(optimizer, names) for optimizer, names in ((ADAMW, others), (chosen, own)) if names]


def settings_of_others(name: str) -> set[str]:
    """Settings that only optimizers read which step nothing here: neither `name`, nor AdamW for what that leaves."""
    chosen = OPTIMIZERS[name]
    at_work = [chosen] if chosen.roles >= set(Role) else [chosen, ADAMW]
    every = {setting for optimizer in OPTIMIZERS.values() for setting in optimizer.settings}
    return every - {setting for optimizer in at_work for setting in optimizer.settings}


def state_bytes(name: str, shapes: Iterable[tuple[Role, Shape]]) -> int:
    """Bytes that the optimizer `name`, and AdamW beside it, keep of parameters of these roles and shapes."""
    chosen, told = OPTIMIZERS[name], list(shapes)
    own = chosen.state_bytes(shape for role, shape in told if role in chosen.roles)
    return own + ADAMW.state_bytes(shape for role, shape in told if role not in chosen.roles)
