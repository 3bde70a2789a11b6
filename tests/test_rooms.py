"""A room holds what one can see at a glance: files of one idea, folders of a dozen files, classes of twenty methods.

Whoever is over a bound gives the reason here or, for a file, in its own docstring. The lists are there to become shorter.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "llmstudio"
LINES, FILES, METHODS = 400, 16, 20
LONG = "Long because "  # begins the line of a docstring that says why a file has more lines

# Folders with more files, and why that is no hindrance.
FULL = {
    "app/verbs": "a file for each word of the command line, named as it is typed",
}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def place(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def is_explained(module: ast.Module) -> bool:
    """Whether a module's docstring says why the file is long."""
    return any(line.startswith(LONG) and len(line) > len(LONG) for line in (ast.get_docstring(module) or "").splitlines())


def num_methods(defined: ast.ClassDef) -> int:
    """Functions in the body of a class; a property's setter is one more, a signature for types only is none."""
    functions = [node for node in defined.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return sum(not any("overload" in ast.dump(mark) for mark in node.decorator_list) for node in functions)


def test_that_a_long_file_says_why() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in modules()}
    silent = {place(path): length for path, length in lengths.items() if length > LINES and not is_explained(parsed(path))}
    assert silent == {}, f"over {LINES} lines: what is the second idea? Otherwise a line of the docstring: {LONG!r}..."


@pytest.mark.parametrize(
    ("docstring", "explained"),
    [
        ("Words of a language.\n\nLong because a table reads best in one piece.", True),
        ("Words of a language.\n\nLong because ", False),
        ("Words of a language, which is long.", False),
    ],
)
def test_that_the_reason_for_a_long_file_is_a_line_of_its_own(docstring: str, explained: bool) -> None:
    assert is_explained(ast.parse(f'"""{docstring}\n"""')) is explained


def test_that_a_folder_holds_what_one_can_see_at_a_glance() -> None:
    inside: dict[str, int] = {}
    for path in modules():
        if path.name != "__init__.py":
            inside[place(path.parent)] = inside.get(place(path.parent), 0) + 1
    full = {folder: count for folder, count in inside.items() if count > FILES}
    assert {folder: count for folder, count in full.items() if folder not in FULL} == {}, f"more than {FILES} files"


def test_that_a_class_has_no_more_methods_than_one_can_know() -> None:
    counts = {
        f"{place(path)}:{node.name}": num_methods(node)
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef)
    }
    grown = {name: count for name, count in counts.items() if count > METHODS}
    assert grown == {}, "take an idea out into a class of its own"
