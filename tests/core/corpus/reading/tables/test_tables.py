from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.reading.formats import plain_text
from llmstudio.core.corpus.reading.tables import tables
from llmstudio.core.corpus.reading.tables.tables import read_table
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.corpus.taken import Remark

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
    assert [isinstance(row, Skipped) for row in found] == [False, True]


@pytest.mark.parametrize("names", ["id,text,label", "label,id,text", "text,label,id"])
def test_that_a_text_cut_by_its_own_commas_is_put_together_where_all_else_fits(names: str) -> None:
    def row(text: str, n: int, label: str) -> str:
        return ",".join({"id": str(n), "text": text, "label": label}[name] for name in names.split(","))

    good = [row(f"the soup {n} was warm and good", n, "ab"[n % 2]) for n in range(8)]
    text = "\n".join([names, *good, row("warm, good, and cheap", 8, "a"), row("warm, good, and cheap", 9, "new")])
    found = rows(text)
    assert found[8] == {"id": "8", "text": "warm, good, and cheap", "label": "a"}
    assert isinstance(found[9], Skipped)
    assert remarks_of(text) == ["Rows whose text has commas but no quotes were put together again: 1."]


def test_that_every_line_ending_is_one() -> None:
    assert rows("text\r\none\rtwo\nthree") == [{"text": word} for word in ("one", "two", "three")]


def test_that_a_cell_larger_than_the_module_allows_by_default_is_read() -> None:
    assert rows(f"text\n{'x' * 300_000}\n") == [{"text": "x" * 300_000}]


def test_that_a_line_that_is_too_long_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "lines", lambda chunks: plain_text.lines(chunks, limit=50))
    found = rows(f"text,label\none,a\n{'x' * 80},b\ntwo,c\n")
    assert [row for row in found if isinstance(row, dict)] == [{"text": "one", "label": "a"}, {"text": "two", "label": "c"}]
    assert [row.line for row in found if isinstance(row, Skipped)] == [3]


def remarks_of(text: str) -> list[str]:
    said: list[Remark] = []
    list(read_table([text], "a.csv", remarks=said))
    return [str(remark.message) for remark in said]


@pytest.mark.parametrize("later", ["", 'stray word",c\n', '"quoted, well",c\n', 'he said "no",c\n', '"all","quoted"\n'])
def test_that_a_quote_that_never_closes_costs_no_row_and_is_told(later: str) -> None:
    text = 'text,label\n"open word,a\n' + "word word word,b\n" * 60 + later + "more words,b\n" * 30
    found = rows(text)
    assert found[0] == {"text": '"open word', "label": "a"}
    assert len(found) == 91 + bool(later)
    assert found[-1] == {"text": "more words", "label": "b"}
    assert remarks_of(text) == ["A quote in line 2 is never closed: it was taken as part of the text."]


def test_that_a_long_cell_of_many_lines_stays_whole() -> None:
    poem = "\n".join(f"line {n} of it, and on it goes" for n in range(300))
    assert rows(f'text,label\n"{poem}",a\nshort,b\n' * 2)[0] == {"text": poem.replace('""', '"'), "label": "a"}


def test_that_a_quote_open_at_the_limit_of_a_cell_is_a_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "LINE_CHARACTERS", 200)
    assert len(rows('text,label\n"open,a\n' + "word word word,b\n" * 60)) == 61


def test_that_quotes_with_backslashes_before_them_stay_in_their_cell() -> None:
    text = (
        "name,text\n" + "".join(f'a{n},"he said \\"no, {n}\\", twice"\n' for n in range(6)) + 'b,"ends \\"so\\""\nc,plain\n'
    )
    assert rows(text)[0] == {"name": "a0", "text": 'he said "no, 0", twice'}
    assert rows(text)[6:] == [{"name": "b", "text": 'ends "so"'}, {"name": "c", "text": "plain"}]
    assert "backslash" in remarks_of(text)[0]


