from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmstudio.core.errors import StudioError
from llmstudio.core.tokenizer.inspection import compare, frequencies, replay, why_not_replay


@given(
    text=st.text(max_size=60) | st.lists(st.sampled_from(["the", " kite", "aaa", " 今天", "\n\n"]), max_size=12).map("".join)
)
@settings(max_examples=80, deadline=None)
def test_that_the_last_step_of_a_replay_is_what_encode_gives(build, text):
    tokenizer = build("bpe")
    steps = replay(tokenizer, text)
    assert steps[-1].ids == tokenizer.encode(text)
    assert steps[-1].pieces == [tokenizer.token(id) for id in tokenizer.encode(text)]
    assert len(steps[0].ids) == len(text.encode())


def test_that_merges_are_replayed_in_the_order_they_were_learned(build):
    tokenizer = build("bpe")
    steps = replay(tokenizer, "the kite is in the barn")
    ranks = [step.rank for step in steps]
    assert ranks[0] == -1
    assert ranks == sorted(ranks)
    assert len(ranks) > 3
    for before, after in pairwise(steps):
        assert len(after.pieces) < len(before.pieces)
        assert after.merged in after.pieces
        assert "".join(after.pieces) == "the kite is in the barn"


def test_that_a_replay_follows_lower_case(build):
    tokenizer = build("bpe", lower_case=True)
    assert replay(tokenizer, "The KITE")[-1].ids == tokenizer.encode("The KITE")


@pytest.mark.parametrize("kind", ["wordpiece", "unigram", "word", "char", "byte"])
def test_that_kinds_without_merges_say_why(build, kind):
    reason = why_not_replay(kind)
    assert reason is not None
    with pytest.raises(StudioError) as raised:
        replay(build(kind), "the kite")
    assert raised.value.words == reason


def test_that_a_text_too_long_to_replay_is_refused(build):
    assert why_not_replay("bpe") is None
    with pytest.raises(StudioError, match="shorten"):
        replay(build("bpe"), "a" * 2001)


def test_that_frequencies_count_every_token_once(build, texts):
    tokenizer = build("bpe")
    counts = frequencies(tokenizer, texts)
    ids = [id for text in texts for id in tokenizer.encode(text)]
    assert counts.sum() == len(ids)
    assert all(counts[id] == ids.count(id) for id in set(ids))


def test_that_two_tokenizers_are_measured_on_the_same_text(build):
    text = "the kite 你 zebra"
    left, right = compare(build("byte"), build("word"), text)
    assert (left.kind, right.kind) == ("byte", "word")
    assert left.num_tokens == len(text.encode())
    assert left.bytes_per_token == 1
    assert left.num_unknown == 0
    assert right.num_tokens == 5
    assert right.num_unknown == 2
    assert right.bytes_per_token == len(text.encode()) / 5
    assert compare(build("byte"), build("word"), "")[0].bytes_per_token == 0
