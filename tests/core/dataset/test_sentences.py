"""Sentences are found in tokens of every kind as people find them in text."""

from __future__ import annotations

import numpy as np
import pytest

from llmstudio.core.corpus import samples
from llmstudio.core.dataset.sentences import cut_sentences
from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.tokenizer import kinds
from llmstudio.core.tokenizer.config import ASSISTANT, END, USER, TokenizerConfig
from llmstudio.core.tokenizer.tokenizer import Tokenizer

TALES = [str(record["text"]) for record in samples.records("tales", count=60)]
KINDS = ("bpe", "unigram", "word", "char", "byte")


def tokenizer_of(kind: str, texts: list[str], *, vocab_size: int = 500) -> Tokenizer:
    config = TokenizerConfig(kind=kind, vocab_size=vocab_size, min_frequency=1)
    if kind == "byte":
        return Tokenizer(kinds.blank(config))
    if kind == "char":
        return Tokenizer(kinds.char_backend(sorted(set("".join(texts)))))
    backend = kinds.blank(config)
    backend.train_from_iterator(texts, kinds.trainer_for(config))
    return Tokenizer(kinds.finished(backend, config))


def rows_of(tokenizer: Tokenizer, documents: list[str]) -> Rows:
    ids = [[*row, END] for row in tokenizer.encode_batch(documents)]
    return Rows(
        np.array([token for row in ids for token in row], np.uint16),
        np.cumsum([0, *map(len, ids)]),
        None,
        np.array([len(text.encode()) for text in documents]),
        np.array([tokenizer.hidden_bytes(text) for text in documents]),
    )


def texts_of(tokenizer: Tokenizer, rows: Rows) -> list[str]:
    return [tokenizer.decode(int(t) for t in rows.row(i)) for i in range(rows.num_rows)]


@pytest.mark.parametrize("kind", KINDS)
def test_that_the_sentences_of_tales_are_those_their_writer_meant(kind: str) -> None:
    tokenizer = tokenizer_of(kind, TALES, vocab_size=2000)
    found = texts_of(tokenizer, cut_sentences(rows_of(tokenizer, TALES), tokenizer, 1000).rows)
    assert found == [sentence for tale in TALES for sentence in samples.sentences(tale)]


@pytest.mark.parametrize("kind", KINDS)
def test_that_a_sentence_has_the_ids_it_has_when_it_is_typed(kind: str) -> None:
    tokenizer = tokenizer_of(kind, TALES, vocab_size=2000)
    rows = cut_sentences(rows_of(tokenizer, TALES[:9]), tokenizer, 1000).rows
    for i in range(rows.num_rows):
        row = [int(t) for t in rows.row(i)]
        assert row == [END, *tokenizer.encode(tokenizer.decode(row)), END]


@pytest.mark.parametrize("kind", KINDS)
def test_that_bytes_are_those_of_the_sentences(kind: str) -> None:
    tokenizer = tokenizer_of(kind, TALES, vocab_size=2000)
    rows = cut_sentences(rows_of(tokenizer, TALES), tokenizer, 1000).rows
    assert rows.row_bytes.tolist() == [len(text.encode()) for text in texts_of(tokenizer, rows)]
    assert rows.hidden_bytes.sum() == 0


