"""Text for people, kept as a template with values so that a window can translate it before the values go in."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Value = str | int | float
# A place is a name, and for a number how it is written. Nothing else of `str.format` counts: words are also read from files,
# and `{n:>999999999}` would fill the memory.
_PLACE = re.compile(r"\{(\w+)(?::(,|g|\.\d[fg%])|\|([^{}|]+)\|([^{}|]+))?\}")


@dataclass(frozen=True)
class Words:
    """A sentence template and the values for its `{places}`.

    Attributes:
        template: English text with `{places}`, numbers also as `{n:,}` or `{share:.0%}`, counts with their noun
            as `{n|step|steps}` ("1 step", "2,000 steps"); translations are looked up by it.
        values: What stands in the places. A value may itself be `Words`, which are then rendered first.
    """

    template: str
    values: Mapping[str, Value | Words] = field(default_factory=dict)

    def __str__(self) -> str:
        return fill(self.template, {name: str(v) if isinstance(v, Words) else v for name, v in self.values.items()})


def fill(template: str, values: Mapping[str, Value]) -> str:
    """`template` with values in its places; a place without a value stays as it is written."""

    def written(place: re.Match[str]) -> str:
        name, spec, one, many = place.groups()
        if name not in values:
            return place.group()
        value = values[name]
        if one:
            count = format(value, ",") if isinstance(value, int) else str(value)
            return f"{count} {one if count == '1' else many}"
        if spec == "g" and isinstance(value, float):
            return plain_number(value, 6)
        return format(value, spec) if spec and isinstance(value, int | float) else str(value)

    return _PLACE.sub(written, template)


def plain_number(value: float, digits: int = 4) -> str:
    """A number as people read it, in so many figures: `0.003`, `1.5`, `12,346`, and the very small `1e-6`."""
    if not math.isfinite(value):
        return str(value)
    near = float(f"{value:.{digits}g}")
    if abs(near) >= 10**digits:
        return f"{value:,.0f}"
    return f"{near:,.{digits}g}".replace("e-0", "e-")


def plain_bytes(count: int) -> str:
    """An amount of memory or of disk as people read it: `3.2 MB`."""
    size = float(count)
    for unit in ("bytes", "kB", "MB"):
        if abs(size) < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} GB"


def words(template: str, /, **values: Value | Words) -> Words:
    """Mark `template` for translation and bind its values: `words("{n} lines skipped", n=3)`."""
    return Words(template, values)


def as_kept(said: Words) -> dict[str, Any]:
    """A sentence as it is kept in a JSON file: what stands in its places is kept the same way where it is a sentence too."""
    values = {name: as_kept(value) if isinstance(value, Words) else value for name, value in said.values.items()}
    return {"template": said.template, "values": values}


def from_kept(kept: str | Mapping[str, Any]) -> Words:
    """The sentence that `as_kept` kept, to be said in any language; of an early version, plain English as it stands."""
    if isinstance(kept, str):
        return words("{text}", text=kept) if kept else Words("")
    values = {name: from_kept(value) if isinstance(value, Mapping) else value for name, value in kept["values"].items()}
    return Words(kept["template"], values)


UNITS: Mapping[str, Words] = {
    "documents": words("{n|document|documents}"),
    "tokens": words("{n|token|tokens}"),
    "questions": words("{n|question|questions}"),
    "merges": words("{n|merge|merges}"),
    "characters": words("{n|character|characters}"),
    "steps": words("{n|step|steps}"),
    "rows": words("{n|row|rows}"),
    "texts": words("{n|text|texts}"),
    "passages": words("{n|passage|passages}"),
    "answers": words("{n|answer|answers}"),
    "layers": words("{n|layer|layers}"),
    "models": words("{n|model|models}"),
    "bytes": words("{n}"),  # an amount says its unit itself: 3.2 MB
    "s": words("{n} s"),
    "": words("{n}"),
}
"""What jobs and settings count, a count with its noun each."""


def counted(count: str, unit: str) -> Words:
    """A count, written as a face writes numbers, with its noun in one of `UNITS`: "1 document", "0.81 M tokens"."""
    known = UNITS.get(unit)
    return words("{n} {unit}", n=count, unit=unit) if known is None else words(known.template, n=count)


def nearest(name: str, known: Sequence[str], n: int = 5) -> Words:
    """The `n` of `known` that are most like `name`, for "There are: ..."; of the others, how many there are."""
    if len(known) <= n:
        return words("{names}", names=", ".join(known) or "–")
    spelled = {each.casefold(): each for each in reversed(known)}
    close = [spelled[each] for each in difflib.get_close_matches(name.casefold(), spelled, n=n, cutoff=0.4)]
    named = list(dict.fromkeys([*close, *known]))[:n]
    return words("{names} and {n} more", names=", ".join(named), n=len(known) - n)
