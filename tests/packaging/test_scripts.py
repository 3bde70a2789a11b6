from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
SHELL = [*sorted(PACKAGING.glob("*.sh")), PACKAGING / "run.command"]
EXTRAS = {"llmstudio-desktop": {"test"}}


def start(checkout: Path, *arguments: str, environ: dict[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(checkout / "packaging" / "run.sh"), *arguments]
    return subprocess.run(command, env=environ, cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=False)


def pins() -> dict[str, str]:
    lines = (PACKAGING / "constraints.txt").read_text("utf-8").splitlines()
    found = (re.fullmatch(r"([\w.-]+)==([\w.]+)", line) for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def closure() -> dict[str, str]:
    """Every package that a set-up with the tests' needs installs here, with its version here."""
    seen: dict[str, str] = {}
    waiting = ["llmstudio-desktop"]
    while waiting:
        name = waiting.pop()
        found = distribution(name)
        seen[canonicalize_name(name)] = found.version
        for line in found.requires or ():
            need = Requirement(line)
            extras = EXTRAS.get(name, set()) | {""}
            if need.marker is not None and not any(need.marker.evaluate({"extra": extra}) for extra in extras):
                continue
            if canonicalize_name(need.name) not in seen:
                waiting.append(need.name)
    return seen


@pytest.mark.parametrize("script", SHELL, ids=lambda path: path.name)
def test_that_a_plain_posix_shell_can_read_the_script(script: Path) -> None:
    assert subprocess.run(["sh", "-n", str(script)], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("script", ["packaging/run.sh", "packaging/test.sh", "packaging/run.command", ".ci/run"])
def test_that_scripts_to_be_started_may_be_executed(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)


@pytest.mark.parametrize("script", sorted(PACKAGING.glob("*.bat")), ids=lambda path: path.name)
def test_that_batch_files_end_their_lines_as_windows_does(script: Path) -> None:
    # As committed they end as elsewhere; the attribute makes every checkout write them like this.
    lines = script.read_bytes().split(b"\n")
    assert {line[-1:] for line in lines[:-1]} == {b"\r"}
    told = subprocess.run(["git", "check-attr", "eol", str(script)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode != 0 or told.stdout.strip().endswith("crlf")


def test_that_continuous_integration_runs_what_a_person_runs() -> None:
    assert "packaging/test.sh" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_that_constraints_pin_everything_to_what_is_tested_here() -> None:
    here = closure()
    del here["llmstudio-desktop"]
    here = {name: version.partition("+")[0] for name, version in here.items()}
    assert {name: pins().get(name) for name in here} == here


def test_that_every_pin_is_of_something_that_is_needed() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*declared["dependencies"], *declared["optional-dependencies"]["test"]]
    assert {canonicalize_name(Requirement(line).name) for line in wanted} <= set(pins())
    unknown = []
    for name in set(pins()) - set(closure()) - {"pip"}:
        try:
            unknown += [name] if not any(name in need_names(other) for other in closure()) else []
        except PackageNotFoundError:
            unknown.append(name)
    assert unknown == []


def need_names(package: str) -> set[str]:
    """What a package may need on some system."""
    return {canonicalize_name(Requirement(line).name) for line in distribution(package).requires or ()}


def test_that_without_a_screen_the_journey_is_walked_in_the_terminal(
    checkout: Path, bare_environ: dict[str, str], tmp_path: Path
) -> None:
    done = start(checkout, environ=bare_environ, cwd=tmp_path)
    sentence, told = done.stdout.splitlines()
    assert "no screen" in sentence
    assert json.loads(told)["arguments"] == ["tour"]


def test_that_an_x_server_that_does_not_answer_is_no_screen(
    checkout: Path, bare_environ: dict[str, str], tmp_path: Path
) -> None:
    done = start(checkout, environ=bare_environ | {"DISPLAY": ":87"}, cwd=tmp_path)
    assert "no screen" in done.stdout
    assert json.loads(done.stdout.splitlines()[-1])["arguments"] == ["tour"]


def test_that_arguments_go_to_the_command_line_in_the_folder_one_stands_in(
    checkout: Path, bare_environ: dict[str, str], tmp_path: Path
) -> None:
    done = start(checkout, "import", "two words.txt", "--json", environ=bare_environ, cwd=tmp_path)
    told = json.loads(done.stdout)
    assert told["arguments"] == ["import", "two words.txt", "--json"]
    assert Path(told["folder"]) == tmp_path


def test_that_another_pythons_variables_do_not_reach_the_program(
    checkout: Path, bare_environ: dict[str, str], tmp_path: Path
) -> None:
    foreign = {"PYTHONPATH": str(tmp_path), "QT_PLUGIN_PATH": "/opt/conda/plugins", "PYTHONHOME": "/nowhere"}
    told = json.loads(start(checkout, "list", environ=bare_environ | foreign, cwd=tmp_path).stdout)
    assert foreign.keys().isdisjoint(told["environ"])
    assert str(tmp_path) not in told["path"]
    assert "" not in told["path"]


def test_that_a_later_start_costs_a_moment(checkout: Path, bare_environ: dict[str, str], tmp_path: Path) -> None:
    def fastest(command: list[str]) -> float:
        """Seconds of processor time: what it costs, whatever else this computer is doing."""
        times = []
        for _ in range(3):
            before = os.times()
            subprocess.run(command, env=bare_environ, cwd=tmp_path, capture_output=True, check=True)
            after = os.times()
            times.append(after.children_user + after.children_system - before.children_user - before.children_system)
        return min(times)

    program = [str(checkout / ".venv" / "bin" / "python"), "-P", "-m", "llmstudio", "list"]
    overhead_s = fastest(["sh", str(checkout / "packaging" / "run.sh"), "list"]) - fastest(program)
    assert overhead_s < 0.3


def test_that_a_changed_pin_or_a_moved_folder_asks_for_a_new_set_up(checkout: Path, tmp_path: Path) -> None:
    copy = tmp_path / "moved"
    shutil.copytree(checkout, copy, symlinks=True)

    def is_current(root: Path) -> str:
        ask = "import prepare; print(prepare.is_current(tests=False), prepare.is_current(tests=True))"
        python = str(root / ".venv" / "bin" / "python")
        done = subprocess.run([python, "-c", ask], cwd=root / "packaging", capture_output=True, text=True, check=True)
        return done.stdout.strip()

    assert is_current(checkout) == "True False"
    assert is_current(copy) == "False False"
    pins = checkout / "packaging" / "constraints.txt"
    before = pins.read_bytes()
    pins.write_bytes(before + b"# another\n")
    try:
        assert is_current(checkout) == "False False"
    finally:
        pins.write_bytes(before)


def test_that_installing_and_removing_the_desktop_entry_leaves_nothing(
    checkout: Path, bare_environ: dict[str, str], tmp_path: Path
) -> None:
    installed = start(checkout, "--install", environ=bare_environ, cwd=tmp_path)
    data = tmp_path / "data"
    entry = data / "applications" / "llmstudio.desktop"
    assert str(entry) in installed.stdout
    assert (data / "icons" / "hicolor" / "scalable" / "apps" / "llmstudio.svg").read_bytes().lstrip().startswith(b"<")
    start(checkout, "--uninstall", environ=bare_environ, cwd=tmp_path)
    assert [path for path in data.rglob("*") if path.is_file() and path.name != "mimeinfo.cache"] == []


def test_that_the_desktop_entry_starts_the_program(checkout: Path, bare_environ: dict[str, str], tmp_path: Path) -> None:
    start(checkout, "--install", environ=bare_environ, cwd=tmp_path)
    lines = (tmp_path / "data" / "applications" / "llmstudio.desktop").read_text("utf-8").splitlines()
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    assert Path(values["Icon"]).is_file()
    command = shlex.split(values["Exec"])
    done = subprocess.run(command, env=bare_environ, cwd="/", capture_output=True, text=True, encoding="utf-8", check=True)
    assert json.loads(done.stdout.splitlines()[-1])["arguments"] == ["tour"]


@pytest.mark.parametrize(("manager", "remedy"), [("dnf", "sudo dnf install python3"), ("", "https://www.python.org")])
def test_that_a_computer_without_python_is_told_how_to_get_it(
    checkout: Path, bare_environ: dict[str, str], tmp_path: Path, manager: str, remedy: str
) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("dirname", "id"):
        (tools / name).symlink_to(shutil.which(name) or name)
    for name in filter(None, ("python3", manager)):  # this Python is too old: it knows no `venv`
        (tools / name).write_text("#!/bin/sh\nexit 1\n", "utf-8")
        (tools / name).chmod(0o755)
    shutil.copytree(checkout / "packaging", tmp_path / "packaging")
    shell = shutil.which("sh") or "/bin/sh"
    done = subprocess.run(
        [shell, str(tmp_path / "packaging" / "run.sh")],
        env=bare_environ | {"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert remedy in done.stderr
    assert len(done.stderr.splitlines()) == 1