def test_that_backslashes_of_paths_stay() -> None:
    assert rows('text,path\n"one, two","C:\\new\\"\nthree,"D:\\x"\n') == [
        {"text": "one, two", "path": "C:\\new\\"},
        {"text": "three", "path": "D:\\x"},
    ]


def test_that_quotes_inside_a_cell_that_nobody_doubled_stay_in_it() -> None:
    text = 'id,text\n1,"He said "hi, you" to me"\n2,"and left"\n3,x\n4,y\n'
    assert rows(text)[0] == {"id": "1", "text": 'He said "hi, you" to me'}


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"Well, this is joke {n}, and it has commas\n" for n in range(10)),
        "".join(f"Once, {'and, ' * (n % 4)}there was joke {n}\n" for n in range(10)),
        "text\n" + "".join(f"Well, this is joke {n}, and it has commas\n" for n in range(10)),
        "text\n" + "".join(f"Well, {n} jokes, {'and' if n % 2 else 'no'}, more\n" for n in range(10)),
    ],
)
def test_that_commas_of_sentences_cut_nothing(text: str) -> None:
    lines = text.removeprefix("text\n").splitlines()
    assert [next(iter(row.values())) for row in rows(text)] == lines


def test_that_numbers_and_classes_between_commas_are_columns() -> None:
    text = "".join(f"{n}, the boat is in, {'no' if n % 2 else 'yes'}\n" for n in range(12))
    assert rows(text)[0] == {"1": "0", "2": " the boat is in", "3": " yes"}


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_that_a_declared_delimiter_holds_and_is_no_row(first: str) -> None:
    assert rows(f"{first}\r\ntext;label\r\nHeute, morgen;x\r\n") == [{"text": "Heute, morgen", "label": "x"}]


@pytest.mark.parametrize(
    "above", ["Export of reviews 2024\n\n", "Reviews,,\n2024,,\n", "# made by a tool, 2024\n", "Reviews\n2024, Graz\n"]
)
def test_that_what_stands_above_the_header_is_left_out_and_told(above: str) -> None:
    text = above + "id,text,label\n" + "".join(f"{n},The soup {n} was fine,{'pn'[n % 2]}\n" for n in range(8))
    found = rows(text)
    assert found[0] == {"id": "0", "text": "The soup 0 was fine", "label": "p"}
    assert len(found) == 8
    assert "above the header" in remarks_of(text)[0]


def test_that_empty_columns_on_the_right_are_none() -> None:
    text = "v1,v2,,,\n" + "".join(f"{'ham' if n % 3 else 'spam'},Call me {n} when the boat is in,,,\n" for n in range(12))
    assert rows(text)[0] == {"v1": "spam", "v2": "Call me 0 when the boat is in"}


def test_that_a_space_before_a_quote_is_no_text() -> None:
    text = '"text", "label"\n' + "".join(f'"soup {n}, warm", "{"ab"[n % 2]}"\n' for n in range(6))
    assert rows(text)[0] == {"text": "soup 0, warm", "label": "a"}


def test_that_columns_of_one_name_are_told_apart() -> None:
    text = "text,text,label\nfirst,second,a\n"
    assert rows(text) == [{"text": "first", "text (2)": "second", "label": "a"}]
    assert remarks_of(text) == ["Two columns are called text: the second is read as text (2)."]


def test_that_rows_that_begin_with_a_number_nobody_named_keep_their_columns() -> None:
    text = "text,label\n" + "".join(f"{n},the boat {n} is in,{'ab'[n % 2]}\n" for n in range(6))
    assert rows(text)[0] == {"row number": "0", "text": "the boat 0 is in", "label": "a"}


SAYINGS = [f"the boat {n} lies{', moored' * (n % 3 + 1)} at the pier" for n in range(12)]


@pytest.mark.parametrize("name", ["id", "year", "user_id", "number"])
def test_that_a_comma_at_the_end_of_each_row_shifts_no_column(name: str) -> None:
    text = f"{name},text,label\n" + "".join(f"{1900 + n},Boat {n} is late.,{'ab'[n % 2]},\n" for n in range(12))
    assert rows(text)[3] == {name: "1903", "text": "Boat 3 is late.", "label": "b"}


