from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

from llmstudio.core.errors import StudioError
from llmstudio.store.item_files import update_facts
from llmstudio.store.project import Project, safe_name


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "中文 project")


def make(project: Project, kind: str, name: str, **facts: str) -> None:
    with project.create(kind, name) as (folder, about):
        (folder / "content.txt").write_text(name)
        about |= facts | ({"recipe": {}} if kind == "model" else {})


def make_and_fail(project: Project) -> None:
    with project.create("model", "Half") as (folder, _):
        (folder / "weights").write_bytes(b"1")
        raise ZeroDivisionError


def test_that_an_item_says_what_it_was_made_from(project: Project) -> None:
    make(project, "corpus", "Tales", hash="abc")
    parent = project.about("corpus", "Tales")
    with project.create("tokenizer", "Words", made_from={"corpus": parent}) as (_, facts):
        facts["vocab_size"] = 7
    child = project.about("tokenizer", "Words")
    assert child.made_from == {"corpus": {"id": parent.id, "name": "Tales", "hash": "abc"}}
    assert child.facts == {"vocab_size": 7}
    assert child.kind == "tokenizer"


def test_that_an_id_outlives_a_new_name(project: Project) -> None:
    make(project, "corpus", "Tales")
    before = project.about("corpus", "Tales")
    project.rename("corpus", "Tales", "Stories")
    found = project.by_id("corpus", before.id)
    assert found is not None
    assert found.name == "Stories"
    assert not project.exists("corpus", "Tales")


def test_that_a_taken_name_is_refused_and_nothing_is_lost(project: Project) -> None:
    make(project, "corpus", "Tales", who="first")
    make(project, "corpus", "Other")
    with pytest.raises(StudioError, match="exists already"):
        make(project, "corpus", "Tales", who="second")
    with pytest.raises(StudioError, match="exists already"):
        project.rename("corpus", "Other", "Tales")
    assert project.about("corpus", "Tales").facts["who"] == "first"


def test_that_a_failed_item_leaves_nothing(project: Project) -> None:
    with pytest.raises(ZeroDivisionError):
        make_and_fail(project)
    assert list((project.root / "models").iterdir()) == []
    assert project.items("model") == []


def test_that_a_missing_item_is_named_with_those_there_are(project: Project) -> None:
    make(project, "corpus", "Tales")
    with pytest.raises(StudioError, match=r"no corpus named Tails.*Tales"):
        project.about("corpus", "Tails")


def test_that_where_there_is_nothing_of_a_kind_that_is_said_rather_than_an_empty_list(project: Project) -> None:
    with pytest.raises(StudioError, match=r"no tokenizer named Words: this project has none yet\.$"):
        project.about("tokenizer", "Words")


def test_that_looking_at_a_project_that_is_not_there_makes_nothing(project: Project) -> None:
    assert project.items("corpus") == []
    assert not project.root.exists()


def test_that_free_names_are_numbered(project: Project) -> None:
    assert project.free_name("corpus", "Tales") == "Tales"
    make(project, "corpus", "Tales")
    make(project, "corpus", "Tales 2")
    assert project.free_name("corpus", "Tales") == "Tales 3"


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a/b",
        "a\\b",
        "..",
        ".hidden",
        "dot.",
        "con",
        "NUL.txt",
        "a\nb",
        " a",
        "a ",
        "x" * 201,
        "诗" * 67,
        "a:b",
        "a*",
        "a\u202egpj",
        "a\u200e",
        "zero\u200bwidth",
        "\ufeffa",
        "soft\u00adhyphen",
    ],
)
def test_that_a_name_no_file_system_takes_is_refused(name: str) -> None:
    with pytest.raises(StudioError, match="cannot be a name"):
        safe_name(name)


@pytest.mark.parametrize(
    "name", ["Tales", "唐诗三百首", "Märchen 2", "a.b", "Tales · Words", "console", "🙂", "می\u200cخواهم", "क्\u200dष"]
)
def test_that_a_name_of_any_script_is_taken(project: Project, name: str) -> None:
    make(project, "corpus", safe_name(name))
    assert [item.name for item in project.items("corpus")] == [name]


