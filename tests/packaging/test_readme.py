from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from llmstudio.cli import main as command_line

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
INDENT = 2


def tree() -> dict[str, str]:
    """Paths named in the README's tree, with their phrases."""
    (block,) = [block for block in BLOCKS if block.startswith("llmstudio/")]
    found: dict[str, str] = {}
    folders: list[str] = []
    for line in block.splitlines():
        names, phrase = re.split(r"\s{2,}", line.strip(), maxsplit=1) if "  " in line.strip() else (line.strip(), "")
        depth = (len(line) - len(line.lstrip())) // INDENT
        del folders[depth:]
        for name in names.split(", "):
            path = "".join(folders) + name
            assert path not in found, f"{path} is named twice"
            found[path] = phrase
        if names.endswith("/"):
            folders.append(names)
    return found


def packages() -> dict[str, list[str]]:
    """Every package, as the tree writes it, with its modules and packages as its docstring names them (`tab`, `run/`)."""
    found: dict[str, list[str]] = {}
    for init in sorted((ROOT / "llmstudio").rglob("__init__.py")):
        inside = [path for path in init.parent.iterdir() if path != init and path.name != "__pycache__"]
        found[f"{init.parent.relative_to(ROOT).as_posix()}/"] = sorted(
            f"{path.name}/" if (path / "__init__.py").is_file() else path.stem
            for path in inside
            if path.suffix == ".py" or (path / "__init__.py").is_file()
        )
    return found


def listed(package: str) -> list[str]:
    """What a package's docstring lists, a line each, in reading order."""
    return re.findall(r"^- ([\w]+/?): \S", _docstring(package), re.MULTILINE)


def _docstring(path: str) -> str:
    file = ROOT / path / "__init__.py" if path.endswith("/") else ROOT / path
    return ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""


def test_that_the_tree_names_every_folder_and_no_other() -> None:
    named = {path for path in tree() if path.startswith("llmstudio/") and path.endswith("/")}
    assert {"not in the README": packages().keys() - named, "not in the code": named - packages().keys()} == {
        "not in the README": set(),
        "not in the code": set(),
    }


def test_that_a_package_lists_all_that_lies_in_it_in_reading_order_and_the_tree_stops_at_the_folder() -> None:
    wrong = {}
    for package, inside in packages().items():
        of_docstring = listed(package)
        if sorted(of_docstring) != inside:
            wrong[package] = {"not listed": set(inside) - set(of_docstring), "not there": set(of_docstring) - set(inside)}
    assert wrong == {}
    assert [path for path in tree() if path.startswith("llmstudio/") and not path.endswith("/")] == []


def test_that_the_tree_names_every_file_of_packaging() -> None:
    named = {path for path in tree() if path.startswith("packaging/")} - {"packaging/"}
    there = {f"packaging/{path.name}" for path in (ROOT / "packaging").iterdir() if path.is_file()}
    assert named == there


def test_that_every_line_of_the_tree_is_true_of_something_and_says_what_it_is() -> None:
    assert [path for path in tree() if not (ROOT / path).exists()] == []
    # A second script for another system shares the phrase of its line.
    phraseless = [path for path, phrase in tree().items() if not phrase]
    assert phraseless == []


def test_that_every_picture_and_script_named_is_there() -> None:
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)
    scripts = re.findall(r"\b(?:packaging|tests)[/\\][\w./\\]+\.(?:sh|bat|py|txt)\b", README)
    named = [*pictures, *(script.replace("\\", "/") for script in scripts if "NAME" not in script)]
    assert len(named) > len(pictures) > 0
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_that_the_overview_has_the_verbs_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command_line(["--help"])
    verbs = re.findall(r"^    ([a-z]+)\b", capsys.readouterr().out, re.MULTILINE)
    (overview,) = [block for block in BLOCKS if block.startswith("llmstudio tour")]
    assert re.findall(r"^llmstudio ([a-z]+)", overview, re.MULTILINE) == verbs


@pytest.mark.parametrize("word", ["TODO", "TBD", "placeholder", "lorem"])
def test_that_nothing_is_left_to_be_filled_in(word: str) -> None:
    assert word.lower() not in README.lower()
