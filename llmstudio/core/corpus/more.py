"""A corpus with more texts to learn from than another one, and all else as there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from llmstudio.core.corpus.building import CorpusBuilder
from llmstudio.core.corpus.config import SPLITS, CleaningConfig, CorpusConfig
from llmstudio.core.corpus.corpus import FACTS, Corpus
from llmstudio.core.corpus.records import Record
from llmstudio.store.files import write_json

_AS_THEY_ARE = CorpusConfig(cleaning=replace(CleaningConfig(), control_characters=False, exact_duplicates=False))


def write_with_more(corpus: Corpus, more: Iterable[Record], folder: Path) -> dict[str, Any]:
    """Write the records of a corpus into `folder`, each in the part where it is, and `more` into the training part.

    Returns:
        The facts, as `write_corpus` keeps them; its sources and its settings are those of the corpus.
    """
    builder = CorpusBuilder(
        folder, _AS_THEY_ARE, corpus.record_kind, expected_characters=2 * int(corpus.facts["characters"])
    )
    try:
        for number, record in enumerate(_all(corpus, more)):
            builder.add(record | {"doc": number})
        facts = builder.finish()
    finally:
        builder.close()
    kept = ("sources", "skipped", "config")
    facts |= {name: corpus.facts[name] for name in kept if name in corpus.facts}
    write_json(folder / FACTS, facts)
    return facts


def _all(corpus: Corpus, more: Iterable[Record]) -> Iterator[Record]:
    for part in SPLITS:
        for record in corpus.records(part):
            yield record | {"split": part}
    for record in more:
        yield record | {"split": SPLITS[0]}
