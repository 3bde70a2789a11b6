"""Recipes by name: sizes from a few seconds to a night on a laptop, and two for a purpose. Plain data, to be tuned here."""

from __future__ import annotations

from llmstudio.app.presets_families import FAMILIES
from llmstudio.app.recipe import Preset, Recipe
from llmstudio.core.errors import StudioError
from llmstudio.core.models.config import DecoderConfig
from llmstudio.core.models.families import family
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.training.config import TrainingConfig
from llmstudio.core.words import words


def preset(name: str) -> Preset:
    """The preset of this name. Raises StudioError, naming those there are, if there is none."""
    if name not in PRESETS:
        raise StudioError("There is no preset {name}. There are: {names}.", name=name, names=", ".join(PRESETS))
    return PRESETS[name]


_NANO = Preset(
    "nano",
    words("Nano · 0.2 M"),
    words("Seconds to a minute. Learns spelling and short words; good for trying things out."),
    Recipe(
        model=DecoderConfig(num_layers=2, embed_dim=64, num_heads=2, context_length=128),
        training=TrainingConfig(max_steps=500, batch_size=16, learning_rate=4e-3),
        preset="nano",
    ),
    TokenizerConfig(kind="bpe", vocab_size=1024),
)

_MICRO = Preset(
    "micro",
    words("Micro · 1 M"),
    words("A few minutes. Learns words and the feel of a sentence."),
    Recipe(
        model=DecoderConfig(num_layers=4, embed_dim=128, num_heads=4, context_length=128),
        training=TrainingConfig(max_steps=2000, batch_size=16, learning_rate=3e-3),
        preset="micro",
    ),
    TokenizerConfig(kind="bpe", vocab_size=2048),
)

_MINI = Preset(
    "mini",
    words("Mini · 3 M"),
    words("About half an hour. Sentences hold together; stories of simple words begin to make sense."),
    Recipe(
        model=DecoderConfig(num_layers=6, embed_dim=192, num_heads=6, context_length=256),
        training=TrainingConfig(max_steps=5000, batch_size=16, learning_rate=2e-3),
        preset="mini",
    ),
    TokenizerConfig(kind="bpe", vocab_size=2048),
)

_SMALL = Preset(
    "small",
    words("Small · 12 M"),
    words("A few hours. Paragraphs with a thread, if there is enough text (some tens of megabytes)."),
    Recipe(
        model=DecoderConfig(num_layers=6, embed_dim=384, num_heads=6, context_length=256),
        training=TrainingConfig(max_steps=10_000, batch_size=16, learning_rate=1.5e-3),
        preset="small",
    ),
    TokenizerConfig(kind="bpe", vocab_size=4096),
)

_MEDIUM = Preset(
    "medium",
    words("Medium · 23 M"),
    words("Half a night on a laptop. Wants a hundred megabytes of text."),
    Recipe(
        model=DecoderConfig(num_layers=8, embed_dim=448, num_heads=7, context_length=512),
        training=TrainingConfig(max_steps=5_000, batch_size=8, grad_accumulation_steps=2, learning_rate=1e-3),
        preset="medium",
    ),
    TokenizerConfig(kind="bpe", vocab_size=8192),
)

_LARGE = Preset(
    "large",
    words("Large · 45 M"),
    words("A whole night on a fast laptop. Wants several hundred megabytes of text."),
    Recipe(
        model=DecoderConfig(num_layers=10, embed_dim=576, num_heads=9, context_length=512),
        training=TrainingConfig(max_steps=2_500, batch_size=8, grad_accumulation_steps=4, learning_rate=8e-4),
        preset="large",
    ),
    TokenizerConfig(kind="bpe", vocab_size=8192),
)

_SHAKESPEARE_CHAR = Preset(
    "shakespeare_char",
    words("Shakespeare by characters · 0.8 M"),
    words("The classic: a play by characters, in a minute or two. For about a megabyte of plain text."),
    Recipe(
        model=DecoderConfig(
            num_layers=4, embed_dim=128, num_heads=4, context_length=128, activation="relu2", convolution_width=4
        ),
        training=TrainingConfig(
            max_steps=1500,
            batch_size=8,
            learning_rate=3e-3,
            optimizer="muon",
            muon_learning_rate=0.04,  # of 0.02 to 0.05 on the end of the training part; all within 0.01
            cooldown_share=0.6,
            weight_decay=0.0,
            eval_steps=250,
            eval_tokens=6_000,
        ),
        preset="shakespeare_char",
    ),
    TokenizerConfig(kind="char", vocab_size=1000, min_frequency=1),
)

_TOUR = Preset(
    "tour",
    words("The tour · 0.6 M"),
    words("Two minutes on the built-in tiny world: answers questions about stories it has never read."),
    Recipe(
        # Recall of "who has what" forms between steps 600 and 900; eight heads and a reach of six tokens bring it forward.
        model=DecoderConfig(
            num_layers=3, embed_dim=128, num_heads=8, context_length=128, activation="relu2", convolution_width=6
        ),
        training=TrainingConfig(
            max_steps=1600,
            batch_size=16,
            learning_rate=3e-3,
            rows="documents",
            optimizer="muon",
            cooldown_share=0.3,
            weight_decay=0.0,
            eval_tokens=6_000,
            eval_steps=200,
            sample_tokens=24,
            seed=1,
        ),
        preset="tour",
    ),
    TokenizerConfig(kind="word", vocab_size=256, min_frequency=1),
    corpus="sample:tour",
)

PRESETS: dict[str, Preset] = {
    entry.name: entry for entry in (_NANO, _MICRO, _MINI, _SMALL, _MEDIUM, _LARGE, _SHAKESPEARE_CHAR, _TOUR, *FAMILIES)
}


def presets_of(kind: str) -> list[Preset]:
    """The presets of a family of models, in order; every family has one."""
    return [entry for entry in PRESETS.values() if entry.recipe.kind == kind]


def choose(kind: str | None, name: str | None) -> Preset:
    """The preset of a name, else the first of a family (of the decoder: `micro`).

    Raises:
        StudioError: No such family or preset, or a preset of another family.
    """
    family(kind or "decoder")
    if not name:
        return preset("micro") if kind in (None, "decoder") else presets_of(str(kind))[0]
    chosen = preset(name)
    if kind and chosen.recipe.kind != kind:
        fitting = ", ".join(entry.name for entry in presets_of(kind))
        raise StudioError(
            "The preset {preset} is of the family {own}; {kind} has: {presets}.",
            preset=name,
            own=chosen.recipe.kind,
            kind=kind,
            presets=fitting,
        )
    return chosen
