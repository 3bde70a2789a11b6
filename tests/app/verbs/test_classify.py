from __future__ import annotations

import csv
import io
import json
from types import SimpleNamespace

import pytest

from llmstudio.app.classes.examples import Examples
from llmstudio.app.classes.scored import scored
from llmstudio.app.inspecting.classes import tell_classes
from llmstudio.app.inspecting.subject import subject
from llmstudio.app.job_runner import run
from llmstudio.app.verbs.classify import VERB, classify
from llmstudio.app.verbs.train import train
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Failed, Finished, Noted, Piece, Progress, Stopped
from llmstudio.core.models.families.recurrent_config import GRUConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop


def outcome(project, file, **options):
    events = list(run(lambda stop: classify(project, options.pop("model", "Sort"), file, stop=stop, **options), Stop()))
    return events[-1], [str(event.message) for event in events if isinstance(event, Noted)], events


def written(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def rows_in(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ","))


def told_texts(events):
    return [event.text.split("\t")[2] for event in events if isinstance(event, Piece)]


def held_out(project):
    return list(Corpus(project.about("corpus", "Reviews").path).records("test"))


def test_that_a_table_without_rows_is_told_to_have_none(sorting, tmp_path) -> None:
    end, _, _ = outcome(sorting, written(tmp_path, "in.csv", "text,label\n"))
    assert isinstance(end, Failed)
    assert "in.csv has no row that can be read" in str(end.message)


def test_that_texts_of_words_that_the_model_has_never_read_are_told_to_be_guessed(sorting, tmp_path) -> None:
    known = held_out(sorting)[0]["text"].replace("\n", " ")
    _, notes, _ = outcome(sorting, written(tmp_path, "in.txt", f"{known}\nqwxz kjvq zzxw\n你好世界\n"))
    assert [note for note in notes if "is a guess" in note] == [
        "Of 2 texts the model has never read most words or signs: the class is a guess, however sure it looks."
    ]
    assert not any("is a guess" in note for note in outcome(sorting, written(tmp_path, "one.txt", f"{known}\n"))[1])
    assert tell_classes(sorting, "Sort", "qwxz kjvq zzxw").is_foreign
    assert not tell_classes(sorting, "Sort", known).is_foreign


@pytest.mark.parametrize("ending", ["tsv", "csv", "jsonl"])
def test_that_a_result_holds_every_text_in_its_place_with_what_the_window_tells_of_it(sorting, tmp_path, ending) -> None:
    records = held_out(sorting)
    texts = [record["text"].replace("\n", " ") for record in records]
    texts.insert(3, "")
    file = written(tmp_path, "in.txt", "\n".join(texts) + "\n")
    end, notes, events = outcome(sorting, file, out=tmp_path / f"out.{ending}")
    assert isinstance(end, Finished)
    assert any(isinstance(event, Progress) for event in events)
    if ending == "jsonl":
        told = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
        chances = [row["probabilities"] for row in told]
        classes = [row["class"] for row in told]
    else:
        told = rows_in(tmp_path / f"out.{ending}")
        chances = [{n[2:-1]: float(v) for n, v in row.items() if n.startswith("p(") and v} or None for row in told]
        classes = [row["class"] or None for row in told]
    assert [row["text"] for row in told] == texts
    assert classes[3] is None
    assert chances[3] is None
    assert any("1 place holds no text" in note for note in notes)
    for at in (0, 4, len(texts) - 1):
        beside = tell_classes(sorting, "Sort", texts[at])
        assert (classes[at],) == beside.names
        assert chances[at] == pytest.approx(dict(beside.chances), abs=1e-5)
    assert end.result["texts"] == len(texts)
    assert sum(end.result["classes"].values()) == len(texts) - 1


