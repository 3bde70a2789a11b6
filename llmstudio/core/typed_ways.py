"""Ways on that are typed in a terminal: beside a sentence, never in it, since a window has buttons instead."""

from __future__ import annotations

import shlex

from llmstudio.core.errors import Remedy
from llmstudio.core.words import words


def more_steps(model: str, steps: int) -> Remedy:
    """For a run to take so many steps in all."""
    return Remedy("command", words("Take more steps"), value=f"resume {shlex.quote(model)} --set training.max_steps={steps}")


def learn_on(model: str, settings: str = "") -> Remedy:
    """For a new run that begins from a model's weights."""
    value = f"train --from {shlex.quote(model)}{settings} --name NAME"
    return Remedy("command", words("Begin a new run from its weights"), value=value)
