"""What every item says of itself in its `about.json`, typed: a corpus, a tokenizer, a dataset, a chat; a model has a file.

First what lies on disk, then what the program works with. What is not named here may be anything: it is handed on whole
where an item is shown, and read by nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

from llmstudio.store.lineage import ParentFile
from llmstudio.store.model_card import ModelFile

# What lies on disk


class _Head(TypedDict):
    kind: str
    id: str
    created: float


class AboutFile(_Head, total=False):
    """An `about.json`: who the item is, its parents by role, and everything else."""

    format: int
    name: str
    made_from: dict[str, ParentFile]
    facts: dict[str, Any]


class CorpusFile(TypedDict, total=False):
    """A corpus: its size, its kind of records, how it was read and split."""

    hash: str
    record_kind: str
    documents: int
    characters: int
    bytes: int
    config: dict[str, Any]
    sources: list[Any]
    split: dict[str, Any]
    cleaning: dict[str, Any]
    skipped: dict[str, Any]


class TokenizerFile(TypedDict, total=False):
    """A tokenizer: its kind and size, and how well it fits its corpus."""

    hash: str
    kind: str
    vocab_size: int
    bytes_per_token: float
    unknown_share: float
    config: dict[str, Any]


class _Tokens(TypedDict):
    tokens: int


class DatasetFile(TypedDict, total=False):
    """A dataset: tokens of each part of the split."""

    hash: str
    splits: dict[str, _Tokens]
    config: dict[str, Any]


class ChatFile(TypedDict, total=False):
    """A chat: how long it is, and the model that it was last held with."""

    messages: int
    model: str


FILES: dict[str, Any] = {
    "corpus": CorpusFile,
    "tokenizer": TokenizerFile,
    "dataset": DatasetFile,
    "model": ModelFile,
    "chat": ChatFile,
}
"""The facts of each kind of item, as they lie on disk."""

# What the program works with


@dataclass(frozen=True)
class CorpusCard:
    """What a corpus says of itself.

    Attributes:
        record_kind: text, pairs, labelled, tagged or turns; empty if unknown.
        bytes: UTF-8 bytes of its cleaned text.
        sources: Names of what it was read from, as they were typed: files, folders, `sample:NAME`.
        needed: What a model keeps of its corpus, as plain values: its hash, the kind of its records, how it was read.
    """

    record_kind: str = ""
    bytes: int = 0
    sources: tuple[str, ...] = ()
    needed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TokenizerCard:
    """What a tokenizer says of itself.

    Attributes:
        kind: How it cuts: bpe, word, char and so on; empty if unknown.
        vocab_size: Tokens that it knows; 0 if unknown.
        bytes_per_token: Mean length of a token in its corpus; 0 if unknown.
    """

    kind: str = ""
    vocab_size: int = 0
    bytes_per_token: float = 0.0


@dataclass(frozen=True)
class DatasetCard:
    """What a dataset says of itself.

    Attributes:
        tokens: By part of the split: train, val, test.
        config: How records became rows, as plain values; empty if that was not kept.
    """

    tokens: Mapping[str, int] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)


_NEEDED = ("hash", "record_kind", "config")


def read_corpus_card(kept: CorpusFile) -> CorpusCard:
    """The card of a corpus whose file holds these facts."""
    values: Mapping[str, Any] = kept
    return CorpusCard(
        record_kind=kept.get("record_kind", ""),
        bytes=kept.get("bytes", 0),
        sources=_source_names(kept.get("sources", ())),
        needed={name: values[name] for name in _NEEDED if name in values},
    )


def read_tokenizer_card(kept: TokenizerFile) -> TokenizerCard:
    """The card of a tokenizer whose file holds these facts."""
    return TokenizerCard(kept.get("kind", ""), kept.get("vocab_size", 0), float(kept.get("bytes_per_token", 0.0)))


def read_dataset_card(kept: DatasetFile) -> DatasetCard:
    """The card of a dataset whose file holds these facts."""
    tokens = {name: part["tokens"] for name, part in kept.get("splits", {}).items()}
    return DatasetCard(tokens, kept.get("config", {}))


def _source_names(sources: Sequence[Any]) -> tuple[str, ...]:
    """Early versions kept names alone."""
    return tuple(str(source.get("name", "") if isinstance(source, dict) else source) for source in sources)
