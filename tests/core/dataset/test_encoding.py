from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmstudio.core.corpus import samples
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.dataset import encoding
from llmstudio.core.dataset.config import DatasetConfig
from llmstudio.core.dataset.encoding import encode_corpus, encode_turns
from llmstudio.core.dataset.tokens import Dataset
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished, Progress, Started, Stopped
from llmstudio.core.tokenizer import cutting
from llmstudio.core.tokenizer.config import ASSISTANT, END, STORY, USER
from llmstudio.core.work import Stop

DOCUMENTS = ["the kite .", "", "你好, Größe 🙂\n\nnext  line", "the barn and the kite ."]


def encoded(corpus, tokenizer, folder):
    events = list(encode_corpus(corpus, tokenizer, folder, stop=Stop()))
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    return Dataset.open(folder), events


def rows_of(split):
    return [split.row(i).tolist() for i in range(split.num_rows)]


@pytest.mark.parametrize("kind", ["bpe", "unigram", "byte", "char", "word"])
def test_that_each_row_decodes_to_its_document(corpus_of, learned, tmp_path, kind):
    corpus = corpus_of([{"text": text} for text in DOCUMENTS], [{"text": DOCUMENTS[0]}])
    tokenizer = learned(kind, corpus)
    dataset, _ = encoded(corpus, tokenizer, tmp_path / "made")
    train = dataset.split("train")
    assert [tokenizer.decode(row) for row in rows_of(train)] == DOCUMENTS
    assert all(row[-1] == END and END not in row[:-1] for row in rows_of(train))
    assert train.row_bytes.tolist() == [len(text.encode()) for text in DOCUMENTS]
    assert train.hidden_bytes.tolist() == [0] * len(DOCUMENTS)
    assert train.answer_mask is None
    assert train.num_tokens == sum(map(len, rows_of(train)))
    assert [tokenizer.decode(row) for row in rows_of(dataset.split("val"))] == DOCUMENTS[:1]
    assert dataset.split("test") is None
    assert train.ids.dtype == np.uint16
    assert not train.ids.flags.writeable


@given(documents=st.lists(st.text("ab .\n你🙂", max_size=80), min_size=1, max_size=8), data=st.data())
@settings(max_examples=25, deadline=None)
def test_that_parts_of_a_document_become_one_row(corpus_of, learned, tmp_path_factory, documents, data):
    whole, parted = [], []
    for number, text in enumerate(documents):
        whole.append({"text": text})
        cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
        bounds = [0, *cuts, len(text)]
        parts = [text[a:b] for a, b in pairwise(bounds)]
        parted += [{"text": part, "doc": number, "part": i} for i, part in enumerate(parts)]
    for kind in ("bpe", "word", "byte"):
        tokenizer = learned(kind, corpus_of([*whole, {"text": "a b"}]))
        folder = tmp_path_factory.mktemp("rows")
        one, _ = encoded(corpus_of(whole), tokenizer, folder / "whole")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cutting, "_PIECE", 5)
            other, _ = encoded(corpus_of(parted), tokenizer, folder / "parted")
        assert rows_of(one.split("train")) == rows_of(other.split("train"))
        assert one.meta["hash"] == other.meta["hash"]


@pytest.mark.parametrize("kind", ["bpe", "word", "char"])
def test_that_marked_tokens_are_exactly_the_answers(corpus_of, learned, tmp_path, kind):
    records = list(samples.records("tour", count=20))
    corpus = corpus_of(records, kind="turns")
    tokenizer = learned(kind, corpus)
    dataset, _ = encoded(corpus, tokenizer, tmp_path / "made")
    train = dataset.split("train")
    assert train.num_rows == 20
    for index, record in enumerate(records):
        start, end = train.offsets[index : index + 2]
        ids, marks = train.ids[start:end], train.answer_mask[start:end].astype(bool)
        said = [turn["what"] for turn in record["turns"] if turn["who"] == "assistant"]
        answers = [tokenizer.decode(part) for part in np.split(ids[marks], np.flatnonzero(ids[marks] == END) + 1)[:-1]]
        assert answers == said
        assert ids[0] == STORY
        assert [i for i in ids.tolist() if i in (USER, ASSISTANT)] == [USER, ASSISTANT] * len(said)
        assert (encode_turns(tokenizer, record["turns"])[0]) == ids.tolist()
        assert (encode_turns(tokenizer, record["turns"])[1]) == marks.astype(int).tolist()
        assert train.row_bytes[index] == sum(len(turn["what"].encode()) for turn in record["turns"])
    assert dataset.meta["splits"]["train"]["answer_tokens"] == train.answer_mask.sum()


