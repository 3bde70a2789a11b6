"""What a model puts into the blanks of a text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from llmstudio.app.inspecting.ready import ready
from llmstudio.core.tokenizer.config import BLANK
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


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


def with_blank(sentence: str) -> str:
    """A sentence with its longest word taken out; the middle sign where there are no spaces."""
    found = sorted(re.finditer(r"[^\W\d_]+", sentence), key=lambda word: word.end() - word.start())
    if not found:
        return BLANK
    start, end = found[-1].span()
    if " " not in sentence:
        start, end = (start + end) // 2, (start + end) // 2 + 1
    return sentence[:start] + BLANK + sentence[end:]
