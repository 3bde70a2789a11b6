"""What a row made of several columns starts from, so that a split keeps apart what must not be known.

In: a row and which columns are its text. Out: its opening and its story, as `records.opening` tells them of whole records:
questions about one passage share the passage, hypotheses their premise, the turns of a conversation that is spelled out
row by row its first turn. `Reversed` finds pairs that come a second time the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llmstudio.core.corpus.cleaning.duplicates import Digests, digest
from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.columns.cells import JOINT, Row, cell_text, parts_of
from llmstudio.core.corpus.reading.columns.names import BESIDE, folded, named

_HISTORY = ("history", "历史")
_FRAMES = frozenset(("system", "system_prompt", "choices", "options", "choices_text", "schema", *_HISTORY))
_PASSAGES = tuple(name for name in BESIDE if folded(name) not in _FRAMES)


def beginning(row: Row, config: ReadingConfig) -> dict[str, tuple[str, str]]:
    """{"begins": (story, opening)} for a text or source made of several columns; empty for any other."""
    setting = config.source_key or (config.text_key if config.label_key else "")
    if config.turns_key or JOINT not in setting or setting in row:
        return {}
    keys = [key for key in parts_of(setting, row) if cell_text(row, key).strip()]
    if history := named(keys, _HISTORY):
        return {"begins": ("", _first(row[history]))}
    if not (passage := named(keys, _PASSAGES)) and not config.source_key and keys:
        passage = keys[0]  # two sentences that are compared
    others = [key for key in keys if key != passage]
    if passage:
        return {"begins": (_joined(row, others), cell_text(row, passage))}
    asked = [key for key in others if folded(key) not in ("system", "system_prompt")]
    return {"begins": (_joined(row, [key for key in others if key not in asked]), _joined(row, asked))}


def _joined(row: Row, keys: Sequence[str]) -> str:
    return "\n".join(cell_text(row, key) for key in keys)


def _first(history: Any) -> str:
    """The first thing said in a list of turns, or in a text with a turn a line."""
    while isinstance(history, list) and history:
        history = history[0]
    return str(history).strip().split("\n", 1)[0]


class Reversed:
    """Remembers two texts by their digests, in their order; close it, or use it in a `with` block."""

    def __init__(self, folder: Path) -> None:
        """Temporary files go to `folder`."""
        self._seen = Digests(folder)

    def close(self) -> None:
        """Forget everything."""
        self._seen.close()

    def add(self, one: bytes, other: bytes) -> bool:
        """True if the same two came before the other way round; else they are remembered."""
        if one == other or digest(other + one) not in self._seen:
            self._seen.add(digest(one + other))
            return False
        return True
