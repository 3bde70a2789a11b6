"""The notation plots are written in, and the plots read from it.

A plot is a block of plain text::

    PLOT lost
    STORY friends|home sky? own lose find glad
    # own
    {time}, {who} took {her:who} {thing} {to:place}.
    {time}，{who}带着{thing}来到{place}。
    # ask
    Who lost {a:thing}? => {who} did.

``STORY`` lists the steps in order; ``|`` is a choice, ``?`` may be left out. A step is a group of forms, English and
Chinese mixed, told apart by their letters; any form of a group tells the same part of the story. A group not in the plot
is taken from the shared ones. ``# ask`` lists questions with their answers; one may be asked when every role in it was
told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from llmstudio.core.corpus.samples.grammar import expand, parse
from llmstudio.core.corpus.samples.plots import away, home, lost

_HAN = re.compile(r"[一-鿿]")
_ROLE = re.compile(r"\{(?:\w+:)?(\w+)\}")


@dataclass(frozen=True)
class Step:
    """One step: the groups to choose from, and whether it may be left out."""

    groups: tuple[str, ...]
    optional: bool


@dataclass(frozen=True)
class Plot:
    """A story's bones: steps, the forms of its own groups by language, the roles they name, what may be asked."""

    name: str
    steps: tuple[Step, ...]
    forms: dict[str, dict[str, list[str]]]
    asks: dict[str, list[tuple[str, str]]]
    roles: tuple[str, ...]


def language_of(text: str) -> str:
    """``"zh"`` if there is a Chinese character in it, else ``"en"``."""
    return "zh" if _HAN.search(text) else "en"


def sections(block: str) -> Iterator[tuple[str, list[str]]]:
    """The ``# name`` sections of a block with their lines."""
    for section in re.split(r"^# ", block, flags=re.MULTILINE)[1:]:
        name, *lines = section.strip().splitlines()
        yield name, lines


def groups(block: str, prefix: str = "") -> dict[str, dict[str, list[str]]]:
    """Forms by language and group; ``# ask`` left out."""
    found: dict[str, dict[str, list[str]]] = {"en": {}, "zh": {}}
    for name, lines in sections(block):
        for line in lines if name != "ask" else ():
            found[language_of(line)].setdefault(prefix + name, []).append(line)
    return found


def asks(block: str) -> dict[str, list[tuple[str, str]]]:
    """Questions and answers by language."""
    found: dict[str, list[tuple[str, str]]] = {"en": [], "zh": []}
    for name, lines in sections(block):
        for line in lines if name == "ask" else ():
            question, answer = line.split(" => ")
            found[language_of(line)].append((question, answer))
    return found


@cache
def shared_groups() -> dict[str, dict[str, list[str]]]:
    """The groups any plot may use."""
    return groups(lost.SHARED)


def _plot(block: str) -> Plot:
    header, order = block.strip().splitlines()[:2]
    name = header.removeprefix("PLOT ")
    own = groups(block, prefix=f"{name}.")
    steps = []
    for word in order.removeprefix("STORY ").split():
        choice = word.rstrip("?").split("|")
        named = tuple(f"{name}.{group}" if f"{name}.{group}" in own["en"] else group for group in choice)
        steps.append(Step(named, word.endswith("?")))
    used = {group for step in steps for group in step.groups} - set(own["en"])
    text = block + "".join(line for group in sorted(used) for lang in ("en", "zh") for line in shared_groups()[lang][group])
    return Plot(name, tuple(steps), own, asks(block), tuple(dict.fromkeys(_ROLE.findall(text))))


@cache
def all_plots() -> tuple[Plot, ...]:
    """Every plot of the world."""
    return tuple(_plot(block) for block in (*lost.PLOTS, *home.PLOTS, *away.PLOTS))


def slots_of(form: str) -> list[tuple[str, str]]:
    """The (role, case) slots of a form, alternatives included."""
    return [part for variant in expand(form) for part in parse(variant) if not isinstance(part, str)]
