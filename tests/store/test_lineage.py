from __future__ import annotations

import json

import pytest

from llmstudio.store.lineage import GROWN, PRUNED, Parent, Step, lineage_file, read_lineage, read_parents

TALES, SMALL = Parent("1", "Tales", "abc", "300"), Parent("2", "Tales small", "def")


@pytest.mark.parametrize(
    "steps", [(Step(GROWN),), (Step(GROWN), Step(PRUNED, TALES, {"sparsity": 0.5}), Step(GROWN, SMALL))]
)
def test_that_steps_come_back_from_a_file_as_they_were(steps: tuple[Step, ...]) -> None:
    kept = json.loads(json.dumps(lineage_file(steps)))
    assert read_lineage(kept, {}, None) == steps


def test_that_parents_come_back_from_a_file_as_they_were() -> None:
    kept = {role: parent.to_file() for role, parent in (("corpus", SMALL), ("parent", TALES))}
    assert read_parents(json.loads(json.dumps(kept))) == {"corpus": SMALL, "parent": TALES}
    assert "step" not in kept["corpus"]  # as all versions have kept those that have no steps


def test_that_files_without_a_lineage_tell_their_last_step() -> None:
    assert read_lineage((), {}, None) == (Step(GROWN),)
    assert read_lineage((), {}, TALES) == (Step(GROWN, TALES),)
    assert read_lineage((), {"sparsity": 0.5}, TALES) == (Step(PRUNED, TALES, {"sparsity": 0.5}),)
