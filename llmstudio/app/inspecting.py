"""Look inside a model, or play with one that does not chat: what the Inspect tab asks, one function a question.

In:  a project, a model's name, what the person typed. Out: frozen dataclasses of numbers and text, never a tensor. Nothing
here saves anything. `subject` does without torch; everything else loads the engine first, if it is not there yet, and ends
in a StudioError as soon as its `stop` is requested.

Long because it is a list: a function a question, and a dataclass for each answer.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llmstudio.app.classes.telling import Sorter, config_of
from llmstudio.app.computer.engine import load_engine
from llmstudio.app.items.abilities import rewrites, task_of_model
from llmstudio.app.items.ancestry import corpus_of, recipe_of
from llmstudio.app.items.loaded import Loaded, load
from llmstudio.app.tags.cleaning import tagger_left
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.models.families import MODELS, family
from llmstudio.core.tasks import TASKS, task_of
from llmstudio.core.tokenizer.config import BLANK
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop, check
from llmstudio.store.project import About, Project

Values = NDArray[np.float32]

# What one can take in at a glance, and what is looked up within a breath; of more, it is said how much is left out.
MAX_TOKENS = 400
COMPARE = "compare"
"""The page that takes pairs which were held out: it suits no model whose corpus has none."""


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
    """

    model: str
    kind: str
    pages: tuple[str, ...]
    sentences: tuple[str, ...] = ()
    passage: str = ""
    remark: Words | None = None


@dataclass(frozen=True)
class TextClasses:
    """Which classes a model gives a text.

    Attributes:
        names: Those that it is given.
        chances: Every class with its probability, the likeliest first.
        num_unread: Tokens at the text's end that were not read.
    """

    names: tuple[str, ...]
    chances: tuple[tuple[str, float], ...]
    num_unread: int = 0


@dataclass(frozen=True)
class TextTags:
    """Which tag a model gives each word of a text.

    Attributes:
        text: What was read.
        words: Of each word its start, its end, its tag, and the model's probability of it.
        names: All tags that the model knows.
        parts_words: Whether the tags say where words begin, and each character has one.
    """

    text: str
    words: tuple[tuple[int, int, str, float], ...]
    names: tuple[str, ...]
    parts_words: bool


@dataclass(frozen=True)
class Gap:
    """A place that was filled: characters `start` to `end` of the filled text, and what may stand there, with shares."""

    start: int
    end: int
    choices: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class FilledText:
    """A text whose blanks are filled, and what else the model thought of for each."""

    text: str
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class Version:
    """A text that was written, and the score by which it was chosen; `is_whole` if it came to its own end; its tokens."""

    text: str
    score: float
    is_whole: bool
    ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Rewritten:
    """What a text was turned into, the best version first; `num_left_out` tokens of it were beyond the model's context."""

    versions: tuple[Version, ...]
    num_left_out: int


@dataclass(frozen=True)
class Inside:
    """A recurrence over a text of T tokens.

    Attributes:
        tokens: What stands on the page, token by token.
        layers: By layer, (T, H) values by name: `state`, `cell`, and each gate of the family; `candidate` is what would have
            been written.
        num_left_out: Tokens of the text beyond the first T, which were not looked at.
    """

    tokens: tuple[str, ...]
    layers: tuple[Mapping[str, Values], ...]
    num_left_out: int = 0

    def most_telling(self, layer: int, what: str, count: int = 1) -> list[int]:
        """The units that vary most from token to token, the first of them most."""
        order = np.argsort(-self.layers[layer][what].var(axis=0), kind="stable")
        return [int(unit) for unit in order[:count]]


@dataclass(frozen=True)
class Reach:
    """How strongly each token before one place of a text bears on the guess that is made there.

    Attributes:
        model: Whose guess it is.
        tokens: The text as this model cuts it, (start, end) in characters.
        place: The token that is guessed.
        shares: (T,) how much of the whole each token bears, adding up to 1; 0 from `place` on.
        num_left_out: Tokens before the first that were looked at: beyond what the model sees, or what is looked up at once.
        sees: Tokens the model can look back on; None if it remembers without end.
    """

    model: str
    tokens: tuple[tuple[int, int], ...]
    place: int
    shares: Values
    num_left_out: int = 0
    sees: int | None = None


def pages_of(kind: str, task: str = "") -> tuple[str, ...]:
    """What can be done with a family here that was trained for a task (empty: its usual one), the most telling first."""
    own, taught = family(kind).pages, task_of(kind, task)
    # What a model was taught is what it is for; what its family is like comes after that.
    return taught.pages + own if taught is not task_of(kind) else own + taught.pages


