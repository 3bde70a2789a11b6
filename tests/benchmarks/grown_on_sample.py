"""What two benchmarks share: a model grown on a slice of the built-in world, word by word, as a person would."""

from __future__ import annotations

from typing import Any

from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.core import recipe
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.events import Finished
from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def grow(
    project: Project, sample: str, base: Recipe, *, count: int, seconds: float, seed: int, changes: dict[str, str]
) -> dict[str, Any]:
    """Import `count` records of the slice, learn its words, train "m" for so many seconds; returns the run's result."""
    stop = Stop()
    wanted = recipe.change(base, {"training.max_seconds": seconds, "training.seed": seed} | changes)
    config = CorpusConfig(sample_count=count, sample_seed=seed)
    words = TokenizerConfig(kind="word", vocab_size=10_000, min_frequency=1)
    list(import_corpus(project, [f"sample:{sample}"], name=sample, config=config, stop=stop))
    list(build_tokenizer(project, sample, name="words", config=words, stop=stop))
    *_, end = train(project, corpus=sample, tokenizer="words", name="m", recipe=wanted, stop=stop)
    assert isinstance(end, Finished), end
    return dict(end.result)
