"""Which units a family's models can lose, and the shape that is left: arithmetic on settings alone (no torch)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from llmstudio.core.errors import StudioError
from llmstudio.core.models.config import ModelConfig
from llmstudio.core.models.families.blocks import MadeOfBlocks
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.recurrent_config import RecurrentConfig
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.settings import settings_of
from llmstudio.core.words import Words, words

Shape = Any
"""Settings of a family."""


@dataclass(frozen=True)
class Part:
    """A kind of units that may go.

    Attributes:
        label: Its name.
        help: What one of them is, in a sentence.
    """

    label: Words
    help: Words


PARTS: dict[str, Part] = {
    "heads": Part(
        words("Attention heads"),
        words("A head with its queries, keys and values; where several share keys and values, all of them together."),
    ),
    "neurons": Part(words("Feed-forward neurons"), words("One number inside the feed-forward part of a layer.")),
    "units": Part(words("Recurrent units"), words("One number of what a recurrent layer remembers, with all its gates.")),
    "layers": Part(words("Layers"), words("A whole layer: what enters it goes on unchanged.")),
    "width": Part(words("Width"), words("One number of every token's vector, through the whole model.")),
    "latent": Part(words("Latent units"), words("One of the numbers that keep a sentence.")),
}


def count(config: Shape, part: str) -> int:
    """How many units of this kind there are: in each layer, or of layers themselves. 0 if the family has none."""
    counts: dict[str, int] = {}
    if isinstance(config, RecurrentConfig):
        counts = {"units": config.hidden_dim, "layers": config.num_layers, "width": config.embed_dim}
    elif isinstance(config, VAEConfig):
        counts = {"units": config.hidden_dim, "width": config.embed_dim, "latent": config.latent_dim}
    elif (blocks := _blocks(config)) is not None:
        counts = {"heads": blocks.kv_heads, "neurons": blocks.feed_forward_dim}
        counts |= {"layers": blocks.num_layers, "width": blocks.embed_dim}
    return counts.get(part, 0)


def usual_parts(config: Shape) -> tuple[str, ...]:
    """What is taken away where nobody says of what."""
    wished = ("heads", "neurons", "units")
    return tuple(part for part in wished if count(config, part) and why_not(config, part) is None)


def why_not(config: Shape, part: str) -> Words | None:
    """None if units of this kind can be taken away so that the model computes as if they were silent, else the reason."""
    if not count(config, part):
        return words("This family has none.")
    if count(config, part) == 1:
        return words("There is one alone, and it has to stay.")
    if isinstance(config, RecurrentConfig):
        return _why_not_recurrent(config, part)
    blocks = _blocks(config)
    if blocks is None:
        return None
    if part == "layers" and blocks.norm_place != "before":
        return words("Its norms stand behind each part of a layer, so nothing passes a layer unchanged.")
    if part == "width" and (blocks.norm, blocks.norm_place) != ("rms", "before"):
        return words("Its norms would see another mean: only RMSNorm before each part can make up for what is gone.")
    if part == "width" and blocks.positions == "sinusoidal":
        return words("Its positions are waves, one for each number of a vector: fewer numbers would be other waves.")
    return None


def refusal(part: str, reason: Words) -> StudioError:
    """What is said of units that cannot be taken away."""
    return StudioError("{part} cannot be taken away here. {reason}", part=PARTS[part].label, reason=reason)


def _why_not_recurrent(config: RecurrentConfig, part: str) -> Words | None:
    is_added = config.residual and config.embed_dim == config.hidden_dim
    if part == "layers" and not config.residual:
        return words("Without the setting residual a layer's output takes the place of what entered: none can be left out.")
    if part in ("units", "width") and config.layer_norm:
        return words("Its layer norms would see another mean.")
    if part in ("units", "width") and is_added:
        return words("Its layers are added to the vectors of the tokens, so both would have to keep one width.")
    if part == "width" and config.tie_embeddings and not config.is_projected:
        return words("Its state is compared with the vectors of the tokens as it is: units are what can be taken away.")
    return None


def num_kept(config: Shape, part: str, share: float, multiple: int) -> int:
    """How many units stay if about this share of them goes.

    Neurons, units and widths stay in multiples of `multiple` (of less where there are few), which processors and the
    formats of others like. At least one stays; a share that rounds to none takes none.
    """
    whole = count(config, part)
    left = whole - round(whole * share)
    if left == whole or part in ("heads", "layers", "latent"):
        return max(1, left)
    step = multiple
    while step > 1 and step * 8 > whole:
        step //= 2
    step = max(step, 2 if isinstance(config, VAEConfig) and part == "units" else 1)
    least = max(step, _least(config, part))
    kept = max(least, round(left / step) * step)
    if kept == _not_this(config, part):
        kept = kept - step if kept - step >= least else kept + step
    return min(kept, whole)


def _least(config: Shape, part: str) -> int:
    """The smallest number that the setting takes."""
    path = "embed_dim" if part == "width" else "hidden_dim"
    return next(int(about.fact.ge or 0) for about in settings_of(config) if about.path == path)


def _not_this(config: Shape, part: str) -> int:
    """A count at which the shape would mean something else: a state as wide as the vectors needs no projection any more."""
    if not isinstance(config, RecurrentConfig) or not (config.tie_embeddings or config.residual):
        return 0
    return {"units": config.embed_dim, "width": config.hidden_dim}.get(part, 0)


def smaller(config: Shape, kept: Mapping[str, int]) -> Shape:
    """The settings of a model with so many units of each kind left; the others stay as they are."""
    for part, left in kept.items():
        if left != count(config, part):
            config = _smaller(config, part, left)
    return config


def _smaller(config: Shape, part: str, left: int) -> Shape:
    if part == "layers":
        return replace(config, num_layers=left)
    if part == "latent":
        return replace(config, latent_dim=left)
    if part in ("units", "neurons"):
        return replace(config, hidden_dim=left)
    blocks = _blocks(config)
    if blocks is None:
        return replace(config, embed_dim=left)
    if part == "width":  # what followed from the width stays as it was
        return replace(config, embed_dim=left, head_width=blocks.head_dim, hidden_dim=blocks.feed_forward_dim)
    heads = left * (blocks.num_heads // blocks.kv_heads)
    shared = {"num_kv_heads": left} if getattr(config, "num_kv_heads", 0) else {}
    return replace(config, num_heads=heads, head_width=blocks.head_dim, **shared)


def _blocks(config: ModelConfig) -> DecoderConfig | None:
    if isinstance(config, DecoderConfig):
        return config
    return config.blocks if isinstance(config, MadeOfBlocks) else None


def features_part(config: Shape) -> str:
    """The kind of units that `LanguageModel.features` consists of."""
    if isinstance(config, VAEConfig):
        return "latent"
    return "units" if isinstance(config, RecurrentConfig) and not config.tie_embeddings else "width"
