"""Each <doc> is a document of its own, and its marks are not learned."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.readers import read
from llmstudio.core.corpus.records import FileRead

TEXTS = [f"Boat {n}\n\nThe boat {n} lies at the pier.\nIt is old.\n" for n in range(5)]


def _read(tmp_path: Path, name: str, text: str) -> tuple[list[str], str]:
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    items = list(read([tmp_path / name], ReadingConfig()))
    said = [str(remark.message) for item in items if isinstance(item, FileRead) for remark in item.taken.remarks]
    return [item["text"] for item in items if isinstance(item, dict)], " ".join(said)


@pytest.mark.parametrize(
    ("name", "opening", "closing"),
    [
        ("wiki_00", '<doc id="{n}" url="http://x.example?curid={n}" title="Boat {n}">\n', "\n</doc>\n"),
        ("a.txt", '<DOC id="{n}">\r\n', "</DOC>\r\n\r\n"),
        ("unclosed.txt", "<doc>\n", "\n"),
    ],
)
def test_that_each_document_is_read_without_its_marks(tmp_path: Path, name: str, opening: str, closing: str) -> None:
    text = "".join(opening.format(n=n) + each + closing for n, each in enumerate(TEXTS))
    texts, said = _read(tmp_path, name, text)
    assert texts == TEXTS
    assert "<doc>" in said


def test_that_words_between_documents_are_kept_and_empty_ones_are_not(tmp_path: Path) -> None:
    text = "<doc id='1'>\nOne.</doc>\nBetween.\n<doc id='2'>\n\n</doc>\n<doc id='3'>\nThree <doc> here.\n</doc>\n"
    assert _read(tmp_path, "a.txt", text)[0] == ["One.\n", "Between.\n", "Three <doc> here.\n"]


def test_that_a_text_that_only_speaks_of_such_marks_is_one_text(tmp_path: Path) -> None:
    text = "It begins with <doc> and ends with </doc>.\n" * 4
    assert _read(tmp_path, "a.txt", text)[0] == [text]
