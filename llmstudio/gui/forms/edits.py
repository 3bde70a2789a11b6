"""What becomes of edits that may not fit: those that do are taken at once, those that do not wait, each with its reason.

An impossible value holds back nothing but itself, and two settings that only fit together (width and heads) may be changed
one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from llmstudio.core.errors import StudioError
from llmstudio.core.settings import change_all


class Settled(NamedTuple):
    """The configuration with every edit that fits, and what is wrong with each that does not, by its path."""

    config: Any
    wrong: dict[str, StudioError]


def settle(config: Any, edits: Mapping[str, Any]) -> Settled:
    """Take as many of the edits as fit, together where they only fit so; the newest is the last."""
    wrong = {path: error for path, value in edits.items() if (error := _refusal(config, {path: value})) is not None}
    # What is refused alone may be refused for its own sake, or because its partner has not been changed yet.
    hopeless = {path for path, error in wrong.items() if error.paths == (path,)}
    together = {path: value for path, value in edits.items() if path not in hopeless}
    if _refusal(config, together) is None:
        return Settled(change_all(config, together), {path: wrong[path] for path in hopeless})
    left = dict(together)
    for path in reversed(together):
        if _refusal(config, {path: together[path]}) is None:
            config = change_all(config, {path: left.pop(path)})
    # Their reasons anew: something else may be in force now than when they were first refused.
    reasons = {path: _refusal(config, {path: value}) or _refusal(config, left) for path, value in left.items()}
    return Settled(config, {p: wrong[p] for p in hopeless} | {p: error for p, error in reasons.items() if error is not None})


def concerns(path: str, named: str) -> bool:
    """Whether an error that names a setting, whole or by the last part of it, means the one at `path`."""
    return path == named or path.endswith(f".{named}") or named.endswith(f".{path}")


def _refusal(config: Any, edits: Mapping[str, Any]) -> StudioError | None:
    try:
        change_all(config, edits)
    except StudioError as error:
        return error
    return None
