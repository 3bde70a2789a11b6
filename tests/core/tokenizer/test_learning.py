from __future__ import annotations

import os
import time

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


class _Panicking:
    """As the library behaves where memory fails once more while it reports that: it says so, and never comes back."""

    def __init__(self, last_words: str) -> None:
        self._said = last_words.encode()

    def train_from_iterator(self, feed, trainer):
        os.write(2, self._said)
        time.sleep(3)  # for ever, to those who wait


@pytest.mark.parametrize(
    "said",
    [
        "\nthread '<unnamed>' (7) panicked at src/lib.rs:1:1:\nThe pool: ThreadPoolBuildError { kind: IOError }\nnote: x\n",
        "memory allocation of 7 bytes failed\n",
    ],
)
def test_that_a_library_that_gave_up_and_does_not_come_back_is_not_waited_for(corpus_of, texts, monkeypatch, said):
    monkeypatch.setattr(learning, "_PATIENCE_S", 0.2)
    monkeypatch.setattr(learning, "blank", lambda config: _Panicking(said))
    began = time.monotonic()
    with pytest.raises(MemoryError):
        list(learn_from(corpus_of(texts), TokenizerConfig(vocab_size=300)))
    assert time.monotonic() - began < 2


def test_that_a_failure_before_the_text_is_read_is_not_called_a_lack_of_text(corpus_of, texts, monkeypatch):
    class Failing:
        def train_from_iterator(self, feed, trainer):
            raise RuntimeError("no reason")

    monkeypatch.setattr(learning, "blank", lambda config: Failing())
    with pytest.raises(StudioError, match="no reason"):
        list(learn_from(corpus_of(texts), TokenizerConfig(vocab_size=300)))


def test_that_what_the_library_says_is_read_on_where_memory_failed_once(monkeypatch):
    take, failed = learning._NativeProgress._take, []

    def once(self, line):
        if not failed:
            failed.append(line)
            raise MemoryError
        take(self, line)

    monkeypatch.setattr(learning._NativeProgress, "_take", once)
    with learning._NativeProgress() as native:
        os.write(2, b"first\n")
        until = time.monotonic() + 5
        while not failed and time.monotonic() < until:
            time.sleep(0.01)
        os.write(2, b'{"stage": "EM training", "current": 1, "total": 2}\n')
    assert native.latest == {"stage": "learning", "done": 1, "total": 2}
