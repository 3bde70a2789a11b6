from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus import statistics
from llmstudio.core.corpus.statistics import Statistics, Tally

TEXTS = st.lists(st.text(alphabet=st.sampled_from("abc é中文\n😀"), max_size=40), min_size=1, max_size=20)


def counted(texts: list[str], expected: int = 0) -> Tally:
    tally = Tally(expected)
    for text in texts:
        tally.add(text, len(text.encode()))
        tally.end_document(len(text), "even" if len(text) % 2 == 0 else "odd")
    return tally


@given(texts=TEXTS)
def test_that_characters_bytes_and_lengths_are_counted_in_full(texts: list[str]) -> None:
    found = counted(texts).statistics()
    whole = "".join(texts)
    assert (found.num_documents, found.num_characters, found.num_bytes) == (len(texts), len(whole), len(whole.encode()))
    assert dict(found.characters) == Counter(whole)
    assert found.num_different_characters == len(set(whole))
    assert (found.min_length, found.max_length) == (min(map(len, texts)), max(map(len, texts)))
    assert sum(found.length_counts) == len(texts)
    for low, high, count in zip(found.length_edges[:-1], found.length_edges[1:], found.length_counts, strict=True):
        assert count == sum(low <= len(text) < high for text in texts)


@given(texts=TEXTS, more=TEXTS)
def test_that_two_tallies_merged_are_one_over_both(texts: list[str], more: list[str]) -> None:
    tally = counted(texts)
    tally.merge(counted(more))
    together = counted(texts + more).statistics()
    merged = tally.statistics()
    assert dict(merged.characters) == dict(together.characters)
    assert dict(merged.words) == dict(together.words)
    for name in ("num_documents", "num_characters", "num_bytes", "min_length", "max_length", "length_counts"):
        assert getattr(merged, name) == getattr(together, name)
    assert dict(merged.labels) == dict(together.labels)


@given(texts=TEXTS)
def test_that_statistics_survive_json(texts: list[str]) -> None:
    found = counted(texts).statistics()
    assert Statistics.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_that_words_and_pairs_of_chinese_signs_are_ranked() -> None:
    found = counted(["The dog and the cat. Don't!", "中国人, 中国"]).statistics()
    assert dict(found.words) == {"the": 2, "dog": 1, "and": 1, "cat": 1, "don't": 1, "中国": 2, "国人": 1}
    assert found.sampled_share == 1.0


def test_that_a_large_corpus_is_sampled_evenly_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "SAMPLE_CHARACTERS", 20_000)
    monkeypatch.setattr(statistics, "_BUFFER", 1000)
    texts = [f"{chr(97 + n % 20)}{chr(97 + n // 20)} " * 400 for n in range(200)]
    found = counted(texts, expected=sum(map(len, texts))).statistics()
    assert found.sampled_share == pytest.approx(20_000 / found.num_characters, rel=0.1)
    assert found.num_different_words >= 190
    assert sum(count for _, count in found.characters) == found.num_characters


def test_that_rare_words_are_forgotten_before_memory_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "_MANY_WORDS", 1000)
    monkeypatch.setattr(statistics, "_BUFFER", 5000)
    letters = "abcdefghijklmnop"
    texts = [
        f"often {letters[n % 16]}{letters[n // 16 % 16]}{letters[n // 256 % 16]}{letters[n // 4096]}" for n in range(9000)
    ]
    found = counted(texts).statistics()
    assert found.words[0] == ("often", 9000)
    assert found.num_different_words <= 2500
