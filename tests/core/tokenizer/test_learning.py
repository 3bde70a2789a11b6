from __future__ import annotations

import pytest
from tokenizers import Tokenizer as Backend

from llmstudio.core.errors import StudioError
from llmstudio.core.tokenizer import learning
from llmstudio.core.tokenizer.config import SPECIALS, TokenizerConfig
from llmstudio.core.tokenizer.learning import learn_from
from llmstudio.core.tokenizer.tokenizer import Tokenizer

KINDS = ("bpe", "wordpiece", "unigram", "word", "char", "byte")


@pytest.mark.parametrize("kind", KINDS)
def test_that_the_same_text_gives_the_same_tokenizer(corpus_of, texts, kind):
    hashes = set()
    for _ in range(3):
        *_, last = learn_from(corpus_of(texts), TokenizerConfig(kind=kind, vocab_size=300))
        hashes.add(Tokenizer(Backend.from_str(last["result"]["json"])).hash)
    assert len(hashes) == 1


@pytest.mark.parametrize("kind", ["bpe", "wordpiece", "unigram", "word", "char"])
@pytest.mark.parametrize("vocab_size", [16, 60, 280, 320])
def test_that_a_vocabulary_is_no_larger_than_asked(build, kind, vocab_size):
    least = len(SPECIALS) + 256 if kind in ("bpe", "unigram") else 0  # every byte is a token there
    assert build(kind, vocab_size).vocab_size <= max(vocab_size, least)


def test_that_the_most_frequent_words_and_characters_are_kept(build):
    texts = ("a b a b a c a b d",)
    word = build("word", 16, texts=texts, min_frequency=2)
    assert [word.token(id) for id in range(len(SPECIALS), word.vocab_size)] == [" a", " b"]
    char = build("char", 16, texts=("".join(c * n for n, c in enumerate("abcdefghijkl", 1)),))
    assert [char.token(id) for id in range(len(SPECIALS), char.vocab_size)] == list("lkjihgfed")


def test_that_every_character_seen_becomes_a_token(build, texts):
    tokenizer = build("char", 400)
    assert {token for _, token in tokenizer.vocabulary()[len(SPECIALS) :]} == set("".join(texts))


def test_that_merges_are_told_in_the_order_they_were_learned(corpus_of, texts):
    *messages, last = learn_from(corpus_of(texts), TokenizerConfig(kind="bpe", vocab_size=400))
    tokenizer = Tokenizer(Backend.from_str(last["result"]["json"]))
    told = [pair for message in messages for pair in message.get("merges", ())]
    assert len(told) > 100
    assert told == [[tokenizer.token(left), tokenizer.token(right)] for left, right, _ in tokenizer.merges]


def test_that_the_trainer_tells_how_far_it_is(corpus_of, monkeypatch):
    monkeypatch.setattr(learning, "_EVERY_S", 0.001)
    words = tuple(f"{a}{b}{c} " * 3 for a in "abcdefgh" for b in "klmnopqr" for c in "stuvwxyz")
    stages = [m["stage"] for m in learn_from(corpus_of(words), TokenizerConfig(vocab_size=800)) if "stage" in m]
    order = ("reading", "counting", "learning", "merges", "measuring")
    assert stages == sorted(stages, key=order.index)
    assert "learning" in stages


def test_that_a_tokenizer_is_measured_on_held_out_text(corpus_of, texts):
    *_, last = learn_from(corpus_of(texts, ("the kite zebra",)), TokenizerConfig(kind="word", vocab_size=300))
    assert last["result"]["measured_on"] == "val"
    assert last["result"]["unknown_share"] == 1 / 3
    assert last["result"]["bytes_per_token"] == 14 / 3
    *_, last = learn_from(corpus_of(texts), TokenizerConfig(kind="byte"))
    assert last["result"]["measured_on"] == "train"
    assert last["result"]["bytes_per_token"] == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("texts", [(), ("", "")])
def test_that_a_corpus_without_text_is_refused(corpus_of, kind, texts):
    with pytest.raises(StudioError, match="no text"):
        list(learn_from(corpus_of(texts), TokenizerConfig(kind=kind)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["a", " ", "\n", "a" * 30_000, "-" * 30_000, " " * 30_000])
def test_that_strange_texts_still_make_a_tokenizer(build, kind, text):
    tokenizer = build(kind, 300, texts=(text,))
    assert max(map(len, tokenizer.token_bytes)) <= (10_001 if kind == "wordpiece" else 49)
    if tokenizer.round_trips:
        assert tokenizer.decode(tokenizer.encode(text)) == text
