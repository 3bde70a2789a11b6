"""What is relied on in an item's facts is declared, so that a damaged file is told where it is read."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import get_type_hints

import pytest

import llmstudio
from llmstudio.core.errors import StudioError
from llmstudio.store.facts import FACTS
from llmstudio.store.project import Project, update_facts

# Keys of other things that are called `facts`: a checkpoint's and a corpus's own, which are checked where they are read.
NOT_AN_ITEMS = {"codecs", "facts", "parameters", "shards", "step"}


def test_that_every_fact_that_is_read_is_declared() -> None:
    declared = {name for shape in FACTS.values() for name in get_type_hints(shape)}
    read = {key: place for path in Path(llmstudio.__path__[0]).rglob("*.py") for key, place in _keys_read(path)}
    assert len(read) > 15
    assert {key: place for key, place in read.items() if key not in declared | NOT_AN_ITEMS} == {}
    assert read.keys() >= NOT_AN_ITEMS  # who is no longer read needs no exception


def _keys_read(path: Path) -> list[tuple[str, str]]:
    """Names in `x.facts["name"]`, `x.facts.get("name")` and `"name" in x.facts`, with the line that reads each."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case (
                ast.Subscript(value=ast.Attribute(attr="facts"), slice=ast.Constant(value=str(key)))
                | ast.Call(
                    func=ast.Attribute(value=ast.Attribute(attr="facts"), attr="get"),
                    args=[ast.Constant(value=str(key)), *_],
                )
                | ast.Compare(left=ast.Constant(value=str(key)), comparators=[ast.Attribute(attr="facts")])
            ):
                found.append((key, f"{path.name}:{node.lineno}"))
    return found


@pytest.mark.parametrize(
    "damaged",
    [
        {"diverged": "x"},
        {"diverged": ["x"]},
        {"diverged": {"message": 3}},
        {"diverged": {"proposed_rate": 0.1}},
        {"changes": 5},
        {"changes": ["x"]},
        {"computing": ["x"]},
        {"computing": {"template": 3, "values": {}}},
        {"versions": 3},
        {"state": 3},
        {"result": {"ended_early": "x"}},
    ],
    ids=str,
)
def test_that_a_model_whose_facts_are_of_another_type_is_called_damaged(tmp_path: Path, damaged: dict[str, object]) -> None:
    project = Project(tmp_path)
    with project.create("model", "m"):
        pass
    project.about("model", "m")
    update_facts(project.path("model", "m"), **damaged)
    with pytest.raises(StudioError, match="damaged"):
        project.about("model", "m")
