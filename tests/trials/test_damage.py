"""The short form of the trial with altered files."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import damage

if sys.platform == "win32":
    pytest.skip("limits of memory and alarms are those of Unix", allow_module_level=True)


def test_that_altered_files_end_in_sentences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMSTUDIO_HOME", str(tmp_path / "home"))
    damage.build(tmp_path / "project", ("decoder", "lstm"))
    assert list(damage.try_many(tmp_path / "project", range(20))) == []
