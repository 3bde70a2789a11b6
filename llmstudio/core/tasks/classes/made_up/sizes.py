"""How much work it is to make up texts: shapes, steps, and how many texts are read and written. Readable without torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.dataset.config import padded_length
from llmstudio.core.models.config import ModelConfig
from llmstudio.core.models.families.recurrent_config import LSTMConfig
from llmstudio.core.models.families.vae_config import VAEConfig

LONGEST = 64
"""Tokens of a text that are read, and that a made-up one has at most."""
READ = 20_000
"""Texts that are read at most, so that neither time nor memory grow with the corpus: those of rare classes first."""
STEPS, RARE_STEPS = 600, 60
"""Steps in which a language model learns from all texts, and last from those of rare classes alone."""
VAE_STEPS, GAN_STEPS = 600, 1000
WRITER = LSTMConfig(num_layers=1, embed_dim=128, hidden_dim=256, dropout=0.2)
# Times as many texts are written as are wanted, and how many in all: some are there already, and the most fitting are kept.
_TRIES, _WRITTEN = 4, 2_000
_TOKENS, _MOST_ROWS = 512, 32  # of a batch: what bounds time and memory


def vae_shape(longest: int) -> VAEConfig:
    """Of a text VAE that reads and writes texts of up to `longest` tokens."""
    return VAEConfig(context_length=padded_length(longest + 1))


def rows_at_once(mean_length: float) -> int:
    """Rows of a batch, so many that their tokens are bounded."""
    return max(4, min(_MOST_ROWS, int(_TOKENS / (1 + mean_length))))


def tries(wanted: NDArray[np.int64]) -> int:
    """How many texts are written for each one that is wanted. wanted (C,) texts of each class."""
    return min(_TRIES, max(1, _WRITTEN // max(1, int(wanted.sum()))))


@dataclass(frozen=True)
class Work:
    """What passes through the model that makes up texts, or nearly all of it.

    Attributes:
        model: Its shape.
        vocab_size: V.
        tokens: Places that it learns from or writes. To write one takes about as long as to learn from it: tokens are chosen
            one by one. (The two small networks of a GAN make up for what a VAE writes faster.)
    """

    model: ModelConfig
    vocab_size: int
    tokens: int


def work(how: str, wanted: NDArray[np.int64], *, vocab_size: int, mean_length: float, longest: int) -> Work:
    """How much work it is.

    Args:
        how: One of `texts.MADE_UP`.
        wanted: (C,) texts of each class, see `texts.wanted_texts`.
        vocab_size: V of the tokenizer.
        mean_length: Tokens of a text on average, without an end.
        longest: Tokens of the longest one.
    """
    mean_length, longest = min(mean_length, LONGEST), min(longest, LONGEST)
    each = rows_at_once(mean_length) * padded_length(1 + round(mean_length))
    written = tries(wanted) * int(wanted.sum()) * longest
    if how == "language_model":  # a token stands for each class
        return Work(WRITER, vocab_size + len(wanted), (STEPS + RARE_STEPS) * each + written)
    return Work(vae_shape(longest), vocab_size, VAE_STEPS * each + written)
