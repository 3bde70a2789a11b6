from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tokenizers import Tokenizer as Backend

from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.tokenizer.learning import learn_from
from llmstudio.core.tokenizer.tokenizer import Tokenizer

TEXTS = (
    "clara has the kite . the kite is in the barn .\n",
    "Who has the kite? Clara's friend (the one with 12 kites) doesn't.\n\n  Indented\ttext,  twice spaced.",
    "今天天气很好。我们去放风筝吧！clara 有风筝。",
    "Größe, naïve café, Ελληνικά, русский текст, 🙂👩‍👩‍👧 emoji\u2028line",
) * 3


class ListCorpus:
    """A corpus in memory, with the same methods as the one on disk."""

    record_kind = "text"

    def __init__(self, train: tuple[str, ...], val: tuple[str, ...] = ()) -> None:
        self._texts = {"train": train, "val": val, "test": ()}
        self.facts = {"bytes": sum(len(t.encode()) for t in train + val), "hash": "0"}
        self.folder = Path()

    def texts(self, split: str) -> Iterator[str]:
        return iter(self._texts[split])


Build = Callable[..., Tokenizer]


@pytest.fixture(scope="session")
def build() -> Build:
    """Learns a tokenizer in this process; the same settings give the same object."""
    kept: dict[TokenizerConfig, Tokenizer] = {}

    def learned(kind: str, vocab_size: int = 400, texts: tuple[str, ...] = TEXTS, **settings: object) -> Tokenizer:
        config = TokenizerConfig(kind=kind, vocab_size=vocab_size, **settings)
        if texts is TEXTS and config in kept:
            return kept[config]
        *_, last = learn_from(ListCorpus(texts), config)
        tokenizer = Tokenizer(Backend.from_str(last["result"]["json"]))
        if texts is TEXTS:
            kept[config] = tokenizer
        return tokenizer

    return learned


@pytest.fixture(scope="session")
def corpus_of() -> type[ListCorpus]:
    return ListCorpus


@pytest.fixture(scope="session")
def texts() -> tuple[str, ...]:
    return TEXTS
