from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.generation.counting.ngram import count
from llmstudio.core.tokenizer.config import END


def likeliest(found: Counter[int]) -> int:
    """By count; the smallest among equals."""
    return min(found, key=lambda token: (-found[token], token))


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.lists(st.integers(0, 7), max_size=3))
def test_that_the_next_token_is_the_most_frequent_one_after_the_longest_context_seen(
    ids: list[int], prompt: list[int]
) -> None:
    model = count(np.array(ids, dtype=np.uint16))
    after_two = Counter(c for a, b, c in zip(ids, ids[1:], ids[2:], strict=False) if [a, b] == prompt[-2:])
    after_one = Counter(b for a, b in itertools.pairwise(ids) if prompt and a == prompt[-1])
    seen = next((found for found in (after_two, after_one) if found), Counter(ids))
    assert model.next(prompt) == likeliest(seen)


def test_that_an_answer_ends_at_a_stop_token_or_in_time() -> None:
    model = count(np.array([10, 11, 12, END, 10, 11, 12, END]))
    assert model.answer([10], max_new_tokens=9) == [11, 12]
    assert model.answer([10], max_new_tokens=1) == [11]
    assert count(np.array([10, 11] * 5)).answer([10], max_new_tokens=4) == [11, 10, 11, 10]


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32, np.int64])
def test_that_large_ids_do_not_run_over(dtype: type) -> None:
    top = 60_000 if dtype is np.uint16 else 200_000
    model = count(np.array([top, top - 1, top - 2] * 3, dtype=dtype))
    assert model.next([top, top - 1]) == top - 2
