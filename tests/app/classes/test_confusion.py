from __future__ import annotations

import json
from itertools import islice

import numpy as np
import pytest

from llmstudio.app.classes import confusion as module
from llmstudio.app.classes.confusion import confusion
from llmstudio.app.classes.labelled import labelled_text, task_for, why_not
from llmstudio.app.inspecting.classes import tell_classes
from llmstudio.app.items.loaded import load
from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.errors import StudioError
from llmstudio.core.work import Stop


def test_that_every_held_out_text_is_counted_in_the_cell_of_its_class_and_the_one_told(sorting) -> None:
    found = confusion(sorting, "Sort", which="best")
    records = list(Corpus(sorting.about("corpus", "Reviews").path).records("val"))
    expected = np.zeros_like(found.matrix)
    for record in records:
        told = tell_classes(sorting, "Sort", record["text"]).names[0]
        cell = found.names.index(record["label"]), found.names.index(told)
        expected[cell] += 1
        assert record["text"] in found.cells[cell]
    assert found.matrix.tolist() == expected.tolist()
    assert found.num_texts == len(records)
    assert found.is_all
    assert {cell: len(texts) for cell, texts in found.cells.items()} == {
        (int(row), int(column)): int(expected[row, column]) for row, column in zip(*expected.nonzero(), strict=True)
    }


def test_that_the_table_agrees_with_the_accuracy_that_is_measured(sorting) -> None:
    found = confusion(sorting, "Sort", which="best")
    *_, end = evaluate(sorting, "Sort", stop=Stop())
    assert np.trace(found.matrix) / found.matrix.sum() == pytest.approx(end.result["accuracy"])
    assert found.step == load(sorting, "Sort").step == end.result["step"]


def test_that_of_many_texts_some_are_asked_and_that_is_known(sorting, monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST", 5)
    found = confusion(sorting, "Sort")
    assert 0 < found.num_texts <= 5
    assert not found.is_all


def test_that_a_model_that_tells_no_classes_and_a_stop_are_sentences(project, sorting) -> None:
    with pytest.raises(StudioError, match="cannot sort texts"):
        confusion(project, "Tiny")
    (stop := Stop()).request()
    with pytest.raises(StudioError, match="stopped"):
        confusion(sorting, "Sort", stop=stop)


def test_that_classes_are_counted_where_learning_takes_place_and_the_rarest_is_shown_first(sorting, tmp_path) -> None:
    rows = [("It was good number {}", "good", 60), ("It was bad number {}", "bad", 40), ("So so number {}", "mixed", 3)]
    lines = [json.dumps({"text": text.format(n), "label": label}) for text, label, count in rows for n in range(count)]
    file = tmp_path / "few.jsonl"
    file.write_text("\n".join([*lines, json.dumps({"text": "nobody knows"})]), encoding="utf-8")
    list(import_corpus(sorting, [file], name="Few", config=CorpusConfig(), stop=Stop()))
    found = labelled_text(sorting, "Few")
    train = list(Corpus(sorting.about("corpus", "Few").path).records("train"))
    labels = [record.get("label") for record in train]
    assert dict(found.classes) == {name: labels.count(name) for name in ("good", "bad", "mixed") if name in labels}
    assert [count for _, count in found.classes] == sorted((count for _, count in found.classes), reverse=True)
    assert found.num_unlabelled == labels.count(None)
    assert found.rows[0][1] == found.classes[-1][0]
    assert {label for _, label in found.rows} == set(dict(found.classes))
    assert all(any(record["text"] == text for record in train) for text, _ in islice(found.rows, 3))
    assert found.rare == tuple(name for name, count in found.classes if count < 0.2 * sum(dict(found.classes).values()) / 3)


def test_that_a_corpus_that_holds_no_answers_suits_no_task_and_says_the_way_out(sorting, tmp_path) -> None:
    file = tmp_path / "plain.txt"
    file.write_text("Only text, and nothing that says what it is.\n\nAnd some more of it.", encoding="utf-8")
    list(import_corpus(sorting, [file], name="Plain", config=CorpusConfig(), stop=Stop()))
    assert task_for(sorting.about("corpus", "Reviews")) == "classify"
    assert why_not(sorting.about("corpus", "Reviews")) is None
    assert task_for(sorting.about("corpus", "Plain")) == ""
    with pytest.raises(StudioError, match="Import a table with a column of labels") as refused:
        labelled_text(sorting, "Plain")
    assert refused.value.remedies


def test_that_chats_and_pairs_are_counted_and_shown_part_by_part(sorting, tmp_path) -> None:
    pairs = [{"source": f"It was good number {n}", "target": f"good {n}"} for n in range(40)]
    chats = [{"turns": [{"who": "user", "what": f"Hello {n}"}, {"who": "assistant", "what": "Hi!"}]} for n in range(40)]
    for name, rows in (("Pairs", pairs), ("Chats", chats)):
        file = tmp_path / f"{name}.jsonl"
        file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        list(import_corpus(sorting, [file], name=name, config=CorpusConfig(), stop=Stop()))
        found = labelled_text(sorting, name)
        train = list(Corpus(sorting.about("corpus", name).path).records("train"))
        assert (found.task, found.num_texts, found.classes) == (task_for(sorting.about("corpus", name)), len(train), ())
        first = train[0]
        parts = [(turn["what"], turn["who"]) for turn in first.get("turns", ())]
        assert list(found.rows[:2]) == (parts or [(first["source"], "source"), (first["target"], "target")])
    assert task_for(sorting.about("corpus", "Pairs")) == "pairs"
    assert task_for(sorting.about("corpus", "Chats")) == "next_token"


def test_that_tagged_sentences_offer_their_tags_word_by_word(sorting, tmp_path) -> None:
    sentences = [
        "The\tDET\nmill\tNOUN\nturns\tVERB\n",
        "Go\tVERB\nhome\tADV\n",
        "A\tDET\nfox\tNOUN\nsleeps\tVERB\nhere\tADV\n",
    ]
    file = tmp_path / "words.conll"
    file.write_text("\n".join(f"{text.replace('mill', f'mill{n}')}" for n in range(30) for text in sentences), "utf-8")
    list(import_corpus(sorting, [file], name="Tagged", config=CorpusConfig(), stop=Stop()))
    assert task_for(sorting.about("corpus", "Tagged")) == "tag"
    found = labelled_text(sorting, "Tagged")
    train = list(Corpus(sorting.about("corpus", "Tagged").path).records("train"))
    tags = [tag for record in train for tag in record["tags"]]
    assert dict(found.classes) == {tag: tags.count(tag) for tag in ("DET", "NOUN", "VERB", "ADV")}
    assert (found.task, found.num_texts) == ("tag", len(train))
    assert all(f"/{tag}" in text for text, tag in found.rows)
