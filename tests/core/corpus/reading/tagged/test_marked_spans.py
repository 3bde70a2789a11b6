from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.readers import read
from llmstudio.core.corpus.reading.tagged.marked_spans import spans_of, words_of_spans
from llmstudio.core.corpus.records import Skipped

TEXT = "EU rejects German call."
SPANS = [(0, 2, "ORG"), (11, 17, "MISC")]
WORDS, TAGS = ["EU", "rejects", "German", "call", "."], ["B-ORG", "O", "B-MISC", "O", "O"]


def objects(start: str, end: str, label: str, *, listed: bool = False) -> list[dict[str, Any]]:
    return [{start: one, end: other, label: [name] if listed else name} for one, other, name in SPANS]


@pytest.mark.parametrize(
    "rows",
    [
        [{"id": 1, "text": TEXT, "label": [list(span) for span in SPANS]}, {"id": 2, "text": "Rain.", "label": []}],
        [{"id": 1, "text": TEXT, "entities": objects("start_offset", "end_offset", "label"), "relations": []}],
        [[TEXT, {"entities": [list(span) for span in SPANS]}], ["Rain.", {"entities": []}]],
        [{"text": TEXT, "label": objects("start", "end", "labels", listed=True), "annotator": 1}],
        [{"data": {"text": TEXT}, "annotations": [{"result": [
            {"type": "labels", "value": {"start": one, "end": other, "text": TEXT[one:other], "labels": [name]}}
            for one, other, name in SPANS
        ]}]}],
    ],
)  # fmt: skip
def test_that_spans_of_annotation_programs_are_tags_of_words(tmp_path: Path, rows: list[Any]) -> None:
    (tmp_path / "a.json").write_text(json.dumps(rows), encoding="utf-8")
    records = [item for item in read([tmp_path / "a.json"], ReadingConfig()) if not isinstance(item, Skipped)]
    assert (records[0]["words"], records[0]["tags"]) == (WORDS, TAGS)
    if len(rows) > 1:
        assert records[1]["tags"] == ["O", "O"]


def tags_of(text: str, spans: list[list[Any]]) -> list[tuple[str, str]]:
    rows = iter([{"text": text, "label": spans}])
    (row,) = words_of_spans(rows, ReadingConfig(), [])
    assert isinstance(row, dict)
    return list(zip(row["text"], row["label"], strict=True))


def test_that_the_longer_of_two_overlapping_spans_counts() -> None:
    found = tags_of("University of Bonn opens", [[14, 18, "LOC"], [0, 18, "ORG"]])
    assert found == [("University", "B-ORG"), ("of", "I-ORG"), ("Bonn", "I-ORG"), ("opens", "O")]


def test_that_a_span_of_a_part_is_one_of_the_whole_word_and_signs_without_spaces_are_words() -> None:
    assert tags_of("pre-Roman walls", [[4, 9, "TIME"]]) == [("pre-Roman", "B-TIME"), ("walls", "O")]
    assert tags_of("我去北京", [[2, 4, "LOC"]]) == [("我", "O"), ("去", "O"), ("北", "B-LOC"), ("京", "I-LOC")]


def test_that_a_span_outside_the_text_is_no_span() -> None:
    assert spans_of([[0, 99, "ORG"]], TEXT) is None
    assert spans_of([["a", "b", "c"]], TEXT) is None
    assert spans_of([], TEXT) == []


@given(st.text(alphabet="ab .,我去\u3000\n", min_size=1, max_size=40), st.data())
def test_that_no_letter_is_lost_and_every_word_in_a_span_bears_its_label(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    found = tags_of(text, [[start, end, "X"]])
    assert "".join(word for word, _ in found) == "".join(text.split())
    at = 0
    for word, tag in found:
        at = text.index(word, at) if word else at
        assert (tag not in ("O", "")) == bool(word and at < end and at + len(word) > start)
        at += len(word)


def tagged(folder: Path, rows: list[dict[str, Any]]) -> list[tuple[list[str], list[str]]]:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "b.jsonl").write_text(text, encoding="utf-8")
    found = [item for item in read([folder / "b.jsonl"], ReadingConfig()) if isinstance(item, dict)]
    return [(item["words"], item["tags"]) for item in found]


def test_that_spans_by_type_and_words_are_read(tmp_path: Path) -> None:
    rows = [
        {"text": "浙商银行的叶老桂", "label": {"name": {"叶老桂": [[5, 7]]}, "company": {"浙商银行": [[0, 3]]}}},
        {"text": "下雨了", "label": {"name": {}}},
    ]
    company, name = ["B-company", *["I-company"] * 3], ["B-name", "I-name", "I-name"]
    assert tagged(tmp_path, rows) == [([*"浙商银行的叶老桂"], [*company, "O", *name]), ([*"下雨了"], ["O"] * 3)]


def test_that_spans_of_words_are_read_with_and_without_their_last_word(tmp_path: Path) -> None:
    found = ["Ann", "Lee", "saw", "Graz"]
    tags = ["B-PER", "I-PER", "O", "B-LOC"]
    inside = [{"tokenized_text": found, "ner": [[0, 1, "PER"], [3, 3, "LOC"]]}, {"tokenized_text": ["So"], "ner": []}]
    assert tagged(tmp_path, inside) == [(found, tags), (["So"], ["O"])]
    spans = [{"type": "PER", "start": 0, "end": 2}, {"type": "LOC", "start": 3, "end": 4}]
    assert tagged(tmp_path, [{"tokens": found, "entities": spans}, {"tokens": ["So"], "entities": []}]) == [
        (found, tags),
        (["So"], ["O"]),
    ]


def test_that_words_beside_a_text_do_not_hide_its_spans(tmp_path: Path) -> None:
    tokens = [{"text": "Ann", "start": 0, "end": 3, "id": 0}, {"text": "sings", "start": 4, "end": 9, "id": 1}]
    rows = [{"text": "Ann sings", "tokens": tokens, "spans": [{"start": 0, "end": 3, "label": "PER"}]}] * 2
    assert tagged(tmp_path, rows)[0] == (["Ann", "sings"], ["B-PER", "O"])
