"""How a model tags held-out sentences as it stands in its newest checkpoint: this can be looked at while it learns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from llmstudio.app.computer.engine import load_engine
from llmstudio.app.items.ancestry import corpus_of
from llmstudio.app.items.loaded import load
from llmstudio.app.tags.sentences import Sentence
from llmstudio.app.tags.telling import SentenceTagger, Tagged, refuse_other_task
from llmstudio.core.work import Stop, check
from llmstudio.store.project import Project

MOST = 1_000
"""Sentences that the model is asked: of more held-out ones, evenly spread ones."""
_SHOWN = 50


@dataclass(frozen=True)
class WatchedWord:
    """A word of a held-out sentence.

    Attributes:
        text: The word.
        is_followed: Whether a space follows it.
        true: The tag that it has.
        told: The tag that the model tells.
    """

    text: str
    is_followed: bool
    true: str
    told: str


@dataclass(frozen=True)
class TagLook:
    """What a model told of held-out sentences.

    Attributes:
        model: Its name.
        step: The step of the weights that were asked.
        sentences: The first of them, word by word.
        figures: By type of span, or by tag where tags tell of none: F1 (0 to 1), and how many there are; the most frequent
            first.
        are_spans: Whether the figures are of spans, right with both ends and type.
        num_right: Words with the right tag, of `num_words`.
        num_words: Words of all sentences that were asked.
        num_sentences: How many these are; 0 if none was held out.
        is_all: Whether these are all held-out sentences.
    """

    model: str
    step: int = 0
    sentences: tuple[tuple[WatchedWord, ...], ...] = ()
    figures: tuple[tuple[str, float, int], ...] = ()
    are_spans: bool = False
    num_right: int = 0
    num_words: int = 0
    num_sentences: int = 0
    is_all: bool = True


def tag_look(project: Project, model: str, *, which: str = "last", stop: Stop | None = None) -> TagLook:
    """Ask a model for the tags of the sentences that were held out of its corpus.

    Raises:
        StudioError: No such model, it tags no words, it has no checkpoint yet, or its corpus is gone.
    """
    about = project.about("model", model)
    refuse_other_task(about)
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.corpus.records import spread_over

    corpus = Corpus(corpus_of(project, about).path)
    for _ in load_engine():
        check(stop)
    loaded = load(project, model, which)
    asked, is_all = spread_over(_sentences(corpus.records("val")), MOST)
    told = list(SentenceTagger(loaded).results(asked, stop or Stop()))
    figures, are_spans = _figures(told)
    pairs = [(true, tag) for each in told for true, tag in zip(each.given.tags or (), each.tags, strict=True)]
    return TagLook(
        model, loaded.step, tuple(map(_words, told[:_SHOWN])), figures, are_spans,
        sum(true == tag for true, tag in pairs), len(pairs), len(told), is_all,
    )  # fmt: skip


def _sentences(records: Iterator[dict[str, object]]) -> Iterator[Sentence]:
    from llmstudio.core.corpus.records import tagged_text

    for record in records:
        text, spans = tagged_text(record)
        yield Sentence(text, tuple((start, end) for start, end, _ in spans), tuple(tag for _, _, tag in spans))


def _words(told: Tagged) -> tuple[WatchedWord, ...]:
    rows = zip(told.words, told.spaces, told.given.tags or (), told.tags, strict=True)
    return tuple(WatchedWord(*row) for row in rows)


def _figures(told: list[Tagged]) -> tuple[tuple[tuple[str, float, int], ...], bool]:
    from llmstudio.core.tasks.scores.agreement import Agreement
    from llmstudio.core.tasks.scores.spans import is_span_tag, score_spans

    truth, guesses = [list(each.given.tags or ()) for each in told], [each.tags for each in told]
    are_spans = all(is_span_tag(tag) for row in (*truth, *guesses) for tag in row)
    if are_spans:
        by_name = score_spans(truth, guesses).by_kind
    else:
        pairs = [pair for true, row in zip(truth, guesses, strict=True) for pair in zip(true, row, strict=True)]
        real, guessed = Counter(true for true, _ in pairs), Counter(tag for _, tag in pairs)
        right = Counter(true for true, tag in pairs if true == tag)
        by_name = {tag: Agreement(right[tag], guessed[tag], real[tag]) for tag in real | guessed}
    ranked = sorted(by_name.items(), key=lambda pair: (-pair[1].real, pair[0]))
    return tuple((name, each.f1, each.real) for name, each in ranked), are_spans
