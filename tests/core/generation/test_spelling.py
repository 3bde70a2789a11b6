from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch

from llmstudio.core.corpus.config import CorpusConfig, SplitConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.generation.spelling import (
    Spelling,
    Wording,
    own_features,
    row_features,
    shape_of,
    text_features,
)
from llmstudio.core.models.parts.heads.sizes import SCALE, TABLE_ROWS
from llmstudio.core.models.parts.heads.spelling_table import SpellingTable
from llmstudio.core.tokenizer.config import END, PAD, UNKNOWN, TokenizerConfig
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.tokenizer.training import build_tokenizer
from llmstudio.core.work import Stop


def rows_of(sentence: str):
    return row_features(np.stack([own_features(word) for word in sentence.split()]))


def shared(one, other) -> int:
    return int((one == other).sum())


@pytest.mark.parametrize(
    ("word", "shape"), [("Rome", "Xx"), ("USA", "X"), ("iPhone", "xXx"), ("1984", "d"), ("T-34", "X-d"), ("我们", "x")]
)
def test_that_a_shape_tells_capitals_and_digits(word, shape) -> None:
    assert shape_of(word) == shape


def test_that_what_is_spelled_alike_shares_features_and_other_words_do_not() -> None:
    (walking,), (talking,), (moon,) = rows_of("walking"), rows_of("talking"), rows_of("moon")
    around = shared(walking, moon)  # nothing beside either, and small letters
    assert shared(walking, talking) == around + 4  # the last one to four letters
    assert 0 <= walking.min() < TABLE_ROWS
    assert walking.max() < TABLE_ROWS


def test_that_only_two_words_on_each_side_count() -> None:
    one, other = rows_of("the old grey cat sat on a mat"), rows_of("the old grey cat sat on two mat")
    assert [shared(a, b) == len(a) for a, b in zip(one, other, strict=True)] == [True] * 4 + [False] * 4


def test_that_features_are_those_of_the_words_however_they_are_cut(tags_data) -> None:
    tokenizer = tags_data[1]
    ids, starts = np.full((2, 40), PAD), np.zeros((2, 40), bool)
    for row, sentence in enumerate(["Tom lives in Rome", "Anna"]):
        at = 0
        for word in sentence.split():
            starts[row, at] = True
            tokens = tokenizer.encode(f" {word}" if at else word)
            ids[row, at : at + len(tokens)] = tokens
            at += len(tokens)
        ids[row, at] = END
    found = Spelling(tokenizer).read(ids, starts)
    assert np.array_equal(found, np.concatenate([rows_of("Tom lives in Rome"), rows_of("Anna")]))
    assert len(Spelling(tokenizer).read(ids[:0], starts[:0])) == 0


def test_that_a_table_adds_up_and_its_mean_stays_while_a_share_is_silenced() -> None:
    table = SpellingTable(50, 3)
    torch.manual_seed(0)
    torch.nn.init.normal_(table.table)
    rows = torch.randint(1, 50, (4, 7))
    nothing = torch.zeros(4, 2, dtype=torch.int64)
    with torch.no_grad():
        assert torch.allclose(table(rows), SCALE * table.table[rows].sum(1), atol=1e-4)
        silenced = torch.stack([table(rows, 0.4) for _ in range(4000)]).mean(0)
        assert torch.allclose(silenced / SCALE, table(rows) / SCALE, atol=0.25)
        assert torch.equal(table(torch.cat([rows, nothing], 1)), table(rows))
        assert not torch.equal(table(rows, 0.4), table(rows))
        assert torch.equal(table.eval()(rows, 0.4), table(rows))


