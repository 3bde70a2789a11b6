from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.formats.separators import documents, separator
from llmstudio.core.corpus.reading.readers import read
from llmstudio.core.corpus.records import FileRead

STORIES = [f"Once a boat named Tim {i} sailed far.\nIt came home at night." for i in range(30)]


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"{story}\n<|endoftext|>\n" for story in STORIES),
        "<|endoftext|>".join(STORIES),
        "<|endoftext|>" + "<|endoftext|>".join(STORIES) + "<|endoftext|>",
        "\r\n</s>\r\n".join(STORIES),
        "\n<eos>\n".join(STORIES) + "\n<eos>",
    ],
)
def test_that_a_mark_between_documents_parts_them_and_is_no_text(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_bytes(text.encode())
    *records, end = read([tmp_path / "a.txt"], ReadingConfig())
    assert [str(record["text"]).strip() for record in records if record["text"].strip()] == STORIES
    assert isinstance(end, FileRead)
    (remark,) = end.taken.remarks  # nothing is said of marks that are not learned
    assert "ends a document" in str(remark.message)


def test_that_tags_of_other_texts_part_nothing() -> None:
    for head in ("Use <s>struck</s> text.\nAnd </s> here.\n", "one line\n</s>\nthe only one\n", "plain\n"):
        assert separator(head) == ""


@given(
    texts=st.lists(st.text(alphabet="ab \n<|", max_size=12), min_size=1, max_size=6),
    size=st.integers(min_value=1, max_value=9),
)
def test_that_documents_do_not_depend_on_how_the_text_arrives(texts: list[str], size: int) -> None:
    mark = "<|endoftext|>"
    text = mark.join(texts)
    chunks = [text[at : at + size] for at in range(0, len(text), size)]
    assert ["".join(pieces) for pieces in documents(chunks, mark)] == [t.lstrip("\n") for t in text.split(mark)]


PAIRS_OF_MARKS = [("<|startoftext|>", "<|endoftext|>"), ("<|begin_of_text|>", "<|end_of_text|>"), ("<|bos|>", "<|eos|>"),
                  ("<s>", "</s>"), ("<bos>", "<eos>"), ("[BOS]", "[EOS]")]  # fmt: skip


@pytest.mark.parametrize(("opening", "closing"), PAIRS_OF_MARKS)
@pytest.mark.parametrize("form", ["{}{}{}\n", "{}\n{}\n{}\n", "{} {} {} "])
def test_that_the_mark_that_opens_a_document_is_no_more_text_than_the_one_that_closes_it(
    tmp_path: Path, opening: str, closing: str, form: str
) -> None:
    (tmp_path / "a.txt").write_text("".join(form.format(opening, story, closing) for story in STORIES), encoding="utf-8")
    *records, end = read([tmp_path / "a.txt"], ReadingConfig())
    assert [str(record["text"]).strip() for record in records if record["text"].strip()] == STORIES
    assert isinstance(end, FileRead)
    assert opening in str(end.taken.remarks[0].message)


def test_that_marks_that_only_open_documents_part_them(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("".join(f"<|startoftext|>{story}\n" for story in STORIES), encoding="utf-8")
    *records, _ = read([tmp_path / "a.txt"], ReadingConfig())
    assert [str(record["text"]).strip() for record in records] == STORIES


@pytest.mark.parametrize(("opening", "closing"), [*PAIRS_OF_MARKS, ("", "<|endoftext|>"), ("", "</s>")])
def test_that_marks_inside_a_text_of_json_part_it_as_they_part_a_file(tmp_path: Path, opening: str, closing: str) -> None:
    per_line = 1 if closing == "</s>" and not opening else 3
    rows = [" ".join(f"{opening}{story}{closing}" for story in STORIES[n : n + per_line]) for n in range(0, 30, per_line)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": row}) + "\n" for row in rows), encoding="utf-8")
    *records, end = read([tmp_path / "a.jsonl"], ReadingConfig())
    assert [str(record["text"]).strip() for record in records] == STORIES
    assert len({record["doc"] for record in records}) == len(STORIES)
    assert isinstance(end, FileRead)
    assert any(closing in str(remark.message) for remark in end.taken.remarks)


def test_that_marks_around_an_answer_are_taken_off_and_words_about_them_stay(tmp_path: Path) -> None:
    rows = [{"prompt": f"Say {n}", "completion": f"It is {n}.<|endoftext|>"} for n in range(4)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    *records, _ = read([tmp_path / "a.jsonl"], ReadingConfig())
    assert [record["target"] for record in records] == [f"It is {n}." for n in range(4)]

    about = ["A text may end in <|endoftext|> or so.", *STORIES, "<s>struck out</s>, he wrote"]
    (tmp_path / "b.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in about), encoding="utf-8")
    *records, _ = read([tmp_path / "b.jsonl"], ReadingConfig())
    assert [record["text"] for record in records] == about
