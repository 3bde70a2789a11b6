"""The table of modes: a new way to train is a folder and a line here."""

from __future__ import annotations

from dataclasses import dataclass

from llmstudio.core.words import Words, words


@dataclass(frozen=True)
class Mode:
    """A way to train: its name, its title on the switch, and what the switch says of it."""

    name: str
    title: Words
    hint: Words | None = None


MODES = (
    Mode("one", words("One model")),
    Mode("teach", words("Teach"), words("A model learns a task: to sort texts, tag words, translate, summarise or chat")),
    Mode("race", words("Race"), words("Several models learn by turns on one text, under the same budget")),
)
