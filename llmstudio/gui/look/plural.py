"""Counts in sentences of the window: "1 step", "2,000 steps"."""

from __future__ import annotations

from llmstudio.core.words import fill


def plural(text: str, /, **values: str | int | float) -> str:
    """A translated text with its values, whose `{n|step|steps}` follow their counts, as in the engine's own sentences."""
    return fill(text, values)
