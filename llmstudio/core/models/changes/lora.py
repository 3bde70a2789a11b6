"""LoRA: small matrices beside those of a model, which stay as they are (Hu et al. 2021, arXiv:2106.09685).

While a run learns they lie beside the matrices, in memory and in its checkpoints. Whoever loads the model to use it gets
them merged: added to the matrices, so that nothing is left of the change. What pruning has taken of a matrix stays taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from llmstudio.core.errors import StudioError
from llmstudio.core.models.changes.recorded import Recorded
from llmstudio.core.models.config import TOKENS

if TYPE_CHECKING:
    from torch import nn

    from llmstudio.core.models.base import LanguageModel

NAME = "lora"


class Lora:
    """Adapts the matrices that are recorded by their names, with their shapes; `masked` names those whose zeros stay."""

    def apply(self, model: LanguageModel, recorded: Recorded) -> None:
        """Put small matrices beside those of `model`; what they begin with follows from the seed.

        Raises:
            StudioError: The model has no such matrix.
        """
        import torch

        from llmstudio.core.models.weights.adapted import Adapted, AdaptedTable
        from llmstudio.core.models.weights.adapted_cells import adapt_cells
        from llmstudio.core.models.weights.dense import Matrix, Table

        generator = torch.Generator().manual_seed(int(recorded["seed"]))
        rank, scale, dropout = int(recorded["rank"]), float(recorded["scale"]), float(recorded["dropout"])
        known, shapes = dict(model.named_modules()), {name: tuple(p.shape) for name, p in model.named_parameters()}
        wanted: dict[str, dict[str, bool]] = {}
        for name, shape in recorded["matrices"].items():
            if shapes.get(name) != tuple(shape):
                raise StudioError("This model has no matrix {name} that could have been adapted.", name=name)
            above, _, last = name.rpartition(".")
            wanted.setdefault(above, {})[last] = name in recorded.get("masked", ())
        for place, names in wanted.items():
            base: Any = known[place]
            above, _, last = place.rpartition(".")
            if isinstance(base, Matrix | Table):
                beside = AdaptedTable if isinstance(base, Table) else Adapted
                masked = names["weight"]
                setattr(known[above], last, beside(base, rank, scale, dropout, generator, masked=masked))
            else:
                setattr(known[above], last, adapt_cells(base, names, rank, scale, generator))

    def num_parameters(self, count: int, recorded: Recorded) -> int:
        """With two matrices beside each."""
        return count + sum(int(recorded["rank"]) * sum(map(int, shape)) for shape in recorded["matrices"].values())


def new_lora(
    model: LanguageModel,
    kinds: Sequence[str],
    *,
    rank: int,
    scale: float,
    dropout: float,
    seed: int,
    is_pruned: bool = False,
) -> list[Recorded]:
    """What is to be recorded so that the matrices of these kinds are adapted; nothing if there are none.

    Of a pruned model, zeros of its matrices stay zeros.
    """
    chosen = {name: p for kind, name, p in adaptable(model) if kind in kinds}
    if not chosen:
        return []
    settings = {"rank": rank, "scale": scale, "dropout": dropout, "seed": seed}
    masked = [name for name, p in chosen.items() if is_pruned and not bool((p != 0).all())]
    shapes = {name: list(p.shape) for name, p in chosen.items()}
    return [{"change": NAME, **settings, "matrices": shapes} | ({"masked": masked} if masked else {})]


def adaptable(model: LanguageModel) -> Iterator[tuple[str, str, nn.Parameter]]:
    """The matrices of a model and its table of tokens, without other tables, heads, and what changes have added: kind (see
    `Matrices`, and `TOKENS`), name, numbers.
    """
    from torch.nn import RNNBase

    from llmstudio.core.models.depth import parts_of
    from llmstudio.core.models.roles import Role, roles_of

    roles, parts, modules = roles_of(model), parts_of(model), dict(model.named_modules())
    for name, parameter in model.named_parameters():
        place = name.rpartition(".")[0]
        if roles[name] == Role.MATRIX and parts[name]:
            above: Any = modules[place.rpartition(".")[0]]
            kind = "cells" if isinstance(modules[place], RNNBase) else getattr(above, "matrices", "others")
            yield kind, name, parameter
        elif name == "embed.weight":
            yield TOKENS, name, parameter


def without_lora(changes: Sequence[Recorded]) -> tuple[Recorded, ...]:
    """What is left of the changes of a model once what LoRA has learned is merged."""
    return tuple(recorded for recorded in changes if recorded.get("change") != NAME)


def merge(model: LanguageModel) -> None:
    """Add what LoRA has learned to the matrices of `model`; nothing is left of the change."""
    from llmstudio.core.models.weights.adapted import Adapted
    from llmstudio.core.models.weights.adapted_cells import AdaptedCells

    for above in list(model.modules()):
        for name, module in list(above.named_children()):
            if isinstance(module, Adapted | AdaptedCells):
                setattr(above, name, module.merged())
    model.changes = without_lora(model.changes)
