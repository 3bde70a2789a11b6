from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

Part = Callable[[str], ModuleType]


@pytest.fixture
def libraries(part: Part) -> ModuleType:
    return part("system_libraries")


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """Makes a package manager that does nothing but note how it was called, the only program there is."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def make(name: str) -> Path:
        notes = tmp_path / f"{name}.txt"
        tool = folder / name
        tool.write_text(f'#!/bin/sh\necho "$*" >> "{notes}"\ncase "$1" in update) : ;; *) exit 1 ;; esac\n', "utf-8")
        tool.chmod(0o755)
        return notes

    return make


def absent(libraries: ModuleType) -> object:
    return libraries.Library("libnosuch.so.9", "nosuch9", "nosuch-libs", "nosuch")


def test_that_this_system_has_what_a_window_without_a_screen_needs(libraries: ModuleType) -> None:
    assert libraries.missing(libraries.needed(None)) == []


def test_that_only_what_cannot_be_loaded_is_missing(libraries: ModuleType) -> None:
    gone = absent(libraries)
    present = libraries.Library("libc.so.6", "libc6", "glibc", "glibc")
    assert libraries.missing([present, gone]) == [gone]


@pytest.mark.parametrize("screen", ["x11", "wayland"])
def test_that_a_screen_needs_more_than_none(libraries: ModuleType, screen: str) -> None:
    assert set(libraries.needed(screen)) > set(libraries.needed(None))


@pytest.mark.parametrize(
    ("manager", "command"),
    [
        ("apt-get", "sudo apt-get install -y nosuch9"),
        ("dnf", "sudo dnf install -y nosuch-libs"),
        ("pacman", "sudo pacman -S --noconfirm nosuch"),
    ],
)
def test_that_a_missing_library_is_named_with_the_command_that_brings_it(
    libraries: ModuleType,
    part: Part,
    tools: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    manager: str,
    command: str,
) -> None:
    tools(manager)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(part("trouble").Trouble) as trouble:
        libraries.provide([absent(libraries)], required=True)
    sentence = str(trouble.value)
    assert "libnosuch.so.9" in sentence
    assert sentence.endswith(command)
    assert "\n" not in sentence


def test_that_what_is_not_needed_now_is_only_remarked_on(
    libraries: ModuleType, tools: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tools("dnf")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    libraries.provide([absent(libraries)], required=False)
    assert "libnosuch.so.9" in capsys.readouterr().out


def test_that_root_on_debian_installs_and_fetches_the_lists_only_if_that_fails(
    libraries: ModuleType, part: Part, tools: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = tools("apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(part("trouble").Trouble):
        libraries.provide([absent(libraries)], required=True)
    calls = [line.split(" -qq")[0] for line in notes.read_text("utf-8").splitlines()]
    assert calls == ["install -y nosuch9", "update", "install -y nosuch9"]


def test_that_a_person_is_asked_where_nothing_may_be_installed(
    libraries: ModuleType, part: Part, tools: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = tools("apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(part("trouble").Trouble):
        libraries.provide([absent(libraries)], required=True)
    assert not notes.exists()


def test_that_one_package_is_named_once_for_two_of_its_libraries(libraries: ModuleType) -> None:
    two = [library for library in libraries.X11 if library.dnf == "libxcb"][:2]
    assert libraries.command("dnf", two) == "dnf install -y libxcb"
