"""A tokenizer with more tokens cuts all that it knew as before, and gives back what it did not know."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from llmstudio.core.tokenizer.config import UNKNOWN, TokenizerConfig
from llmstudio.core.tokenizer.growing import most_frequent, pieces_of, unknown_in, with_tokens
from llmstudio.core.tokenizer.kinds import blank, char_backend, finished, trainer_for
from llmstudio.core.tokenizer.tokenizer import Tokenizer

KNOWN = "The cat sat on the mat.\nA dog sat by the cat, and the cat ran."
NEW = "The café cat 猫 sat on Ωmega mats. Café café!"


def learned(kind: str, *, lower_case: bool = False) -> Tokenizer:
    config = TokenizerConfig(kind=kind, vocab_size=400, min_frequency=1, lower_case=lower_case)
    if kind == "char":
        return Tokenizer(char_backend(sorted(set(KNOWN))))
    backend = blank(config)
    if kind != "byte":
        characters = sorted(set(KNOWN) - {" ", "\n"})
        characters = [*characters, *(f"##{sign}" for sign in characters)] if kind == "wordpiece" else []
        backend.train_from_iterator([KNOWN], trainer_for(config, characters))
        backend = finished(backend, config)
    return Tokenizer(backend)


@pytest.mark.parametrize("lower_case", [False, True])
@pytest.mark.parametrize("kind", ["char", "word", "wordpiece"])
def test_that_known_text_is_cut_as_before_and_the_new_comes_back(kind: str, lower_case: bool, tmp_path: Path) -> None:
    old = learned(kind, lower_case=lower_case)
    assert list(unknown_in(old, KNOWN)) == []
    counts = Counter(unknown_in(old, NEW))
    new = with_tokens(old, most_frequent(counts, 100))
    assert new.vocab_size == old.vocab_size + len(counts)
    assert UNKNOWN in old.encode(NEW)
    assert UNKNOWN not in new.encode(NEW)
    assert new.encode(KNOWN) == old.encode(KNOWN)
    assert [new.token(id) for id in range(old.vocab_size)] == [old.token(id) for id in range(old.vocab_size)]
    if kind != "wordpiece" and not (lower_case and kind == "word"):
        assert new.decode(new.encode(NEW)) == NEW
    new.save(tmp_path)
    assert Tokenizer.load(tmp_path).hash == new.hash != old.hash


def test_that_the_most_frequent_come_first_and_the_rest_stays_unknown() -> None:
    old = learned("word")
    counts = Counter(unknown_in(old, "zebra yak zebra emu yak zebra"))
    new = with_tokens(old, most_frequent(counts, 2))
    assert [new.token(id) for id in range(old.vocab_size, new.vocab_size)] == [" zebra", " yak"]
    assert new.encode("emu") == [UNKNOWN]


@pytest.mark.parametrize("kind", ["bpe", "unigram", "byte"])
def test_that_nothing_is_unknown_to_kinds_that_know_every_byte(kind: str) -> None:
    assert list(unknown_in(learned(kind), NEW)) == []


def test_that_a_word_is_made_of_the_pieces_that_are_known_of_it() -> None:
    old = learned("wordpiece")
    new = with_tokens(old, ["café", "猫"])
    assert pieces_of(old, new) == (tuple(old.encode("ca")), ()) != ((), ())
    words = learned("word")
    assert pieces_of(words, with_tokens(words, list(unknown_in(words, "café")))) == ((),)


def test_that_what_is_longer_than_any_word_stays_unknown() -> None:
    assert list(unknown_in(learned("wordpiece"), "é" * 101 + " é")) == ["é"]
