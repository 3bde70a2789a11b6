"""What the terminal says of a race, and when it is over."""

from __future__ import annotations

import pytest

from llmstudio.app.race.standings import board
from llmstudio.app.runs.run_summary import HEADLINES, MEASURES, UNITS
from llmstudio.core.events import Evaluated, Finished, Piece, Sampled, Started
from llmstudio.core.words import words
from llmstudio.terminal.printer import PlainPrinter


def place(model: str, bits: float | None, *, is_out: bool = False) -> dict[str, object]:
    figures = {"tokens_per_second": 1234.0, "parameters": 900_000, "weight_bytes": 3_600_000}
    quality = {"quality": None if bits is None else {"measure": "bits_per_byte", "value": bits, "step": 1, "is_whole": True}}
    return {"model": model, "bits_per_byte": bits, "out": "Too wild." if is_out else None, **figures, **quality}


def test_that_the_counting_model_stands_among_the_runners_and_who_is_out_stands_last() -> None:
    places = [place("First", 0.5), place("Second", 0.7), place("Wild", None, is_out=True)]
    lines = board({"places": places, "yardstick": 0.6}).splitlines()
    assert [line.split("  ")[0] for line in lines[1:]] == ["First", "5-gram (counts)", "Second", "Wild"]
    assert len({len(line) for line in lines}) == 1
    assert lines[4].split()[1] == "out"
    assert len(board({"places": places, "yardstick": None}).splitlines()) == 4


def test_that_figures_of_other_kinds_stand_with_what_they_count() -> None:
    filler = place("Fills", None) | {"quality": {"measure": "masked_accuracy", "value": 0.625, "step": 1, "is_whole": True}}
    alone = board({"places": [filler], "yardstick": None}).splitlines()
    assert "hidden words" in alone[0]
    assert "62 %" in alone[1]
    mixed = board({"places": [place("Writes", 0.5), filler], "yardstick": 0.6}).splitlines()
    assert "bits per byte" not in mixed[0]
    assert "0.500 bits per byte" in mixed[1]
    assert "0.600 bits per byte" in mixed[2]
    assert "62 % of hidden words filled in right" in mixed[3]
    assert len({len(line) for line in mixed}) == 1


@pytest.mark.parametrize("measure", MEASURES)
def test_that_the_column_of_a_race_is_called_by_what_its_figures_count(measure: str) -> None:
    own = {"quality": {"measure": measure, "value": 0.9, "step": 1, "is_whole": True}}
    head, line = board({"places": [place("Any", None) | own], "yardstick": None}).splitlines()
    assert str(UNITS[measure]) in head
    assert all(str(unit) not in head for name, unit in UNITS.items() if name != measure)
    assert str(HEADLINES[measure].figure(0.9)) in line


def test_that_lines_of_runners_say_whose_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    show = PlainPrinter()
    for number, name in enumerate(("Looks", "Remembers")):
        show(Started(job="train", parents=("race", str(number)), title=words("Training"), item=name))
    for number in (0, 0, 1):
        show(Evaluated(job="train", parents=("race", str(number)), step=5, split="val", figures={"loss": 1.0}))
    show(Sampled(job="train", parents=("race", "0"), step=5, prompt="The fox", text=" ran"))
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    spoken = [line for line in lines if line in ("Looks", "Remembers") or line.startswith(("step", "│"))]
    assert [line.split()[0] for line in spoken] == ["Looks", "step", "step", "Remembers", "step", "Looks", "│"]


def test_that_a_look_at_the_whole_text_is_told_from_one_at_a_sample(capsys: pytest.CaptureFixture[str]) -> None:
    show = PlainPrinter()
    show(Evaluated(job="train", step=38, split="val", figures={"bits_per_byte": 2.783}, is_best=True))
    show(Evaluated(job="train", step=38, split="val", figures={"bits_per_byte": 2.806}, is_best=True, is_whole=True))
    show(Evaluated(job="train", step=40, split="val", figures={"bits_per_byte": 2.9}, is_whole=True, of_step=38))
    show(Evaluated(job="train", step=41, split="val", figures={"bits_per_byte": 2.95}))
    sample, whole, earlier, plain = capsys.readouterr().out.splitlines()
    assert sample.endswith("(best so far, on a sample of the text)")
    assert whole.endswith("(best so far, on the whole text)")
    assert earlier.endswith("(on the whole text)")
    assert plain.endswith("2.950") or plain[-1].isdigit()


@pytest.mark.parametrize("job", ["ask", "generate"])
def test_that_below_an_answer_stands_what_the_verb_reads_of_it(job: str, capsys: pytest.CaptureFixture[str]) -> None:
    show = PlainPrinter()
    source = {"file": "stories/a.txt", "place": "line 3", "passage": "anna\nhas the ball .", "score": 1.0, "read": ""}
    result = {"text": "anna", "tokens": 1, "tokens_per_second": 10.0, "sources": [source]}
    show(Started(job=job, title=words("Answering")))
    show(Piece(job=job, text="anna"))
    show(Finished(job=job, result=result))
    said = capsys.readouterr().out
    assert "anna\n(1 token, 10 tokens/s)\n" in said
    told = "from:\n  [1] stories/a.txt, line 3  (not read: it did not fit)\n      anna has the ball .\n"
    assert said.endswith(told) == (job == "ask")
