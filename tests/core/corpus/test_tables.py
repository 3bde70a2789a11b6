from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus import plain_text, tables
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.corpus.tables import read_table

CELL = st.text(alphabet=st.sampled_from('ab c,;"\n中'), min_size=1, max_size=12).filter(lambda cell: bool(cell.strip()))


def rows(text: str, **options: object) -> list[object]:
    return list(read_table([text], "a.csv", **options))  # type: ignore[arg-type]


@given(cells=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=30))
def test_that_what_the_csv_module_writes_is_read_back(cells: list[tuple[str, str]]) -> None:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([("text", "label"), *cells])
    assert rows(file.getvalue(), header="yes") == [{"text": text, "label": label} for text, label in cells]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_that_the_delimiter_is_found(delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in [("id", "text"), ("1", "one"), ("2", "two"), ("3", "three")])
    assert rows(text)[1] == {"id": "2", "text": "two"}


def test_that_a_table_without_header_loses_no_row() -> None:
    assert rows("体验创新概览\t8\n铁树开花\t5\n港股首秀\t2\n", is_tab_separated=True)[0] == {"1": "体验创新概览", "2": "8"}


def test_that_the_header_can_be_decided_by_hand() -> None:
    assert rows("a,b\nc,d\n", header="yes") == [{"a": "c", "b": "d"}]
    assert rows("text,label\nc,d\n", header="no")[0] == {"1": "text", "2": "label"}


def test_that_a_quote_in_a_tab_table_is_speech() -> None:
    text = 'he said\t"oh\nshe said\t"no"\nall\twent home\n'
    assert rows(text, is_tab_separated=True, header="no")[0] == {"1": "he said", "2": '"oh'}


def test_that_a_short_row_keeps_what_it_has_and_blank_cells_too_many_do_no_harm() -> None:
    assert rows("text,label\none,a\ntwo\nthree,c,,\n")[1:] == [{"text": "two"}, {"text": "three", "label": "c"}]


def test_that_text_with_a_bare_comma_is_not_cut_in_silence() -> None:
    found = rows("text,label\none,a\ntwo, and more,b\n")
    assert [type(row) for row in found] == [dict, Skipped]


def test_that_every_line_ending_is_one() -> None:
    assert rows("text\r\none\rtwo\nthree") == [{"text": word} for word in ("one", "two", "three")]


def test_that_a_cell_larger_than_the_module_allows_by_default_is_read() -> None:
    assert rows(f"text\n{'x' * 300_000}\n") == [{"text": "x" * 300_000}]


def test_that_a_line_that_is_too_long_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "lines", lambda chunks: plain_text.lines(chunks, limit=50))
    found = rows(f"text,label\none,a\n{'x' * 80},b\ntwo,c\n")
    assert [row for row in found if isinstance(row, dict)] == [{"text": "one", "label": "a"}, {"text": "two", "label": "c"}]
    assert [row.line for row in found if isinstance(row, Skipped)] == [3]


def test_that_a_quote_that_never_closes_ends_at_the_limit_of_a_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "LINE_CHARACTERS", 200)
    found = rows('text,label\n"open,a\n' + "word word word,b\n" * 60)
    assert any(isinstance(row, Skipped) for row in found)
    assert found[-1] == {"text": "word word word", "label": "b"}


@given(text=st.text(max_size=300))
def test_that_any_text_is_a_table_or_skipped(text: str) -> None:
    assert all(isinstance(row, dict | Skipped) for row in rows(text))
