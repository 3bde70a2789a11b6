"""Settings of structured pruning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmstudio.core.errors import StudioError
from llmstudio.core.models.changes import Recorded, change_of
from llmstudio.core.models.changes.head import narrowed
from llmstudio.core.models.shrinking.shapes import PARTS, count, num_kept, refusal, smaller, usual_parts, why_not
from llmstudio.core.settings import setting

ALL_PARTS = ", ".join(PARTS)


@dataclass(frozen=True)
class CompactConfig:
    """What is taken away, how much of it, and how it is chosen."""

    share: float = setting(
        0.5,
        label="Share",
        help="The share of the units of each chosen kind that goes. Of half the units of a layer's both sides a quarter of"
        " its weights is left.",
        ge=0.0,
        le=0.95,
    )
    parts: tuple[str, ...] = setting(
        (),
        label="Taken away",
        help="Kinds of units: heads, neurons, units, layers, width, latent. None for heads and neurons of a Transformer, and"
        " units of a recurrent model.",
    )
    score: str = setting(
        "taylor",
        label="Chosen by",
        help="Which units go first: those whose silence changes the loss least, by its gradient; those that give least; or"
        " those with the smallest weights. Layers go by how little they change what passes, unless by weights or at random.",
        choices={
            "taylor": "effect on the loss",
            "activation": "what they give",
            "magnitude": "smallest weights",
            "random": "at random",
        },
        source="Molchanov et al. 2019, arXiv:1906.10771; Sun et al. 2023; Men et al. 2024, arXiv:2403.03853",
    )
    calibration_tokens: int = setting(
        16_384,
        label="Tokens looked at",
        help="So much of the training text is read to see what each unit does.",
        ge=256,
        le=2**24,
        unit="tokens",
    )
    multiple: int = setting(
        16,
        label="Multiples of",
        help="What is left of neurons, units and widths is a multiple of this (of less where there are few): processors are"
        " fastest so, and the formats of other programs want it.",
        ge=1,
        le=256,
        advanced=True,
    )
    seed: int = setting(0, label="Seed", help="Only random choice uses it.", ge=0, le=2**31, advanced=True)


def chosen_parts(shape: Any, config: CompactConfig) -> tuple[str, ...]:
    """The kinds of units that are taken away from a model of this shape.

    Raises:
        StudioError: There is no such kind, this shape cannot lose it, or there is none that it can lose.
    """
    for part in config.parts:
        if part not in PARTS:
            raise StudioError("There are no units called {part}. There are: {parts}.", part=part, parts=ALL_PARTS)
        if (reason := why_not(shape, part)) is not None:
            raise refusal(part, reason)
    parts = tuple(dict.fromkeys(config.parts)) or usual_parts(shape)
    if not parts:
        possible = [part for part in PARTS if why_not(shape, part) is None]
        raise StudioError(
            "Nothing of this model can be taken away so that the rest computes as before. Possible: {parts}.",
            parts=", ".join(possible) or "–",
        )
    return parts


def counts_kept(shape: Any, config: CompactConfig) -> dict[str, int]:
    """How many units of each chosen kind stay: in each layer, or of layers themselves.

    Raises:
        StudioError: As `chosen_parts`.
    """
    kept: dict[str, int] = {}
    for part in chosen_parts(shape, config):
        kept[part] = num_kept(smaller(shape, kept), part, config.share, config.multiple)
    return kept


def outlook(shape: Any, config: CompactConfig, vocab_size: int, *, changes: Sequence[Recorded] = ()) -> tuple[int, int]:
    """Weights before and after, by arithmetic, of a model to which `changes` were made.

    Raises:
        StudioError: As `chosen_parts`.
    """
    after = smaller(shape, counts_kept(shape, config))
    before = _num_parameters(shape, vocab_size, changes)
    return before, _num_parameters(after, vocab_size, narrowed(changes, after.features_dim))


def _num_parameters(shape: Any, vocab_size: int, changes: Sequence[Recorded]) -> int:
    count: int = shape.num_parameters(vocab_size)
    for one in changes:
        count = change_of(one).num_parameters(count, one)
    return count


def told_counts(shape: Any, kept: Mapping[str, int]) -> dict[str, list[int]]:
    """How many units of each kind there were, and how many stay."""
    return {part: [count(shape, part), left] for part, left in kept.items()}
