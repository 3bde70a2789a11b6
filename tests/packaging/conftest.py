from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"

# Stands for the program in a checkout's environment: says what it was started with.
ECHO = """import json, os, sys
print(json.dumps({"arguments": sys.argv[1:], "folder": os.getcwd(), "path": sys.path, "environ": dict(os.environ)}))
"""


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """A module of the set-up by name; they import each other as scripts in one folder do."""
    monkeypatch.syspath_prepend(str(PACKAGING))
    return importlib.import_module


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout that is set up already, in a folder with an awkward name; its program is ECHO."""
    root = tmp_path_factory.mktemp("place") / "a 测试 dir"
    shutil.copytree(PACKAGING, root / "packaging", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "resources" / "icons", root / "resources" / "icons")
    shutil.copy(ROOT / "pyproject.toml", root)
    venv.create(root / ".venv", with_pip=False, symlinks=True)
    program = next((root / ".venv" / "lib").glob("python*/site-packages")) / "llmstudio"
    program.mkdir()
    (program / "__main__.py").write_text(ECHO, "utf-8")
    stamp = "import prepare; prepare._stamp(False).touch()"
    subprocess.run([sys.executable, "-c", stamp], cwd=root / "packaging", check=True)
    return root


@pytest.fixture
def bare_environ(tmp_path: Path) -> dict[str, str]:
    """A person's environment variables without a screen."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return kept | {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data"), "PYTHONUTF8": "1"}
