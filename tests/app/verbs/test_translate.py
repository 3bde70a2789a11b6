"""Laws of rewriting a whole file: every text in its place, as the window shows it, scored as sacrebleu scores."""

from __future__ import annotations

import csv
import io
import json
from types import SimpleNamespace

import pytest
import sacrebleu

from llmstudio.app.job_runner import run
from llmstudio.app.verbs import summarize
from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.app.verbs.translate import VERB, rewrite_file
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Failed, Finished, Noted, Piece, Progress, Saved, Stopped
from llmstudio.core.work import Stop
from tests.rewritten import rewrite


def outcome(project, file, stop=None, **options):
    stop = stop or Stop()
    events = list(run(lambda stop: rewrite_file(project, options.pop("model", "Turn"), file, stop=stop, **options), stop))
    return events[-1], [str(event.message) for event in events if isinstance(event, Noted)], events


def written(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def rows_in(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ","))


def held_out(project):
    return list(Corpus(project.about("corpus", "Pairs").path).records("test"))


@pytest.mark.parametrize(("ending", "beam"), [("tsv", 1), ("jsonl", 4), ("csv", 1)])
def test_that_a_result_holds_every_text_in_its_place_with_what_the_window_makes_of_it(
    translating, tmp_path, ending, beam
) -> None:
    texts = [record["source"] for record in held_out(translating)]
    texts.insert(2, "  ")
    file = written(tmp_path, "in.txt", "\n".join(texts) + "\n")
    end, notes, events = outcome(translating, file, out=tmp_path / f"out.{ending}", beam_width=beam)
    assert isinstance(end, Finished)
    assert any(isinstance(event, Saved) and event.location.endswith(f"out.{ending}") for event in events)
    lines = (tmp_path / f"out.{ending}").read_text(encoding="utf-8").splitlines()
    told = [json.loads(line) for line in lines] if ending == "jsonl" else rows_in(tmp_path / f"out.{ending}")
    assert [row["source"] for row in told] == texts
    assert all("target" not in row for row in told)
    assert told[2]["output"] == ""
    assert any("1 place holds no text" in note for note in notes)
    for at in (0, 5, len(texts) - 1):
        beside = rewrite(translating, "Turn", texts[at], beam_width=beam, length_penalty=0.6, max_new_tokens=40)
        assert told[at]["output"] == beside.versions[0].text
    assert end.result["texts"] == len(texts)
    assert end.result["empty"] == 1
    assert "bleu" not in end.result


@pytest.mark.parametrize(
    ("name", "between", "header"), [("in.tsv", "\t", "source\ttarget\n"), ("in.txt", "\t", ""), ("in.jsonl", "", "")]
)
def test_that_targets_of_a_file_give_bleu_and_chrf_as_sacrebleu_counts_them(
    translating, tmp_path, name, between, header
) -> None:
    pairs = [(record["source"], record["target"]) for record in held_out(translating)]
    lines = [f"{source}{between}{target}" if between else json.dumps({"source": source, "target": target})
             for source, target in pairs]  # fmt: skip
    file = written(tmp_path, name, header + "\n".join(lines) + "\n")
    end, _, _ = outcome(translating, file, out=tmp_path / "out.tsv")
    told = rows_in(tmp_path / "out.tsv")
    assert [(row["source"], row["target"]) for row in told] == pairs
    texts, references = [row["output"] for row in told], [target for _, target in pairs]
    bleu = sacrebleu.corpus_bleu(texts, [references], tokenize="zh").score
    assert end.result["bleu"] == pytest.approx(bleu, abs=1e-6)
    assert end.result["chrf"] == pytest.approx(sacrebleu.corpus_chrf(texts, [references]).score, abs=1e-6)
    assert 0 < end.result["bleu"] < 100
    assert end.result["texts_with_targets"] == len(pairs)


def test_that_a_text_without_a_target_is_translated_and_left_out_of_the_scores(translating, tmp_path) -> None:
    (one, two, three) = (record["source"] for record in held_out(translating)[:3])
    text = f"id,source,target\n1,{one},是\n2,{two},\n3,,是\n4,{three},是\n"
    end, notes, _ = outcome(translating, written(tmp_path, "in.csv", text), out=tmp_path / "out.csv")
    told = rows_in(tmp_path / "out.csv")
    assert [row["source"] for row in told] == [one, two, "", three]
    assert [bool(row["output"]) for row in told] == [True, True, False, True]
    assert end.result["texts_with_targets"] == 2
    assert any("1 text without a target is left out of the scores" in note for note in notes)


