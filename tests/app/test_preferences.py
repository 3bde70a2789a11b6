from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path

import pytest

from llmstudio.app import preferences
from llmstudio.app.computer.places import default_project, keep_report, open_log
from llmstudio.app.preferences import Preferences, with_recent
from llmstudio.core.errors import StudioError


def test_that_a_fresh_computer_has_the_defaults(home: Path) -> None:
    assert preferences.load() == (Preferences(), None)
    assert not home.exists()


def test_that_tastes_are_kept() -> None:
    tastes = replace(Preferences(), theme="dark", scale=1.5, recent=("/a", "/b"), geometry="AAE=")
    preferences.save(tastes)
    assert preferences.load() == (tastes, None)


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff\xfe", b'{"theme": "purple"}', b'{"recent": 3}', b""])
def test_that_a_damaged_file_is_put_aside_with_one_remark(home: Path, content: bytes) -> None:
    preferences.save(Preferences())
    path = home / "config" / "preferences.json"
    path.write_bytes(content)
    found, remark = preferences.load()
    assert found == Preferences()
    assert ".bad" in str(remark)
    assert path.with_name("preferences.json.bad").read_bytes() == content
    assert preferences.load() == (Preferences(), None)


def test_that_what_a_newer_version_wrote_is_passed_over(home: Path) -> None:
    preferences.save(replace(Preferences(), theme="light"))
    path = home / "config" / "preferences.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"hologram": True}))
    assert preferences.load() == (replace(Preferences(), theme="light"), None)


def test_that_recent_projects_are_newest_first_and_few(tmp_path: Path) -> None:
    tastes = Preferences()
    for n in range(14):
        tastes = with_recent(tastes, tmp_path / str(n))
    tastes = with_recent(tastes, tmp_path / "12")
    assert [Path(name).name for name in tastes.recent] == ["12", "13", *map(str, range(11, 3, -1))]
    preferences.save(tastes)
    assert preferences.load()[0] == tastes


def test_that_a_place_that_cannot_be_made_is_refused_in_words(home: Path) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file in the way")
    with pytest.raises(StudioError, match="may not be written"):
        preferences.save(Preferences())
    assert keep_report("x") is None
    with open_log() as log:
        log.write("goes nowhere")


def test_that_one_variable_moves_everything(home: Path) -> None:
    preferences.save(Preferences())
    path = keep_report("what happened")
    with open_log() as log:
        log.write("said\n")
    assert path is not None
    assert home in default_project().parents
    assert {p.parent.parent for p in (path, home / "config" / "preferences.json")} == {home}
    assert (home / "logs" / "llmstudio.log").read_text() == "said\n"


def test_that_two_failures_in_one_second_leave_two_whole_reports(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.strftime", lambda _format: "20260101-120000")
    kept = [keep_report(text) for text in ("one", "two", "three")]
    assert [path and path.read_text() for path in kept] == ["one", "two", "three"]

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert keep_report("four") is None
    assert len(list((home / "logs").iterdir())) == 3, "no half of one is left"
