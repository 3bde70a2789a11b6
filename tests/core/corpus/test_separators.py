from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.readers import read
from llmstudio.core.corpus.records import FileRead
from llmstudio.core.corpus.separators import documents, separator

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
    assert "ends a document" in str(end.taken.remarks[0].message)


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
