from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.readers import preview, read
from llmstudio.core.corpus.records import Skipped, is_record
from llmstudio.core.errors import StudioError

SENTENCES = [["Ann", "saw", "boat", str(n), "."] for n in range(30)]
TAGS = ["B-PER", "O", "O", "O", "O"]
POS = ["NNP", "VBD", "NN", "CD", "."]


def imported(folder: Path, name: str, text: str, **reading: Any) -> tuple[list[dict[str, Any]], list[Skipped]]:
    (folder / name).write_text(text, encoding="utf-8")
    items = list(read([folder / name], ReadingConfig(**reading)))
    return [item for item in items if isinstance(item, dict)], [item for item in items if isinstance(item, Skipped)]


@pytest.mark.parametrize(
    ("words", "tags"), [("tokens", "ner_tags"), ("words", "labels"), ("tokens", "upos"), ("word", "Tag"), ("text", "tags")]
)
def test_that_a_list_of_words_beside_a_list_of_tags_is_a_tagged_sentence(tmp_path: Path, words: str, tags: str) -> None:
    text = "".join(json.dumps({"id": str(n), words: own, tags: TAGS}) + "\n" for n, own in enumerate(SENTENCES))
    records, skipped = imported(tmp_path, "a.jsonl", text)
    assert all(map(is_record, records))
    assert [record["words"] for record in records] == SENTENCES
    assert all(record["tags"] == TAGS for record in records)
    assert skipped == []
    assert preview(tmp_path / "a.jsonl", ReadingConfig()).kind == "tagged"


def test_that_another_list_may_be_the_tags(tmp_path: Path) -> None:
    rows = [{"tokens": own, "ner_tags": TAGS, "pos_tags": [7, 8, 9, 10, 11]} for own in SENTENCES]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    assert imported(tmp_path, "a.jsonl", text)[0][0]["tags"] == TAGS
    assert imported(tmp_path, "a.jsonl", text, tags="pos_tags")[0][0]["tags"] == ["7", "8", "9", "10", "11"]
    with pytest.raises(StudioError, match=r"no column chunks in a\.jsonl"):
        preview(tmp_path / "a.jsonl", ReadingConfig(tags="chunks"))
    signs = imported(tmp_path, "a.jsonl", text, tags="word boundaries")[0][0]
    assert "".join(signs["words"]) == "Annsawboat0."
    assert signs["tags"].count("B") == 5


def test_that_a_sentence_whose_lists_do_not_fit_is_left_out(tmp_path: Path) -> None:
    rows = [{"tokens": own, "ner_tags": TAGS if n != 250 else TAGS[1:]} for n, own in enumerate(SENTENCES * 10)]
    records, (skipped,) = imported(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert len(records) == 299
    assert skipped.line == 251
    assert "a tag at every word" in str(skipped.reason)


def test_that_many_sentences_whose_lists_do_not_fit_make_no_pairs_of_the_others(tmp_path: Path) -> None:
    rows = [{"tokens": own, "ner_tags": TAGS if n % 3 else TAGS[1:]} for n, own in enumerate(SENTENCES)]
    records, skipped = imported(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert [record["tags"] for record in records] == [TAGS] * 20
    assert len(skipped) == 10


@pytest.mark.parametrize(
    "row",
    [
        {"text": "The boat is in.", "labels": ["a", "b"]},
        {"tokens": ["The", "boat"], "labels": ["a"]},
        {"text": ["One line.", "Another line."], "scores": [1, 2]},
        {"tokens": ["One"], "tags": ["x"]},
    ],
)
def test_that_other_lists_are_no_tags(tmp_path: Path, row: dict[str, Any]) -> None:
    records, _ = imported(tmp_path, "a.jsonl", (json.dumps(row) + "\n") * 5)
    assert "words" not in records[0]


@pytest.mark.parametrize("is_repeated", [True, False])
def test_that_rows_of_words_with_numbers_of_sentences_are_put_together(tmp_path: Path, is_repeated: bool) -> None:
    rows = "Sentence #,Word,POS,Tag\n"
    for n, own in enumerate(SENTENCES, 1):
        for place, (word, pos, tag) in enumerate(zip(own, POS, TAGS, strict=True)):
            rows += f"{f'Sentence: {n}' if is_repeated or not place else ''},{word},{pos},{tag}\n"
    records, skipped = imported(tmp_path, "ner.csv", rows)
    assert [record["words"] for record in records] == SENTENCES
    assert all(record["tags"] == TAGS for record in records)
    assert skipped == []
    assert imported(tmp_path, "ner.csv", rows, tags="POS")[0][0]["tags"] == POS
    taken = preview(tmp_path / "ner.csv", ReadingConfig()).taken
    assert str(taken.sentence()) == "words = Word, tags = Tag; not read: POS"
    assert any("put together" in str(remark.message) for remark in taken.remarks)


def test_that_a_table_of_sentences_with_labels_stays_one(tmp_path: Path) -> None:
    rows = "sentence,label\n" + "".join(f"The boat number {n} is in,{'ab'[n % 2]}\n" for n in range(30))
    records, _ = imported(tmp_path, "a.csv", rows)
    assert records[1]["label"] == "b"
    rows = "sentence_id,text,label\n" + "".join(f"{n // 3},The boat number {n} is in,{'ab'[n % 2]}\n" for n in range(30))
    assert imported(tmp_path, "b.csv", rows)[0][1]["label"] == "b"


def test_that_spaces_stand_where_the_row_says_or_its_text_has_them(tmp_path: Path) -> None:
    told = {"words": ["a", "-", "b", "."], "tags": ["B-X", "O", "B-X", "O"]}
    rows = [{**told, "spaces": [False, False, True, False]}, {**told, "text": "a -b."}, told, {"words": [], "tags": []}]
    records, skipped = imported(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert [record["spaces"] for record in records] == [
        [False, False, True, False],
        [True, False, False, True],
        [True, True, False, True],
    ]
    assert [each.line for each in skipped] == [4]
    assert "spaces" not in preview(tmp_path / "a.jsonl", ReadingConfig()).taken.not_read
