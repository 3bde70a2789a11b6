from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.columns.columns import guess, to_record
from llmstudio.core.corpus.reading.json import objects as json_objects
from llmstudio.core.corpus.reading.json.records import read_json
from llmstudio.core.corpus.records import texts_of
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import StudioError

ROWS = [{"text": f"line {n} of it", "label": "ab"[n % 2]} for n in range(5)]
NAMES = ["text", "label"]
CELLS = [list(row.values()) for row in ROWS]


def rows_of(document: Any) -> list[Any]:
    return list(read_json([json.dumps(document)], "a.json"))


@pytest.mark.parametrize(
    "document",
    [
        {name: {str(n): row[name] for n, row in enumerate(ROWS)} for name in NAMES},
        {name: {f"row-{n}": row[name] for n, row in enumerate(ROWS)} for name in NAMES},
        {str(n): row for n, row in enumerate(ROWS)},
        {f"d{n}": row for n, row in enumerate(ROWS)},
        {"columns": NAMES, "index": list(range(5)), "data": CELLS},
        {"index": list(range(5)), "data": CELLS, "columns": NAMES},
        {"header": NAMES, "rows": CELLS},
        {"schema": {"fields": [{"name": name, "type": "string"} for name in NAMES]}, "data": ROWS},
        {name: [row[name] for row in ROWS] for name in NAMES},
        {"version": "1.0", "data": {f"d{n}": row for n, row in enumerate(ROWS)}},
        {"train": {name: [row[name] for row in ROWS[:3]] for name in NAMES},
         "test": {name: [row[name] for row in ROWS[3:]] for name in NAMES}},
        [NAMES, *CELLS],
        {"response": {"result": {"page": 1, "items": {"rows": ROWS}}}},
        {"train": ROWS[:3], "validation": ROWS[3:4], "test": ROWS[4:]},
        {"licenses": [{"id": 1, "url": "x"}], "rows": ROWS},
        {"rows": ROWS, "licenses": [{"id": 1, "url": "x"}]},
    ],
)  # fmt: skip
def test_that_a_table_is_read_whatever_shape_it_has(document: Any) -> None:
    assert rows_of(document) == ROWS


def test_that_two_objects_by_id_are_rows_and_no_columns() -> None:
    assert rows_of({f"d{n}": row for n, row in enumerate(ROWS[:2])}) == ROWS[:2]


def test_that_many_objects_by_id_are_read_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_objects, "ENOUGH", 3)
    assert rows_of({f"d{n}": row for n, row in enumerate(ROWS)}) == ROWS


def test_that_a_short_list_beside_a_long_one_is_told() -> None:
    features = [{"feature_idx": 0, "name": "text", "type": "string"}]
    many = [{"row_idx": n, "row": {"text": f"line {n}"}} for n in range(300)]
    for document in ({"features": features, "rows": many}, {"rows": many, "features": features}):
        remarks: list[Remark] = []
        found = list(read_json([json.dumps(document)], "a.json", None, remarks))
        assert found == [{"row_idx": n, "row.text": f"line {n}"} for n in range(300)]
        assert [str(remark.message) for remark in remarks] == ["Lists of other things were not read: features."]


@pytest.mark.parametrize(
    "document",
    [
        {"title": "t", "text": "one document", "meta": {"a": {"x": 1}, "b": {"x": 2}}},
        {"title": "t", "body": "one document", "tags": ["a", "b"]},
    ],
)
def test_that_one_document_stays_one(document: Any) -> None:
    assert len(rows_of(document)) == 1


def test_that_every_question_of_a_paragraph_is_a_row() -> None:
    asked = [{"question": "When?", "id": "q1", "answers": [{"text": "1901", "answer_start": 2}, {"text": "in 1901"}]},
             {"question": "Who?", "id": "q2", "is_impossible": True, "answers": []}]  # fmt: skip
    article = {"title": "Harbour", "paragraphs": [{"context": "Built in 1901.", "qas": asked}]}
    expected = [{"title": "Harbour", "context": "Built in 1901.", "question": "When?", "answer": "1901"},
                {"title": "Harbour", "context": "Built in 1901.", "question": "Who?", "answer": ""}]  # fmt: skip
    assert rows_of({"version": "2", "data": [article]}) == expected
    assert rows_of([article]) == expected
    assert rows_of(article["paragraphs"]) == [{k: v for k, v in row.items() if k != "title"} for row in expected]


def test_that_annotations_become_labels_and_spans_do_not() -> None:
    def task(*results: dict[str, Any], cancelled: bool = False) -> dict[str, Any]:
        return {
            "id": 1,
            "data": {"text": "fine soup"},
            "annotations": [{"was_cancelled": cancelled, "result": list(results)}],
        }

    choice = {"value": {"choices": ["Positive"]}, "from_name": "mood", "type": "choices"}
    span = {"value": {"start": 0, "end": 4, "text": "fine", "labels": ["ADJ"]}, "type": "labels"}
    written = {"value": {"text": ["feine Suppe"]}, "from_name": "german", "type": "textarea"}
    found = rows_of([task(choice), task(span), task(written), task(), task(choice, cancelled=True)])
    assert found[0] == {"text": "fine soup", "label": "Positive"}
    assert "label" not in found[1]
    assert found[2] == {"text": "fine soup", "german": "feine Suppe"}
    assert found[3:] == [{"text": "fine soup"}, {"text": "fine soup"}]


