"""Pairs that were held out, with what a model makes of their sources: what its scores are made of, pair by pair."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from llmstudio.app.inspecting.ready import ready
from llmstudio.app.items.ancestry import corpus_of
from llmstudio.app.rewriting.rewriter import Rewriter
from llmstudio.app.rewriting.sources import Source
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.errors import StudioError
from llmstudio.core.work import Stop, check
from llmstudio.store.project import Project

MOST = 100
"""Pairs that are compared: as many as one looks through."""
_LOOKED_THROUGH = 5000  # held-out pairs that these are taken from, evenly


@dataclass(frozen=True)
class ComparedPair:
    """A pair and what was made of its source; `chrf` of it alone, 0 to 100."""

    source: str
    reference: str
    output: str
    chrf: float


@dataclass(frozen=True)
class Compared:
    """Some held-out pairs.

    Attributes:
        pairs: In the order of the corpus.
        bleu: Of all of them together, 0 to 100.
        chrf: The same.
        num_held_out: Pairs that they were taken from.
    """

    pairs: tuple[ComparedPair, ...]
    bleu: float
    chrf: float
    num_held_out: int


def compare(project: Project, model: str, *, beam_width: int = 1, most: int = MOST, stop: Stop | None = None) -> Compared:
    """Have a model rewrite the sources of pairs that it has not learned from.

    Raises:
        StudioError: The model does not rewrite, or its corpus is gone or has no pairs that were held out.
    """
    about = project.about("model", model)
    loaded = ready(project, model, "rewrite", stop)
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.tasks.scores.texts import bleu, chrf, chrf_by_pair

    corpus = Corpus(corpus_of(project, about).path)
    records = itertools.chain(corpus.records("val"), corpus.records("test"))
    found = [
        (str(record["source"]), str(record["target"]))
        for record in itertools.islice(records, _LOOKED_THROUGH)
        if "source" in record and "target" in record
    ]
    if not found:
        raise StudioError(
            "The corpus of {model} holds no pairs that were kept back from learning, so there is nothing to compare with.",
            model=model,
        )
    chosen = found[:: max(1, -(-len(found) // most))]
    rewriter = Rewriter(loaded, CorpusConfig(), beam_width=beam_width)  # the corpus is clean already
    texts: list[str] = []
    for result in rewriter.results((Source(source) for source, _ in chosen), stop or Stop()):
        check(stop)
        texts.append(result.text)
    references = [target for _, target in chosen]
    scores = chrf_by_pair(references, texts)
    pairs = tuple(
        ComparedPair(source, target, text, score)
        for (source, target), text, score in zip(chosen, texts, scores, strict=True)
    )
    return Compared(pairs, bleu(references, texts).value, chrf(references, texts).value, len(found))
