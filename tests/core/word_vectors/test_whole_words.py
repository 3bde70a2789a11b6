"""A whole word is a token that no other goes on with: learned from a real text, by every kind of tokenizer."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.tokenizer.training import build_tokenizer
from llmstudio.core.word_vectors.whole_words import whole_words
from llmstudio.core.work import Stop

TEXT = "Anna's cat sat on the mat , playing ; the other cat played . 猫 坐\n" * 40


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("words")
    (folder / "a.txt").write_text(TEXT, "utf-8")
    (folder / "corpus").mkdir()
    list(write_corpus([str(folder / "a.txt")], CorpusConfig(), folder / "corpus", stop=Stop()))
    return Corpus(folder / "corpus")


@pytest.mark.parametrize("kind", ["word", "bpe", "wordpiece", "unigram"])
def test_that_each_word_stands_for_the_token_that_it_becomes_in_a_text(corpus: Corpus, kind: str, tmp_path: Path) -> None:
    list(build_tokenizer(corpus, TokenizerConfig(kind=kind, vocab_size=400), tmp_path, stop=Stop()))
    tokenizer = Tokenizer.load(tmp_path)
    found = whole_words(tokenizer)
    if kind != "unigram":  # which keeps few words of so short a text
        assert {"cat", "the", ","} <= set(found)
    for word in {"cat", "the", ","} & set(found):
        assert set(found[word]) & set(tokenizer.encode(f"on {word} on")), word
    for word, ids in found.items():
        if word.isalpha() and word.isascii():
            assert [tokenizer.token_bytes[id] for id in ids] == [b" " + word.encode()]


def test_that_a_tokenizer_of_characters_has_no_words_but_those_of_one_sign(corpus: Corpus, tmp_path: Path) -> None:
    list(build_tokenizer(corpus, TokenizerConfig(kind="char"), tmp_path, stop=Stop()))
    found = whole_words(Tokenizer.load(tmp_path))
    assert "猫" in found
    assert not any(word.isascii() and word.isalnum() for word in found)
