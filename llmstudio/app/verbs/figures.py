"""How the figures of a result are told: to people with a label each, to other programs as plain values."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from llmstudio.core.tokenizer.fit import percent
from llmstudio.core.words import Words, plain_bytes

LISTED = 12
"""How much of a list is told; of a longer one it is said how long it is."""
_UNKNOWN_SHARE = "unknown share of the text"
_BEYOND, _LONGEST = 1e9, 1e15


def short(result: Mapping[str, Any]) -> dict[str, Any]:
    """What of a result fits into a line each."""
    return {key: value for key, value in result.items() if _is_short(value)}


def lines(result: Mapping[str, Any]) -> list[str]:
    """A line for each figure, values below each other."""
    told = rows(result)
    width = max((len(name) for name, _ in told), default=0)
    break_ = "\n" + " " * (width + 4)
    return [f"  {name:<{width}}  {break_.join(text.splitlines())}" for name, text in told]


def rows(result: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """A label and a value for each figure, those of a deeper one under its own label."""
    found: list[tuple[str, str]] = []
    for key, value in result.items():
        if isinstance(value, Mapping):
            found += rows(value, f"{prefix}{label(key)} · ")
        elif isinstance(value, list | tuple | np.ndarray):
            found.append((prefix + label(key), _listed(key, value)))
        elif key == "unknown_share" and "hidden_share" in result:
            continue  # of the tokens: what a person means is the share of the text
        elif key == "hidden_share":
            found.append((prefix + _UNKNOWN_SHARE, percent(value)))
        elif key == "created":
            found.append((prefix + label(key), date(value)))
        else:
            found.append((prefix + label(key), number(key, value)))
    return found


def _listed(key: str, values: Sequence[Any] | np.ndarray) -> str:
    """A short list in one line, of records their names; of a long or a deep one, how long it is."""
    named = [value.get("name", value) if isinstance(value, Mapping) else value for value in values]
    if len(named) > LISTED or any(isinstance(value, Mapping | list | tuple | np.ndarray) for value in named):
        return f"{len(named):,} values" if len(named) != 1 else "1 value"
    return ", ".join(number(key, value) for value in named) or "–"


def date(seconds: float) -> str:
    """A moment, to the minute, where this computer is."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def label(key: str) -> str:
    """The name of a figure as it is read."""
    return str(key).replace("_", " ")


def number(key: str, value: Any) -> str:
    """A value as it is read; the name of its figure tells what it counts."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        count = int(value)
        if "bytes" in key and "_per_" not in key:
            return plain_bytes(count)
        return f"{count:,}" if abs(count) > 9999 else str(count)
    if isinstance(value, float | np.floating):
        size = float(value)
        if key.startswith("perplexity") and not size < _BEYOND:
            return "beyond all measure"  # worse than guessing among all words of all languages: digits would say nothing
        return f"{size:.4g}" if abs(size) < 10_000 or not abs(size) < _LONGEST else f"{size:,.0f}"
    return "–" if value is None or value == "" else str(plain(value))


def plain(value: Any) -> Any:
    """A value of an event as other programs read it."""
    match value:
        case Words():
            return str(value)
        case float() | np.floating():
            return float(value) if math.isfinite(value) else None
        case np.generic():
            return value.item()
        case np.ndarray():
            return plain(value.tolist())
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(inner) for inner in value]
        case str() | int() | None:
            return value
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        case _:
            return str(value)


def _is_short(value: Any) -> bool:
    return isinstance(value, int | float | np.number) or (isinstance(value, str) and 0 < len(value) <= 60)
