"""Runs whose losses do not compare with that of the run in sight, and why: nats a token count one's own tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks import TaskFacts
from llmstudio.core.words import Words, words
from llmstudio.store.lineage import Parent
from llmstudio.store.project import About

TASK, TOKENIZER, TEXT = "task", "tokenizer", "text"

_BRIEF = {
    TASK: words("other task"),
    TOKENIZER: words("other tokenizer"),
    TEXT: words("other text"),
}


def unlike(shown: About, others: Sequence[About]) -> dict[str, str]:
    """By the name of each of `others` that does not compare with `shown`: the gravest reason, one of this module's names.

    Raises:
        StudioError: A recipe is damaged.
    """
    found = {}
    own = _guessed(recipe_of(shown))
    for other in others:
        if _guessed(recipe_of(other)) != own:
            found[other.name] = TASK
        elif not _is_same(shown.parent("tokenizer"), other.parent("tokenizer")):
            found[other.name] = TOKENIZER
        elif not _is_same(shown.parent("corpus"), other.parent("corpus")):
            found[other.name] = TEXT
    return found


def brief(reason: str) -> Words:
    """A reason in two words, to stand beside a curve's name."""
    return _BRIEF[reason]


def sentences(found: Mapping[str, str]) -> list[Words]:
    """What is said of all that do not compare, a sentence or two for each reason."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in found.items():
        by_reason.setdefault(reason, []).append(f"“{name}”")
    return [_sentence(reason, ", ".join(by_reason[reason])) for reason in _BRIEF if reason in by_reason]


def _sentence(reason: str, runs: str) -> Words:
    match reason:
        case "tokenizer":
            return words(
                "Not to be compared by loss: {runs}. With another tokenizer a token is another piece of text, so nats a"
                " token differ; bits per byte do compare, in “Where they differ”.",
                runs=runs,
            )
        case "text":
            return words(
                "Not to be compared by loss: {runs}. Another text is easier or harder to guess: the curves say how each"
                " learns its own text, not which model is better.",
                runs=runs,
            )
        case _:
            return words(
                "Not to be compared by loss: {runs}. What is guessed there is not the same, so the heights of the curves say"
                " nothing about each other.",
                runs=runs,
            )


def _guessed(recipe: Recipe) -> tuple[TaskFacts, bool]:
    """What is guessed: by its task, and whether of rows with answers these alone."""
    return recipe.task_facts, recipe.learns_answers_alone(have_answers=True)


def _is_same(one: Parent, other: Parent) -> bool:
    return (one.id == other.id) or (bool(one.hash) and one.hash == other.hash)
