"""Recipes for telling classes: one for short texts, and the examples of textbooks. Plain data."""

from __future__ import annotations

from dataclasses import replace

from llmstudio.app.presets.preset import Preset
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.families.recurrent_config import LSTMConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.settings import ClassifySettings
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.words import words

_TRAINING = TrainingConfig(
    max_steps=1000, batch_size=50, learning_rate=2e-3, weight_decay=0.01, warmup_share=0.05, cooldown_share=0.7
)
_BY_PHRASES = ClassifySettings(pooling="phrases", head_dropout=0.5, word_dropout=0.2, label_smoothing=0.1)

CLASSIFIERS: tuple[Preset, ...] = (
    Preset(
        "classifier",
        words("Classifier · 0.5 M"),
        words(
            "Sorts short texts such as questions or titles by the phrases it finds in them, and by what each word says. For"
            " some thousand texts with a label each."
        ),
        Recipe(
            "encoder",
            EncoderConfig(num_layers=1, context_length=128, convolution_width=5, dropout=0.2),
            replace(_TRAINING, learning_rate=7e-4),
            task_name="classify",
            task=replace(_BY_PHRASES, wording=True),
            preset="classifier",
        ),
        TokenizerConfig(vocab_size=2000, lower_case=True),
    ),
    Preset(
        "textcnn",
        words("TextCNN · 0.3 M"),
        words("Nothing but a table of tokens and filters for phrases (Kim 2014): half the work of the classifier."),
        Recipe(
            "encoder",
            EncoderConfig(num_layers=0, context_length=128, norm_place="after"),
            replace(_TRAINING, max_steps=1200),
            task_name="classify",
            task=_BY_PHRASES,
            preset="textcnn",
        ),
        TokenizerConfig(vocab_size=2000, lower_case=True),
    ),
    Preset(
        "textbook_classifier",
        words("Textbook LSTM classifier · 0.7 M"),
        words(
            "10,000 words, embedding 64, one LSTM of 64, dropout and recurrent dropout 0.2, 250 words of a text: what many"
            " courses sort reviews with. Two classes are predicted by two scores, which says the same as one of their"
            " difference."
        ),
        Recipe(
            "lstm",
            LSTMConfig(num_layers=1, embed_dim=64, hidden_dim=64, context_length=250, dropout=0.2, recurrent_dropout=0.2),
            TrainingConfig(max_steps=1500, batch_size=32, learning_rate=2e-3),
            task_name="classify",
            task=ClassifySettings(pooling="last"),
            preset="textbook_classifier",
        ),
        TokenizerConfig(kind="word", vocab_size=10_000, lower_case=True),
    ),
)
