"""A way out of an error or a remark, as it is typed: what a window has a button for."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from llmstudio.core.errors import Remedy


def commands(remedies: Iterable[Remedy]) -> list[str]:
    """Lines that may be typed as they are."""
    return [f"llmstudio {remedy.value}" for remedy in remedies if remedy.action == "command"]


def typed(remedies: Iterable[Remedy]) -> list[str]:
    """Lines that may be typed, and settings that may be added to the line that was typed; others are for a window only."""
    told = []
    for remedy in remedies:
        if remedy.action == "set":
            change = f"{remedy.target}={remedy.value or '…'}"
            told.append(f"{remedy.label}: --set {shlex.quote(change) if ' ' in change else change}")
        told += commands([remedy])
    return told
