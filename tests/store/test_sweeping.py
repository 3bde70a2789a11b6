"""What dead programs left is cleared away wherever it lies; what living ones write is not touched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from llmstudio.store.files import ASIDE, STAGED, owner, staged_folder
from llmstudio.store.project import Project
from llmstudio.store.sweeping import name_put_aside, sweep

LEAVE = """
import os, sys
from pathlib import Path
from llmstudio.store import files
place = Path(sys.argv[1])
files._staged(place / "x").write_text("half")
folder = files._staged(place / "y")
(folder / "inner").mkdir(parents=True)
(place / "00000012").mkdir()
(place / "00000012" / "weights").write_text("only copy")
os.rename(place / "00000012", place / f"{files.ASIDE}{files.owner(os.getpid())}-00000012")
if len(sys.argv) > 2:
    print("left", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    found = tmp_path / "models" / "One" / "checkpoints"
    found.mkdir(parents=True)
    return found


def test_that_leftovers_of_a_dead_program_go_and_what_it_put_aside_comes_back(tmp_path: Path, place: Path) -> None:
    subprocess.run([sys.executable, "-c", LEAVE, str(place)], check=True)
    assert len(list(place.iterdir())) == 3
    (put_aside,) = [path for path in place.iterdir() if name_put_aside(path)]
    assert name_put_aside(put_aside) == "00000012"
    assert sweep(tmp_path) == 3
    assert [path.name for path in place.iterdir()] == ["00000012"]
    assert (place / "00000012" / "weights").read_text() == "only copy"


def test_that_what_a_living_program_has_staged_is_left_alone(tmp_path: Path, place: Path) -> None:
    command = [sys.executable, "-c", LEAVE, str(place), "wait"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "left"
        assert sweep(tmp_path) == 0
        other.communicate("done\n")
    assert sweep(tmp_path) == 3


def test_that_a_number_given_again_does_not_protect_leftovers(tmp_path: Path) -> None:
    host, pid, _ = owner(os.getpid()).split(".")
    (tmp_path / f"{STAGED}{host}.{pid}.{1:x}-aaaa").write_text("half")
    assert sweep(tmp_path) == 1


def test_that_what_was_put_aside_goes_once_its_successor_lies_there(tmp_path: Path) -> None:
    host = owner(os.getpid()).split(".")[0]
    aside = tmp_path / f"{ASIDE}{host}.{2**22 + 1}.{1:x}-00000012"
    for folder, text in ((aside, "old"), (tmp_path / "00000012", "new")):
        folder.mkdir()
        (folder / "weights").write_text(text)
    assert sweep(tmp_path) == 1
    assert (tmp_path / "00000012" / "weights").read_text() == "new"


def test_that_leftovers_of_another_computer_and_of_earlier_versions_go_when_they_are_old(tmp_path: Path) -> None:
    names = [f"{STAGED}00000000.17.1-aaaa", f"{STAGED}1234abcd-about.json", f"{STAGED}{2**22 + 1}-bbbb"]
    for name in names:
        (tmp_path / name).mkdir() if name == names[2] else (tmp_path / name).write_text("{")
    assert sweep(tmp_path) == 0
    for name in names:
        os.utime(tmp_path / name, (0, 0))
    assert sweep(tmp_path) == 3


def test_that_work_of_many_hours_is_not_swept_away_by_its_own_program(tmp_path: Path) -> None:
    def work() -> None:
        with staged_folder(tmp_path / "corpus") as folder:
            (folder / "a.txt").write_text("alpha")
            os.utime(folder, (0, 0))
            assert sweep(tmp_path) == 0

    work()
    assert (tmp_path / "corpus" / "a.txt").read_text() == "alpha"


def test_that_a_project_is_swept_everywhere_before_it_is_written(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.prepare()
    host = owner(os.getpid()).split(".")[0]
    dead = f"{STAGED}{host}.{2**22 + 1}.{1:x}-aaaa"
    for folder in ("", "chats", "models", "models/One", "models/One/checkpoints", "datasets/Some/train"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / dead).write_text("half")
    project.prepare()
    assert list(tmp_path.rglob(f"{STAGED}*")) == []


def test_that_links_are_swept_away_and_what_they_lead_to_stays(tmp_path: Path, place: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    host = owner(os.getpid()).split(".")[0]
    link = place / f"{STAGED}{host}.999999.1-half"
    link.symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert sweep(place) == 1
    assert list(place.iterdir()) == []
    assert (tmp_path / "elsewhere").is_dir()
