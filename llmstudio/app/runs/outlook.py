"""Whether it would pay to go on with a run that was stopped: what its last look at the held-out text tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmstudio.core.words import Words, words


def outlook(result: Mapping[str, Any]) -> Words | None:
    """What the result of a `Stopped` run tells of it; None if nothing was kept, or no two looks compare."""
    if not result.get("kept") or (was_falling := result.get("was_falling")) is None:
        return None
    if was_falling:
        return words("Its loss on held-out text was still falling at the last look: with more steps it may get better.")
    return words("Its loss on held-out text was no longer falling at the last look.")
