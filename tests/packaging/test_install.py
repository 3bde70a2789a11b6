from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from llmstudio import __version__
from llmstudio.store import resources as module
from llmstudio.store.resources import resource, resources

ROOT = Path(__file__).resolve().parents[2]

# Opens the window, waits for Home's first paint, tells what it saw.
OPEN = """
import json, sys
from pathlib import Path
import llmstudio
from llmstudio.gui.window.application import open_window
from llmstudio.store.resources import resources
from PySide6.QtCore import QTimer

application, window = open_window(Path("project"))
seen = {"package": llmstudio.__file__, "resources": str(resources())}

def look():
    if window.first_paint_seconds:
        seen["title"] = window.windowTitle()
        seen["has_icon"] = not application.windowIcon().pixmap(32, 32).isNull()
        seen["torch"] = "torch" in sys.modules
        window.close()
        application.quit()

timer = QTimer(interval=20)
timer.timeout.connect(look)
timer.start()
QTimer.singleShot(60_000, application.quit)
application.exec()
print(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel and sees the other packages from here, but not this source tree."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False, symlinks=True)
    (site_packages,) = (home / "lib").glob("python*/site-packages")
    # A folder named in a .pth file is searched, its own .pth files (such as that of an editable install) are not read.
    (site_packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    command = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(home),
        "install",
        "--no-deps",
        "--no-index",
        "--quiet",
        str(wheel),
    ]
    subprocess.run(command, capture_output=True, check=True)
    return home


def run(installed: Path, program: list[str], folder: Path) -> str:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environ |= {"QT_QPA_PLATFORM": "offscreen", "LLMSTUDIO_HOME": str(folder / "home"), "PYTHONUTF8": "1"}
    command = [str(installed / "bin" / program[0]), *program[1:]]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_that_the_wheel_holds_every_resource_and_no_test(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    held = {name.removeprefix("llmstudio/resources/") for name in names if name.startswith("llmstudio/resources/")}
    here = {path.relative_to(ROOT / "resources").as_posix() for path in (ROOT / "resources").rglob("*") if path.is_file()}
    assert held == here
    assert {name.split("/")[0] for name in names} == {"llmstudio", f"llmstudio_desktop-{__version__}.dist-info"}


def test_that_the_window_of_an_installed_wheel_opens_from_any_folder(installed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "another 文件夹"
    folder.mkdir()
    seen = json.loads(run(installed, ["python", "-c", OPEN], folder).splitlines()[-1])
    inside = installed / "lib"
    assert Path(seen["package"]).is_relative_to(inside)
    assert Path(seen["resources"]).is_relative_to(inside)
    assert "project" in seen["title"]
    assert seen["has_icon"]
    assert not seen["torch"]


def test_that_the_installed_program_answers_by_its_name(installed: Path, tmp_path: Path) -> None:
    assert run(installed, ["llmstudio", "--version"], tmp_path).strip() == f"llmstudio {__version__}"
    assert (installed / "bin" / "llmstudio-gui").exists()
    assert version("llmstudio-desktop") == __version__


def test_that_the_source_tree_keeps_its_resources_beside_the_package() -> None:
    assert resources() == ROOT / "resources"


def test_that_a_frozen_bundle_is_asked_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    icons = tmp_path / "llmstudio" / "resources" / "icons"
    icons.mkdir(parents=True)
    (icons / "llmstudio.svg").write_text("<svg/>", "utf-8")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    resources.cache_clear()
    try:
        assert resource("icons/llmstudio.svg") == icons / "llmstudio.svg"
    finally:
        monkeypatch.undo()
        resources.cache_clear()


def test_that_an_installation_without_resources_says_where_it_looked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "__file__", str(tmp_path / "llmstudio" / "store" / "resources.py"))
    resources.cache_clear()
    try:
        with pytest.raises(FileNotFoundError, match="resources are missing"):
            resources()
    finally:
        monkeypatch.undo()
        resources.cache_clear()
