from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

import pytest

from llmstudio.core.typed import made, matches


class _Part(TypedDict):
    name: str


class _Whole(_Part, total=False):
    size: int
    parts: list[_Part]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1, int),
        (1, float),
        (None, float | None),
        ("a", Literal["a", "b"]),
        ([1, 2], list[int]),
        ((1, "a"), tuple[int, str]),
        (("a", "b", "c"), tuple[str, ...]),
        ({"a": 1.5}, Mapping[str, float]),
        ({"name": "x", "from a newer version": []}, _Whole),
        ({"name": "x", "parts": [{"name": "y"}]}, _Whole),
        (object(), Any),
    ],
)
def test_that_a_value_of_its_type_is_taken(value: Any, kind: Any) -> None:
    assert matches(value, kind)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, int),
        (1.5, int),
        (10**400, int),
        (-(10**400), float),
        ("1", float),
        (None, float),
        ("c", Literal["a", "b"]),
        ([1, "2"], list[int]),
        ("ab", list[str]),
        ((1,), tuple[int, str]),
        ({"a": None}, Mapping[str, float]),
        ({}, _Whole),
        ({"name": "x", "parts": [{"size": 1}]}, _Whole),
        ([], _Whole),
    ],
)
def test_that_a_value_of_another_type_is_not(value: Any, kind: Any) -> None:
    assert not matches(value, kind)


@dataclass(frozen=True)
class _Figures:
    name: str
    by_kind: Mapping[str, float] = field(default_factory=dict)


def test_that_a_dataclass_is_made_of_fitting_values_only() -> None:
    assert made(_Figures, {"name": "a", "by_kind": {"x": 1}}) == _Figures("a", {"x": 1})
    for wrong in ({"name": 1}, {}, {"name": "a", "by_kind": {"x": "1"}}, {"name": "a", "unknown": 1}):
        with pytest.raises(TypeError):
            made(_Figures, wrong)
