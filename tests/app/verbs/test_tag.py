from __future__ import annotations

import io
import json
from types import SimpleNamespace

import pytest

from llmstudio.app.inspecting.tags import tell_tags
from llmstudio.app.items.loaded import load
from llmstudio.app.job_runner import run
from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tag import VERB, tag
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.events import Failed, Finished, Noted, Piece, Stopped
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.models.changes.head import head_of
from llmstudio.core.tasks.scores.spans import score_spans
from llmstudio.core.work import Stop
from llmstudio.terminal.talk import talk
from tests.grown_tags import tagged_sentences, two_columns


def outcome(project, file, **options):
    events = list(run(lambda stop: tag(project, options.pop("model", "Names"), file, stop=stop, **options), Stop()))
    return events[-1], [str(event.message) for event in events if isinstance(event, Noted)], events


def written(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def pieces(events):
    return [event.text for event in events if isinstance(event, Piece)]


def sentences_in(path):
    blocks = path.read_text(encoding="utf-8").split("\n\n")
    return [[tuple(line.split("\t")) for line in block.split("\n") if line] for block in blocks if block.strip()]


LINES = ["Tom sleeps in New York.", "", "Anna Berg lives in Rome."]


def test_that_every_sentence_of_a_file_is_written_as_the_window_tells_it_and_can_be_imported(tagging, tmp_path) -> None:
    end, notes, _ = outcome(tagging, written(tmp_path, "in.txt", "\n".join(LINES) + "\n"), out=tmp_path / "out.conll")
    assert isinstance(end, Finished)
    found = sentences_in(tmp_path / "out.conll")
    for sentence, line in zip(found, [line for line in LINES if line], strict=True):
        beside = tell_tags(tagging, "Names", line)
        assert sentence == [(line[start:stop], name) for start, stop, name, _ in beside.words]
    assert found[0] == [("Tom", "B-PER"), ("sleeps", "O"), ("in", "O"), ("New", "B-LOC"), ("York", "I-LOC"), (".", "O")]
    assert any("1 line holds no words" in note for note in notes)
    assert (end.result["texts"], end.result["words"], end.result["empty"]) == (3, 12, 1)
    assert sum(end.result["tags"].values()) == 12
    assert "tag_accuracy" not in end.result
    list(import_corpus(tagging, [str(tmp_path / "out.conll")], name="again", stop=Stop()))
    again = [r for part in ("train", "val", "test") for r in Corpus(tagging.path("corpus", "again")).records(part)]
    assert sorted(list(zip(r["words"], r["tags"], strict=True)) for r in again) == sorted(found)


def test_that_json_holds_every_line_in_its_place_with_probabilities(tagging, tmp_path) -> None:
    outcome(tagging, written(tmp_path, "in.txt", "\n".join(LINES) + "\n"), out=tmp_path / "out.jsonl")
    told = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["words"][:1] for row in told] == [["Tom"], [], ["Anna"]]
    assert told[0]["spaces"] == [True, True, True, True, False, False]
    assert all(0 < chance <= 1 for row in told for chance in row["probabilities"])


def test_that_tags_of_a_file_give_accuracy_and_span_f1_as_the_scores_do(tagging, tmp_path) -> None:
    sentences = tagged_sentences(40, seed=1)
    sentences[0] = [(word, "O") for word, _ in sentences[0]]  # names that are no names
    file = written(tmp_path, "a.conll", two_columns(sentences))
    end, notes, _ = outcome(tagging, file, out=tmp_path / "out.tsv")
    told = [[name for _, name in sentence] for sentence in sentences_in(tmp_path / "out.tsv")]
    truth = [[name for _, name in sentence] for sentence in sentences]
    scores = score_spans(truth, told)
    assert end.result["tag_accuracy"] == pytest.approx(scores.token_accuracy)
    assert end.result["span_f1"] == pytest.approx(scores.overall.f1)
    assert 0.8 < end.result["span_f1"] < 1
    assert end.result["words_with_tags"] == sum(map(len, truth))
    assert any("the tag from column 2" in note for note in notes)