def test_that_a_conversation_without_an_answer_ends_too(corpus_of, learned, tmp_path):
    turns = [{"who": "user", "what": "who is it ?"}]
    corpus = corpus_of([{"turns": turns}], kind="turns")
    tokenizer = learned("word", corpus)
    dataset, _ = encoded(corpus, tokenizer, tmp_path / "made")
    assert rows_of(dataset.split("train")) == [[*encode_turns(tokenizer, turns)[0], END]]
    assert dataset.split("train").answer_mask.sum() == 0


@pytest.mark.parametrize(
    ("kind", "record", "question", "answer"),
    [
        ("pairs", {"source": "the dog", "target": "le chien"}, "the dog", "le chien"),
        ("labelled", {"text": "the dog", "label": "animal"}, "the dog", "animal"),
        ("labelled", {"text": "the dog", "label": ["animal", "pet"]}, "the dog", "animal, pet"),
    ],
)
def test_that_pairs_and_labels_are_questions_with_answers(corpus_of, learned, tmp_path, kind, record, question, answer):
    corpus = corpus_of([record, record], kind=kind)
    tokenizer = learned("word", corpus)
    dataset, _ = encoded(corpus, tokenizer, tmp_path / "made")
    train = dataset.split("train")
    expected = [*tokenizer.encode(question), ASSISTANT, *tokenizer.encode(answer), END]
    assert rows_of(train) == [expected, expected]
    marks = train.answer_mask[: len(expected)].astype(bool)
    assert train.row(0)[marks].tolist() == [*tokenizer.encode(answer), END]
    assert train.row_bytes[0] == len((question + answer).encode())


def test_that_a_tagged_sentence_is_a_text_without_its_tags(corpus_of, learned, tmp_path):
    record = {"words": ["the", "kite", "."], "tags": ["DET", "NOUN", "PUNCT"], "spaces": [True, False, True]}
    tokenizer = learned("byte", corpus_of([{"text": "the kite ."}]))
    dataset, _ = encoded(corpus_of([record], kind="tagged"), tokenizer, tmp_path / "made")
    train = dataset.split("train")
    assert rows_of(train) == [[*tokenizer.encode("the kite."), END]]
    assert train.answer_mask is None
    assert dataset.meta["record_kind"] == "tagged"


def test_that_a_speaker_nobody_knows_is_refused(corpus_of, learned):
    tokenizer = learned("byte", corpus_of([{"text": "a"}]))
    with pytest.raises(StudioError, match="robot"):
        encode_turns(tokenizer, [{"who": "robot", "what": "beep"}])


def test_that_unknown_tokens_charge_the_bytes_they_hide(corpus_of, learned, tmp_path):
    tokenizer = learned("word", corpus_of([{"text": "the kite ."}]))
    text = "the zebra 你 kite ."
    dataset, _ = encoded(corpus_of([{"text": text}, {"text": "the kite ."}]), tokenizer, tmp_path / "made")
    train = dataset.split("train")
    assert train.hidden_bytes.tolist() == [len(" zebra 你".encode()), 0]
    assert train.row_bytes.tolist() == [len(text.encode()), 10]
    implied = 1  # the space that the first word brings
    assert tokenizer.num_bytes(train.row(0)).sum() + train.hidden_bytes[0] == train.row_bytes[0] + implied


