"""Recipes for a purpose: the tour, a play by characters for every family, and the examples of textbooks. Plain data."""

from __future__ import annotations

from dataclasses import replace

from llmstudio.app.presets.preset import Preset
from llmstudio.core.models.config import ModelConfig
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.families.recurrent_config import GRUConfig, LSTMConfig, RNNConfig
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.latent.settings import LatentSettings
from llmstudio.core.tasks.settings import MaskedSettings, TaskSettings
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.words import Words, words

_CHARACTERS = TokenizerConfig(kind="char", vocab_size=1000, min_frequency=1)
_WORDS = TokenizerConfig(kind="word", vocab_size=10_000, min_frequency=1)

_CARRIED = TrainingConfig(max_steps=2500, batch_size=32, learning_rate=4e-3, weight_decay=0.0, eval_tokens=6_000)


def _by_characters(
    kind: str,
    model: ModelConfig,
    training: TrainingConfig,
    help: Words,
    *,
    millions: str = "0.9",
    task: TaskSettings | None = None,
) -> Preset:
    """What a family does best with some 0.9 million weights and a megabyte of a play."""
    label = words("Shakespeare by characters · {millions} M", millions=millions)
    recipe = Recipe(kind, model, training, "shakespeare_char", task=task)
    return Preset("shakespeare_char", label, help, recipe, _CHARACTERS)


_SHAKESPEARE = (
    _by_characters(
        "decoder",
        DecoderConfig(num_layers=4, embed_dim=128, num_heads=4, context_length=128, activation="relu2", convolution_width=4),
        TrainingConfig(
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
        words("The classic: a play by characters. For about a megabyte of plain text."),
        millions="0.8",
    ),
    _by_characters(
        "rnn",
        RNNConfig(hidden_dim=512),
        replace(_CARRIED, learning_rate=2e-3),
        words("One vector that is written anew at every character: watch how soon it forgets."),
    ),
    _by_characters(
        "lstm",
        LSTMConfig(hidden_dim=248, dropout=0.1),
        _CARRIED,
        words("Cells and gates; at this size and in its time it is hard to beat."),
    ),
    _by_characters(
        "gru",
        GRUConfig(hidden_dim=288),
        _CARRIED,
        words("Two gates instead of three: compare it with the LSTM."),
    ),
    _by_characters(
        "encoder",
        EncoderConfig(num_layers=4, convolution_width=5),
        TrainingConfig(max_steps=2000, batch_size=16, learning_rate=3e-3, optimizer="muon", weight_decay=0.0),
        words("Whole words of a play are hidden, and it spells them from both sides."),
        task=MaskedSettings(rare_words=0.0),
        millions="0.8",
    ),
    _by_characters(
        "encoder_decoder",
        EncoderDecoderConfig(num_layers=2),
        TrainingConfig(max_steps=2000, batch_size=32, learning_rate=3e-3, optimizer="muon", weight_decay=0.0),
        words("Reads a line of a play and writes the one that follows."),
    ),
    _by_characters(
        "vae",
        VAEConfig(hidden_dim=288, context_length=64),
        TrainingConfig(max_steps=2000, batch_size=128, learning_rate=4e-3, weight_decay=0.01, eval_tokens=6_000),
        words("Keeps each line of a play in 32 numbers; letters are harder to keep than words."),
        task=LatentSettings(free_bits=10.0),
    ),
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

_CODE = Preset(
    "code",
    words("Code completion · 2.6 M"),
    words(
        "Goes on with a piece of a program. For a folder of source code, imported as it is: format plain text, no cleaning"
        " step switched on. Its tokenizer keeps every indentation and line end. Half a megabyte gives the beginnings of a"
        " style, ten give functions that look right."
    ),
    Recipe(
        model=DecoderConfig(
            num_layers=4, embed_dim=192, num_heads=6, context_length=256, activation="relu2", convolution_width=4
        ),
        training=TrainingConfig(
            max_steps=2500,
            batch_size=8,
            learning_rate=3e-3,
            optimizer="muon",
            cooldown_share=0.6,
            weight_decay=0.01,
            sample_prompt="def ",
        ),
        preset="code",
    ),
    TokenizerConfig(vocab_size=4000),
)

_TEXTBOOK = (
    Preset(
        "textbook_lstm",
        words("Textbook LSTM · 4 M"),
        words("10,000 words, one layer, embedding 128, state 256: the language model that many courses begin with."),
        Recipe(
            "lstm",
            LSTMConfig(num_layers=1, embed_dim=128, hidden_dim=256, tie_embeddings=False, dropout=0.2),
            TrainingConfig(max_steps=3000, batch_size=32, learning_rate=3e-3),
            "textbook_lstm",
        ),
        _WORDS,
    ),
    Preset(
        "textbook_stacked_lstm",
        words("Textbook stacked LSTM · 0.3 M"),
        words("Two layers of 128 units on top of each other, by characters."),
        Recipe(
            "lstm",
            LSTMConfig(num_layers=2, embed_dim=128, hidden_dim=128, dropout=0.2),
            TrainingConfig(max_steps=2500, batch_size=32, learning_rate=4e-3),
            "textbook_stacked_lstm",
        ),
        _CHARACTERS,
    ),
    Preset(
        "textbook_gru",
        words("Textbook GRU · 1.2 M"),
        words("One layer, embedding 256, state 512: the other model that many courses begin with."),
        Recipe(
            "gru",
            GRUConfig(num_layers=1, embed_dim=256, hidden_dim=512, tie_embeddings=False, dropout=0.2),
            TrainingConfig(max_steps=3000, batch_size=32, learning_rate=2e-3),
            "textbook_gru",
        ),
        _CHARACTERS,
    ),
    Preset(
        "textbook_transformer",
        words("Textbook Transformer · 1.2 M"),
        words("Eight heads, six layers, a width of 128: narrow and deep."),
        Recipe(
            model=DecoderConfig(num_layers=6, embed_dim=128, num_heads=8, context_length=128),
            training=TrainingConfig(max_steps=2500, batch_size=16, learning_rate=2e-3),
            preset="textbook_transformer",
        ),
        _CHARACTERS,
    ),
    Preset(
        "small_gpt",
        words("Small GPT · 11 M"),
        words("Six layers, six heads, a width of 384: what many first saw write plays. Slow without a GPU."),
        Recipe(
            model=DecoderConfig(num_layers=6, embed_dim=384, num_heads=6, context_length=256, dropout=0.2),
            training=TrainingConfig(max_steps=3000, batch_size=16, learning_rate=1e-3),
            preset="small_gpt",
        ),
        _CHARACTERS,
    ),
)

PURPOSES: tuple[Preset, ...] = (*_SHAKESPEARE, _TOUR, _CODE, *_TEXTBOOK)