def test_that_the_column_is_read_whose_tags_the_model_knows_unless_another_is_named(tagging, tmp_path) -> None:
    rows = "".join(
        f"{number}\t{word}\t_\tNOUN\t{name}\t_\t0\troot\t_\t_\n" if number else "\n"
        for sentence in tagged_sentences(20)
        for number, (word, name) in [*enumerate(sentence, 1), (0, ("", ""))]
    )
    file = written(tmp_path, "a.conllu", rows)
    end, notes, _ = outcome(tagging, file)
    assert end.result["span_f1"] > 0.9
    assert any("column XPOS" in note for note in notes)
    end, notes, _ = outcome(tagging, file, tag_column="UPOS")
    assert end.result["tag_accuracy"] == 0
    assert "span_f1" not in end.result
    assert any("does not know 1 tag of the file: NOUN" in note for note in notes)
    assert "no column" in str(outcome(tagging, file, tag_column="NER")[0].message)


def test_that_words_without_tags_and_sentences_with_a_bad_line_are_said(tagging, tmp_path) -> None:
    good = two_columns(tagged_sentences(30))
    end, notes, _ = outcome(tagging, written(tmp_path, "a.conll", good + "Tom\t_\nsleeps\tO\n\nTom\nsleeps\tO\n\n"))
    assert end.result["texts"] == 31
    assert end.result["words_with_tags"] == end.result["words"] - 2
    assert any("1 sentence has words without tags" in note for note in notes)
    assert any("1 column where 2 are usual" in note for note in notes)