@pytest.mark.parametrize("lower_case", [False, True])
def test_that_words_a_tokenizer_lacks_are_read_from_their_letters(lower_case: bool, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Rome is old .\nRome is far .\n", "utf-8")
    (tmp_path / "corpus").mkdir()
    whole = CorpusConfig(split=SplitConfig(0.0, 0.0))
    list(write_corpus([str(tmp_path / "a.txt")], whole, tmp_path / "corpus", stop=Stop()))
    config = TokenizerConfig(kind="word", vocab_size=60, min_frequency=1, lower_case=lower_case)
    list(build_tokenizer(Corpus(tmp_path / "corpus"), config, tmp_path / "cut", stop=Stop()))
    tokenizer = Tokenizer.load(tmp_path / "cut")
    sentence = "Rome is Paris"
    tokens = [tokenizer.encode(f" {word}" if at else word) for at, word in enumerate(sentence.split())]
    assert set(tokens[2]) == {UNKNOWN}
    ids = np.array([[*itertools.chain(*tokens), END]])
    starts = np.array([[*(place == 0 for word in tokens for place in range(len(word))), False]])
    spelling = Spelling(tokenizer)
    known = sentence.lower() if lower_case else sentence
    assert np.array_equal(spelling.read(ids, starts, sentence.split()), rows_of(known))
    assert not np.array_equal(spelling.read(ids, starts), rows_of(known))


def test_that_what_was_seen_too_seldom_is_left_out_and_nothing_else(tags_data) -> None:
    tokenizer = tags_data[1]
    sentence = "Tom lives in Rome"
    tokens = [token for n, word in enumerate(sentence.split()) for token in tokenizer.encode(f" {word}" if n else word)]
    starts = np.array([[tokenizer.decode([token]).strip() != "" and token != END for token in tokens]])
    starts[0] = [n == 0 or tokenizer.decode([token]).startswith(" ") for n, token in enumerate(tokens)]
    ids, spelling = np.array([tokens]), Spelling(tokenizer)
    plain = spelling.read(ids, starts)
    counts = np.bincount(plain.ravel(), minlength=TABLE_ROWS)
    spelling.leave_out_rare([(ids, starts)], 2)
    found = spelling.read(ids, starts)
    assert np.array_equal(found, np.where(counts[plain] >= 2, plain, 0))
    assert 0 < (found > 0).sum() < (plain > 0).sum()


def test_that_a_texts_features_are_those_of_its_words_in_their_order_whatever_their_capitals() -> None:
    one, other = text_features("Who wrote the book ?"), text_features("the book wrote Who ?")
    assert np.array_equal(one, text_features("WHO wrote The book?"))
    assert not np.array_equal(one, other)
    shared_ones = np.intersect1d(one, other)
    assert set(text_features("wrote")) & set(shared_ones)
    assert len(np.unique(one)) == len(one)
    assert one.min() > 0
    assert one.max() < TABLE_ROWS
    assert len(text_features("")) > 0


def test_that_characters_of_unspaced_scripts_are_read_in_threes() -> None:
    assert len(text_features("股市大涨")) == 5 + 5 + 4  # with the edge of the text: single signs, pairs, three together


def test_that_rows_of_texts_are_their_features_and_nothing_behind_them(tags_data) -> None:
    tokenizer = tags_data[1]
    texts = ["Tom lives in Rome", "Anna"]
    cut = [tokenizer.encode(text) for text in texts]
    ids = np.full((2, max(map(len, cut)) + 1), PAD)
    for row, tokens in enumerate(cut):
        ids[row, : len(tokens) + 1] = [*tokens, END]
    wording = Wording(tokenizer)
    for rows in (wording.read(ids), wording.read(ids)):
        for row, text in zip(rows, texts, strict=True):
            assert np.array_equal(row[row > 0], text_features(text))


def test_that_a_long_text_is_no_surer_than_a_short_one_that_says_the_same() -> None:
    table = SpellingTable(9, 2)
    with torch.no_grad():
        table.table.fill_(0.1)
        short, long = table.mean(torch.tensor([[1, 0, 0, 0], [1, 2, 3, 4]]))
    assert torch.allclose(long, 2 * short)