def _pages(project: Project, model: About) -> tuple[str, ...]:
    """What can be done with a model; one that writes on and has learned pairs also rewrites."""
    recipe = recipe_of(model)
    pages = pages_of(recipe.kind, recipe.task_name)
    if recipe.task_facts.writes and rewrites(project, model):
        return TASKS["pairs"].pages + pages
    return pages


def with_page(models: Iterable[About], page: str) -> list[str]:
    """Names of those models that a page suits."""
    known = [model for model in models if task_of_model(model) is not None and model.model_card.family in MODELS]
    return [m.name for m in known if page in pages_of(m.model_card.family, m.model_card.recipe.task)]


def subject(project: Project, model: str) -> Subject:
    """What a model is, and a text to begin with. Raises StudioError if there is no such model."""
    about = project.about("model", model)
    recipe = recipe_of(about)
    kind, pages = recipe.kind, _pages(project, about)
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
    found = dict.fromkeys(sentence for text in texts for sentence in sentences(text) if 12 <= len(sentence) <= 90)
    passage = " ".join(itertools.islice(sentences(texts[0]), 4))[:300] if texts else ""
    return Subject(model, kind, pages, tuple(itertools.islice(found, 12)), passage)


def _first_texts(corpus: About) -> list[str]:
    """Some of a corpus, what was held out first. Raises StudioError if it is damaged."""
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.corpus.records import texts_of

    read = Corpus(corpus.path)
    records = itertools.islice(itertools.chain(read.records("val"), read.records("train")), 40)
    return [texts_of(record)[0] for record in records]


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, line by line; a quotation belongs to the one it stands in."""
    from llmstudio.core.corpus.samples.checker import sentences as cut

    for line in text[:4000].splitlines():
        yield from (part for piece in cut(line, "en" if " " in line else "zh") if (part := piece.strip()))


def with_blank(sentence: str) -> str:
    """A sentence with its longest word taken out; the middle sign where there are no spaces."""
    found = sorted(re.finditer(r"[^\W\d_]+", sentence), key=lambda word: word.end() - word.start())
    if not found:
        return BLANK
    start, end = found[-1].span()
    if " " not in sentence:
        start, end = (start + end) // 2, (start + end) // 2 + 1
    return sentence[:start] + BLANK + sentence[end:]


def fill(project: Project, model: str, text: str, *, num_choices: int = 5, stop: Stop | None = None) -> FilledText:
    """Fill the blanks (`___`) of a text.

    Raises:
        StudioError: There is no blank, the text is too long, or the model does not fill blanks.
    """
    loaded = ready(project, model, "fill", stop)
    from llmstudio.core.generation.fill import fill_blanks

    filled = fill_blanks(loaded.model, loaded.tokenizer, text, num_choices=num_choices, stop=stop)
    gaps = tuple(
        Gap(start, end, tuple((choice.text.strip() or "␣", choice.probability) for choice in choices))
        for blank in filled.blanks
        for (start, end), choices in zip(blank.spans, blank.places, strict=True)
    )
    return FilledText(filled.text, gaps)


def classes(project: Project, model: str, text: str, *, stop: Stop | None = None) -> TextClasses:
    """Which classes a model gives a text.

    Raises:
        StudioError: The text is empty, or the model tells no classes.
    """
    loaded = ready(project, model, "classes", stop)
    config, _ = config_of(project, loaded.about)
    told = next(Sorter(loaded, config, tag=tagger_left(project, config.cleaning)[0]).results([(text, None)])).told
    if told is None:
        raise StudioError("There is nothing to read: type a text.")
    return TextClasses(told.names, told.chances, told.num_unread)


def tags(project: Project, model: str, text: str, *, stop: Stop | None = None) -> TextTags:
    """Which tag a model gives each word of a text.

    Raises:
        StudioError: The text is empty, or the model tags no words.
    """
    loaded = ready(project, model, "tags", stop)
    from llmstudio.core.generation.tags import Tagger, nothing_to_tag

    if not text.strip():
        raise nothing_to_tag()
    tagger = Tagger(loaded.model, loaded.tokenizer)
    tagged = next(iter(tagger.read([text], stop)))
    found = tuple((word.start, word.end, word.tag, word.probability) for word in tagged)
    return TextTags(text, found, tuple(tagger.names), tagger.parts_words)


def rewrite(
    project: Project,
    model: str,
    text: str,
    *,
    beam_width: int,
    length_penalty: float,
    max_new_tokens: int,
    stop: Stop | None = None,
) -> Rewritten:
    """What a model of pairs makes of a text, and the versions that came after. Raises StudioError as `rewriting`."""
    job = rewriting(
        project, model, text, beam_width=beam_width, length_penalty=length_penalty, max_new_tokens=max_new_tokens, stop=stop
    )
    while True:
        try:
            next(job)
        except StopIteration as end:
            found: Rewritten = end.value
            return found


def rewriting(
    project: Project,
    model: str,
    text: str,
    *,
    beam_width: int,
    length_penalty: float,
    max_new_tokens: int,
    stop: Stop | None = None,
) -> Generator[str, None, Rewritten]:
    """`rewrite` as it is written: yields the likeliest text so far after every token.

    Raises:
        StudioError: The text is empty, or the model does not rewrite.
    """
    loaded = ready(project, model, "rewrite", stop)
    from llmstudio.core.generation.beam import beam_steps, most_read, nothing_to_rewrite
    from llmstudio.core.tokenizer.streaming import whole_text

    source = loaded.tokenizer.encode(text.strip())
    if not source:
        raise nothing_to_rewrite()
    limit = most_read(loaded.model)
    steps = beam_steps(
        loaded.model,
        source=source[:limit],
        beam_width=beam_width,
        max_new_tokens=max_new_tokens,
        strength=length_penalty,
        stop=stop,
    )
    while True:
        try:
            yield whole_text(loaded.tokenizer, next(steps))
        except StopIteration as end:
            found = end.value
            break
    check(stop)
    versions = tuple(Version(whole_text(loaded.tokenizer, one.ids), one.score, one.is_whole, one.ids) for one in found)
    return Rewritten(versions, max(0, len(source) - limit))


def look_inside(project: Project, model: str, text: str, *, stop: Stop | None = None) -> Inside:
    """What each unit of a recurrence held while it read a text.

    Raises:
        StudioError: The text is empty, or the model has no recurrence.
    """
    loaded = ready(project, model, "recurrence", stop)
    from llmstudio.core.explain.recurrence import trace

    spans = loaded.tokenizer.spans(text)
    found: Any = loaded.model
    layers = trace(found, [span.id for span in spans[:MAX_TOKENS]], stop=stop)
    named = tuple(
        {"state": layer.hidden} | ({"cell": layer.cell} if layer.cell is not None else {}) | dict(layer.gates)
        for layer in layers
    )
    return Inside(tuple(span.text for span in spans[:MAX_TOKENS]), named, max(0, len(spans) - MAX_TOKENS))


def reach(
    project: Project, models: Sequence[str], text: str, character: int | None = None, *, stop: Stop | None = None
) -> tuple[Reach, ...]:
    """How far back the guess at one place of a text depends on what was read before it, for each of some models.

    Args:
        project: Where the models are.
        models: One, or several to compare, each with its own tokenizer.
        text: What they read.
        character: A character of the text: the guess looked at is that of the token which holds it; None for the last.
        stop: Looked at before each model, and all the while.

    Raises:
        StudioError: A model does not predict the next token, or nothing stands before that place.
    """
    place = len(text) - 1 if character is None else character
    return tuple(_reach(project, model, text, place, stop) for model in models)


def _reach(project: Project, model: str, text: str, character: int, stop: Stop | None) -> Reach:
    loaded = ready(project, model, "reach", stop)
    from llmstudio.core.explain.reach import gradient_reach

    spans = loaded.tokenizer.spans(text)
    place = next((i for i, span in enumerate(spans) if span.end > character), len(spans) - 1)
    if place < 1:
        raise StudioError("Nothing stands before this place to look back at: type a few words, then press a later one.")
    limit = loaded.model.config.looks_back
    first = max(0, place - (MAX_TOKENS if limit is None else int(limit)))
    ids = [span.id for span in spans[first : place + 1]]
    found = gradient_reach(loaded.model, ids, len(ids) - 2, stop=stop)
    shares = np.zeros(len(spans), np.float32)
    shares[first : place + 1] = found / (float(found.sum()) or 1.0)
    shares[place:] = 0.0
    return Reach(model, tuple((span.start, span.end) for span in spans), place, shares, first, limit)


def ready(project: Project, model: str, page: str, stop: Stop | None = None) -> Loaded:
    """The model in memory, the engine with it.

    Raises:
        StudioError: There is no such model, it does not suit the page, or a stop came in between.
    """
    about = project.about("model", model)
    recipe = recipe_of(about)
    if page not in _pages(project, about):
        raise StudioError(
            "{model} cannot do this. It can {ability}: choose another model.",
            model=model,
            ability=recipe.task_facts.ability,
            remedies=(Remedy("open_tab", words("Train one"), "train"),),
        )
    for _ in load_engine():
        check(stop)
    check(stop)
    loaded = load(project, model)
    check(stop)
    return loaded