def test_that_a_model_of_word_boundaries_writes_words_with_spaces_and_scores_them(tagging, tmp_path) -> None:
    file = written(tmp_path, "in.txt", "abcdef\n\ncde ghab\n")
    assert head_of(load(tagging, "Parts").model.changes)["names"] == ["B", "I", "S", "E"]  # it learned where words end too
    end, _, events = outcome(tagging, file, model="Parts")
    assert pieces(events) == ["ab cde f\n", "\n", "cde gh ab\n"]
    assert end.result["words"] == 6
    assert "tags" not in end.result
    outcome(tagging, file, model="Parts", out=tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "ab cde f\n\ncde gh ab\n"
    outcome(tagging, file, model="Parts", out=tmp_path / "out.jsonl")
    assert json.loads((tmp_path / "out.jsonl").read_text().splitlines()[2]) == {
        "text": "cde ghab", "words": ["cde", "gh", "ab"],
    }  # fmt: skip
    tagged = written(tmp_path, "a.conll", "ab\tX\nf\tX\nabgh\tX\n\ncde\tX\nf\tX\n\nf\tY\n\n")
    end, _, _ = outcome(tagging, tagged, model="Parts")
    assert end.result["span_f1"] == pytest.approx(2 * 5 / (7 + 6))  # abgh is told as two


def test_that_sentences_of_signs_that_the_model_has_never_read_are_told_to_be_guessed(tagging, tmp_path) -> None:
    _, notes, _ = outcome(tagging, written(tmp_path, "in.txt", "abcdef\n\nxyzxyz\nabxyz\nabcxy\n"), model="Parts")
    assert [note for note in notes if "guesses" in note] == [
        "Of 2 sentences the model has never read most words or signs: the tags are guesses, however sure they look."
    ]
    _, notes, _ = outcome(tagging, written(tmp_path, "known.txt", "abcdef\n\n"), model="Parts")
    assert not any("guesses" in note for note in notes)


def test_that_spaces_between_characters_are_read_as_they_were_learned(tagging) -> None:
    told = tell_tags(tagging, "Parts", "ab cde f")
    assert [name for _, _, name, _ in told.words] == ["B", "I", "B", "I", "I", "B"]
    assert (told.is_foreign, tell_tags(tagging, "Parts", "你好世界").is_foreign) == (False, True)


def test_that_a_result_is_never_overwritten_and_its_ending_is_asked_for_first(tagging, tmp_path) -> None:
    file = written(tmp_path, "a.txt", "Tom sleeps.\n")
    kept = written(tmp_path, "out.tsv", "mine")
    assert "exists already" in str(outcome(tagging, file, out=kept)[0].message)
    assert kept.read_text(encoding="utf-8") == "mine"
    assert ".conll" in str(outcome(tagging, file, out=tmp_path / "out.xlsx")[0].message)


@pytest.mark.parametrize(
    ("name", "text", "options", "said"),
    [
        ("a.txt", "", {}, "empty"),
        ("a.txt", "Tom sleeps.\n", {"tag_column": "UPOS"}, "has no columns"),
        ("a.html", "<html><body>Tom sleeps.</body></html>", {}, "no plain text"),
    ],
)
def test_that_a_file_without_sentences_is_a_sentence_and_leaves_nothing(
    tagging, tmp_path, name, text, options, said
) -> None:
    end, _, _ = outcome(tagging, written(tmp_path, name, text), out=tmp_path / "out.tsv", **options)
    assert isinstance(end, Failed)
    assert said in str(end.message)
    assert not end.report
    assert not (tmp_path / "out.tsv").exists()


@pytest.mark.parametrize(("model", "lines"), [("Names", [*LINES, "Tom,Paul(Rome)"]), ("Parts", ["abcdef", "", "cde ghab"])])
def test_that_the_json_of_a_result_read_back_gives_the_same_tags(tagging, tmp_path, model, lines) -> None:
    first, again = tmp_path / "first.jsonl", tmp_path / "again.jsonl"
    outcome(tagging, written(tmp_path, "in.txt", "\n".join(lines) + "\n"), model=model, out=first)
    end, notes, _ = outcome(tagging, first, model=model, out=again)
    once, twice = ([json.loads(line) for line in path.read_text("utf-8").splitlines()] for path in (first, again))
    assert [row["words"] for row in twice] == [row["words"] for row in once]
    assert [row.get("tags") for row in twice] == [row.get("tags") for row in once]
    assert end.result["tag_accuracy"] == end.result["span_f1"] == 1
    assert any("Words are read from words, tags from" in note for note in notes)
    assert any("1 line holds no words" in note for note in notes)


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "lists.csv", "spelled.tsv", "rows.csv"])
def test_that_rows_are_scored_as_the_same_sentences_a_word_a_line(tagging, tmp_path, name) -> None:
    sentences = tagged_sentences(30, seed=3)
    sentences[0] = [(word, "O") for word, _ in sentences[0]]
    cells = [(tokens, tags) for tokens, tags in (map(list, zip(*sentence, strict=True)) for sentence in sentences)]
    objects = [{"id": at, "tokens": tokens, "tags": tags} for at, (tokens, tags) in enumerate(cells)]
    text = {
        "a.jsonl": "".join(json.dumps(row) + "\n" for row in objects),
        "a.json": json.dumps(objects),
        "lists.csv": "tokens,tags\n" + "".join(f'"{tokens}","{tags}"\n' for tokens, tags in cells),
        "spelled.tsv": "sentence\ttags\n" + "".join(f"{' '.join(tokens)}\t{' '.join(tags)}\n" for tokens, tags in cells),
        "rows.csv": "sentence_id,word,tag\n"
        + "".join(f"{at},{word},{tag}\n" for at, each in enumerate(sentences) for word, tag in each),
    }[name]
    end, _, events = outcome(tagging, written(tmp_path, name, text))
    beside, _, other = outcome(tagging, written(tmp_path, "b.conll", two_columns(sentences)))
    figures = ("texts", "words", "tags", "tag_accuracy", "span_f1", "words_with_tags")
    assert {key: end.result[key] for key in figures} == {key: beside.result[key] for key in figures}
    assert 0.8 < end.result["span_f1"] < 1
    assert pieces(events) == pieces(other)