def test_that_labels_of_a_file_give_accuracy_and_f1_as_counted_by_hand(sorting, tmp_path) -> None:
    records = held_out(sorting)
    for record in records[:2]:
        record["label"] = "bad" if record["label"] == "good" else "good"  # two that are wrong
    lines = "".join(json.dumps({"text": r["text"], "label": r["label"]}) + "\n" for r in records)
    end, _, _ = outcome(sorting, written(tmp_path, "in.jsonl", lines), out=tmp_path / "out.tsv")
    told = [(row["label"], row["class"]) for row in rows_in(tmp_path / "out.tsv")]
    assert [label for label, _ in told] == [record["label"] for record in records]
    names = {name for pair in told for name in pair}
    f1 = [
        2 * sum(pair == (name, name) for pair in told) / sum((pair[0] == name) + (pair[1] == name) for pair in told)
        for name in names
    ]
    assert end.result["accuracy"] == pytest.approx(sum(label == name for label, name in told) / len(told))
    assert end.result["macro_f1"] == pytest.approx(sum(f1) / len(f1))
    assert end.result["texts_with_labels"] == len(records)
    assert end.result["accuracy"] < 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.tsv", "It was good.\tgood\nIt was sad.\tbad\nI hated it.\tbda\nNothing.\t\n"),
        ("a.txt", "It was good.\tgood\nIt was sad.\tbad\nI hated it.\tbda\nNothing.\t\n"),
        ("a.txt", "good\tIt was good.\nbad\tIt was sad.\nbda\tI hated it.\n\tNothing.\n"),
        ("a.csv", "id,review,stars\n1,It was good.,good\n2,It was sad.,bad\n3,I hated it.,bda\n4,Nothing.,\n"),
        (
            "a.json",
            '[{"text":"It was good.","label":"good"},{"text":"It was sad.","label":"bad"},'
            '{"text":"I hated it.","label":"bda"},{"text":"Nothing."}]',
        ),
    ],
)
def test_that_labels_are_found_beside_the_texts_and_unknown_ones_are_named_and_left_out(
    sorting, tmp_path, name, text
) -> None:
    end, notes, _ = outcome(sorting, written(tmp_path, name, text), out=tmp_path / "out.tsv")
    texts = [row["text"] for row in rows_in(tmp_path / "out.tsv")]
    assert texts == ["It was good.", "It was sad.", "I hated it.", "Nothing."]
    assert end.result["texts_with_labels"] == 2
    assert any("bda (1)" in note and "bad, good, mixed" in note.replace("good, bad", "bad, good") for note in notes)
    assert any("1 text without a label is left out" in note for note in notes)


def test_that_rows_without_a_text_keep_their_place(sorting, tmp_path) -> None:
    text = "id,review\n1,It was good\n2,\n3,It was sad\n4,  \n"
    end, _, _ = outcome(sorting, written(tmp_path, "a.csv", text), out=tmp_path / "out.tsv", text_column="review")
    assert [row["text"].strip() for row in rows_in(tmp_path / "out.tsv")] == ["It was good", "", "It was sad", ""]
    assert end.result["empty"] == 2
    assert "accuracy" not in end.result


def test_that_texts_longer_than_the_context_are_counted_and_said(sorting, tmp_path) -> None:
    text = "It was good.\n" + "bad " * 30_000 + "\n"
    end, notes, _ = outcome(sorting, written(tmp_path, "a.txt", text))
    assert end.result["cut"] == 1
    assert any("1 text is longer than the 48 tokens" in note for note in notes)


def test_that_lines_with_tabs_and_no_known_label_are_texts_and_that_is_said(sorting, tmp_path) -> None:
    end, notes, events = outcome(sorting, written(tmp_path, "a.txt", "It was good.\tx\nIt was sad.\ty\n"))
    assert end.result["texts"] == 2
    assert any("all have a tab" in note for note in notes)
    assert told_texts(events) == ["It was good. x\n", "It was sad. y\n"]


