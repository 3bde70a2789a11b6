from __future__ import annotations

import errno
import json
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from llmstudio.app.items.changing import delete_item
from llmstudio.app.items.locks import LOCK, writer, writing
from llmstudio.core.errors import StudioError
from llmstudio.store.project import Project

HOLD = """
import sys
from pathlib import Path
from llmstudio.app.items.locks import writing
from llmstudio.store.project import Project
with writing(Project(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


def another(project: Project) -> subprocess.Popen[str]:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(project.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline().strip() == "held"
    return other


def test_that_a_second_program_is_refused_and_may_write_afterwards(project: Project) -> None:
    with another(project) as other:
        with pytest.raises(StudioError, match=str(other.pid)), writing(project):
            pass
        assert (writer(project) or {})["pid"] == other.pid
        other.communicate("done\n")
    with writing(project):
        assert (project.root / LOCK).exists()
    assert not (project.root / LOCK).exists()


def test_that_reading_is_free_while_another_writes(project: Project) -> None:
    with another(project) as other:
        assert Project(project.root).items("corpus") == []
        other.communicate("done\n")


def test_that_the_lock_of_a_program_that_died_is_taken_over(project: Project) -> None:
    with another(project) as other:
        other.kill()
        other.communicate()
    assert (project.root / LOCK).exists()
    assert writer(project) is None
    with writing(project):
        assert (writer(project) or {})["pid"] != other.pid
    assert list(project.root.glob(f"{LOCK}*")) == []


def test_that_a_dead_program_that_nobody_has_buried_holds_nothing(project: Project) -> None:
    with another(project) as other:
        other.kill()
        psutil.Process(other.pid).status()  # still there, for its parent has not asked how it ended
        for _ in range(500):
            if psutil.Process(other.pid).status() == psutil.STATUS_ZOMBIE:
                break
            time.sleep(0.01)
        assert writer(project) is None
        with writing(project):
            pass


def test_that_dead_locks_that_were_moved_aside_are_cleared_away(project: Project) -> None:
    with writing(project):
        mine = json.loads((project.root / LOCK).read_text())
    (project.root / f"{LOCK}.1a2b3c4d").write_text(json.dumps(mine | {"born": 1.0}))
    (project.root / f"{LOCK}.5e6f7a8b").write_text(json.dumps(mine))
    with writing(project):
        pass
    assert [path.name for path in project.root.glob(f"{LOCK}.*")] == [f"{LOCK}.5e6f7a8b"], "a living one is somebody's"


def test_that_a_reused_process_number_does_not_keep_a_dead_lock(project: Project) -> None:
    with writing(project):
        mine = json.loads((project.root / LOCK).read_text())
    (project.root / LOCK).write_text(json.dumps(mine | {"born": mine["born"] - 1000}))
    with writing(project):
        assert json.loads((project.root / LOCK).read_text())["born"] == mine["born"]


def test_that_a_lock_of_another_computer_is_believed(project: Project) -> None:
    project.prepare()
    (project.root / LOCK).write_text(json.dumps({"pid": 1, "host": "elsewhere", "born": 0.0}))
    with pytest.raises(StudioError, match="elsewhere"), writing(project):
        pass


def test_that_jobs_of_one_program_share_the_lock(project: Project) -> None:
    with writing(project):
        with writing(Project(project.root)):
            pass
        assert (project.root / LOCK).exists()
    assert not (project.root / LOCK).exists()


def test_that_the_lock_is_given_back_after_a_failure(project: Project) -> None:
    def fail() -> None:
        with writing(project):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not (project.root / LOCK).exists()


def test_that_a_full_disk_is_told_in_words_and_leaves_no_lock(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.prepare()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("llmstudio.app.items.locks.json.dump", full)
        with pytest.raises(StudioError, match="is full"), writing(project):
            pass
    assert not (project.root / LOCK).exists()
    with writing(project):
        pass


def test_that_a_full_disk_can_be_freed(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with project.create("corpus", "Large") as (folder, _):
        (folder / "text").write_text("much")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("llmstudio.app.items.locks.json.dump", full)
    delete_item(project, "corpus", "Large")
    assert not project.exists("corpus", "Large")
    assert not (project.root / LOCK).exists()
    with pytest.raises(StudioError, match="is full"), writing(project):
        pass


def test_that_a_lock_that_another_took_over_is_left_to_it(project: Project) -> None:
    with writing(project):
        mine = json.loads((project.root / LOCK).read_text())
        (project.root / LOCK).write_text(json.dumps(mine | {"pid": 1}))
    assert (project.root / LOCK).exists()


def test_that_a_dead_lock_that_may_not_be_moved_is_told_in_words(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with another(project) as other:
        other.kill()
        other.communicate()

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("llmstudio.app.items.locks.os.rename", refuse)
    with pytest.raises(StudioError, match="may not be written to"), writing(project):
        pass


def test_that_a_damaged_lock_is_taken_over(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.prepare()
    (project.root / LOCK).write_text("{")
    monkeypatch.setattr("llmstudio.app.items.locks.time.sleep", lambda seconds: None)
    with writing(project):
        assert writer(project) is not None
