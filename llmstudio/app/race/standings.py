"""A race's leaderboard as lines for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmstudio.core.words import plain_bytes


def board(result: Mapping[str, Any]) -> str:
    """Who came out best in a race, a line each, with the model that only counts as a line among them."""
    measures = {own["measure"] for place in result["places"] if (own := place.get("quality"))}
    rows = [
        ("", "hidden words" if measures == {"masked_accuracy"} else "bits per byte", "tokens/s", "parameters", "weights")
    ]
    for place in result["places"]:
        quality = "out" if place["out"] else _figure(place)
        size = (f"{place['parameters']:,}", plain_bytes(place["weight_bytes"]))
        rows.append((place["model"], quality, f"{place['tokens_per_second']:,.0f}", *size))
    if (counted := result["yardstick"]) is not None and (not measures or "bits_per_byte" in measures):
        better = sum(p["bits_per_byte"] is not None and p["bits_per_byte"] <= counted for p in result["places"])
        rows.insert(1 + better, ("5-gram (counts)", f"{counted:.3f}", "", "", ""))
    width = max(len(row[0]) for row in rows)
    return "\n".join(f"{name:<{width}}" + "".join(f"  {cell:>13}" for cell in rest) for name, *rest in rows)


def _figure(place: Mapping[str, Any]) -> str:
    quality = place.get("quality")
    if not quality:
        return ""
    return f"{quality['value']:.3f}" if quality["measure"] == "bits_per_byte" else f"{100 * quality['value']:.0f} % right"