@pytest.mark.parametrize("cleaning", [True, False])
def test_that_a_text_is_cleaned_as_those_were_that_the_model_learned_from(sorting, tmp_path, cleaning) -> None:
    held = sorting.about("model", "Sort").path / "corpus.json"
    facts = json.loads(held.read_text(encoding="utf-8"))
    facts["config"]["cleaning"]["urls"] = cleaning
    held.write_text(json.dumps(facts), encoding="utf-8")
    file = written(tmp_path, "a.txt", "www.example.com\n")
    end, _, _ = outcome(sorting, file)
    assert end.result["empty"] == cleaning


@pytest.mark.parametrize(
    ("name", "text", "options", "said"),
    [
        ("a.txt", "", {}, "empty"),
        ("a.csv", "a,b\nlong enough for prose,as is this one here\nand once more here,and again so\n", {}, "not clear"),
        ("a.csv", "text,label\nfine,good\nfine,good\n", {"text_column": "txt"}, "no column txt"),
        ("a.txt", "fine\n", {"label_column": "label"}, "has no columns"),
        ("a.rtf", "{\\rtf1 hello}", {}, "no plain text"),
        ("a.html", "<html><body>hello</body></html>", {}, "no plain text"),
    ],
)
def test_that_a_file_without_clear_texts_is_a_sentence_and_leaves_nothing(
    sorting, tmp_path, name, text, options, said
) -> None:
    end, _, _ = outcome(sorting, written(tmp_path, name, text), out=tmp_path / "out.tsv", **options)
    assert isinstance(end, Failed)
    assert said in str(end.message)
    assert not end.report
    assert not (tmp_path / "out.tsv").exists()


def test_that_a_file_of_results_is_never_overwritten_and_its_ending_is_asked_for_first(sorting, tmp_path) -> None:
    file = written(tmp_path, "a.txt", "It was good.\n")
    kept = written(tmp_path, "out.tsv", "mine")
    end, _, _ = outcome(sorting, file, out=kept)
    assert "exists already" in str(end.message)
    assert kept.read_text(encoding="utf-8") == "mine"
    assert ".tsv, .csv or .jsonl" in str(outcome(sorting, file, out=tmp_path / "out.xlsx")[0].message)


def test_that_a_stop_leaves_no_file(sorting, tmp_path) -> None:
    file = written(tmp_path, "a.txt", "It was good.\n" * 3000)
    stop = Stop()
    events = []
    for event in run(lambda stop: classify(sorting, "Sort", file, out=tmp_path / "out.tsv", stop=stop), stop):
        events.append(event)
        if isinstance(event, Progress) and event.unit == "texts" and event.total:
            stop.request()
    assert isinstance(events[-1], Stopped)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["a.txt"]


def test_that_a_model_of_another_task_is_refused_and_told_what_it_can(project, tmp_path) -> None:
    end, _, _ = outcome(project, written(tmp_path, "a.txt", "It was good.\n"), model="Tiny")
    assert "Tiny cannot sort texts into classes. It can write on from a text." in str(end.message)


def test_that_a_dash_reads_standard_input(sorting, monkeypatch) -> None:
    data = io.BytesIO("Es war schön.\nIt was sad.\n".encode())
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=data))
    typed = SimpleNamespace(
        model="Sort", file="-", out=None, text_column=None, label_column=None, examples=None, shots=8
    )  # fmt: skip
    events = list(VERB.begin(sorting, typed)(Stop()))
    assert told_texts(events) == ["Es war schön.\n", "It was sad.\n"]


def test_that_a_taught_model_is_first_of_all_asked_for_classes(sorting) -> None:
    assert subject(sorting, "Sort").pages == ("classes", "scores", "remedies", "recurrence")


def test_that_the_window_says_of_a_blank_text_that_there_is_nothing_to_read(sorting) -> None:
    with pytest.raises(StudioError, match="nothing to read"):
        tell_classes(sorting, "Sort", " \n")


