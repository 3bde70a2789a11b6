"""A tagger of the project as a cleaning step of an import: loaded, checked, and as the function that cleaning asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from llmstudio.app.items.loaded import load
from llmstudio.app.tags.telling import refuse_other_task
from llmstudio.core.corpus.cleaning.tagging import TagTexts
from llmstudio.core.corpus.cleaning.uses import COUNT, DROP, PART, REPLACE
from llmstudio.core.corpus.config import CleaningConfig
from llmstudio.core.corpus.reading.meter import Halted
from llmstudio.core.corpus.records import Span
from llmstudio.core.errors import StudioError
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop
from llmstudio.store.project import About, Project

_LINES = 32
_LONGEST = 2_000  # characters of a line that are tagged at once


def tagger_of(project: Project, cleaning: CleaningConfig, stop: Stop | None = None) -> tuple[About, TagTexts] | None:
    """The model that a configuration names, and what tags texts by it; None if it names none.

    The function raises Halted once `stop` is asked for.

    Raises:
        StudioError: There is no such model, it tags no words, or its tags are no use for the step that is chosen.
    """
    if not cleaning.tagger:
        return None
    about = project.about("model", cleaning.tagger)
    refuse_other_task(about)
    loaded = load(project, cleaning.tagger)
    from llmstudio.core.generation.tags import TaggedWord, Tagger
    from llmstudio.core.tasks.scores.spans import is_span_tag

    tagger = Tagger(loaded.model, loaded.tokenizer)
    if cleaning.tagging == PART and not tagger.parts_words:
        raise StudioError(
            "{model} does not tell where words begin, so it puts no spaces between them: choose a model that was taught word"
            " boundaries, or another use of its tags.",
            model=about.name,
            paths=("cleaning.tagging", "cleaning.tagger"),
        )
    if cleaning.tagging in (REPLACE, DROP) and (tagger.parts_words or not all(map(is_span_tag, tagger.names))):
        raise StudioError(
            "{model} does not tag names in BIO (such as B-PER, I-PER, O), so it finds none: choose a model that does, or"
            " another use of its tags.",
            model=about.name,
            paths=("cleaning.tagging", "cleaning.tagger"),
        )
    assert cleaning.tagging in (COUNT, PART, REPLACE, DROP), cleaning.tagging

    def tag(texts: Sequence[str]) -> list[list[Span]]:
        lines = [(number, start, line) for number, text in enumerate(texts) for start, line in _lines(text)]
        order = sorted(range(len(lines)), key=lambda at: len(lines[at][2]))  # beside a long line, a short one takes as long
        told: dict[int, list[TaggedWord]] = {}
        for at in range(0, len(order), _LINES):
            if stop is not None and stop.requested:
                raise Halted
            group = order[at : at + _LINES]
            told.update(zip(group, tagger.read([lines[place][2] for place in group]), strict=True))
        found: list[list[Span]] = [[] for _ in texts]
        for place, (number, start, _) in enumerate(lines):
            found[number] += [(start + word.start, start + word.end, word.tag) for word in told[place]]
        return found

    return about, tag


def tags_of(project: Project, cleaning: CleaningConfig) -> TagTexts | None:
    """What tags texts by the model that a configuration names; None if it names none. Raises StudioError as `tagger_of`."""
    found = tagger_of(project, cleaning)
    return found[1] if found is not None else None


def tagger_left(project: Project, cleaning: CleaningConfig) -> tuple[TagTexts | None, Words | None]:
    """As `tagger_of` for texts that are cleaned as those of a corpus were; a model that is gone by now is said."""
    try:
        return tags_of(project, cleaning), None
    except StudioError as error:
        said = words(
            "The texts that were learned from were cleaned with the help of {tagger}, which cannot be used now: these are"
            " cleaned without it. {reason}",
            tagger=cleaning.tagger,
            reason=error.words,
        )
        return None, said


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text that say anything, long ones in pieces, each with its place."""
    at = 0
    for line in text.split("\n"):
        for start in range(0, len(line), _LONGEST):
            piece = line[start : start + _LONGEST]
            if piece.strip():
                yield at + start, piece
        at += len(line) + 1
