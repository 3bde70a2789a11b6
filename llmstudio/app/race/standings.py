"""A race's leaderboard as lines for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmstudio.app.runs.run_summary import HEADLINES, MEASURES, UNITS
from llmstudio.core.tasks.headlines import BITS_PER_BYTE
from llmstudio.core.words import plain_bytes


def board(result: Mapping[str, Any]) -> str:
    """Who came out best in a race, a line each, with the model that only counts as a line among them."""
    measures = {own["measure"] for place in result["places"] if (own := place.get("quality"))} or {MEASURES[0]}
    title = str(UNITS[next(iter(measures))]) if len(measures) == 1 else "quality"
    rows = [("", title, "tokens/s", "parameters", "weights")]
    for place in result["places"]:
        quality = "out" if place["out"] else _figure(place, is_alone=len(measures) == 1)
        size = (f"{place['parameters']:,}", plain_bytes(place["weight_bytes"]))
        rows.append((place["model"], quality, f"{place['tokens_per_second']:,.0f}", *size))
    if (counted := result["yardstick"]) is not None and BITS_PER_BYTE.name in measures:
        better = sum(p["bits_per_byte"] is not None and p["bits_per_byte"] <= counted for p in result["places"])
        told = BITS_PER_BYTE.figure(counted) if len(measures) == 1 else BITS_PER_BYTE.told(counted, is_whole=True)
        rows.insert(1 + better, ("5-gram (counts)", str(told), "", "", ""))
    first, *widths = (max(map(len, column)) for column in zip(*rows, strict=True))
    return "\n".join(
        f"{name:<{first}}" + "".join(f"  {cell:>{max(13, width)}}" for cell, width in zip(rest, widths, strict=True))
        for name, *rest in rows
    )


def _figure(place: Mapping[str, Any], *, is_alone: bool) -> str:
    """A runner's figure; with its unit where not all of a race have the same."""
    quality = place.get("quality")
    if not quality:
        return ""
    headline = HEADLINES[quality["measure"]]
    return str(headline.figure(quality["value"]) if is_alone else headline.told(quality["value"], is_whole=True))
