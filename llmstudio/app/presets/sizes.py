"""Every family from nano to large: the same six sizes, by their weights. Plain data, to be tuned here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from llmstudio.app.presets.preset import Preset
from llmstudio.core.models.config import ModelConfig
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.families.recurrent_config import GRUConfig, LSTMConfig, RNNConfig
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.settings import MaskedSettings, TaskSettings
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.words import words

SIZES = {
    "nano": (
        words("Nano"),
        words("Learns spelling and short words; good for trying things out."),
    ),
    "micro": (words("Micro"), words("Learns words and the feel of a sentence.")),
    "mini": (
        words("Mini"),
        words("Sentences hold together; stories of simple words begin to make sense."),
    ),
    "small": (
        words("Small"),
        words("Paragraphs with a thread, if there is enough text (some tens of megabytes)."),
    ),
    "medium": (words("Medium"), words("Wants a hundred megabytes of text, and patience.")),
    "large": (words("Large"), words("Wants several hundred megabytes of text, and a computer that is left alone.")),
}
# What a family that learns sentence by sentence promises instead, beside the time that it takes.
_SENTENCES = {
    "nano": words("For trying things out."),
    "micro": words("Made for the built-in text."),
    "mini": words("For text of your own."),
    "small": words("Wants some tens of megabytes of text."),
    "medium": words("Wants a hundred megabytes of text, and patience."),
    "large": words("Wants several hundred megabytes of text, and a computer that is left alone."),
}
_STEPS = {"nano": 500, "micro": 2000, "mini": 5000, "small": 10_000, "medium": 5000, "large": 2500}
_PIECES = {"nano": 1024, "micro": 2048, "mini": 2048, "small": 4096, "medium": 8192, "large": 8192}
_WORDS = TokenizerConfig(kind="word", vocab_size=10_000, min_frequency=1)


def _scale(
    kind: str,
    training: TrainingConfig,
    shapes: dict[str, tuple[ModelConfig, dict[str, float]]],
    *,
    corpus: str = "",
    tasks: Mapping[str, TaskSettings] = MappingProxyType({}),
) -> Iterator[Preset]:
    """A family's sizes. Those up to micro are for the built-in text `corpus` and its words, if one is named.

    Args:
        kind: The family.
        training: How it learns, steps aside.
        shapes: For each size the model's shape, and in what its training differs.
        corpus: A built-in text (`sample:NAME`).
        tasks: By size, settings of the task that are not the usual ones.
    """
    for name, (model, changes) in shapes.items():
        is_small = bool(corpus) and name in ("nano", "micro")
        steps = {"max_steps": _STEPS[name], **changes}
        label, help = SIZES[name]
        yield Preset(
            name,
            label,
            _SENTENCES[name] if corpus else help,
            Recipe(kind, model, replace(training, **steps), name, task=tasks.get(name)),  # type: ignore[arg-type]
            _WORDS if is_small else TokenizerConfig(kind="bpe", vocab_size=_PIECES[name]),
            corpus if is_small else "",
        )


_DECODER = _scale(
    "decoder",
    TrainingConfig(batch_size=16),
    {
        "nano": (DecoderConfig(num_layers=2, embed_dim=64, num_heads=2, context_length=128), {"learning_rate": 4e-3}),
        "micro": (DecoderConfig(num_layers=4, embed_dim=128, num_heads=4, context_length=128), {"learning_rate": 3e-3}),
        "mini": (DecoderConfig(num_layers=6, embed_dim=192, num_heads=6, context_length=256), {"learning_rate": 2e-3}),
        "small": (DecoderConfig(num_layers=6, embed_dim=384, num_heads=6, context_length=256), {"learning_rate": 1.5e-3}),
        "medium": (
            DecoderConfig(num_layers=8, embed_dim=448, num_heads=7, context_length=512),
            {"learning_rate": 1e-3, "batch_size": 8, "grad_accumulation_steps": 2},
        ),
        "large": (
            DecoderConfig(num_layers=10, embed_dim=576, num_heads=9, context_length=512),
            {"learning_rate": 8e-4, "batch_size": 8, "grad_accumulation_steps": 4},
        ),
    },
)

# Those that carry their state read many places at once, not far back: as many tokens a step as the decoder of that size.
_CARRIED = TrainingConfig(batch_size=32, weight_decay=0.0)
_LSTM = _scale(
    "lstm",
    _CARRIED,
    {
        "nano": (LSTMConfig(num_layers=1, embed_dim=64, hidden_dim=128), {"learning_rate": 2e-2}),
        "micro": (LSTMConfig(embed_dim=128, hidden_dim=224), {"learning_rate": 8e-3}),
        "mini": (LSTMConfig(embed_dim=192, hidden_dim=416), {"learning_rate": 4e-3, "batch_size": 64}),
        "small": (LSTMConfig(embed_dim=384, hidden_dim=832), {"learning_rate": 2e-3, "batch_size": 64}),
        "medium": (LSTMConfig(embed_dim=448, hidden_dim=1152), {"learning_rate": 1e-3, "batch_size": 128}),
        "large": (
            LSTMConfig(embed_dim=576, hidden_dim=1728),
            {"learning_rate": 8e-4, "batch_size": 128, "grad_accumulation_steps": 2},
        ),
    },
)
_GRU = _scale(
    "gru",
    _CARRIED,
    {
        "nano": (GRUConfig(num_layers=1, embed_dim=64, hidden_dim=152), {"learning_rate": 1.5e-2}),
        "micro": (GRUConfig(embed_dim=128, hidden_dim=264), {"learning_rate": 6e-3}),
        "mini": (GRUConfig(embed_dim=192, hidden_dim=480), {"learning_rate": 4e-3, "batch_size": 64}),
        "small": (GRUConfig(embed_dim=384, hidden_dim=960), {"learning_rate": 2e-3, "batch_size": 64}),
        "medium": (GRUConfig(embed_dim=448, hidden_dim=1344), {"learning_rate": 1e-3, "batch_size": 128}),
        "large": (
            GRUConfig(embed_dim=576, hidden_dim=1984),
            {"learning_rate": 8e-4, "batch_size": 128, "grad_accumulation_steps": 2},
        ),
    },
)
_RNN = _scale(
    "rnn",
    _CARRIED,
    {
        "nano": (RNNConfig(num_layers=1, embed_dim=64, hidden_dim=256), {"learning_rate": 8e-3}),
        "micro": (RNNConfig(embed_dim=128, hidden_dim=464), {"learning_rate": 2.5e-3}),
        "mini": (RNNConfig(embed_dim=192, hidden_dim=864), {"learning_rate": 1.4e-3, "batch_size": 64}),
        "small": (RNNConfig(embed_dim=384, hidden_dim=1728), {"learning_rate": 5e-4, "batch_size": 64}),
        "medium": (RNNConfig(embed_dim=448, hidden_dim=2432), {"learning_rate": 3e-4, "batch_size": 128}),
        "large": (
            RNNConfig(embed_dim=576, hidden_dim=3520),
            {"learning_rate": 2e-4, "batch_size": 128, "grad_accumulation_steps": 2},
        ),
    },
)

_ENCODER = _scale(
    "encoder",
    TrainingConfig(batch_size=16, learning_rate=3e-3, optimizer="muon", weight_decay=0.0),
    {
        "nano": (EncoderConfig(num_layers=2, embed_dim=64, num_heads=2, convolution_width=5), {}),
        "micro": (
            EncoderConfig(num_layers=3, convolution_width=5),
            {"batch_size": 8, "max_steps": 4000},
        ),
        "mini": (EncoderConfig(num_layers=6, embed_dim=192, num_heads=6, context_length=256), {}),
        "small": (EncoderConfig(num_layers=6, embed_dim=384, num_heads=6, context_length=256), {}),
        "medium": (
            EncoderConfig(num_layers=8, embed_dim=448, num_heads=7, context_length=512),
            {"batch_size": 8, "grad_accumulation_steps": 2},
        ),
        "large": (
            EncoderConfig(num_layers=10, embed_dim=576, num_heads=9, context_length=512),
            {"batch_size": 8, "grad_accumulation_steps": 4},
        ),
    },
    corpus="sample:tales",
    tasks={"nano": MaskedSettings(rare_words=1.0), "micro": MaskedSettings(mask_rate=0.1, rare_words=1.0)},
)
_ENCODER_DECODER = _scale(
    "encoder_decoder",
    TrainingConfig(batch_size=32, learning_rate=3e-3, optimizer="muon", weight_decay=0.0),
    {
        "nano": (EncoderDecoderConfig(num_layers=1, embed_dim=64, num_heads=2), {"learning_rate": 6e-3}),
        "micro": (EncoderDecoderConfig(num_layers=2, embed_dim=128), {}),
        "mini": (EncoderDecoderConfig(num_layers=3, embed_dim=192, num_heads=6, context_length=128), {}),
        "small": (EncoderDecoderConfig(num_layers=3, embed_dim=384, num_heads=6, context_length=128), {}),
        "medium": (
            EncoderDecoderConfig(num_layers=4, embed_dim=448, num_heads=7, context_length=128),
            {"grad_accumulation_steps": 2},
        ),
        "large": (
            EncoderDecoderConfig(num_layers=4, embed_dim=576, num_heads=9, context_length=128),
            {"grad_accumulation_steps": 4},
        ),
    },
    corpus="sample:pairs",
)
_VAE = _scale(
    "vae",
    TrainingConfig(batch_size=128, learning_rate=4e-3, weight_decay=0.01, eval_tokens=6_000),
    {
        "nano": (VAEConfig(embed_dim=64, hidden_dim=96, latent_dim=16), {"max_steps": 1000, "learning_rate": 8e-3}),
        "micro": (VAEConfig(), {"max_steps": 3000}),
        "mini": (VAEConfig(embed_dim=192, hidden_dim=512), {"learning_rate": 2e-3}),
        "small": (VAEConfig(embed_dim=384, hidden_dim=1024, latent_dim=64), {"learning_rate": 1e-3}),
        "medium": (
            VAEConfig(embed_dim=448, hidden_dim=1408, latent_dim=64),
            {"learning_rate": 1e-3, "batch_size": 256},
        ),
        "large": (
            VAEConfig(embed_dim=576, hidden_dim=2048, latent_dim=64),
            {"learning_rate": 8e-4, "batch_size": 256, "grad_accumulation_steps": 2},
        ),
    },
    corpus="sample:tales",
)

SIZED: tuple[Preset, ...] = (*_DECODER, *_LSTM, *_GRU, *_RNN, *_ENCODER, *_ENCODER_DECODER, *_VAE)
