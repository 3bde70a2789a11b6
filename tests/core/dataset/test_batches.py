"""Batches are a pure function of the step, show every token alike, and every token is scored exactly once."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from llmstudio.core.dataset.batches import IGNORED, Documents, RunningText, evenly, scoring_windows
from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.errors import StudioError
from llmstudio.core.tokenizer.config import PAD


def _rows(lengths: list[int], answers: bool = False) -> Rows:
    total = sum(lengths)
    ids = np.arange(7, 7 + total, dtype=np.uint32)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    mask = (np.arange(total) % 3 == 0).astype(np.uint8) if answers else None
    return Rows(
        ids=ids,
        offsets=offsets,
        answer_mask=mask,
        row_bytes=np.array(lengths),
        hidden_bytes=np.zeros(len(lengths), np.int64),
    )


def test_that_a_step_has_the_same_batch_whenever_it_is_asked_for():
    for make in (
        lambda: RunningText(_rows([500]), context=8, batch_size=4, seed=1),
        lambda: Documents(_rows([5, 9, 12] * 20), context=8, batch_size=4, seed=1, context_weight=0.1),
    ):
        straight, jumping = make(), make()
        expected = [straight.batch(step).ids for step in range(60)]
        for step in (59, 3, 40, 0, 17):
            assert torch.equal(jumping.batch(step).ids, expected[step])


def test_that_targets_are_the_tokens_that_follow():
    batch = RunningText(_rows([500]), context=8, batch_size=4, seed=1).batch(5)
    assert torch.equal(batch.targets, batch.ids + 1)
    documents = Documents(_rows([5, 9]), context=16, batch_size=2, seed=0, context_weight=1.0).batch(0)
    counted = documents.targets != IGNORED
    assert torch.equal(documents.targets[counted], documents.ids[counted] + 1)
    assert bool((documents.ids[~counted] == PAD).all())


def test_that_an_epoch_of_running_text_shows_each_window_once():
    text = RunningText(_rows([805]), context=8, batch_size=1, seed=3)
    starts = [int(text.batch(step).ids[0, 0]) for step in range(text.windows)]
    assert len(set(starts)) == text.windows
    assert len({s % 8 for s in starts}) == 1


def test_that_a_batch_holds_no_window_twice_however_large_it_is_asked_for():
    text = RunningText(_rows([144]), context=8, batch_size=4096, seed=3)
    assert text.most_rows == text.windows == 16
    for step in range(3):
        firsts = text.batch(step).ids[:, 0].tolist()
        assert len(firsts) == len(set(firsts)) == 16
    fitting = RunningText(_rows([144]), context=8, batch_size=16, seed=3)
    assert torch.equal(text.batch(2).ids, fitting.batch(2).ids)


def test_that_an_epoch_of_documents_predicts_each_token_but_the_first_ones_once():
    lengths = [3, 9, 30, 2, 17]
    documents = Documents(_rows(lengths), context=8, batch_size=2, seed=0, context_weight=1.0)
    seen: Counter[int] = Counter()
    for step in range(documents.batches):
        targets = documents.batch(step).targets
        seen.update(targets[targets != IGNORED].tolist())
    firsts = {7 + sum(lengths[:i]) for i in range(len(lengths))}
    assert seen == Counter(set(range(7, 7 + sum(lengths))) - firsts)


def test_that_answers_weigh_one_and_the_rest_the_setting():
    rows = _rows([7, 7], answers=True)
    batch = Documents(rows, context=8, batch_size=2, seed=0, context_weight=0.25).batch(0)
    for target, weight in zip(batch.targets.flatten().tolist(), batch.weights.flatten().tolist(), strict=True):
        assert weight == (0.0 if target == IGNORED else 1.0 if rows.answer_mask[target - 7] else 0.25)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(2, 60), min_size=1, max_size=8), st.integers(2, 20), st.booleans())
def test_that_scoring_reads_each_token_once_and_never_past_the_context(lengths, context, whole_documents):
    rows = _rows(lengths)
    scored: Counter[int] = Counter()
    for start, end, first in scoring_windows(rows, context=context, whole_documents=whole_documents):
        assert start < first <= end
        assert end - start <= context + 1
        assert first - start >= min(context // 2, first) or start == 0 or whole_documents
        scored.update(range(first, end))
    starts = {0} if not whole_documents else {sum(lengths[:i]) for i in range(len(lengths))}
    assert scored == Counter(set(range(sum(lengths))) - starts)


def test_that_a_part_of_the_windows_is_spread_over_the_whole_text():
    windows = list(scoring_windows(_rows([10_000]), context=50, whole_documents=False, max_tokens=1000))
    starts = [w[0] for w in windows]
    assert sum(end - first for _, end, first in windows) == pytest.approx(1000, rel=0.2)
    assert min(starts) < 1000 < 9000 < max(starts)


@given(st.integers(1, 5000), st.floats(0.1, 6000))
def test_that_evenly_spread_numbers_are_as_many_as_wanted_and_leave_no_part_out(count, wanted):
    chosen = evenly(count, wanted)
    assert len(chosen) == min(count, max(1, round(wanted)))
    assert len(set(chosen.tolist())) == len(chosen)
    assert np.diff([-1, *chosen.tolist(), count]).max() <= 2 * count / len(chosen) + 1
    assert evenly(count, wanted).tolist() == chosen.tolist()


def test_that_a_look_at_text_that_repeats_meets_all_of_it():
    kinds = np.arange(3000) % 3  # a tale, a question on it, a small talk, and again
    for wanted in (1000, 500, 250):
        assert np.bincount(kinds[evenly(3000, wanted)], minlength=3).min() > wanted / 4


def test_that_too_short_a_text_names_a_context_that_fits():
    with pytest.raises(StudioError, match="too few for a context of 512") as refused:
        RunningText(_rows([400]), context=512, batch_size=1, seed=0)
    fitting = int(refused.value.remedies[0].value)
    RunningText(_rows([400]), context=fitting, batch_size=1, seed=0)
