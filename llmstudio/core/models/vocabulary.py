"""Rows of a model for more tokens: whatever has a row a token gets more of them, and all that was there stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmstudio.core.models.depth import parts_of
from llmstudio.core.models.roles import TABLES, VECTORS, roles_of

if TYPE_CHECKING:
    from torch import Tensor

    from llmstudio.core.models.base import LanguageModel

_PARTS = ("embed", "head")


def token_rows(model: LanguageModel) -> set[str]:
    """Names of the parameters that have a row, or a number, for each token: tables that read and write, and offsets."""
    from llmstudio.core.models.parts.positions import Positions

    places = {
        id(parameter)
        for module in model.modules()
        if isinstance(module, Positions) and module.positions == "learned"
        for parameter in module.place_embed.parameters()
    }
    roles, parts = roles_of(model), parts_of(model)
    return {
        name
        for name, parameter in model.named_parameters()
        if roles[name] in TABLES | VECTORS
        and parts[name] in _PARTS
        and len(parameter) == model.vocab_size
        and id(parameter) not in places
    }


def with_new_tokens(model: LanguageModel, kind: str, pieces: Sequence[Sequence[int]]) -> LanguageModel:
    """A model like this one that knows more tokens.

    Args:
        model: Of any family, its changes made and none of them LoRA; it is not changed.
        kind: The family's name in `MODELS`.
        pieces: Of each new token the old ones that stand for it: its rows begin as the mean of theirs, and where there are
            none as the mean of all. Source: Hewitt 2021, "Initializing new word embeddings for pretrained language models".
    """
    from llmstudio.core.models.build import build_model

    larger = build_model(kind, model.config, model.vocab_size + len(pieces), changes=model.changes)
    rows = token_rows(larger)
    held = model.state_dict()
    larger.load_state_dict({name: _longer(tensor, pieces) if name in rows else tensor for name, tensor in held.items()})
    return larger


def _longer(rows: Tensor, pieces: Sequence[Sequence[int]]) -> Tensor:
    """(V, ...) -> (V + N, ...)."""
    import torch

    every = rows.mean(0)
    return torch.cat([rows, torch.stack([rows[list(ids)].mean(0) if ids else every for ids in pieces])])
