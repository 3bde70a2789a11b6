from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.readers import read
from llmstudio.core.corpus.records import FileRead

WORDS = ["harbour", "mill", "river", "bridge", "lantern", "tulip", "ferry", "baker"]


def read_all(tmp_path: Path, name: str, text: str) -> tuple[list[dict[str, Any]], str]:
    (tmp_path / name).write_text(text, encoding="utf-8")
    items = list(read([tmp_path / name], ReadingConfig()))
    said = [str(remark.message) for item in items if isinstance(item, FileRead) for remark in item.taken.remarks]
    return [item for item in items if isinstance(item, dict)], " ".join(said)


def test_that_labels_at_line_starts_are_labels(tmp_path: Path) -> None:
    text = "".join(f"__label__{'ab'[n % 2]} The {w} is __label__ old.\n" for n, w in enumerate(WORDS))
    records, _ = read_all(tmp_path, "a.txt", text)
    assert [(r["text"], r["label"]) for r in records] == [
        (f"The {w} is __label__ old.", "ab"[n % 2]) for n, w in enumerate(WORDS)
    ]


def test_that_chat_layout_in_a_column_becomes_turns(tmp_path: Path) -> None:
    marked = "<|im_start|>user\nIs {} open?<|im_end|>\n<|im_start|>assistant\nYes: open.<|im_end|>\n"
    text = "".join(json.dumps({"text": marked.replace("{}", w)}) + "\n" for w in WORDS)
    records, _ = read_all(tmp_path, "a.jsonl", text)
    assert [turn["what"] for turn in records[1]["turns"]] == ["Is mill open?", "Yes: open."]


@pytest.mark.parametrize(
    ("name", "line", "word"),
    [
        ("a.txt", "i feel {w} today;{c}\n", "table of texts and labels"),
        ("a.txt", "Ann NNP B-PER\nlives O\n{w} NN X O\n. . O\n\n", "word and its tags"),
        ("a.po", 'msgid "Open {w}"\nmsgstr "Offne {w}"\n\n', "translations"),
    ],
)
def test_that_what_looks_like_more_than_text_is_said(tmp_path: Path, name: str, line: str, word: str) -> None:
    text = "".join(line.format(w=w, c=["joy", "anger"][n % 2]) for n, w in enumerate(WORDS))
    assert word in read_all(tmp_path, name, text)[1]


def test_that_prose_is_said_nothing_of(tmp_path: Path) -> None:
    text = "".join(f"They went to the {w}, where it was 10:30; nobody was there.\n" for w in WORDS)
    assert read_all(tmp_path, "a.txt", text)[1] == ""


def test_that_bars_between_sentences_with_commas_part_columns(tmp_path: Path) -> None:
    text = "".join(f'LJ1-{n}|The {w}, Dr. "A" 15.|The {w}, Doctor "A" fifteen.\n' for n, w in enumerate(WORDS * 4))
    records, _ = read_all(tmp_path, "a.csv", text)
    assert records
    assert not any("LJ1-" in str(record) for record in records)
