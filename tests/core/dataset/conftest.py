from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer as Backend

from llmstudio.core.corpus.records import labels_of, tagged_text
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.tokenizer.learning import learn_from
from llmstudio.core.tokenizer.tokenizer import Tokenizer


class RecordCorpus:
    """A corpus in memory, with the same methods as the one on disk."""

    def __init__(self, train: list[dict[str, Any]], val: list[dict[str, Any]] = (), *, kind: str = "text") -> None:
        self._records = {"train": train, "val": list(val), "test": []}
        self.record_kind = kind
        self.folder = Path()
        self.facts = {
            "bytes": sum(len(t.encode()) for split in ("train", "val") for t in self.texts(split)),
            "hash": "c0ffee",
        }

    def records(self, split: str) -> Iterator[dict[str, Any]]:
        return iter(self._records[split])

    def texts(self, split: str) -> Iterator[str]:
        for record in self._records[split]:
            if "turns" in record:
                yield from (turn["what"] for turn in record["turns"])
            elif "words" in record:
                yield tagged_text(record)[0]
            else:
                yield from (record[key] for key in ("text", "source", "target") if key in record)
                yield from [", ".join(labels_of(record))] if "label" in record else []


@pytest.fixture(scope="session")
def corpus_of() -> type[RecordCorpus]:
    return RecordCorpus


@pytest.fixture(scope="session")
def learned() -> Any:
    def learn(kind: str, corpus: RecordCorpus, vocab_size: int = 400) -> Tokenizer:
        *_, last = learn_from(corpus, TokenizerConfig(kind=kind, vocab_size=vocab_size, min_frequency=1))
        return Tokenizer(Backend.from_str(last["result"]["json"]))

    return learn
