"""Tales: a plot, a cast drawn for it, and one sentence for every step.

The cast is drawn so that every person of the tale may stand with every value in it (see ``world``): whoever reads all
training tales has met no held-out pair. A val or test tale is held out by its two heroes and at least one value.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from llmstudio.core.corpus.samples.grammar import Cases, Grammar, role_kind
from llmstudio.core.corpus.samples.plots.plots import Plot, all_plots, shared_groups, slots_of
from llmstudio.core.corpus.samples.words.lexicon import ROLES, lexicon, words_of
from llmstudio.core.corpus.samples.world import split_of

_Any = TypeVar("_Any")
SPLIT_KINDS = frozenset(("thing", "food", "drink", "pet", "place", "outdoor", "mood", "glad", "sorry", "bodily"))
"""The kinds whose pairing with a person is split; the others say nothing one would ask a person for."""


@dataclass(frozen=True)
class Tale:
    """A story with what may be asked about it, and the cast (role to word) it was told with."""

    plot: str
    text: str
    asks: tuple[tuple[str, str], ...]
    cast: Mapping[str, str]


@cache
def tale_grammar(language: str) -> Grammar:
    """Every form of every plot; a question and its answer are groups of their own."""
    forms: dict[str, Sequence[str]] = dict(shared_groups()[language])
    for plot in all_plots():
        forms |= plot.forms[language]
        for i, (question, answer) in enumerate(plot.asks[language]):
            forms[f"{plot.name}?{i}"] = (question,)
            forms[f"{plot.name}={i}"] = (answer,)
    return Grammar(forms, lexicon(language), ROLES, capitals=language == "en")


@cache
def _ask_roles(language: str) -> dict[str, list[set[str]]]:
    """For each plot, the roles of each question and answer: what the tale must have told before one may ask."""
    return {
        plot.name: [{role for form in ask for role, _ in slots_of(form)} for ask in plot.asks[language]]
        for plot in all_plots()
    }


def draw(rng: random.Random, words: Sequence[_Any]) -> _Any:
    """One of them at random; ``random.choice`` without its bookkeeping, for it is called a lot."""
    return words[int(rng.random() * len(words))]


@cache
def partners(kind: str, who: str, splits: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a kind that may stand with a person."""
    return tuple(word for word in words_of(kind) if split_of(who, word) in splits)


def draw_cast(rng: random.Random, roles: Sequence[str], split: str) -> dict[str, str] | None:
    """A word for every role, no word twice, every pair of person and value allowed in ``split``.

    None if the two heroes leave some role without a word; draw again.
    """
    splits = ("train",) if split == "train" else ("train", split)
    who, friend = rng.sample(words_of("person"), 2)
    cast = {"who": who, "friend": friend}
    used = {who, friend}
    for role in roles:
        if role in cast:
            continue
        kind = role_kind(role, ROLES)
        words = words_of(kind)
        if kind in SPLIT_KINDS:  # now and then the held-out words alone, so that a val or test tale comes to hold one
            words = partners(kind, who, (split,) if rng.random() < 0.5 else splits)
            words = tuple(word for word in words if split_of(friend, word) in splits)
        word = next((word for word in (draw(rng, words) for _ in range(8 if words else 0)) if word not in used), None)
        if word is None:
            return None
        used.add(word)
        cast[role] = word
    return cast


def binding(cast: Mapping[str, str], language: str) -> dict[str, Cases]:
    """The cases of every word of a cast."""
    words = lexicon(language)
    return {role: words[role_kind(role, ROLES)][word] for role, word in cast.items()}


def tell(rng: random.Random, plot: Plot, split: str, language: str) -> Tale:
    """Tell a plot once."""
    while True:
        cast = draw_cast(rng, plot.roles, split)
        if cast is None:
            continue
        bound = binding(cast, language)
        grammar = tale_grammar(language)
        told: set[str] = set()
        lines = []
        for step in plot.steps:
            if step.optional and rng.random() < 0.4:
                continue
            lines.append(grammar.write(draw(rng, step.groups), bound, rng, told))
        text = (" " if language == "en" else "").join(lines)
        if split == "train" or shows_held_out(cast, told, split):
            break
    asks = []
    for i, roles in enumerate(_ask_roles(language)[plot.name]):
        if roles <= told:
            asks.append((grammar.write(f"{plot.name}?{i}", bound, rng), grammar.write(f"{plot.name}={i}", bound, rng)))
    return Tale(plot.name, text, tuple(asks), cast)


def shows_held_out(cast: Mapping[str, str], told: set[str], split: str) -> bool:
    """Whether the roles told (a form may pass over some) hold a pair of the tale's own part."""
    return any(role_kind(role, ROLES) in SPLIT_KINDS and split_of(cast["who"], cast[role]) == split for role in told)


def tales(rng: random.Random, split: str, language: str) -> Iterator[Tale]:
    """Tales without end."""
    plots = all_plots()
    while True:
        yield tell(rng, draw(rng, plots), split, language)
