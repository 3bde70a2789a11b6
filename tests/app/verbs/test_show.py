from __future__ import annotations

from pathlib import Path

import pytest

from llmstudio.app.computer import probe
from llmstudio.app.items.chats import save_chat
from llmstudio.app.verbs.doctor import doctor
from llmstudio.app.verbs.list import list_items
from llmstudio.app.verbs.show import show
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished
from llmstudio.core.generation.chat import Chat
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def result(project: Project, item: str) -> dict[str, object]:
    *_, end = show(project, item)
    assert isinstance(end, Finished)
    return dict(end.result)


def test_that_the_list_names_every_item_by_kind(project: Project) -> None:
    *_, end = list_items(project)
    assert isinstance(end, Finished)
    assert {kind: [item["name"] for item in items] for kind, items in end.result.items()} == {
        "corpus": ["World"],
        "tokenizer": ["Words"],
        "dataset": ["World · Words"],
        "model": ["Tiny"],
        "chat": [],
        "race": [],
    }


@pytest.mark.parametrize("item", ["Tiny", "model/Tiny", "models/Tiny"])
def test_that_an_item_is_shown_by_name_or_by_place(project: Project, item: str) -> None:
    found = result(project, item)
    assert (found["kind"], found["name"]) == ("model", "Tiny")
    assert int(found["bytes"]) > 1000  # type: ignore[call-overload]


def test_that_a_name_of_two_items_asks_which(project: Project) -> None:
    save_chat(project, "Tiny", Chat())
    with pytest.raises(StudioError, match=r"model/Tiny, chat/Tiny"):
        result(project, "Tiny")
    assert result(project, "chat/Tiny")["kind"] == "chat"


@pytest.mark.parametrize("item", ["Tony", "model/Tony", "dragon/Tiny", "", "../Tiny"])
def test_that_what_is_not_there_is_refused_in_words(project: Project, item: str) -> None:
    with pytest.raises(StudioError):
        result(project, item)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_PIECE_S", 0.001)
    monkeypatch.setattr(probe, "_SIZES", ((16, 8, 16), (16, 8, 16)))
    monkeypatch.setattr(probe, "_STEPS", ((1, 16, 2, 2, 8),))


@pytest.mark.usefixtures("hurried")
def test_that_the_doctor_looks_at_computer_versions_and_project(project: Project) -> None:
    *_, end = doctor(project, stop=Stop())
    assert isinstance(end, Finished)
    assert end.result["project_writable"] is True
    assert end.result["items"]["model"] == 1
    assert {"cpu", "cores", "memory_bytes", "number_format", "matmul_flops", "versions"} <= set(end.result)


@pytest.mark.usefixtures("hurried")
def test_that_the_doctor_notices_a_project_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    *_, end = doctor(Project(tmp_path / "file" / "project"), stop=Stop())
    assert isinstance(end, Finished)
    assert end.result["project_writable"] is False
