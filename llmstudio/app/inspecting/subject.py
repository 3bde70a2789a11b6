"""What a model is, which pages of Inspect suit it, and a text to begin with. No torch."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from llmstudio.app.classes.labelled import task_for
from llmstudio.app.items.abilities import rewrites, task_of_model, writes_on
from llmstudio.app.items.ancestry import corpus_of, recipe_of
from llmstudio.app.items.model_fit import MOST, unknown_to_models
from llmstudio.core.errors import StudioError
from llmstudio.core.models.families import MODELS, family
from llmstudio.core.tasks import TASKS, task_of
from llmstudio.core.tasks.scores.spans import OUTSIDE
from llmstudio.core.words import Words
from llmstudio.store.project import About, Project

COMPARE = "compare"
"""The page that takes pairs which were held out: it suits no model whose corpus has none."""
BY_EXAMPLES = ("classes", "scores")
"""Pages of a model that sorts texts by examples which stand before them."""


@dataclass(frozen=True)
class Subject:
    """A model that is looked into.

    Attributes:
        model: Its name.
        kind: Its family's name in `MODELS`.
        pages: What can be done with it, the most telling first: classes, scores, remedies, tags, fill, rewrite, compare,
            latent, recurrence, reach.
        sentences: A few sentences it has not learned from, to begin with; empty if its corpus is gone.
        passage: Some of them in a row, as they stand in the text.
        remark: Why there are none although the corpus is here; None if there are, or it is gone.
        examples: By the names of corpora of texts with labels, sentences of each: of a model that was not taught classes,
            but goes on with a text, so that it can be shown examples of them.
    """

    model: str
    kind: str
    pages: tuple[str, ...]
    sentences: tuple[str, ...] = ()
    passage: str = ""
    remark: Words | None = None
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def pages_of(kind: str, task: str = "") -> tuple[str, ...]:
    """What can be done with a family here that was trained for a task (empty: its usual one), the most telling first."""
    own, taught = family(kind).pages, task_of(kind, task)
    # What a model was taught is what it is for; what its family is like comes after that.
    return taught.pages + own if taught is not task_of(kind) else own + taught.pages


def pages_of_model(project: Project, model: About) -> tuple[str, ...]:
    """What can be done with a model; one that writes on and has learned pairs also rewrites, and where there are texts with
    labels it sorts others by their example.
    """
    recipe = recipe_of(model)
    pages = pages_of(recipe.kind, recipe.task_name)
    if recipe.task_facts.writes and rewrites(project, model):
        pages = TASKS["pairs"].pages + pages
    return pages + BY_EXAMPLES if writes_on(model) and _with_labels(project) else pages


def _with_labels(project: Project) -> list[About]:
    return [corpus for corpus in project.items("corpus") if task_for(corpus) == "classify"]


def with_page(models: Iterable[About], page: str) -> list[str]:
    """Names of those models that a page suits."""
    known = [model for model in models if task_of_model(model) is not None and model.model_card.family in MODELS]
    return [m.name for m in known if page in pages_of(m.model_card.family, m.model_card.recipe.task)]


def subject(project: Project, model: str) -> Subject:
    """What a model is, and a text to begin with. Raises StudioError if there is no such model."""
    about = project.about("model", model)
    found = _by_its_text(project, about)
    if recipe_of(about).task_facts.writes and set(BY_EXAMPLES) <= set(found.pages):
        return replace(found, examples={corpus.name: _some_of(corpus) for corpus in _readable_first(project, about)})
    return found


def _readable_first(project: Project, model: About) -> list[About]:
    """Texts with labels, those first of which a model can read more than half: others teach it nothing by example."""

    def is_foreign(corpus: About) -> bool:
        try:
            return unknown_to_models(project, corpus.name, [model]).get(model.name, 0.0) > MOST
        except StudioError:  # damaged: whoever asks for it is told
            return True

    return sorted(_with_labels(project), key=is_foreign)


def _by_its_text(project: Project, about: About) -> Subject:
    """The same, so far as it is known by what the model learned from."""
    model, recipe = about.name, recipe_of(about)
    kind, pages = recipe.kind, pages_of_model(project, about)
    alone = tuple(page for page in pages if page != COMPARE)
    try:
        text = corpus_of(project, about)
    except StudioError:  # gone
        return Subject(model, kind, alone)
    if text.corpus_card.record_kind != "pairs":
        pages = alone
    try:
        texts = _first_texts(text)
    except StudioError as error:  # the model can be looked into all the same
        return Subject(model, kind, pages, remark=error.words)
    passage = " ".join(itertools.islice(sentences(texts[0]), 4))[:300] if texts else ""
    return Subject(model, kind, pages, _few(texts), passage)


def _some_of(corpus: About) -> tuple[str, ...]:
    """A few sentences of a corpus; none of a damaged one, of which whoever asks for it is told."""
    try:
        return _few(_first_texts(corpus))
    except StudioError:
        return ()


def _few(texts: Iterable[str]) -> tuple[str, ...]:
    found = dict.fromkeys(sentence for text in texts for sentence in sentences(text) if 12 <= len(sentence) <= 90)
    return tuple(itertools.islice(found, 12))


def _first_texts(corpus: About) -> list[str]:
    """Some of a corpus, what was held out first, and sentences without a tag last. Raises StudioError if it is damaged."""
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.corpus.records import texts_of

    read = Corpus(corpus.path)
    records = itertools.islice(itertools.chain(read.records("val"), read.records("train")), 40)
    return [texts_of(record)[0] for record in sorted(records, key=lambda record: {*record.get("tags", ())} == {OUTSIDE})]


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, line by line; a quotation belongs to the one it stands in."""
    from llmstudio.core.corpus.samples.checker import sentences as cut

    for line in text[:4000].splitlines():
        yield from (part for piece in cut(line, "en" if " " in line else "zh") if (part := piece.strip()))
