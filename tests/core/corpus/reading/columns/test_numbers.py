from __future__ import annotations

from pathlib import Path

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.columns.numbers import is_number
from llmstudio.core.corpus.reading.readers import read


@pytest.mark.parametrize(
    "cell", ["3", "-3.5", "3,5", "+3", "1e5", "12%", "1.234,5", "1,234.5", "0.5", ".5", "1E-5", "\u22122"]
)
def test_that_a_number_is_a_number_however_it_is_written(cell: str) -> None:
    assert is_number(cell)


@pytest.mark.parametrize("cell", ["1-2", "", "%", "a1", "2024-01-02", "1.2.3", "12:30", "e5", "."])
def test_that_ranges_dates_and_words_are_no_numbers(cell: str) -> None:
    assert not is_number(cell)


@pytest.mark.parametrize("number", ["{n},1", "+{n}", "{n}e5", "{n}%"])
def test_that_a_header_above_numbers_of_any_spelling_is_no_record(tmp_path: Path, number: str) -> None:
    (tmp_path / "a.csv").write_text("wert;tier\n" + "".join(f"{number.format(n=n)};ein hund {n}\n" for n in range(1, 9)))
    records = [item for item in read([tmp_path / "a.csv"], ReadingConfig()) if isinstance(item, dict)]
    assert [record["text"] for record in records] == [f"ein hund {n}" for n in range(1, 9)]
