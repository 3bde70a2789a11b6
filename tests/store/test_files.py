from __future__ import annotations

import builtins
import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.errors import StudioError
from llmstudio.core.words import words
from llmstudio.store import files
from llmstudio.store.files import (
    folder_bytes,
    read_json,
    remove_folder,
    sha256,
    staged_folder,
    verify_manifest,
    write_bytes,
    write_json,
    write_manifest,
)
from llmstudio.store.sweeping import name_put_aside


class Failing:
    """Lets the operating system refuse the n-th call that changes the disk."""

    def __init__(self, patch: pytest.MonkeyPatch, number: int, code: int = errno.ENOSPC) -> None:
        self.left, self.code, self.has_failed = number, code, False
        for name in ("fsync", "replace", "open"):
            patch.setattr(files.os, name, self._counted(getattr(os, name)))
        patch.setattr(files, "open", self._counted(builtins.open), raising=False)
        patch.setattr(Path, "mkdir", self._counted(Path.mkdir))

    def _counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            self.left -= 1
            if self.left == 0:
                self.has_failed = True
                raise OSError(self.code, os.strerror(self.code))
            return real(*arguments, **options)

        return call


def fill(folder: Path) -> None:
    (folder / "inner").mkdir()
    (folder / "a.txt").write_bytes(b"alpha")
    (folder / "inner" / "b.bin").write_bytes(bytes(range(256)))


def stage(final: Path) -> None:
    with staged_folder(final) as folder:
        fill(folder)


def stage_and_fail(final: Path) -> None:
    with staged_folder(final) as folder:
        fill(folder)
        raise ZeroDivisionError


def stage_too_late(final: Path) -> None:
    with staged_folder(final) as folder:
        fill(folder)
        final.mkdir()


def tried(write: Callable[[], None]) -> bool:
    """Whether a write went through; a refusal must be one of ours."""
    try:
        write()
    except StudioError:
        return False
    return True


@given(st.binary(max_size=200))
def test_that_written_bytes_read_back(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("w") / "file"
    write_bytes(path, data)
    assert path.read_bytes() == data


def test_that_a_write_refused_anywhere_leaves_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "about.json"
    write_json(path, {"version": "old"})
    refusals = 0
    for number in range(1, 50):
        with pytest.MonkeyPatch.context() as patch:
            failing = Failing(patch, number)
            is_written = tried(lambda n=number: write_json(path, {"version": n}))
        if not failing.has_failed:
            break
        refusals += 1
        # After the rename the new content stands, whole; before it, the old one does.
        value = read_json(path)["version"]
        assert value in ("old", number), f"call {number} left {value}"
        assert not is_written
        assert [p.name for p in tmp_path.iterdir()] == ["about.json"], f"call {number} left something behind"
        write_json(path, {"version": "old"})
    assert refusals >= 3, refusals
    assert read_json(path) == {"version": number}


def test_that_a_folder_refused_anywhere_is_whole_or_absent(tmp_path: Path) -> None:
    final = tmp_path / "models" / "one"
    refusals = 0
    for number in range(1, 100):
        with pytest.MonkeyPatch.context() as patch:
            failing = Failing(patch, number)
            is_written = tried(lambda: stage(final))
        leftovers = [p.name for p in final.parent.iterdir() if p != final] if final.parent.exists() else []
        assert leftovers == [], f"call {number} left {leftovers}"
        if not failing.has_failed:
            break
        refusals += 1
        assert not is_written
        if final.exists():
            assert (final / "inner" / "b.bin").read_bytes() == bytes(range(256))
            final.rename(tmp_path / f"moved {number}")
    assert refusals >= 5, refusals
    assert is_written


def test_that_a_staged_folder_vanishes_when_its_work_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        stage_and_fail(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_that_an_existing_folder_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "mine.txt").write_text("mine")
    with pytest.raises(StudioError, match="exists already"):
        stage(tmp_path / "one")
    assert (tmp_path / "one" / "mine.txt").read_text() == "mine"


def test_that_a_folder_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="exists already"):
        stage_too_late(tmp_path / "one")
    assert list((tmp_path / "one").iterdir()) == []
    assert [p.name for p in tmp_path.iterdir()] == ["one"]


def replace_all(final: Path, text: str) -> None:
    with staged_folder(final, replace=True) as folder:
        (folder / "a.txt").write_text(text)


def test_that_a_folder_that_is_replaced_can_be_found_whatever_call_is_refused(tmp_path: Path) -> None:
    final, refusals = tmp_path / "00000012", 0
    replace_all(final, "old")
    for number in range(1, 100):
        with pytest.MonkeyPatch.context() as patch:
            failing = Failing(patch, number)
            is_written = tried(lambda n=number: replace_all(final, f"new {n}"))
        assert [path.name for path in tmp_path.iterdir() if not name_put_aside(path)] == [final.name], f"call {number}"
        text = (final / "a.txt").read_text()
        assert text == f"new {number}" if is_written else text in ("old", f"new {number}"), f"call {number} left {text}"
        if not failing.has_failed:
            break
        refusals += 1
        replace_all(final, "old")
    assert refusals >= 5, refusals


