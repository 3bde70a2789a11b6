from __future__ import annotations

from pathlib import Path

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.readers import preview, survey

SAID = [(("ann", "ben_")[n % 2], f"It is boat {n}: look.") for n in range(8)]


@pytest.mark.parametrize(
    "time", ["[12:0{n}]", "12:0{n}", "2024-01-01 12:0{n}:01", "[2024-01-01T12:0{n}:01]", "12:0{n}:59.5"]
)
@pytest.mark.parametrize("name", ["<{name}>", "<@{name}>", "< {name}>"])
def test_that_a_log_is_a_conversation_without_times_joins_and_signs_of_rank(time: str, name: str, tmp_path: Path) -> None:
    def line(n: int, rest: str) -> str:
        return f"{time.format(n=n)} {rest}\n"

    log = "".join(line(n, f"{name.format(name=who)} {what}") for n, (who, what) in enumerate(SAID))
    log = "--- Log opened Mon Jan 01\n" + line(0, "*** cat has joined #boats") + log + line(9, "-!- cat has quit")
    (tmp_path / "boats.log").write_text(log, encoding="utf-8")
    assert survey([tmp_path], ReadingConfig()).kind == "turns"
    seen = preview(tmp_path, ReadingConfig())
    assert [turn["what"] for turn in seen.records[0]["turns"]] == [what for _, what in SAID]
    assert [turn["who"] for turn in seen.records[0]["turns"]] == ["user", "assistant"] * 4


def test_that_other_lines_with_times_stay_text(tmp_path: Path) -> None:
    log = "".join(f"[12:0{n}] <task{n}> has ended after {n} s\n" for n in range(9))
    (tmp_path / "work.log").write_text(log, encoding="utf-8")
    assert preview(tmp_path, ReadingConfig()).kind == "text"
