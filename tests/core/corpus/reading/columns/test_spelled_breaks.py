from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmstudio.core.corpus.reading.columns.spelled_breaks import are_escaped, unescaped
from tests.core.corpus.reading.test_row_checks import TEXTS, read_all


@pytest.mark.parametrize("text", ["One.\n\nTwo.", 'He said "no".', "a\tb", "C:/x", "It's a \\ sign"])
def test_that_what_json_escapes_comes_back(text: str) -> None:
    assert unescaped(json.dumps(text)[1:-1]) == text
    assert unescaped(r"One.\r\nTwo.") == "One.\nTwo."


def test_that_spelled_breaks_and_quotes_are_put_in_and_it_is_said(tmp_path: Path) -> None:
    rows = "".join(f'"{text}\\n\\nIt was \\""sweet\\"".",{n % 2}\n' for n, text in enumerate(TEXTS))
    records, said = read_all(tmp_path, "a.csv", "review,label\n" + rows)
    assert [record["text"] for record in records] == [f'{text}\n\nIt was "sweet".' for text in TEXTS]
    assert "were spelled out" in said


@pytest.mark.parametrize("text", [r"Let \nu and \alpha be.", r"In C:\new\texts.", "x = 'a\\n'\nprint(x)", "Plain."])
def test_that_formulas_paths_and_programs_stay(text: str) -> None:
    assert not are_escaped([text] * 9)
