from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import llmstudio
from llmstudio.core.tokenizer.training import _STAGES
from llmstudio.core.words import UNITS, Words, as_kept, counted, from_kept, nearest, words

NAMES = st.lists(st.text(alphabet="abc 1", min_size=1, max_size=6), max_size=30, unique=True)


@given(name=st.text(alphabet="abc 1", max_size=6), known=NAMES)
def test_that_the_nearest_are_known_and_all_are_named_or_counted(name: str, known: list[str]) -> None:
    found = nearest(name, known)
    named = str(found.values["names"]).split(", ") if known else []
    assert set(named) <= set(known)
    assert len(named) + int(str(found.values.get("n", 0))) == len(known)
    if name in known and len(known) > 5:
        assert named[0] == name


@pytest.mark.parametrize("meant", ["Small Tales", "small tales", "Smal Tales", "Small Tale 2"])
def test_that_a_slip_of_the_pen_finds_what_was_meant(meant: str) -> None:
    known = [f"Run {n}" for n in range(20)] + ["Small Tales"] + [f"Poems {n}" for n in range(20)]
    assert str(nearest(meant, known)).startswith("Small Tales, ")
    assert str(nearest(meant, known)).endswith(" and 36 more")


def test_that_words_inside_words_are_rendered() -> None:
    assert str(words("There are: {names}.", names=nearest("x", []))) == "There are: –."


def test_that_a_sentence_kept_as_json_can_still_be_translated_and_so_can_those_inside_it() -> None:
    said = words(
        "{what}, threads: {n} ({reason})", what=words("32-bit numbers"), n=2, reason=words("as {who} say", who="they")
    )
    assert from_kept(json.loads(json.dumps(as_kept(said)))) == said


def test_that_a_sentence_that_an_early_version_kept_reads_as_it_stands() -> None:
    assert str(from_kept("100 % {sure}")) == "100 % {sure}"
    assert str(from_kept("")) == ""


@pytest.mark.parametrize(
    "template", ["{n:>999999999}", "{n.__class__}", "{n[0]}", "{n!r}", "{}", "{0}", "{other}", "{", "}"]
)
def test_that_words_from_a_file_fill_plain_places_only(template: str) -> None:
    assert str(Words(template, {"n": 7})) == template


def test_that_numbers_are_written_as_their_place_says() -> None:
    assert (
        str(words("{n:,} of {share:.0%} at {x:g} or {y:.2f}", n=1234, share=0.5, x=0.25, y=2))
        == "1,234 of 50% at 0.25 or 2.00"
    )


def test_that_a_noun_follows_its_count() -> None:
    said = [str(words("{n|step is|steps are} left of {all}", n=n, all=9)) for n in (0, 1, "1", 2, 2000, "2,000")]
    assert said == [
        f"{n} left of 9" for n in ("0 steps are", "1 step is", "1 step is", "2 steps are", *["2,000 steps are"] * 2)
    ]


_COUNTED = re.compile(
    r"\{(\w+)(?::,)?\} (steps|documents|tokens|rows|sentences|texts|files|questions|characters|items|pieces|lines"
    r"|conversations|messages|pairs|places|layers)\b(?!/)"
)
# Sizes that are never one: a context, the size of the whole of which some are told.
_NEVER_ONE = {"limit", "all", "context", "longest"}
_BEGINNING = "occur in the first {n} characters of"  # of a text that is longer than that


def test_that_no_sentence_says_one_steps() -> None:
    said, bare = 0, []
    for path in Path(llmstudio.__file__).parent.rglob("*.py"):
        if path.parent.name == "samples":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node) in ("words", "StudioError", "tr", "translate", "_tr"):
                for text in (a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)):
                    said += 1
                    counts = {count for count, _ in _COUNTED.findall(text)} - _NEVER_ONE if _BEGINNING not in text else set()
                    bare += [f"{path.name}: {text}"] if counts else []
    assert said > 1000
    assert bare == []


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def test_that_no_sentence_of_the_engine_speaks_the_command_line() -> None:
    root = Path(llmstudio.__file__).parent
    typed = []
    for path in [*root.joinpath("core").rglob("*.py"), *root.joinpath("app").rglob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        # A verb's `_begin` reads what was typed: only the command line calls it.
        begins = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "_begin"]
        typed_there = {id(node) for begin in begins for node in ast.walk(begin)}
        for node in ast.walk(tree):
            if id(node) not in typed_there and isinstance(node, ast.Call) and _name(node) in ("words", "StudioError"):
                for text in (a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)):
                    typed += [f"{path.name}: {text}"] if re.search(r"(^|\s|\()--[a-z]", text) else []
    assert typed == []


def test_that_whatever_a_job_counts_has_a_noun_that_follows_its_count() -> None:
    found = set()
    for path in Path(llmstudio.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node) == "Progress":
                units = [keyword.value for keyword in node.keywords if keyword.arg == "unit"]
                found |= {leaf.value for unit in units for leaf in ast.walk(unit) if isinstance(leaf, ast.Constant)}
    assert "documents" in found
    assert found | {unit for _, unit in _STAGES.values()} <= set(UNITS)
    assert (str(counted("1", "documents")), str(counted("2,000", "documents"))) == ("1 document", "2,000 documents")
    assert [str(counted("3.2 MB", unit)) for unit in ("bytes", "of a newer version")] == [
        "3.2 MB",
        "3.2 MB of a newer version",
    ]