def test_that_refusals_name_the_folder_that_is_made_and_never_where_it_is_staged(tmp_path: Path) -> None:
    def damaged(folder: Path) -> None:
        raise StudioError("{path} is damaged. {why}", path=str(folder / "x"), why=words("In {folder}.", folder=folder.name))

    def full(folder: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for fail in (damaged, full, lambda folder: write_bytes(folder / "no such folder" / "x", b"")):
        with pytest.raises(StudioError) as refused, staged_folder(tmp_path / "Tales") as folder:
            fail(folder)
        assert ".staged-" not in str(refused.value)
        assert str(tmp_path) in str(refused.value)


def test_that_a_removed_folder_is_whole_or_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage(tmp_path / "one")

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "replace", die)
        with pytest.raises(KeyboardInterrupt):
            remove_folder(tmp_path / "one")
    assert (tmp_path / "one" / "inner" / "b.bin").exists()
    with monkeypatch.context() as patch:
        patch.setattr(files.shutil, "rmtree", die)
        with pytest.raises(KeyboardInterrupt):
            remove_folder(tmp_path / "one")
    assert not (tmp_path / "one").exists()


def test_that_of_a_link_only_the_link_is_removed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "weights").write_text("mine")
    folder = tmp_path / "models"
    folder.mkdir()
    link = folder / "Linked"
    link.symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    remove_folder(link)
    assert list(folder.iterdir()) == []
    link.symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with staged_folder(link, replace=True) as staged:
        (staged / "weights").write_text("anew")
    assert [path.name for path in folder.iterdir()] == ["Linked"]
    assert (tmp_path / "elsewhere" / "weights").read_text() == "mine"


def test_that_the_manifest_notices_any_flipped_byte(tmp_path: Path) -> None:
    fill(tmp_path)
    write_manifest(tmp_path, step=3)
    assert verify_manifest(tmp_path)["step"] == 3
    path = tmp_path / "inner" / "b.bin"
    whole = path.read_bytes()
    for place in (0, 100, 255):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(StudioError, match=r"b\.bin"):
            verify_manifest(tmp_path)
    path.write_bytes(whole)
    verify_manifest(tmp_path)


@pytest.mark.parametrize("harm", ["cut", "longer", "gone", "manifest gone", "manifest cut"])
def test_that_a_damaged_folder_is_noticed(tmp_path: Path, harm: str) -> None:
    fill(tmp_path)
    write_manifest(tmp_path)
    path, manifest = tmp_path / "a.txt", tmp_path / "manifest.json"
    {
        "cut": lambda: path.write_bytes(b"alph"),
        "longer": lambda: path.write_bytes(b"alpha!"),
        "gone": path.unlink,
        "manifest gone": manifest.unlink,
        "manifest cut": lambda: manifest.write_text(manifest.read_text()[:20]),
    }[harm]()
    with pytest.raises(StudioError):
        verify_manifest(tmp_path)


@pytest.mark.parametrize(
    ("code", "words"), [(errno.ENOSPC, "full"), (errno.EACCES, "may not be written"), (errno.EIO, "could not be written")]
)
def test_that_the_systems_refusals_become_sentences(tmp_path: Path, code: int, words: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        Failing(patch, 1, code)
        with pytest.raises(StudioError, match=words):
            write_bytes(tmp_path / "x", b"")


def test_that_a_damaged_json_file_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="missing"):
        read_json(tmp_path / "none.json")
    (tmp_path / "bad.json").write_bytes(b"\xff{")
    with pytest.raises(StudioError, match="damaged"):
        read_json(tmp_path / "bad.json")


def test_that_letters_of_all_scripts_stay_readable_in_json(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", {"诗": "床前明月光"})
    assert "床前明月光" in (tmp_path / "x.json").read_text("utf-8")
    assert json.loads((tmp_path / "x.json").read_bytes()) == {"诗": "床前明月光"}


def test_that_sizes_and_hashes_are_those_of_the_bytes(tmp_path: Path) -> None:
    fill(tmp_path)
    assert folder_bytes(tmp_path) == 5 + 256
    assert sha256(tmp_path / "a.txt") == "8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8"


@pytest.mark.skipif(os.name == "nt", reason="links are a privilege there")
def test_that_a_file_that_is_a_link_to_itself_is_damage(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"whole")
    write_manifest(tmp_path)
    verify_manifest(tmp_path)
    (tmp_path / "weights").unlink()
    (tmp_path / "weights").symlink_to("weights")
    with pytest.raises(StudioError, match=r"weights in .* is damaged"):
        verify_manifest(tmp_path)
