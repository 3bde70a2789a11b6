"""The table of families, readable without torch. Adding an architecture is a config class, a file and a line here.

- shared_settings: settings that several of them have
- decoder_config: settings of the decoder
- decoder: a Transformer in the shape of Qwen3
- blocks: what Transformers beside the decoder have in common: its blocks
- encoder_config: settings of the encoder
- encoder: blocks that look both ways
- encoder_decoder_config: settings of the two halves
- encoder_decoder: one half reads, the other writes and looks at what was read
- recurrent_config: settings of RNN, LSTM and GRU
- recurrent: RNN, LSTM and GRU
- vae_config: settings of the text VAE
- vae: the text VAE
- earlier: how earlier versions wrote a family's settings
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from llmstudio.core.errors import StudioError
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.families.recurrent_config import GRUConfig, LSTMConfig, RNNConfig
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.words import Words, words

Reading = Literal["forwards", "both ways", "a source first", "into a few numbers"]


@dataclass(frozen=True)
class Family:
    """An architecture.

    Attributes:
        label: Its name for people.
        help: What it is, and what it is good for, in a sentence.
        config: Its settings.
        model: Where its class is, "module:Class" below this package; made from (config, vocab_size, generator).
        task: What it is usually trained for, a name in `tasks.TASKS`.
        reading: How it reads, on which it depends what it can be trained for.
        pages: What the Inspect tab can do with every model of it, whatever it was trained for.
    """

    label: Words
    help: Words
    config: type
    model: str
    task: str = "next_token"
    reading: Reading = "forwards"
    pages: tuple[str, ...] = ()


MODELS: dict[str, Family] = {
    "rnn": Family(
        words("RNN"),
        words("Reads token by token and remembers in one vector, written anew each time: it forgets within some words."),
        RNNConfig,
        "recurrent:Recurrent",
        pages=("recurrence",),
    ),
    "lstm": Family(
        words("LSTM"),
        words("Remembers in cells that gates protect: what matters stays. Fast, and hard to beat while small."),
        LSTMConfig,
        "recurrent:Recurrent",
        pages=("recurrence",),
    ),
    "gru": Family(
        words("GRU"),
        words("An LSTM with two gates instead of three and no cell beside its state: fewer weights for the same width."),
        GRUConfig,
        "recurrent:Recurrent",
        pages=("recurrence",),
    ),
    "decoder": Family(
        words("Transformer decoder"),
        words("Looks back at every token of its context, each with its own weight: what today's language models are."),
        DecoderConfig,
        "decoder:Decoder",
    ),
    "encoder": Family(
        words("Transformer encoder"),
        words(
            "Sees the whole text at once, before and after every word: it fills gaps, and is the body for classifying"
            " texts. It does not chat."
        ),
        EncoderConfig,
        "encoder:Encoder",
        task="masked",
        reading="both ways",
    ),
    "encoder_decoder": Family(
        words("Transformer encoder-decoder"),
        words(
            "Reads one text and writes another: what translators are. Of text without pairs it learns to write the"
            " sentence that follows."
        ),
        EncoderDecoderConfig,
        "encoder_decoder:EncoderDecoder",
        task="pairs",
        reading="a source first",
    ),
    "vae": Family(
        words("Text VAE"),
        words(
            "Keeps a whole sentence in a few numbers and writes it again from them: sentences become places one can move"
            " between. For short sentences; it does not chat."
        ),
        VAEConfig,
        "vae:TextVAE",
        task="latent",
        reading="into a few numbers",
    ),
}


def family(kind: str) -> Family:
    """The family of this name. Raises StudioError, naming those there are, if there is none."""
    if kind not in MODELS:
        raise StudioError("There is no model kind {kind}. There are: {kinds}.", kind=kind, kinds=", ".join(MODELS))
    return MODELS[kind]


def kind_of(config: Any) -> str:
    """The name of the family that these settings belong to."""
    return next(name for name, entry in MODELS.items() if entry.config is type(config))