def test_that_rows_without_tags_or_words_are_tagged_all_the_same(tagging, tmp_path) -> None:
    rows = [
        {"tokens": ["Tom", "sleeps", "in", "Rome", "."], "tags": ["B-PER", "O", "O", "B-LOC", "O"]},
        {"tokens": ["Tom", "sleeps", "in", "Rome", "."], "tags": ["B-PER", "O", "O", "B-LOC", "O"]},
        {"tokens": ["Tom", "sleeps", "in", "Rome", "."], "tags": None},
        {"tokens": ["Tom", "sleeps", "in", "Rome", "."], "tags": ["O"]},
        {"text": "Tom sleeps in Rome."},
        {"tokens": [], "tags": []},
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows) + "{broken\n"
    end, notes, events = outcome(tagging, written(tmp_path, "a.jsonl", text))
    assert pieces(events) == ["Tom/B-PER sleeps/O in/O Rome/B-LOC ./O\n"] * 5 + ["\n"] * 2
    assert end.result["words_with_tags"] == 10
    assert any("3 sentences have words without tags" in note for note in notes)
    assert any("line 7" in note.casefold() for note in notes)
    alone = "".join(json.dumps({"tokens": row.get("tokens")}) + "\n" for row in rows[:2])
    assert pieces(outcome(tagging, written(tmp_path, "b.jsonl", alone))[2]) == pieces(events)[:2]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", '{"text": "Anna Berg lives in Rome."}\n{"text": "Tom sleeps in Rome."}\n'),
        ("a.csv", "text,label\nAnna Berg lives in Rome.,live\nTom sleeps in Rome.,sleep\n"),
    ],
)
def test_that_the_texts_of_a_table_are_tagged_and_nothing_beside_them(tagging, tmp_path, name, text) -> None:
    end, notes, events = outcome(tagging, written(tmp_path, name, text))
    assert pieces(events) == [
        "Anna/B-PER Berg/I-PER lives/O in/O Rome/B-LOC ./O\n",
        "Tom/B-PER sleeps/O in/O Rome/B-LOC ./O\n",
    ]
    assert "Texts are read from text." in notes
    assert "tag_accuracy" not in end.result


def test_that_the_list_of_tags_is_read_that_the_model_knows_unless_another_is_named(tagging, tmp_path) -> None:
    rows = [{"tokens": tokens, "pos": ["X"] * len(tokens), "gold": tags}
            for tokens, tags in (map(list, zip(*sentence, strict=True)) for sentence in tagged_sentences(20))]  # fmt: skip
    file = written(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    end, notes, _ = outcome(tagging, file)
    assert end.result["span_f1"] > 0.9
    assert "Words are read from tokens, tags from gold." in notes
    end, notes, _ = outcome(tagging, file, tag_column="pos")
    assert end.result["tag_accuracy"] == 0
    assert any("does not know 1 tag of the file: X" in note for note in notes)
    assert "no column NER in a.jsonl. There are: pos, gold." in str(outcome(tagging, file, tag_column="NER")[0].message)


def test_that_rows_without_a_clear_text_are_refused(tagging, tmp_path) -> None:
    end, _, _ = outcome(tagging, written(tmp_path, "a.csv", "a,b\n1,2\n3,4\n5,6\n"))
    assert isinstance(end, Failed)
    assert "Which column of a.csv holds the sentences is not clear" in str(end.message)


def test_that_a_stop_leaves_no_file(tagging, tmp_path) -> None:
    file = written(tmp_path, "a.txt", "Tom sleeps in Rome.\n" * 3000)
    stop = Stop()
    events = []
    for event in run(lambda stop: tag(tagging, "Names", file, out=tmp_path / "out.tsv", stop=stop), stop):
        events.append(event)
        if getattr(event, "unit", "") == "texts" and event.total:
            stop.request()
    assert isinstance(events[-1], Stopped)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["a.txt"]


def test_that_a_model_of_another_task_is_refused_and_told_what_it_can(project, tmp_path) -> None:
    end, _, _ = outcome(project, written(tmp_path, "a.txt", "Tom sleeps.\n"), model="Tiny")
    assert "Tiny cannot tag words. It can write on from a text." in str(end.message)


def test_that_a_dash_reads_standard_input(tagging, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"Tom sleeps in Rome.\n")))
    typed = SimpleNamespace(model="Names", file="-", out=None, tag_column=None)
    events = list(VERB.begin(tagging, typed)(Stop()))
    assert pieces(events) == ["Tom/B-PER sleeps/O in/O Rome/B-LOC ./O\n"]


def test_that_a_tagger_asked_for_other_things_names_the_verb_that_does_them(tagging, tmp_path) -> None:
    file = written(tmp_path, "in.txt", "\n".join(LINES))
    end = list(run(lambda stop: evaluate(tagging, "Names", text_file=file, stop=stop), Stop()))[-1]
    assert isinstance(end, Failed)
    assert [way.value for way in end.remedies] == ["tag Names FILE"]
    shown = []
    assert talk(tagging, "Names", GenerationConfig(), shown.append) == 1
    assert "Play with it by: tag Names FILE" in str(shown[-1].message)
