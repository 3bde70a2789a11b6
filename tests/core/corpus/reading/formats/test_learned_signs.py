"""Signs that are no words are said, with a line that holds them; prose, programs and Markdown are left in peace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmstudio.core.corpus.reading.formats.learned_signs import learned_signs
from tests.core.corpus.reading.test_row_checks import TEXTS, read_all

LETTERS = "iVBORw0KGgoAAAANSUhEUgAAAAUA" * 20
HELD = {
    "base64": [f"![pier](data:image/png;base64,{LETTERS})", *TEXTS],
    "files spelled": [*TEXTS, LETTERS],
    "chat template": [f"<|speaker_{n % 2}|> {text}" for n, text in enumerate(TEXTS)],
    "without width": [text.replace(" ", "\u200b") for text in TEXTS],
    "names of recordings": [f"103-1240-{n:04d} {text.upper()}" for n, text in enumerate(TEXTS)],
    "transcripts of speech": [f"BAC009S0002W{n:04d} {text}" for n, text in enumerate(TEXTS)],
    "Kaldi": [f"sw02001-A_{n:06d}-000{n} {text}" for n, text in enumerate(TEXTS)],
    "STM": [f"Talk_2009P 1 Ann {n}.82 {n + 2}.10 <o,f0,female> {text}" for n, text in enumerate(TEXTS)],
    "CTM": [f"sw2001 A {n}.10 0.25 {text.split()[1]}" for n, text in enumerate(TEXTS)],
    "Praat": [f'xmin = {n}\nxmax = {n + 1}\ntext = "{text}"' for n, text in enumerate(TEXTS)],
    "CoNLL": [f"{word} NN I-NP {'B-PER' if k else 'O'}" for text in TEXTS for k, word in enumerate(text.split())],
    "one word a line": [f"{k + 1}\t{word}\t{word}\tNOUN\t_" for k, word in enumerate(" ".join(TEXTS).split())],
    "a tag at each word": [" ".join(f"{word}/NN" for word in text.split()) for text in TEXTS],
    "bell/NN": [" ".join(f"{word}_nn-hl" for word in text[:-1].split()) + " ._." for text in TEXTS],
    "tables drawn": [f"| {text} | {n} |" for n, text in enumerate(TEXTS)],
    "quoted with >": [line for text in TEXTS for line in (text, f"> {text}")],
}
LEFT = {
    "a.txt": TEXTS,
    "diary.txt": [f"2024-01-{n + 1:02d} {text}" for n, text in enumerate(TEXTS)],
    "b.txt": [f"{text} He asked and/or begged: 24-hour mills, B-17 bombers, C3PO." for text in TEXTS],
    "genes.txt": ["ACGT" * 100, "acgtacgt" * 50, "1234567890" * 30],
    "quotes.md": [f"> {text}" for text in TEXTS],
    "a.py": [f"x = a | b  # {text}" for text in TEXTS] + [f"> {text}" for text in TEXTS],
    "list.md": [f"- {text}" for text in TEXTS],
    "poem.txt": [f"{text[:-1]}," for text in TEXTS],
    "codes.txt": [f"COVID-19 came in spring. {text}" if n % 2 else text for n, text in enumerate(TEXTS)],
    "paths.txt": [f"usr/bin opt/lib: {text}" for text in TEXTS],
}


@pytest.mark.parametrize("what", HELD)
def test_that_signs_which_are_no_words_are_said_with_a_line(what: str) -> None:
    (remark,) = [each for each in learned_signs(["\n".join(HELD[what]) + "\n"]) if what in str(each.message)]
    assert remark.level == "warning"
    shown = str(remark.message).partition("“")[2].rstrip("”.…")
    assert len(shown) <= 90
    assert shown.replace(" → ", "\t")[:3].strip("·") in "\n".join(HELD[what])


@pytest.mark.parametrize("name", LEFT)
def test_that_prose_programs_and_markdown_hold_no_such_signs(name: str) -> None:
    assert [str(each.message) for each in learned_signs(["\n".join(LEFT[name]) + "\n"], name)] == []


def test_that_they_are_said_of_files_columns_notebooks_and_mail(tmp_path: Path) -> None:
    tagged = "\n".join(HELD["a tag at each word"]) + "\n"
    assert "a tag at each word" in read_all(tmp_path, "a.txt", tagged)[1]
    rows = "".join(json.dumps({"text": line}) + "\n" for line in HELD["a tag at each word"])
    assert "a tag at each word" in read_all(tmp_path, "a.jsonl", rows)[1]
    cell = {
        "cell_type": "markdown",
        "metadata": {},
        "source": ["One.\n", f"![pic](data:image/png;base64,{LETTERS})\n", "Two.\n"],
    }
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    assert "base64" in read_all(tmp_path, "a.ipynb", json.dumps(notebook))[1]
    put_out = {"cell_type": "code", "metadata": {}, "source": ["x\n"], "outputs": [{"data": {"image/png": LETTERS}}]}
    assert "base64" not in read_all(tmp_path, "b.ipynb", json.dumps(notebook | {"cells": [put_out]}))[1]
    head = "From: Ann <a@x.org>\nTo: b@x.org\nSubject: Boats\nDate: Mon, 14 May 2001 16:39:00 -0700\n\n"
    assert "quoted with >" in read_all(tmp_path, "a.eml", head + "\n".join(HELD["quoted with >"]) + "\n")[1]


def test_that_of_a_very_long_line_the_beginning_alone_is_looked_at() -> None:
    for line in ("a/" * 500_000, "ab-" * 300_000, "<|" * 500_000, "0-" * 500_000, "| " * 500_000):
        assert learned_signs([line + "\n" + line]) == learned_signs([line[:200_000] + "\n" + line[:200_000]])
    picture = f"![pic](data:image/png;base64,{LETTERS})"
    assert learned_signs([picture + "word " * 30_000])
    assert not learned_signs(["word " * 30_000 + picture])
