"""Text for people, kept as a template with values so that a window can translate it before the values go in."""

from __future__ import annotations

from collections.abc import Mapping
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
