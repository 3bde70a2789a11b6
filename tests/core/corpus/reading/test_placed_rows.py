from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import write_corpus
from llmstudio.core.events import Noted
from llmstudio.core.work import Stop

TEXTS = [f"The boat number {n} lies at the pier and waits for wind." for n in range(30)]


def said(folder: Path, name: str, text: str) -> str:
    folder = folder / name.replace(".", " ")
    folder.mkdir()
    source = folder / name
    source.write_text(text, encoding="utf-8")
    events = list(write_corpus([source], CorpusConfig(), folder / "corpus", stop=Stop()))
    return " ".join(str(event.message) for event in events if isinstance(event, Noted))


def csv_of(texts: list[str]) -> str:
    rows = [f'"{text}",{"ab"[n % 2]}' for n, text in enumerate(texts)]
    return "\n".join(["text,label", *rows]) + "\n"


def line_of_empty(text: str) -> int:
    return text.split("\n").index('"",a') + 1


@pytest.mark.parametrize(
    "texts",
    [
        [*TEXTS[:20], "", *TEXTS[20:]],
        [TEXTS[0], "Two lines:\nthis is the second,\nand a third.", *TEXTS[1:11], "", *TEXTS[11:]],
    ],
)
def test_that_a_row_that_is_left_out_is_named_by_the_line_it_begins_in(tmp_path: Path, texts: list[str]) -> None:
    text = csv_of(texts)
    assert f"line {line_of_empty(text)} was left out" in said(tmp_path, "a.csv", text)


def test_that_blank_lines_count_as_lines(tmp_path: Path) -> None:
    text = csv_of([*TEXTS[:20], "", *TEXTS[20:]]).replace("\n", "\n\n")
    assert f"line {line_of_empty(text)} was left out" in said(tmp_path, "a.csv", text)
    rows = [json.dumps({"text": text}) for text in [*TEXTS[:4], "", *TEXTS[4:]]]
    assert "line 9 was left out" in said(tmp_path, "b.jsonl", "\n\n".join(rows))


def test_that_where_there_are_no_lines_the_record_is_named(tmp_path: Path) -> None:
    rows = [{"text": text} for text in [*TEXTS[:4], "", *TEXTS[4:]]]
    assert "record 5 was left out" in said(tmp_path, "a.json", json.dumps(rows))
    rows.append({"text": ""})
    assert "left out, record 5, 32 (" in said(tmp_path, "b.json", json.dumps(rows))