@pytest.mark.parametrize(
    "document",
    [
        {f"d{n}": f"The boat {n} is in." for n in range(5)},
        {"text": {str(n): f"The boat {n} is in." for n in range(5)}},
        {"train": [f"The boat {n} is in." for n in range(3)], "test": [f"The boat {n} is in." for n in range(3, 5)]},
        {"pictures": [{"id": n, "file_name": f"{n}.jpg"} for n in range(300)],
         "annotations": [{"id": n, "text": f"The boat {n} is in."} for n in range(5)]},
        [f"The boat {n} is in." for n in range(5)],
    ],
)  # fmt: skip
def test_that_texts_are_found_below_names_that_say_nothing(document: Any) -> None:
    assert [row["text"] for row in rows_of(document)] == [f"The boat {n} is in." for n in range(5)]


@pytest.mark.parametrize(
    "document",
    [
        {"pos": ["Fine soup.", "Good bread."], "neg": ["Cold soup."]},
        {"sea": ["Fine boats.", "Good ferries."], "land": ["Old trams."]},
        {"train": [["Fine soup.", "pos"], ["Good bread.", "pos"]], "test": [["Cold soup.", "neg"]]},
    ],
)
def test_that_texts_under_the_name_of_their_class_are_labelled(document: Any) -> None:
    found = rows_of(document)
    assert len(found) == 3
    assert all(len(row) == 2 for row in found)
    assert len({list(row.values())[1] for row in found}) == 2


_KEYS = (
    "text label data rows columns paragraphs qas context question answers annotations result value choices d1 d2 0 1 train "
    "pos neg messages role content chosen rejected instruction input output history tokens"
)
KEYS = st.sampled_from(_KEYS.split())
LEAF = st.sampled_from(["the boat is in", "a", "", None, 3, 2.5, True, "2021-03-01", "Human: hi\n\nAssistant: ho"])
VALUES = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=25
)


@given(value=VALUES)
def test_that_any_json_is_rows_and_any_rows_are_records_or_one_sentence(value: Any) -> None:
    rows = [row for row in rows_of(value) if isinstance(row, dict)]
    with contextlib.suppress(StudioError):
        config = guess(rows, ReadingConfig(), "a.json") if rows else ReadingConfig()
        for row in rows:
            record = to_record(row, config)
            assert record is None or all(isinstance(text, str) for text in texts_of(record))


@pytest.mark.parametrize("around", [{}, {"info": {"by": "nobody"}}])
def test_that_all_alike_lists_below_other_names_are_read_and_the_rest_is_told(around: dict[str, Any]) -> None:
    lists = {"sea": [{"text": f"The boat {n} is in."} for n in range(3)], "land": [{"text": "The tram is late again."}],
             "files": [{"file_name": "1.jpg", "width": 3}]}  # fmt: skip
    remarks: list[Remark] = []
    found = list(read_json([json.dumps(around | {"all": lists})], "a.json", None, remarks))
    assert len(found) == 4
    assert [str(remark.message) for remark in remarks] == ["Lists of other things were not read: files."]


def test_that_sentences_beside_rows_are_told() -> None:
    document = {"rows": ROWS, "extra": ["The boat is in the harbour again.", "Nobody has seen the tram today."]}
    remarks: list[Remark] = []
    assert len(list(read_json([json.dumps(document)], "a.json", None, remarks))) == len(ROWS)
    assert [str(remark.message) for remark in remarks] == ["Lists of other things were not read: extra."]


def test_that_an_array_of_lists_of_messages_is_conversations() -> None:
    talk = [{"role": "user", "content": "Is the boat in?"}, {"role": "assistant", "content": "It is."}]
    assert rows_of([talk, talk]) == [{"messages": talk}] * 2


def test_that_several_questions_about_one_article_are_rows_of_their_own() -> None:
    document = {
        "article": "A boat came.", "id": "7", "questions": ["Who came?", "When?"], "answers": ["B", "A"],
        "options": [["A mill", "A boat"], ["At noon", "Never"]],
    }  # fmt: skip
    rows = list(read_json(["\n".join(map(json.dumps, [document, document]))], "a.json"))
    assert [(row["article"], row["question"], row["options"], row["answer"]) for row in rows[:2]] == [
        ("A boat came.", "Who came?", ["A mill", "A boat"], "B"),
        ("A boat came.", "When?", ["At noon", "Never"], "A"),
    ]


def test_that_the_answer_to_lettered_choices_is_spelled_out() -> None:
    texts, labels = ["a stone", "a cork"], ["A", "B"]
    expected = {"id": "M1", "question": "What floats?", "choices": texts, "answer": "a cork"}
    pieces = [{"text": text, "label": label} for text, label in zip(texts, labels, strict=True)]
    side_by_side = {"id": "M1", "question": "What floats?", "choices": {"text": texts, "label": labels}, "answerKey": "B"}
    nested = {"id": "M1", "question": {"stem": "What floats?", "choices": pieces}, "answerKey": "B"}
    assert rows_of([side_by_side, nested]) == [expected, expected]