def test_that_columns_may_be_named_and_a_wrong_name_is_answered_with_the_right_ones(translating, tmp_path) -> None:
    source = held_out(translating)[0]["source"]
    file = written(tmp_path, "in.csv", f"a,b,c\n{source},not this one at all,是\n")
    end, _, _ = outcome(translating, file, out=tmp_path / "out.csv", source_column="a", target_column="c")
    (row,) = rows_in(tmp_path / "out.csv")
    assert (row["source"], row["target"]) == (source, "是")
    assert end.result["texts_with_targets"] == 1
    end, _, _ = outcome(translating, file, source_column="d")
    assert isinstance(end, Failed)
    assert "a, b, c" in str(end.message)


def test_that_without_a_file_every_text_is_told_and_txt_holds_the_texts_alone(translating, tmp_path) -> None:
    file = written(tmp_path, "in.txt", "\n".join(record["source"] for record in held_out(translating)[:5]))
    end, _, events = outcome(translating, file)
    told = [event.text for event in events if isinstance(event, Piece)]
    assert len(told) == 5 == end.result["texts"]
    outcome(translating, file, out=tmp_path / "out.txt", job="summarize")
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "".join(told)


def test_that_a_long_text_is_cut_and_what_the_model_has_never_read_is_told(translating, tmp_path) -> None:
    end, notes, _ = outcome(translating, written(tmp_path, "in.txt", "the cat " * 60 + "\nxylophone quixotic\n"))
    assert end.result["cut"] == 1
    assert any("longer than the 40 tokens" in note for note in notes)
    assert any("never read" in note for note in notes)


def test_that_a_stop_leaves_no_file(translating, tmp_path) -> None:
    file = written(tmp_path, "in.txt", "\n".join(record["source"] for record in held_out(translating)) * 5)
    stop = Stop()
    for event in run(lambda stop: rewrite_file(translating, "Turn", file, out=tmp_path / "out.tsv", stop=stop), stop):
        if isinstance(event, Progress) and event.total:
            assert event.remaining_s is not None
            stop.request()
    assert isinstance(event, Stopped)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["in.txt"]


@pytest.mark.parametrize(
    ("name", "text", "options", "said"),
    [
        ("in.txt", "", {}, "is empty"),
        ("in.txt", "a cat", {"out": "out.docx"}, "should end in"),
        ("in.txt", "a cat", {"out": "in.txt"}, "in.txt"),
        ("in.txt", "a cat", {"beam_width": 0}, "between 1 and 64"),
        ("in.txt", "a cat", {"source_column": "text"}, "no columns"),
        ("in.html", "<html><body><p>a cat</p></body></html>", {}, "no plain text"),
        ("in.csv", "1,2\n3,4\n", {}, "not clear"),
    ],
)
def test_that_what_cannot_be_done_is_said_and_nothing_is_written(translating, tmp_path, name, text, options, said) -> None:
    file = written(tmp_path, name, text)
    options = options | ({"out": tmp_path / options["out"]} if "out" in options else {})
    try:
        end, _, _ = outcome(translating, file, **options)
        message = str(end.message)
    except StudioError as error:
        message = str(error)
    assert said in message
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [name]
    assert file.read_text(encoding="utf-8") == text


def test_that_a_model_of_another_task_is_refused_with_what_it_can_do(sorting, tmp_path) -> None:
    end, _, _ = outcome(sorting, written(tmp_path, "in.txt", "a cat"), model="Sort")
    assert isinstance(end, Failed)
    assert "sort texts into classes" in str(end.message)


def test_that_both_verbs_read_standard_input_and_say_that_they_are_the_same(translating, monkeypatch) -> None:
    source = held_out(translating)[0]["source"]
    for verb in (VERB, summarize.VERB):
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(f"{source}\n".encode())))
        typed = SimpleNamespace(model="Turn", file="-", out=None, beam=2, source_column=None, target_column=None)
        events = list(run(verb.begin(translating, typed), Stop()))
        assert isinstance(events[-1], Finished)
        assert events[-1].job == verb.name
        assert sum(isinstance(event, Piece) for event in events) == 1
        assert "the same as" in verb.help


def test_that_evaluating_on_a_file_of_pairs_scores_the_answers_to_it(translating, tmp_path) -> None:
    pairs = [(record["source"], record["target"]) for record in held_out(translating)]
    file = written(tmp_path, "in.tsv", "source\ttarget\n" + "".join(f"{one}\t{other}\n" for one, other in pairs))
    events = list(evaluate(translating, "Turn", text_file=file, stop=Stop()))
    result = events[-1].result
    assert {"bleu", "chrf", "rouge_1", "rouge_2", "rouge_l", "exact_match"} <= set(result)
    assert any(f"{len(pairs)} answers" in str(event.message) for event in events if isinstance(event, Noted))
    end, _, _ = outcome(translating, file)
    assert result["bleu"] == pytest.approx(end.result["bleu"], abs=0.5)
