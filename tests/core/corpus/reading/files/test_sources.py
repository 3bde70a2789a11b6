from __future__ import annotations

import os
from pathlib import Path

import pytest

from llmstudio.core.corpus.reading.files.sources import entries
from llmstudio.core.corpus.records import Skipped


@pytest.mark.skipif(os.name == "nt", reason="links are a privilege there, and pipes lie elsewhere")
def test_that_whatever_is_no_file_in_a_folder_is_left_out_and_said(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    (folder / "more").mkdir(parents=True)
    (folder / "a.txt").write_text("the fox")
    (folder / "circle.txt").symlink_to("circle.txt")
    (folder / "endless.txt").symlink_to("/dev/zero")
    (folder / "up").symlink_to("..")
    os.mkfifo(folder / "pipe.txt")
    (folder / "more" / "nowhere.txt").symlink_to("not there")
    found = list(entries([folder]))
    read = [entry.name for entry in found if not isinstance(entry, Skipped)]
    left = {entry.name: str(entry.reason) for entry in found if isinstance(entry, Skipped)}
    assert read == ["texts/a.txt"]
    assert set(left) == {f"texts/{name}" for name in ("circle.txt", "endless.txt", "up", "pipe.txt", "more/nowhere.txt")}
    assert "is a link to a folder" in left["texts/up"]
    assert "is no file" in left["texts/pipe.txt"]
