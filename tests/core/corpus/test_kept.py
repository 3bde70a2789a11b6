from __future__ import annotations

from pathlib import Path

import pytest

from llmstudio.core.corpus.config import CleaningConfig, CorpusConfig
from llmstudio.core.corpus.corpus import write_corpus
from llmstudio.core.corpus.kept import kept_words
from llmstudio.core.events import Finished
from llmstudio.core.work import Stop

TEXTS = [f"This is the tale number {n} of the fox and of the well." for n in range(25)]


@pytest.mark.parametrize(
    ("rows", "cleaning", "expected"),
    [
        (TEXTS, CleaningConfig(), "25 documents"),
        (TEXTS * 16, CleaningConfig(), "25 of 400 documents (left out: 375 exact copies)"),
        (TEXTS + TEXTS[:1], CleaningConfig(), "25 of 26 documents (left out: 1 exact copy)"),
        ([*TEXTS, "Oh!", "No!", TEXTS[0]], CleaningConfig(min_characters=10),
         "25 of 28 documents (left out: 2 too short, 1 for other reasons)"),
        ([*TEXTS, " ", "  "], CleaningConfig(), "25 of 27 documents (left out: 2 rows empty or not readable)"),
    ],
)  # fmt: skip
def test_that_what_was_kept_is_told_with_what_was_read_and_the_largest_reason(
    tmp_path: Path, rows: list[str], cleaning: CleaningConfig, expected: str
) -> None:
    table = tmp_path / "t.csv"
    table.write_text("text,number\n" + "".join(f'"{text}",{n}\n' for n, text in enumerate(rows)), "utf-8")
    end = list(write_corpus([table], CorpusConfig(cleaning=cleaning), tmp_path / "out", stop=Stop()))[-1]
    assert isinstance(end, Finished)
    assert str(kept_words(end.result)) == expected