def test_that_bytes_under_unknown_words_are_kept_with_them() -> None:
    tokenizer = tokenizer_of("word", ["The cat sat.", "It ran."])
    rows = cut_sentences(rows_of(tokenizer, ["The zebra sat. It ran."]), tokenizer, 1000).rows
    # The zebra's six bytes hold the space before it, as the tokenizer counts.
    assert rows.hidden_bytes.tolist() == [tokenizer.hidden_bytes("The zebra sat."), 0]
    assert rows.row_bytes.tolist() == [len("The zebra sat."), len("It ran.")]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("It cost 3.50 coins. Ann paid.", ["It cost 3.50 coins.", "Ann paid."]),
        ('"Who is there?" asked Tom. He ran.', ['"Who is there?" asked Tom.', "He ran."]),
        ('Tom said, "Come in. Sit down." Ann sat.', ['Tom said, "Come in. Sit down."', "Ann sat."]),
        ("a line\nanother line\n\nlast", ["a line", "another line", "last"]),
        ('An open " mark.\nThe next line. And more.', ['An open " mark.', "The next line.", "And more."]),
        ("  spaces . Then more.  ", ["spaces .", "Then more."]),
        ("小狐狸跑了。它很高兴！回家了", ["小狐狸跑了。", "它很高兴！", "回家了"]),
        ("one. two. three.", ["one.", "two.", "three."]),
    ],
)
@pytest.mark.parametrize("kind", ["char", "bpe"])
def test_that_marks_lines_and_quotations_end_sentences_as_people_read_them(
    kind: str, text: str, sentences: list[str]
) -> None:
    tokenizer = tokenizer_of(kind, [text])
    assert texts_of(tokenizer, cut_sentences(rows_of(tokenizer, [text]), tokenizer, 1000).rows) == sentences


def test_that_turns_stand_apart_and_their_signs_fall_away() -> None:
    tokenizer = tokenizer_of("char", ["Who has it? Tom."])
    ids = [USER, *tokenizer.encode("Who has it?"), ASSISTANT, *tokenizer.encode("Tom"), END]
    rows = Rows(np.array(ids), np.array([0, len(ids)]), None, np.array([14]), np.array([0]))
    assert texts_of(tokenizer, cut_sentences(rows, tokenizer, 1000).rows) == ["Who has it?", "Tom"]


def test_that_of_a_long_sentence_the_beginning_stays_without_an_end() -> None:
    tokenizer = tokenizer_of("char", ["abcdefghij"])
    rows = rows_of(tokenizer, ["abcdefghij", "abc", "abcdefg"])
    cut = cut_sentences(rows, tokenizer, 8)
    assert texts_of(tokenizer, cut.rows) == ["abcdefgh", "abc", "abcdefg"]
    assert [int(cut.rows.row(i)[-1] == END) for i in range(3)] == [0, 1, 1]
    assert max(np.diff(cut.rows.offsets)) == 9
    assert cut.num_cut == 1
    assert cut.rows.row_bytes.tolist() == [8, 3, 7]


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_that_a_text_without_a_word_has_no_sentence(text: str) -> None:
    tokenizer = tokenizer_of("char", ["ab \n"])
    assert cut_sentences(rows_of(tokenizer, [text]), tokenizer, 8).rows.num_rows == 0


@pytest.mark.parametrize("kind", KINDS)
def test_that_a_text_read_in_parts_has_the_sentences_that_it_has_read_at_once(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer = tokenizer_of(kind, TALES, vocab_size=300)
    # Left open, a quotation and a line end with their row, too; a row of nothing stands between two parts.
    rows = rows_of(tokenizer, ['He said: "No. I am', "", *TALES[:20], 'here." she said. zß', "  ", "Yes! no", TALES[21]])
    whole = cut_sentences(rows, tokenizer, 12)
    for tokens_at_once in (1, 40, 700):
        monkeypatch.setattr("llmstudio.core.dataset.sentences._TOKENS_AT_ONCE", tokens_at_once)
        parts = cut_sentences(rows, tokenizer, 12)
        assert parts.rows.ids.tolist() == whole.rows.ids.tolist()
        assert parts.rows.ids.dtype == np.uint16
        assert parts.rows.offsets.tolist() == whole.rows.offsets.tolist()
        assert parts.rows.row_bytes.tolist() == whole.rows.row_bytes.tolist()
        assert parts.rows.hidden_bytes.tolist() == whole.rows.hidden_bytes.tolist()
        assert parts.documents.tolist() == whole.documents.tolist()
        assert parts.num_cut == whole.num_cut
