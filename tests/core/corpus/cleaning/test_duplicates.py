from __future__ import annotations

import random
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from llmstudio.core.corpus.cleaning.duplicates import DIGEST_BYTES, Digests, digest


@given(values=st.lists(st.integers(0, 60), max_size=200), in_memory=st.sampled_from([3, 1000]))
@settings(max_examples=30)
def test_that_a_digest_is_new_exactly_once(values: list[int], in_memory: int) -> None:
    with Digests(in_memory=in_memory) as seen:
        fresh = [seen.add(digest(str(value).encode())) for value in values]
    assert fresh == [value not in values[:n] for n, value in enumerate(values)]


def test_that_a_match_across_the_border_of_two_digests_is_none() -> None:
    first, second = b"aa" + b"bc" * 7, b"aa" + b"cb" * 7
    with Digests() as seen:
        seen.add(first)
        seen.add(second)
        assert b"aa" + (b"bc" * 7 + b"cb" * 7)[1:15] not in seen
        assert first in seen
        assert second in seen


def test_that_what_was_written_out_is_still_known_and_leaves_no_file(tmp_path: Path) -> None:
    rng = random.Random(0)
    values = [rng.randbytes(DIGEST_BYTES) for _ in range(5000)]
    with Digests(tmp_path, in_memory=1000) as seen:
        assert all(seen.add(value) for value in values)
        assert not any(seen.add(value) for value in values)
        assert rng.randbytes(DIGEST_BYTES) not in seen
    assert list(tmp_path.iterdir()) == []
