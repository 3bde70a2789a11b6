"""The highest mark of memory sees what no look in between would see."""

from __future__ import annotations

import sys

import pytest

from llmstudio.core.memory.measure import HighWater, process_bytes

_SIZE = 96 * 2**20


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep no mark that can be set back")
def test_that_what_was_taken_and_given_back_between_two_looks_is_seen_and_a_new_mark_begins_anew() -> None:
    before = process_bytes()
    mark = HighWater()
    taken = bytearray(b"x" * _SIZE)
    taken_at_most = len(taken)
    del taken
    assert mark.bytes() > before + 0.9 * taken_at_most
    assert HighWater().bytes() < mark.bytes() - 0.5 * _SIZE