def test_that_folders_that_are_not_items_are_left_alone(project: Project) -> None:
    make(project, "corpus", "Tales")
    (project.root / "corpora" / "mine").mkdir()
    (project.root / "corpora" / "broken").mkdir()
    (project.root / "corpora" / "broken" / "about.json").write_text("{")
    (project.root / "corpora" / "odd").mkdir()
    (project.root / "corpora" / "odd" / "about.json").write_text("[1]")
    assert [item.name for item in project.items("corpus")] == ["Tales"]


def test_that_an_item_of_a_newer_version_is_refused_in_words(project: Project) -> None:
    make(project, "corpus", "Tales")
    path = project.about("corpus", "Tales").path / "about.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))
    with pytest.raises(StudioError, match="newer version"):
        project.about("corpus", "Tales")


def test_that_a_project_of_a_newer_version_is_not_opened(project: Project) -> None:
    project.prepare()
    (project.root / "project.json").write_text(json.dumps({"format": 99}))
    with pytest.raises(StudioError, match="newer version"):
        Project(project.root)


def test_that_updating_facts_keeps_everything_else(project: Project) -> None:
    make(project, "model", "One", seed="1")
    before = project.about("model", "One")
    update_facts(before.path, state="finished")
    after = project.about("model", "One")
    assert after.facts == {"recipe": {}, "seed": "1", "state": "finished"}
    assert (after.id, after.created) == (before.id, before.created)


