"""Laws of streams: each row goes on where it ended, groups add up to the whole, lanes score every token once."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from llmstudio.core.dataset.batches import IGNORED
from llmstudio.core.dataset.streams import Streams, lane_batches, scoring_lanes
from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.errors import StudioError


def _rows(count):
    """Running text in which each token is its own place."""
    none = np.zeros(0, dtype=np.int64)
    return Rows(np.arange(count, dtype=np.uint16), np.array([0, count]), None, none, none)


def _streams(count=1000, **changes):
    return Streams(_rows(count), **({"context": 8, "batch_size": 3, "seed": 5} | changes))


def test_that_every_row_goes_on_where_it_ended_until_all_begin_anew():
    streams = _streams()
    for step in range(3 * streams.windows - 1):
        now, then = streams.batch(step), streams.batch(step + 1)
        assert torch.equal(now.targets[:, :-1], now.ids[:, 1:])
        assert then.begins == ((step + 1) % streams.windows == 0)
        if not then.begins:
            assert torch.equal(now.targets[:, -1], then.ids[:, 0])
    assert streams.batch(0).begins


def test_that_one_reading_sees_no_token_twice_and_nearly_all_once():
    streams = _streams()
    seen = torch.cat([streams.batch(step).targets.flatten() for step in range(streams.windows)])
    assert len(seen.unique()) == len(seen) >= 1000 - 2 * 3 * 8


def test_that_readings_are_shifted_and_a_batch_follows_from_its_step_alone():
    streams, again = _streams(), _streams()
    firsts = {int(streams.batch(epoch * streams.windows).ids[0, 0]) for epoch in range(8)}
    assert len(firsts) > 3
    for step in (200, 3, 77):
        assert torch.equal(streams.batch(step).ids, again.batch(step).ids)
    assert {int(_streams(seed=seed).batch(0).ids[0, 0]) for seed in range(8)} != {int(streams.batch(0).ids[0, 0])}


def test_that_the_parts_of_a_batch_are_groups_with_its_streams_in_order():
    whole = _streams(batch_size=6)
    for step in (0, 1, whole.windows):
        parts = whole.batch(step).split(2)
        assert [part.group for part in parts] == [0, 1]
        assert torch.equal(torch.cat([part.ids for part in parts]), whole.batch(step).ids)
        assert all(part.begins == whole.batch(step).begins for part in parts)


@pytest.mark.parametrize("count", [25, 26, 32, 49, 50])
def test_that_the_shortest_text_that_fits_is_read(count):
    streams = _streams(count)
    assert all(int(streams.batch(step).targets.max()) < count for step in range(10))


def test_that_a_text_too_short_is_refused_with_the_rows_that_fit():
    with pytest.raises(StudioError, match="3 rows of 8 side by side") as refused:
        _streams(24)
    assert refused.value.remedies[0].value == "2"
    _streams(24, batch_size=2)
    with pytest.raises(StudioError) as hopeless:
        _streams(8)
    assert hopeless.value.remedies == ()


@pytest.mark.parametrize("count", [2, 3, 50, 129, 1000, 5003])
@pytest.mark.parametrize("window", [1, 7, 64])
def test_that_lanes_score_every_token_but_the_first_once(count, window):
    lanes = scoring_lanes(count, context=8)
    targets = [batch.targets[batch.targets != IGNORED] for batch in lane_batches(np.arange(count), lanes, window=window)]
    assert torch.cat(targets).sort().values.tolist() == list(range(1, count))


def test_that_a_lane_reads_on_without_a_gap_and_is_warm_before_it_counts():
    lanes = scoring_lanes(5003, context=8)
    assert len(lanes) == 16
    assert all(lane.scored - 1 - lane.read == 32 for lane in lanes[1:])
    assert lanes[0].read == 0
    batches = list(lane_batches(np.arange(5003), lanes, window=10))
    ids, targets = (torch.cat([getattr(b, name) for b in batches], dim=1) for name in ("ids", "targets"))
    for row, lane in enumerate(lanes):
        counted = targets[row] != IGNORED
        assert torch.equal(ids[row][counted] + 1, targets[row][counted])
        assert ids[row, : lane.end - 1 - lane.read].tolist() == list(range(lane.read, lane.end - 1))


def test_that_a_look_reads_about_as_much_as_was_allowed_spread_over_the_text():
    lanes = scoring_lanes(100_000, context=8, max_tokens=2000)
    counted = sum(lane.end - lane.scored for lane in lanes)
    assert 2000 <= counted <= 2000 + len(lanes)
    assert lanes[-1].end > 90_000
    assert len(scoring_lanes(60, context=8)) == 1


def test_that_a_small_look_at_a_play_is_many_short_stretches_and_not_a_few_scenes():
    lanes = scoring_lanes(111_540, context=64, max_tokens=6_000)  # the classic play by characters, as its presets look at it
    begins = np.array([lane.scored for lane in lanes])
    assert len(lanes) >= 32
    assert all(lane.scored - 1 - lane.read == 128 for lane in lanes)  # also the first: it no longer stands at the beginning
    parts = np.bincount(begins * 10 // 111_540, minlength=10)
    assert parts.min() >= 3
    assert begins.mean() == pytest.approx(111_540 / 2, rel=0.02)
    assert lanes == scoring_lanes(111_540, context=64, max_tokens=6_000)


def test_that_a_sample_of_text_that_grows_harder_costs_what_the_whole_costs():
    cost = np.linspace(1.0, 2.0, 100_001)
    for max_tokens in (1000, 6000, 20_000):
        lanes = scoring_lanes(100_001, context=64, max_tokens=max_tokens)
        seen = np.concatenate([cost[lane.scored : lane.end] for lane in lanes])
        assert seen.mean() == pytest.approx(1.5, abs=0.005)
