from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from llmstudio.core.sparsity.patterns import Pattern, shared_beside, zeros_of

SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 21))


def drawn(shape: tuple[int, int], seed: int) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


@settings(deadline=None, max_examples=60)
@given(shape=SHAPES, share=st.floats(0, 1), by_row=st.booleans(), seed=st.integers(0, 99))
def test_that_exactly_the_number_asked_for_goes_and_rows_differ_by_one_at_most(shape, share, by_row, seed):
    zeros = round(share * shape[0] * shape[1])
    gone = ~Pattern(zeros, by_row=by_row).kept(drawn(shape, seed))
    assert int(gone.sum()) == zeros
    if by_row:
        counts = gone.sum(1)
        assert int(counts.max() - counts.min()) <= 1


@settings(deadline=None, max_examples=60)
@given(shape=SHAPES, group=st.sampled_from([(2, 4), (4, 8), (1, 3)]), seed=st.integers(0, 99))
def test_that_every_group_keeps_its_highest_and_a_rest_no_smaller_a_share(shape, group, seed):
    keep, size = group
    scores = drawn(shape, seed)
    kept = Pattern(0, keep=keep, group=size).kept(scores)
    for start in range(0, shape[1], size):
        part, among = kept[:, start : start + size], scores[:, start : start + size]
        width = part.shape[1]
        stays = keep if width == size else -(-width * keep // size)
        assert (part.sum(1) == stays).all()
        for row, values in zip(part, among, strict=True):
            assert not (~row).any() or values[row].min() >= values[~row].max()
    assert int((~kept).sum()) == zeros_of(shape, keep, size)


@settings(deadline=None, max_examples=60)
@given(shape=SHAPES, share=st.floats(0, 1), gone=st.floats(0, 1), step=st.integers(1, 9), seed=st.integers(0, 99))
def test_that_the_zeros_of_parts_add_up_to_those_of_all_or_to_what_is_gone(shape, share, gone, step, seed):
    zeros, width, alive = round(share * shape[0] * shape[1]), shape[1], drawn(shape, seed) >= gone
    parts = [Pattern(zeros).part(slice(at, min(at + step, width)), alive) for at in range(0, width, step)]
    assert sum(part.zeros for part in parts) == max(zeros, int((~alive).sum()))
    for at, part in zip(range(0, width, step), parts, strict=True):
        columns = alive[:, at : at + step]
        assert int((~columns).sum()) <= part.zeros <= columns.numel()


@settings(deadline=None, max_examples=60)
@given(gone=st.lists(st.integers(0, 12), min_size=1, max_size=6), zeros=st.integers(0, 72))
def test_that_what_is_gone_counts_and_the_rest_is_shared(gone, zeros):
    sizes = [12] * len(gone)
    zeros = min(zeros, sum(sizes))
    counts = shared_beside(gone, sizes, zeros)
    assert sum(counts) == max(zeros, sum(gone))
    assert all(has <= count <= 12 for has, count in zip(gone, counts, strict=True))
    lost = [count for has, count in zip(gone, counts, strict=True) if count > has]
    assert max(lost, default=0) - min(lost, default=0) <= 1


@pytest.mark.parametrize("pattern", [Pattern(40), Pattern(40, by_row=True), Pattern(0, keep=2, group=4)])
def test_that_a_share_of_a_pattern_ends_in_the_pattern(pattern):
    scores = drawn((8, 16), 3)
    assert torch.equal(pattern.share(1.0).kept(scores), pattern.kept(scores))
    assert bool(pattern.share(0.0).kept(scores).all())
