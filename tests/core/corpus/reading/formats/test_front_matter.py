from __future__ import annotations

from pathlib import Path

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.formats.front_matter import front_matter, without
from llmstudio.core.corpus.reading.readers import preview

TEXT = "The boat waits.\n\n---\n\nIt is late: go.\n"
FRONTS = [
    '---\nlayout: post\ntitle: "Boat 1"\ntags: [a, b]\n---\n\n',
    "---\naliases:\n  - one\n- two\n# a remark\ncreated: 2024-01-01\n---\n",
    "\ufeff---\r\ntitle: A\r\n---\r\n\r\n",
    '+++\ntitle = "Boat"\n[extra]\ndraft = true\n+++\n',
    "---\ntitle: A\n...\n",
]


@pytest.mark.parametrize("front", FRONTS)
def test_that_front_matter_is_left_out_and_said(front: str, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(front + TEXT, encoding="utf-8", newline="")
    seen = preview(tmp_path, ReadingConfig())
    assert seen.records[0]["text"] == TEXT
    assert any("is left out" in str(remark.message) for remark in seen.taken.remarks)
    whole = preview(tmp_path, ReadingConfig(format="text"))
    assert whole.records[0]["text"].endswith(TEXT)
    assert "title" in whole.records[0]["text"] or "aliases" in whole.records[0]["text"], "a person decides otherwise"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", TEXT),
        ("a.md", "---\n\nThe boat waits.\n\n---\n\nIt is late.\n"),
        ("a.md", "---\nHe said: go.\nThen they went away and nobody spoke.\n---\nIt is late.\n"),
        ("a.md", "---\ntitle: never closed\n\nThe boat waits.\n"),
        ("a.yaml", "---\na: 1\n---\nb: 2\n"),
    ],
)
def test_that_rules_in_a_text_and_data_are_no_front_matter(name: str, text: str) -> None:
    assert front_matter(name, text) == 0


def test_that_characters_are_left_out_across_chunks() -> None:
    assert "".join(without(4, ["ab", "cd", "ef"])) == "ef"
    assert "".join(without(3, ["ab", "cd", "ef"])) == "def"
