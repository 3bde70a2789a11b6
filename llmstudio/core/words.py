"""Text for people, kept as a template with values so that a window can translate it before the values go in."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Value = str | int | float


@dataclass(frozen=True)
class Words:
    """A sentence template and the values for its `{places}`.

    Attributes:
        template: English text with `str.format` places; it is also the key that translations are looked up by.
        values: What stands in the places. A value may itself be `Words`, which are then rendered first.
    """

    template: str
    values: Mapping[str, Value | Words] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**{name: str(v) if isinstance(v, Words) else v for name, v in self.values.items()})


def words(template: str, /, **values: Value | Words) -> Words:
    """Mark `template` for translation and bind its values: `words("{n} lines skipped", n=3)`."""
    return Words(template, values)


def nearest(name: str, known: Sequence[str], n: int = 5) -> Words:
    """The `n` of `known` that are most like `name`, for "There are: ..."; of the others, how many there are."""
    if len(known) <= n:
        return words("{names}", names=", ".join(known) or "–")
    spelled = {each.casefold(): each for each in reversed(known)}
    close = [spelled[each] for each in difflib.get_close_matches(name.casefold(), spelled, n=n, cutoff=0.4)]
    named = list(dict.fromkeys([*close, *known]))[:n]
    return words("{names} and {n} more", names=", ".join(named), n=len(known) - n)
