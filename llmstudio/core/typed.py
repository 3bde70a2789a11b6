"""Does a value from a file have the type that the code relies on? Asked once, where it is read.

Types are written as Python writes them: `float | None`, `list[str]`, `Mapping[str, int]`, dataclasses, and `TypedDict` for
objects with known keys. An object may hold keys that its `TypedDict` does not name: a newer version may have written them.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")
_LARGEST = 2**63 - 1  # files count in 64 bits; of thousands of digits no quotient can be told


def matches(value: Any, kind: Any) -> bool:
    """True if `value` is of type `kind`, all the way down. A whole number is a float too if one can hold it, a bool is no
    number.
    """
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any or kind is object:
        return True
    if kind is None:
        return value is None
    if origin is typing.Union or origin is types.UnionType:
        return any(matches(value, one) for one in inner)
    if origin is typing.Literal:
        return value in inner
    if typing.is_typeddict(kind):
        return _has_keys(value, kind)
    if origin is not None and issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(matches(k, inner[0]) and matches(v, inner[1]) for k, v in value.items())
    if origin is tuple and inner[-1:] != (Ellipsis,):
        return isinstance(value, tuple) and len(value) == len(inner) and all(map(matches, value, inner))
    if origin is not None and issubclass(origin, Sequence):
        return isinstance(value, origin) and not isinstance(value, str) and all(matches(item, inner[0]) for item in value)
    if kind in (int, float):
        is_number = isinstance(value, int if kind is int else int | float) and not isinstance(value, bool)
        return is_number and (isinstance(value, float) or abs(value) <= _LARGEST)
    return isinstance(value, kind)


def made(kind: type[T], values: Mapping[str, Any]) -> T:
    """A dataclass of these values.

    Raises:
        TypeError: One is missing, not known, or of another type.
    """
    hints = _hints(typing.cast(Any, kind))
    if wrong := [name for name, hint in hints.items() if name in values and not matches(values[name], hint)]:
        raise TypeError(f"{kind.__name__}.{wrong[0]} is of another type")
    return kind(**values)


def _has_keys(value: Any, kind: Any) -> bool:
    if not isinstance(value, dict) or not kind.__required_keys__ <= value.keys():
        return False
    return all(matches(value[key], hint) for key, hint in _hints(kind).items() if key in value)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)