def test_that_lists_of_labels_and_lines_that_begin_with_one_are_read_as_such(sorting, tmp_path) -> None:
    rows = [{"text": "It was good.", "label": ["good"]}, {"text": "It was sad.", "label": ["bad", "mixed"]}]
    file = written(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    end, _, _ = outcome(sorting, file, out=tmp_path / "out.tsv")
    assert [row["label"] for row in rows_in(tmp_path / "out.tsv")] == ["good", "bad, mixed"]
    assert end.result["texts_with_labels"] == 2
    assert end.result["accuracy"] <= 0.5  # of two labels a model that tells one is never right
    file = written(tmp_path, "b.txt", "good It was good .\nbad It was sad .\n" * 30)
    end, _, _ = outcome(sorting, file, out=tmp_path / "lines.tsv")
    rows = rows_in(tmp_path / "lines.tsv")
    assert (rows[0]["text"], rows[0]["label"]) == ("It was good .", "good")
    assert end.result["texts_with_labels"] == end.result["texts"] == 60


def test_that_a_model_that_only_writes_sorts_by_examples(sorting, tmp_path) -> None:
    shape = GRUConfig(num_layers=1, embed_dim=16, hidden_dim=16, context_length=48)
    training = TrainingConfig(max_steps=3, batch_size=4, threads=1, number_format="fp32", sample_tokens=4)
    names = {"corpus": "Reviews", "tokenizer": sorting.items("tokenizer")[0].name, "name": "Base"}
    list(train(sorting, recipe=Recipe("gru", shape, training), stop=Stop(), **names))
    (tmp_path / "a.tsv").write_text("text\tlabel\nthe toy is fun\tgood\nan old day\tbad\n\t\n")
    events = list(classify(sorting, "Base", tmp_path / "a.tsv", examples=Examples("Reviews", 6), stop=Stop()))
    assert isinstance(events[-1], Finished)
    assert events[-1].result["texts"] >= 2
    assert events[-1].result["texts_with_labels"] == 2
    said = [str(event.message) for event in events if isinstance(event, Noted)]
    assert "Each text is read behind 6 examples of Reviews." in said
    *_, end = classify(sorting, "Base", None, examples=Examples("Reviews", 4), stop=Stop())
    corpus = Corpus(sorting.path("corpus", "Reviews"))
    held_out = list(corpus.records("test")) or list(corpus.records("val"))
    assert isinstance(end, Finished)
    assert end.result["texts_with_labels"] == len(held_out) > 0
    again = list(classify(sorting, "Base", tmp_path / "a.tsv", examples=Examples("Reviews", 6), stop=Stop()))
    assert [e.text for e in again if isinstance(e, Piece)] == [e.text for e in events if isinstance(e, Piece)]
    two = Examples("Reviews", 2, of_each_class=True)
    *_, end = classify(sorting, "Base", None, examples=two, stop=Stop())
    found = scored(sorting, "Base", two)
    assert [str(said) for said in found.said] == ["Each text is read behind 6 examples of Reviews."]
    assert found.own.intervals[0].value == pytest.approx(end.result["accuracy"])
    assert found.own.num_texts == len(held_out)
    told = tell_classes(sorting, "Base", "the toy is fun", two)
    assert (told.said, {name for name, _ in told.chances}) == (found.said, {"good", "bad", "mixed"})
    assert subject(sorting, "Sort").examples == {}
    known = subject(sorting, "Base")
    assert known.examples.keys() == {"Reviews"}
    assert {"classes", "scores"} < set(known.pages)
    (stop := Stop()).request()
    assert isinstance(list(run(lambda s: classify(sorting, "Base", None, examples=two, stop=s), stop))[-1], Stopped)


def test_that_examples_are_for_models_that_write(sorting, tmp_path) -> None:
    (tmp_path / "a.txt").write_text("the toy is fun\n")
    with pytest.raises(StudioError, match="are for models that go on with a text"):
        list(classify(sorting, "Sort", tmp_path / "a.txt", examples=Examples("Reviews"), stop=Stop()))