@pytest.mark.parametrize("verb", ["rename", "delete"])
def test_that_a_read_only_folder_is_told_in_words(project: Project, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    make(project, "corpus", "Tales")

    def refuse(*_: object, **__: object) -> None:  # what the system says; root, who may do anything, never hears it
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    monkeypatch.setattr("llmstudio.store.files.os.replace", refuse)
    with pytest.raises(StudioError, match="may not be written to"):
        project.rename("corpus", "Tales", "Stories") if verb == "rename" else project.delete("corpus", "Tales")
    assert project.exists("corpus", "Tales")


def test_that_a_folder_without_a_word_about_itself_takes_no_name_and_is_not_lost(project: Project) -> None:
    for name in ("Empty", "Mine"):
        (project.root / "models" / name).mkdir(parents=True)
    (project.root / "models" / "Mine" / "notes.txt").write_text("dear diary")
    for name in ("Empty", "Mine"):
        assert not project.exists("model", name)
        make(project, "model", name)
    assert {item.name for item in project.items("model")} == {"Empty", "Mine"}
    assert (project.root / "models" / "Mine (no item)" / "notes.txt").read_text() == "dear diary"
    make(project, "model", "Other")
    (project.root / "models" / "Free").mkdir()
    project.rename("model", "Other", "Free")
    assert project.about("model", "Free").facts == {"recipe": {}}


def test_that_a_damaged_item_keeps_its_name_and_can_be_deleted(project: Project) -> None:
    make(project, "model", "Broken")
    (project.path("model", "Broken") / "about.json").write_text("{")
    with pytest.raises(StudioError, match="exists already"):
        make(project, "model", "Broken")
    project.delete("model", "Broken")
    make(project, "model", "Broken")


def test_that_a_delete_that_is_cut_off_leaves_no_name_taken(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    make(project, "model", "One")
    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", die)
        with pytest.raises(KeyboardInterrupt):
            project.delete("model", "One")
    assert not project.exists("model", "One")
    make(project, "model", "One")


def test_that_a_name_may_be_spelled_anew_where_capitals_make_no_difference(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(project, "corpus", "Tales")
    own, real = project.path("corpus", "Tales"), Path.exists
    monkeypatch.setattr(Path, "exists", lambda path: real(path) or path.name == "tales")
    monkeypatch.setattr(Path, "samefile", lambda path, other: path.name.lower() == Path(other).name.lower())
    project.rename("corpus", "Tales", "tales")
    assert not real(own)
    assert real(own.with_name("tales"))


@pytest.mark.parametrize("kind", ["corpus", "model", "chat"])
@pytest.mark.parametrize("other", ["CAFÉ", "café", "cafe\u0301", "Cafe\u0301"])
def test_that_a_name_that_would_be_the_same_folder_on_another_computer_is_taken(
    project: Project, kind: str, other: str
) -> None:
    for name in ("Café", "Bar"):
        if kind == "chat":
            project.path(kind, name).parent.mkdir(parents=True, exist_ok=True)
            project.path(kind, name).write_text('{"format": 1, "kind": "chat", "id": "a", "name": "", "created": 1.0}')
        else:
            make(project, kind, name)
    assert project.taken_by(kind, other) == "Café"
    assert project.free_name(kind, other) == f"{other} 2"
    with pytest.raises(StudioError, match=f"{other} differs from Café"):
        project.refuse_taken(kind, other)
    with pytest.raises(StudioError, match="Café"):
        project.rename(kind, "Bar", other)
    project.rename(kind, "Café", other)  # its own name may be spelled anew
    assert project.taken_by(kind, "Café") == other


def test_that_a_deleted_item_is_gone(project: Project) -> None:
    make(project, "corpus", "Tales")
    project.delete("corpus", "Tales")
    assert project.items("corpus") == []
    with pytest.raises(StudioError):
        project.delete("corpus", "Tales")


def test_that_a_project_may_be_moved_and_still_knows_its_items(project: Project, tmp_path: Path) -> None:
    make(project, "corpus", "Tales")
    before = project.about("corpus", "Tales")
    project.root.rename(tmp_path / "elsewhere")
    assert Project(tmp_path / "elsewhere").about("corpus", "Tales").id == before.id


def test_that_a_project_that_may_not_be_written_can_be_read(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    make(project, "corpus", "Tales")
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    opened = Project(project.root)
    assert not opened.is_writable
    assert [item.name for item in opened.items("corpus")] == ["Tales"]


def test_that_a_place_where_no_folder_can_be_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("I am a file")
    with pytest.raises(StudioError, match="choose another"):
        make(Project(tmp_path / "file" / "project"), "corpus", "Tales")


def test_that_what_cannot_be_read_is_told_in_a_sentence_each_and_nothing_else(project: Project) -> None:
    for name in ("Whole", "Newer", "Broken"):
        make(project, "model", name)
    assert project.unreadable() == []
    (project.path("model", "Newer") / "about.json").write_text(json.dumps({"format": 99}))
    (project.path("model", "Broken") / "about.json").write_text("{")
    (project.path("model", "Whole").parent / "mine").mkdir()  # a person's own folder is no damage
    assert [item.name for item in project.items("model")] == ["Whole"]
    said = [str(reason) for reason in project.unreadable()]
    assert len(said) == 2
    assert any("Newer was made by a newer version" in text for text in said)
    assert any("Broken" in text for text in said)


def test_that_a_folder_called_as_nothing_is_called_is_told_with_its_kind_and_without_what_cannot_be_seen(
    project: Project,
) -> None:
    for kind in ("corpus", "model"):
        make(project, kind, "A")
        place = project.path(kind, "A")
        for name in ("CON", "a\u202egpj"):
            shutil.copytree(place, place.with_name(name))
        assert [item.name for item in project.items(kind)] == ["A"]
    said = [str(reason) for reason in project.unreadable()]
    assert len(set(said)) == len(said) == 4
    assert any(text.startswith("The model 'CON' is left out") for text in said)
    assert any(text.startswith(r"The corpus 'a\u202egpj' is left out") for text in said)


def test_that_an_item_that_is_a_link_is_deleted_and_a_link_that_leads_nowhere_gives_way(tmp_path: Path) -> None:
    project = Project(tmp_path / "p")
    with project.create("corpus", "Text"):
        pass
    place = project.path("corpus", "Text")
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    project.delete("corpus", "Text")
    assert list(place.parent.iterdir()) == []
    assert (tmp_path / "elsewhere" / "about.json").exists()
    place.symlink_to(tmp_path / "nowhere", target_is_directory=True)
    with project.create("corpus", "Text"):
        pass
    assert project.exists("corpus", "Text")
    assert not place.is_symlink()