def test_that_batches_leave_no_trace_in_the_rows(corpus_of, learned, tmp_path, monkeypatch):
    corpus = corpus_of(list(samples.records("tour", count=12)), kind="turns")
    tokenizer = learned("word", corpus)
    one, _ = encoded(corpus, tokenizer, tmp_path / "one")
    monkeypatch.setattr(encoding, "_BATCH_CHARACTERS", 30)
    monkeypatch.setattr(encoding, "_EVERY_S", 0.0)
    other, events = encoded(corpus, tokenizer, tmp_path / "other")
    assert one.meta == other.meta
    done = [event.done for event in events if isinstance(event, Progress)]
    assert done == sorted(done)
    assert done[-1] == corpus.facts["bytes"]
    left = [event.remaining_s for event in events if isinstance(event, Progress)]
    assert all(seconds >= 0 for seconds in left)
    assert left[-1] == 0


def test_that_a_large_vocabulary_is_stored_in_four_bytes(corpus_of, learned, tmp_path):
    characters = [
        chr(c) for first, last in ((0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x20000, 0x2A6DF)) for c in range(first, last)
    ]
    corpus = corpus_of([{"text": "".join(characters)}])
    for vocab_size, dtype in ((65536, np.uint16), (65537, np.uint32)):
        tokenizer = learned("char", corpus, vocab_size=vocab_size)
        assert tokenizer.vocab_size == vocab_size
        dataset, _ = encoded(corpus, tokenizer, tmp_path / dtype.__name__)
        assert dataset.split("train").ids.dtype == dtype
        assert dataset.split("train").ids.max() == vocab_size - 1


def test_that_stopping_leaves_nothing(corpus_of, learned, tmp_path, monkeypatch):
    monkeypatch.setattr(encoding, "_BATCH_CHARACTERS", 10)
    monkeypatch.setattr(encoding, "_EVERY_S", 0.0)
    corpus = corpus_of([{"text": "the kite ."}] * 50)
    tokenizer = learned("word", corpus)
    stop, events = Stop(), []
    for event in encode_corpus(corpus, tokenizer, tmp_path, stop=stop):
        events.append(event)
        if isinstance(event, Progress):
            assert any(tmp_path.iterdir())
            stop.request()
    assert isinstance(events[-1], Stopped)
    assert len(events) == 3
    assert list(tmp_path.iterdir()) == []


def test_that_walking_away_leaves_nothing(corpus_of, learned, tmp_path, monkeypatch):
    monkeypatch.setattr(encoding, "_BATCH_CHARACTERS", 10)
    monkeypatch.setattr(encoding, "_EVERY_S", 0.0)
    corpus = corpus_of([{"text": "the kite ."}] * 50)
    job = encode_corpus(corpus, learned("word", corpus), tmp_path, stop=Stop())
    next(job), next(job)
    job.close()
    assert list(tmp_path.iterdir()) == []


def test_that_a_corpus_without_training_text_is_refused(corpus_of, learned, tmp_path):
    tokenizer = learned("byte", corpus_of([{"text": "a"}]))
    with pytest.raises(StudioError, match="no training text"):
        list(encode_corpus(corpus_of([], [{"text": "a"}]), tokenizer, tmp_path, stop=Stop()))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "rows", "said"),
    [
        ("labelled", "tags", "teach classes"),
        ("tagged", "classes", "teach tags"),
        ("text", "classes", "have no labels"),
        ("turns", "tags", "have no tags"),
    ],
)
def test_that_a_corpus_of_another_kind_is_refused_before_anything_is_written(tmp_path, kind, rows, said) -> None:
    corpus = SimpleNamespace(record_kind=kind)
    with pytest.raises(StudioError, match=said):
        next(encode_corpus(corpus, None, tmp_path, config=DatasetConfig(rows=rows), stop=Stop()))  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_that_texts_of_a_single_class_are_refused_before_anything_is_written(tmp_path) -> None:
    (tmp_path / "a.csv").write_text("text,label\n" + "".join(f"boat number {n} is in,good\n" for n in range(30)))
    list(write_corpus([tmp_path / "a.csv"], CorpusConfig(), tmp_path / "corpus", stop=Stop()))
    made = encode_corpus(
        Corpus(tmp_path / "corpus"), None, tmp_path / "made", config=DatasetConfig(rows="classes"), stop=Stop()
    )  # type: ignore[arg-type]
    with pytest.raises(StudioError, match="the same label, good"):
        next(made)
    assert not (tmp_path / "made").exists()
