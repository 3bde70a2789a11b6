"""Counts in sentences are written as people read them: with their noun, or at least with commas."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1] / "llmstudio"
BARE = re.compile(r"\{(?:n|all|step|steps|kept|limit|count|passes|size|rows|given|first|second)\}")
SMALL = {  # never a thousand, or no number
    "{n} models run by turns",
    "A race needs two to six runners, not {n}.",
    "There are {n} runners and {m} tokenizers: give one for all, or one for each.",
    "{name} has no checkpoint {which}. There are: {steps}.",
}
FACES = {"words.py"}  # units, whose count a face has written already


def templates() -> list[tuple[str, str]]:
    """Every template of a sentence, with its file."""
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        if path.name in FACES or "gui" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(getattr(node, "func", None), "id", "")
            if (
                name in ("words", "StudioError", "Words", "Diverged")
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                found.append((path.name, str(node.args[0].value)))
    return found


def test_that_no_count_stands_bare_in_a_sentence() -> None:
    found = templates()
    assert len(found) > 300
    assert [(file, text) for file, text in found if BARE.search(text) and text not in SMALL] == []
