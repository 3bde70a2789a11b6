"""How records become rows: with the text and the tokenizer, all that decides what a dataset holds.

A dataset without stored settings was made with the defaults, so the meaning of a default never changes: a new way of doing
it is a new value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llmstudio.core.settings import setting, to_dict


@dataclass(frozen=True)
class DatasetConfig:
    """How records become rows."""

    rows: str = setting(
        "records",
        label="Rows",
        help="What stands in a row of tokens, and which of these are answers.",
        choices={
            "records": "a document, a conversation, or a question with its answer",
            "classes": "a text, marked with its class",
            "tags": "a sentence, each word marked with its tag",
        },
    )

    def is_of(self, kept: Mapping[str, Any]) -> bool:
        """Whether rows with these stored settings were made this way; a setting that is not stored had its default."""
        return to_dict(DatasetConfig()) | dict(kept) == to_dict(self)


def padded_length(longest: int) -> int:
    """How long the rows of a batch are made: the next multiple of eight.

    Libraries prepare, and keep, a plan for every shape they meet: a few shapes cost far less memory than a hundred.
    """
    return -(-longest // 8) * 8
