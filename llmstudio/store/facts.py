"""What the facts in an item's `about.json` look like where others rely on them; what is not named here may be anything."""

from __future__ import annotations

from typing import Any, TypedDict

Figure = float | None


class ParentFile(TypedDict, total=False):
    """What an item remembers of a parent."""

    id: str
    name: str
    hash: str
    step: str


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


class RecipeFacts(TypedDict, total=False):
    """A recipe as far as lists look into it; it is read as a whole from a file of its own."""

    kind: str
    model: dict[str, Any]
    training: dict[str, Any]
    preset: str


class ResultFacts(TypedDict, total=False):
    """How a run ended."""

    steps: int
    train_loss: Figure
    val_loss: Figure
    bits_per_byte: Figure
    tokens_per_second: Figure
    seconds: Figure
    peak_bytes: Figure
    predicted_peak_bytes: Figure
    parameters: int
    ended_early: bool


class WordsFile(TypedDict):
    """A sentence: its template and what stands in its places."""

    template: str
    values: dict[str, str | int | float | WordsFile]


class DivergedFacts(TypedDict, total=False):
    """How a run left all bounds: what was said (early versions kept plain English), and the rate that was proposed."""

    message: str | WordsFile
    proposed_rate: str


class _Race(TypedDict):
    name: str
    time: float


class _Gone(TypedDict):
    name: str
    recipe: dict[str, Any]
    tokenizer: str
    out: WordsFile
    parameters: int
    weight_bytes: int
    seconds: float
    steps: int
    tokens_per_second: float


class _Planned(TypedDict):
    name: str
    recipe: dict[str, Any]
    tokenizer: str


class RaceFacts(_Race, total=False):
    """The race a model ran in, and who of the others dropped out before it was a model."""

    yardstick: Figure
    weight_bytes: int
    tokens_per_second: float
    parameters: int
    seconds: float
    steps: int
    out: WordsFile | None
    gone: list[_Gone]
    runner: int
    budget: dict[str, float]
    plan: list[_Planned]


class CorpusFacts(TypedDict, total=False):
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


class TokenizerFacts(TypedDict, total=False):
    """A tokenizer: its kind and size, and how well it fits its corpus."""

    hash: str
    kind: str
    vocab_size: int
    bytes_per_token: float
    unknown_share: float
    config: dict[str, Any]


class _Tokens(TypedDict):
    tokens: int


class DatasetFacts(TypedDict, total=False):
    """A dataset: tokens of each part of the split."""

    hash: str
    splits: dict[str, _Tokens]


class ModelFacts(TypedDict, total=False):
    """A model: what it was grown by, how its run stands, its race, how it was pruned."""

    hash: str
    state: str
    recipe: RecipeFacts
    result: ResultFacts | None
    race: RaceFacts
    pruning: dict[str, Any]
    diverged: DivergedFacts
    changes: list[dict[str, Any]]
    computing: str | WordsFile
    versions: dict[str, str]


class ChatFacts(TypedDict, total=False):
    """A chat: how long it is, and the model that it was last held with."""

    messages: int
    model: str


FACTS: dict[str, Any] = {
    "corpus": CorpusFacts,
    "tokenizer": TokenizerFacts,
    "dataset": DatasetFacts,
    "model": ModelFacts,
    "chat": ChatFacts,
}
"""The facts of each kind of item."""
