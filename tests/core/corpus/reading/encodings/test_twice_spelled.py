from __future__ import annotations

from pathlib import Path

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.encodings.twice_spelled import twice_spelled
from llmstudio.core.corpus.reading.readers import read
from llmstudio.core.corpus.records import FileRead


def test_that_letters_turned_into_utf_8_twice_are_told(tmp_path: Path) -> None:
    text = "Café and naïve words, “quoted”, in a long line.\n" * 5
    (tmp_path / "a.txt").write_bytes(text.encode().decode("cp1252", "ignore").encode())
    *_, end = read([tmp_path / "a.txt"], ReadingConfig())
    assert isinstance(end, FileRead)
    assert any("UTF-8 twice" in str(remark.message) for remark in end.taken.remarks)


@pytest.mark.parametrize(
    "text",
    ["Café, naïve, “quoted”, Ångström, São João, L’ÂGE. " * 9, "Âge – où « là » ? À 5 € ; plain — text… " * 9],
)
def test_that_letters_spelled_once_are_not(text: str) -> None:
    assert twice_spelled(text) is None