def test_that_an_index_and_an_empty_last_column_are_told_apart() -> None:
    text = "text,label,notes\n" + "".join(f"{n},Boat {n} is late.,{'ab'[n % 2]},\n" for n in range(12))
    assert rows(text)[3] == {"row number": "3", "text": "Boat 3 is late.", "label": "b", "notes": ""}


@pytest.mark.parametrize("order", ["id,text,label", "text,label", "label,text", "id,label,text", "id,stars,text"])
def test_that_a_text_with_bare_commas_in_every_row_is_put_together(order: str) -> None:
    cells = [{"id": f"{n}", "label": "ab"[n % 2], "stars": f"{n % 5}", "text": text} for n, text in enumerate(SAYINGS)]
    table = "".join(",".join(row[name] for name in order.split(",")) + "\n" for row in cells)
    assert rows(f"{order}\n{table}") == [{name: row[name] for name in order.split(",")} for row in cells]


def test_that_rows_are_left_out_and_told_where_a_shift_would_call_prose_an_id() -> None:
    found = rows("id,title,text\n" + "".join(f"{n},The boat {n},It came, so we left {n}.\n" for n in range(12)))
    assert all(isinstance(row, Skipped) for row in found)


@pytest.mark.parametrize("quoted", ["{}", "'{}'"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_that_single_quotes_hold_a_cell_together(delimiter: str, quoted: str) -> None:
    texts = [f"It''s boat {n}{delimiter} late" if n % 4 == 0 else f"boat {n} is late" for n in range(12)]
    table = "".join(
        delimiter.join((str(n), f"'{text}'" if n % 4 == 0 else quoted.format(text), "xy"[n % 2])) + "\n"
        for n, text in enumerate(texts)
    )
    found = rows(delimiter.join(("id", "text", "label")) + "\n" + table)
    assert [row["text"] for row in found] == [text.replace("''", "'") for text in texts]  # type: ignore[index]


def test_that_apostrophes_are_no_quotes() -> None:
    texts = [f"'Twas boat {n}, and 'twas late" if n % 3 else f"'Ahoy {n}' they cried" for n in range(12)]
    found = rows(
        "text,label\n"
        + "".join(f"{t if ',' not in t else chr(34) + t + chr(34)},{'ab'[n % 2]}\n" for n, t in enumerate(texts))
    )
    assert [row["text"] for row in found] == texts  # type: ignore[index]


def test_that_a_header_that_comes_again_is_no_row() -> None:
    text = "text,label\nfine soup,a\ntext,label\ncold soup,b\n"
    assert rows(text) == [{"text": "fine soup", "label": "a"}, {"text": "cold soup", "label": "b"}]
    assert remarks_of(text) == ["The header comes 2 times: it was never taken as a row."]


@pytest.mark.parametrize("cell", ["{}", '"{}"'])
def test_that_files_put_together_keep_no_byte_order_marks(cell: str) -> None:
    one = "\ufeff" + cell.format("text") + ",label\n" + "".join(f"{cell.format(f'Boat {n}.')},a\n" for n in range(9))
    assert rows(one * 2) == [{"text": f"Boat {n}.", "label": "a"} for n in (*range(9), *range(9))]


def test_that_a_first_row_without_capitals_names_the_columns_of_names() -> None:
    text = "name,origin\n" + "".join(f"Mill{end},{'Irish' if n % 2 else 'Polish'}\n" for n, end in enumerate("abcdefgh"))
    assert rows(text)[0] == {"name": "Milla", "origin": "Polish"}
    assert any("as all others have capitals: name, origin" in said for said in remarks_of(text))
    assert rows(text.replace("name,origin", "Millo,English"))[0] == {"1": "Millo", "2": "English"}


def test_that_a_class_in_the_first_row_is_no_header() -> None:
    text = "spam,Call me now\n" + "".join(f"{'ham' if n % 3 else 'spam'},The boat {n} is in\n" for n in range(9))
    assert len(rows(text)) == 10


def test_that_a_table_with_commas_called_tsv_is_read() -> None:
    assert rows("id,text\n1,one\n2,two\n", is_tab_separated=True) == [{"id": "1", "text": "one"}, {"id": "2", "text": "two"}]


@given(text=st.text(max_size=300))
def test_that_any_text_is_a_table_or_skipped(text: str) -> None:
    assert all(isinstance(row, dict | Skipped) for row in rows(text))


TALES = [f"The ferry {n * n} passes the mill and the baker waves" for n in range(24)]


def broken(
    layout: str, every: int, text: str = "The night comes\nand boat {} goes home"
) -> tuple[str, list[dict[str, str]]]:
    """A table of three columns whose rows of number 0, `every`, ... have bare line breaks in their text, and its rows."""
    names = layout.split(",")
    found = [
        {"id": str(n), "review": text.format(n) if n % every == 0 else tale, "label": ("bad", "good")[n % 2]}
        for n, tale in enumerate(TALES)
    ]
    return layout + "\n" + "".join(",".join(row[name] for name in names) + "\n" for row in found), found


@pytest.mark.parametrize("layout", ["id,review,label", "review,label,id", "id,label,review", "label,review,id"])
@pytest.mark.parametrize(
    ("every", "text"),
    [(2, "The night comes\nand boat {} goes home"), *((n, "Down\nit goes\n\nand on\nto {} boats") for n in (4, 9))],
)
def test_that_rows_cut_by_line_breaks_are_put_together_and_counted(layout: str, every: int, text: str) -> None:
    remarks: list[Remark] = []
    table, whole = broken(layout, every, text)
    assert list(read_table([table], "a.csv", remarks=remarks)) == whole
    assert f"{len(range(0, 24, every))}." in " ".join(str(remark.message) for remark in remarks)


def test_that_a_table_of_nothing_but_cut_rows_is_put_together() -> None:
    table, whole = broken("id,review,label", 1)
    assert rows(table) == whole


def test_that_a_line_break_far_behind_the_first_rows_is_mended() -> None:
    table, _ = broken("id,review,label", 50)
    several = table + "".join(table.split("\n", 3)[3] for _ in range(8))
    last = {"id": "7", "review": "It is late\nand dark", "label": "bad"}
    assert rows(several + "7,It is late\nand dark,bad\n")[-1] == last


@pytest.mark.parametrize("lone", ["\r", "\n"])
@pytest.mark.parametrize("size", [7, 100_000])
def test_that_a_lone_line_end_in_a_table_of_double_ones_is_part_of_a_cell(lone: str, size: int) -> None:
    table = "text,label\r\n" + "".join(f"{tale}{lone}again {n},{'ab'[n % 2]}\r\n" for n, tale in enumerate(TALES))
    chunks = [table[:1000], *(table[at : at + size] for at in range(1000, len(table), size))]
    found = list(read_table(chunks, "a.csv"))
    assert found == [{"text": f"{tale}\nagain {n}", "label": "ab"[n % 2]} for n, tale in enumerate(TALES)]


def test_that_rows_without_their_last_cells_are_not_joined_and_are_counted() -> None:
    remarks: list[Remark] = []
    table = "id,review,label\n" + "".join(
        f"{n},{tale}" + (f",{'ab'[n % 2]}\n" if n % 4 else "\n") for n, tale in enumerate(TALES)
    )
    found = list(read_table([table], "a.csv", remarks=remarks))
    assert [row["review"] for row in found] == TALES
    assert any("fewer cells" in str(remark.message) and "6" in str(remark.message) for remark in remarks)


def test_that_texts_without_a_label_and_questions_without_an_answer_are_joined_to_nothing() -> None:
    for header, full in (("text,label", "{},a"), ("question,answer", "{},It goes {} times past it")):
        lines = [tale if n % 4 == 0 else full.format(tale, n) for n, tale in enumerate(TALES)]
        assert [row[header.split(",")[0]] for row in rows(header + "\n" + "\n".join(lines))] == TALES
