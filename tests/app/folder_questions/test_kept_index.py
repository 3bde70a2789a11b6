from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from llmstudio.app.folder_questions.kept_index import FOLDER, index_of
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Noted, Progress
from llmstudio.core.retrieval.index import PassageIndex
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    folder = tmp_path / "stories"
    folder.mkdir()
    (folder / "a.txt").write_text("anna has the ball .", "utf-8")
    return folder


def ask_for(project: Project, source: Path) -> tuple[PassageIndex, list[str], bool]:
    """The index, what was noted, and whether files were read for it."""
    heard, job = list[Event](), index_of(project, source, job="ask", stop=Stop())
    while True:
        try:
            heard.append(next(job))
        except StopIteration as end:
            notes = [str(event.message) for event in heard if isinstance(event, Noted)]
            read = any(str(event.what).startswith("Sorting") for event in heard if isinstance(event, Progress))
            return end.value, notes, read


def test_that_files_are_read_again_only_when_they_have_changed(tmp_path: Path, stories: Path) -> None:
    project = Project(tmp_path / "project")
    assert ask_for(project, stories)[1:] == ([], True)
    assert ask_for(project, stories)[1:] == ([], False)
    (stories / "b.txt").write_text("ben has the kite .", "utf-8")
    index, notes, read = ask_for(project, stories)
    assert (len(index.passages), notes, read) == (2, ["1 file changed in stories: all are read again."], True)
    assert ask_for(project, stories)[1:] == ([], False)


def test_that_a_damaged_one_is_told_and_made_anew(tmp_path: Path, stories: Path) -> None:
    project = Project(tmp_path / "project")
    ask_for(project, stories)
    (place,) = (project.root / FOLDER).iterdir()
    (place / "passages.jsonl").write_text("{", "utf-8")
    index, notes, read = ask_for(project, stories)
    assert read
    assert "damaged" in notes[0]
    assert [passage.text for passage in index.passages] == ["anna has the ball ."]
    assert ask_for(project, stories)[1:] == ([], False)


def test_that_a_project_inside_the_folder_is_not_searched(tmp_path: Path, stories: Path) -> None:
    project = Project(stories / "project")
    ask_for(project, stories)
    (stories / "a.txt").write_text("anna has the drum .", "utf-8")
    assert [passage.text for passage in ask_for(project, stories)[0].passages] == ["anna has the drum ."]


def test_that_a_place_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="nowhere"):
        ask_for(Project(tmp_path / "project"), tmp_path / "nowhere")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are text, and pipes are not files of a folder")
def test_that_names_that_are_no_text_are_kept_too(tmp_path: Path, stories: Path) -> None:
    (stories / os.fsdecode(b"\xff.txt")).write_text("ben has the kite .", "utf-8")
    project = Project(tmp_path / "project")
    index, notes, _ = ask_for(project, stories)
    assert [passage.file for passage in index.passages] == ["stories/a.txt", "stories/\ufffd.txt"]
    assert notes == []
    assert ask_for(project, stories)[1:] == ([], False)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes here")
def test_that_a_pipe_is_refused_and_not_waited_for(tmp_path: Path, stories: Path) -> None:
    pipe = stories / "a pipe"
    os.mkfifo(pipe)
    with pytest.raises(StudioError, match="is no file but a pipe or a device"):
        ask_for(Project(tmp_path / "project"), pipe)
