"""Settings of a tokenizer, and the special tokens that every tokenizer here begins with."""

from __future__ import annotations

from dataclasses import dataclass

from llmstudio.core.settings import setting

# The same names and ids in every tokenizer, so that a template or a mask never has to be looked up.
SPECIALS = ("<|pad|>", "<|unk|>", "<|end|>", "<|story|>", "<|user|>", "<|assistant|>", "<|mask|>")
PAD, UNKNOWN, END, STORY, USER, ASSISTANT, MASK = range(len(SPECIALS))
_NUM_BYTES, _LEAST_SIZE = 256, 16
BLANK = "___"  # how a person writes a word that is to be filled in


@dataclass(frozen=True)
class TokenizerConfig:
    """How text is cut into tokens."""

    kind: str = setting(
        "bpe",
        label="Kind",
        help="What a token is: a learned piece of a word, a word, a character or a byte.",
        choices={
            "bpe": "byte-pair encoding",
            "wordpiece": "WordPiece",
            "unigram": "Unigram",
            "word": "words",
            "char": "characters",
            "byte": "bytes",
        },
    )
    vocab_size: int = setting(
        2048,
        label="Vocabulary size",
        help="How many different tokens there may be. More tokens mean shorter texts but a larger model.",
        ge=_LEAST_SIZE,
        le=1_000_000,
        unit="tokens",
        symbol="V",
    )
    min_frequency: int = setting(
        2, label="Minimum count", help="A piece seen less often does not become a token.", ge=1, le=10_000, advanced=True
    )
    lower_case: bool = setting(
        False,
        label="Lower case",
        help="Forget capitals. Shorter vocabulary, but texts no longer come back exactly.",
        advanced=True,
    )


def least_size(kind: str) -> int:
    """Tokens that a tokenizer of this kind has at least: those that begin with every byte have these and the specials."""
    return _NUM_BYTES + len(SPECIALS) if kind in ("bpe", "unigram", "byte") else _LEAST_SIZE
