"""Which tokenizers of a project fit a corpus: how much of its text is unknown to each, measured on a sample.

In: names. Out: shares, and the tokenizers in the order a person would choose them. It builds and writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.tokenizer.fit import MUCH, advice, percent
from llmstudio.core.words import Words, words
from llmstudio.store.project import About, Project

_PIECES, _PIECE_CHARACTERS = 24, 1000


@dataclass(frozen=True)
class Fit:
    """How well a tokenizer fits a corpus.

    Attributes:
        tokenizer: Its name.
        unknown_share: Share of a sample of the text that is unknown to it, 0 to 1.
        is_own: It was built from this very corpus.
    """

    tokenizer: str
    unknown_share: float
    is_own: bool

    @property
    def fits(self) -> bool:
        """True if no more of the text is unknown than must be said."""
        return self.unknown_share <= MUCH


def unknown_share(project: Project, corpus: str, tokenizer: str) -> float:
    """Share of the bytes of a sample of the corpus that are unknown to the tokenizer, 0 to 1; remembered by content.

    Raises:
        StudioError: There is no such corpus or tokenizer, or one of them is damaged.
    """
    return unknown_to(project.about("tokenizer", tokenizer), project.about("corpus", corpus))


def unknown_to(tokenizer: About, corpus: About) -> float:
    """The same of a tokenizer wherever it lies, a model's own copy too.

    Raises:
        StudioError: One of them is damaged.
    """
    return _share(corpus.path, corpus.hash, tokenizer.path, tokenizer.hash)


def tokenizers_by_fit(project: Project, corpus: str) -> list[Fit]:
    """The project's tokenizers, best first: those that know the text, of these the corpus' own, of these the newest.

    A tokenizer that cannot be opened is left out.

    Raises:
        StudioError: There is no such corpus.
    """
    own = project.about("corpus", corpus).hash
    found: list[tuple[bool, bool, float, Fit]] = []
    for item in project.items("tokenizer"):
        try:
            share = unknown_share(project, corpus, item.name)
        except StudioError:
            continue
        fit = Fit(item.name, share, bool(own) and item.parent("corpus").hash == own)
        found.append((not fit.fits, not fit.is_own, -item.created, fit))
    return [entry[-1] for entry in sorted(found, key=lambda entry: entry[:-1])]


def unknown_warning(tokenizer: About, corpus: About, share: float, *, model: str = "") -> Words | None:
    """What to say before training if much of the corpus is unknown to the tokenizer; None if it fits.

    Args:
        tokenizer: One of the project's, or a model's own.
        corpus: What is to be learned.
        share: Of its bytes, those that are unknown, 0 to 1.
        model: The model that the tokenizer belongs to for good, where its weights are gone on with; else empty.
    """
    if share <= MUCH:
        return None
    return words(
        "{share} of the text of {corpus} is unknown to the tokenizer {tokenizer}: the model will neither read nor write it, "
        "and its loss will look too good. {advice}",
        share=percent(share),
        corpus=corpus.name,
        tokenizer=tokenizer.name,
        advice=_advice(tokenizer, corpus, model),
    )


def _advice(tokenizer: About, corpus: About, model: str) -> Words:
    if model:
        return words(
            "The weights of {model} belong to this tokenizer: for this text train a new model, with a tokenizer built from "
            "{corpus}, or let {model} learn new tokens.",
            model=model,
            corpus=corpus.name,
        )
    if corpus.hash and tokenizer.parent("corpus").hash == corpus.hash:  # another of its kind would know no more
        return advice(tokenizer.tokenizer_card.kind)
    return words("Build a tokenizer from {corpus} instead.", corpus=corpus.name)


def remedy_for(corpus: str) -> Remedy:
    """The way to a tokenizer that knows a text."""
    return Remedy("open_tab", words("Build a tokenizer from this text"), "tokenizer", corpus)


@lru_cache(maxsize=512)
def _share(corpus: Path, corpus_hash: str, tokenizer: Path, tokenizer_hash: str) -> float:
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.tokenizer.fit import unknown_share as measured
    from llmstudio.core.tokenizer.tokenizer import Tokenizer

    opened = Tokenizer.load(tokenizer)
    if not opened.has_unknowns:
        return 0.0
    return measured(opened, Corpus(corpus).sample_texts(_PIECES, max_characters=_PIECE_CHARACTERS))
