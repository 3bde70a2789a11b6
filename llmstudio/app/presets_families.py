"""Recipes of the families beside the plain decoder, and those of textbooks: one press each. Plain data, to be tuned here."""

from __future__ import annotations

from dataclasses import replace

from llmstudio.app.recipe import Preset, Recipe
from llmstudio.core.models.config import DecoderConfig
from llmstudio.core.models.encoder_config import EncoderConfig
from llmstudio.core.models.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.recurrent_config import GRUConfig, LSTMConfig, RNNConfig
from llmstudio.core.models.vae_config import VAEConfig
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.training.config import TrainingConfig
from llmstudio.core.words import words

_CHARACTERS = TokenizerConfig(kind="char", vocab_size=1000, min_frequency=1)
_WORDS = TokenizerConfig(kind="word", vocab_size=10_000, min_frequency=1)
_PIECES = TokenizerConfig(kind="bpe", vocab_size=2048)
_CARRIED = TrainingConfig(max_steps=2500, batch_size=32, learning_rate=4e-3, weight_decay=0.0, eval_tokens=6_000)

_RECURRENT = (
    Preset(
        "rnn",
        words("RNN · 0.9 M"),
        words("One vector that is written anew at every token. A few minutes; watch how soon it forgets."),
        Recipe("rnn", RNNConfig(hidden_dim=512), replace(_CARRIED, learning_rate=2e-3), "rnn"),
        _CHARACTERS,
    ),
    Preset(
        "lstm",
        words("LSTM · 0.9 M"),
        words("Cells and gates. A few minutes; at this size and in this time it is hard to beat."),
        Recipe("lstm", LSTMConfig(hidden_dim=248, dropout=0.1), _CARRIED, "lstm"),
        _CHARACTERS,
    ),
    Preset(
        "gru",
        words("GRU · 0.9 M"),
        words("Two gates instead of three. A few minutes; compare it with the LSTM."),
        Recipe("gru", GRUConfig(hidden_dim=288), _CARRIED, "gru"),
        _CHARACTERS,
    ),
)

_OTHERS = (
    Preset(
        "encoder",
        words("Encoder · 1 M"),
        words("Learns to fill gaps from both sides. A few minutes on the built-in tales."),
        Recipe(
            "encoder",
            EncoderConfig(num_layers=3, mask_rate=0.1, rare_words=1.0, convolution_width=5),
            TrainingConfig(max_steps=4000, batch_size=8, learning_rate=3e-3, optimizer="muon", weight_decay=0.0),
            "encoder",
        ),
        _WORDS,
        corpus="sample:tales",
    ),
    Preset(
        "encoder_decoder",
        words("Encoder-decoder · 1 M"),
        words("Learns to translate the built-in sentence pairs. A few minutes; any corpus of pairs will do."),
        Recipe(
            "encoder_decoder",
            EncoderDecoderConfig(num_layers=2, embed_dim=128, num_heads=4, context_length=64),
            TrainingConfig(max_steps=2500, batch_size=32, learning_rate=2e-3),
            "encoder_decoder",
        ),
        _WORDS,
        corpus="sample:pairs",
    ),
    Preset(
        "vae",
        words("Text VAE · 1 M"),
        words("Learns to keep sentences in 32 numbers. Some minutes; the longer, the smoother the space between them."),
        Recipe(
            "vae",
            VAEConfig(),
            TrainingConfig(max_steps=3000, batch_size=128, learning_rate=4e-3, weight_decay=0.01, eval_tokens=6_000),
            "vae",
        ),
        _WORDS,
        corpus="sample:tales",
    ),
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
        words("Six layers, six heads, a width of 384: what many first saw write plays. An hour or more without a GPU."),
        Recipe(
            model=DecoderConfig(num_layers=6, embed_dim=384, num_heads=6, context_length=256, dropout=0.2),
            training=TrainingConfig(max_steps=3000, batch_size=16, learning_rate=1e-3),
            preset="small_gpt",
        ),
        _CHARACTERS,
    ),
)

FAMILIES: tuple[Preset, ...] = (*_RECURRENT, *_OTHERS, *_TEXTBOOK)
