"""The encoder on corpora as they are read from files, rather than records made up for a law."""

from __future__ import annotations

import pytest

from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.dataset.encoding import encode_corpus
from llmstudio.core.dataset.tokens import Dataset
from llmstudio.core.tokenizer.config import END
from llmstudio.core.work import Stop


def imported(source, folder):
    list(write_corpus([source], CorpusConfig(sample_count=300), folder, stop=Stop()))
    return Corpus(folder)


def encoded(corpus, tokenizer, folder):
    *_, end = encode_corpus(corpus, tokenizer, folder, stop=Stop())
    dataset = Dataset.open(folder)
    assert end.result == dataset.meta
    return dataset


@pytest.mark.parametrize("kind", ["bpe", "word", "char"])
def test_that_one_long_text_is_one_row_a_split_and_comes_back_whole(learned, tmp_path, kind):
    text = "".join(f"line {n % 500}: the kite\n\n你好 🙂  and {n % 7} more.\n" for n in range(36_000))
    (tmp_path / "long.txt").write_text(text, encoding="utf-8", newline="")
    corpus = imported(tmp_path / "long.txt", tmp_path / "corpus")
    assert sum(1 for _ in corpus.records("train")) > 1
    tokenizer = learned(kind, corpus, vocab_size=2000)
    dataset = encoded(corpus, tokenizer, tmp_path / "made")
    train, val = dataset.split("train"), dataset.split("val")
    assert (train.num_rows, val.num_rows) == (1, 1)
    assert val.hidden_bytes[0] == 0
    assert tokenizer.decode(train.row(0)) + tokenizer.decode(val.row(0)) == text
    assert train.row_bytes[0] + val.row_bytes[0] == len(text.encode())
    assert train.row(0).tolist() == [*tokenizer.encode("".join(corpus.texts("train"))), END]
    assert dataset.meta["corpus"] == corpus.facts["hash"]


def test_that_the_samples_stories_are_rows_with_answers(learned, tmp_path):
    corpus = imported("sample:tour", tmp_path / "corpus")
    tokenizer = learned("word", corpus)
    dataset = encoded(corpus, tokenizer, tmp_path / "made")
    for split in ("train", "val"):
        rows = dataset.split(split)
        records = list(corpus.records(split))
        assert rows.num_rows == len(records)
        assert rows.hidden_bytes.sum() == 0
        said = [turn["what"] for record in records for turn in record["turns"] if turn["who"] == "assistant"]
        answers = rows.ids[rows.answer_mask.astype(bool)].tolist()
        assert answers.count(END) == len(said)
        assert tokenizer.decode(answers) == " ".join(said)
