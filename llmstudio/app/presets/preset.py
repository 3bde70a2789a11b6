"""A preset: a recipe that has a name."""

from __future__ import annotations

from dataclasses import dataclass

from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.words import Words


@dataclass(frozen=True)
class Preset:
    """A recipe that has a name, and the tokenizer and corpus it was tuned with (suggestions, not conditions).

    Attributes:
        name: Stable name, as in `--preset nano`; every family has its own of that name.
        label: A few words for a list.
        help: What to expect of it.
        recipe: The recipe.
        tokenizer: The tokenizer it expects.
        corpus: A built-in sample (`sample:NAME`) it expects; empty for any text.
    """

    name: str
    label: Words
    help: Words
    recipe: Recipe
    tokenizer: TokenizerConfig
    corpus: str = ""

    @property
    def key(self) -> str:
        """Family and name together, which no other preset has: `lstm:nano`."""
        return f"{self.recipe.kind}:{self.name}"
