from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from llmstudio.gui.session.garbage import MANY, Garbage


@pytest.fixture
def garbage() -> Iterator[Garbage]:
    made = Garbage()
    made.hold()
    yield made
    made.release()
    gc.unfreeze()


class Knot:
    """A cycle that only the collector can free."""

    num_alive = 0

    def __init__(self) -> None:
        Knot.num_alive += 1
        self.me = self

    def __del__(self) -> None:
        Knot.num_alive -= 1


def test_that_nobody_else_collects_while_it_is_held_and_all_is_back_afterwards(garbage: Garbage) -> None:
    assert not gc.isenabled()
    garbage.release()
    assert gc.isenabled()


def test_that_cycles_are_freed_while_a_job_runs_however_long_they_lived(garbage: Garbage) -> None:
    knot = Knot()
    for _ in range(3):
        garbage._collect()
    assert Knot.num_alive == 1
    del knot
    assert Knot.num_alive == 1
    garbage._collect()
    assert Knot.num_alive == 0


def test_that_what_was_there_before_is_not_looked_at_again(garbage: Garbage) -> None:
    looked_at = len(gc.get_objects())
    assert looked_at < 5000
    assert gc.get_freeze_count() > looked_at


def test_that_a_flood_of_new_objects_is_set_aside_instead_of_looked_through(garbage: Garbage) -> None:
    gc.collect()
    before = gc.get_freeze_count()
    kept = [[number] for number in range(MANY + 1000)]
    garbage._collect()
    assert gc.get_freeze_count() - before > MANY
    assert gc.get_count()[0] < MANY
    assert len(kept) == MANY + 1000
