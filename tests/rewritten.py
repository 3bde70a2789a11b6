"""What a model of pairs makes of a text, without watching it write."""

from __future__ import annotations

from typing import Any

from llmstudio.app.inspecting.rewrite import Rewritten, rewriting


def rewrite(*given: Any, **settings: Any) -> Rewritten:
    """The result of `rewriting`."""
    job = rewriting(*given, **settings)
    while True:
        try:
            next(job)
        except StopIteration as end:
            found: Rewritten = end.value
            return found
