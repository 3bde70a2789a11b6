from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.readers import read
from llmstudio.core.corpus.records import FileRead
from tests.core.corpus.reading.chats.exports.test_chat_exports import imported, lines

TEXTS = [f"The boat number {n} left the harbour at dawn." for n in range(24)]


def read_all(tmp_path: Path, name: str, text: str, config: ReadingConfig | None = None) -> tuple[list[dict[str, Any]], str]:
    """The records of a file, and what is said of it."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    items = list(read([tmp_path / name], config or ReadingConfig()))
    records = [item for item in items if isinstance(item, dict)]
    said = [str(remark.message) for item in items if isinstance(item, FileRead) for remark in item.taken.remarks]
    said += [str(item.reason) for item in items if not isinstance(item, dict | FileRead)]
    return records, " ".join(said)


def labelled(labels: list[Any]) -> str:
    return "".join(json.dumps({"text": text, "label": labels[n % len(labels)]}) + "\n" for n, text in enumerate(TEXTS))


@pytest.mark.parametrize(
    ("labels", "kept"),
    [
        ([float("nan"), 0, 1], {None, "0", "1"}),
        ([float("inf"), 0, 1], {None, "0", "1"}),
        ([-1, 0, 1, 2], {None, "0", "1", "2"}),
        (["-", "entailment", "neutral"], {None, "entailment", "neutral"}),
        ([-1, 0, 1], {"-1", "0", "1"}),
        ([-1, 1], {"-1", "1"}),
        ([-2, -1, 0, 1, 2], {"-2", "-1", "0", "1", "2"}),
        ([-1], {None}),
        (["\\N", "a", "b"], {None, "a", "b"}),
        (["NULL", 0, 1], {None, "0", "1"}),
        (["nan", "good", "bad"], {None, "good", "bad"}),
        (["0", "1.0", "1", "0.0"], {"0", "1"}),
        (["0.0", "1.0"], {"0", "1"}),
        (["1.0", "1", "good"], {"1", "good"}),
        (["1.0", "1.5", "2.0"], {"1.0", "1.5", "2.0"}),
    ],
)
def test_that_what_means_no_label_becomes_no_class(tmp_path: Path, labels: list[Any], kept: set[str | None]) -> None:
    records, _ = read_all(tmp_path, "a.jsonl", labelled(labels))
    assert len(records) == len(TEXTS)
    assert {record.get("label") for record in records} == kept


def test_that_a_minus_one_is_told_however_it_is_read(tmp_path: Path) -> None:
    assert "“no label”" in read_all(tmp_path, "a.jsonl", labelled([-1, 0, 1, 2]))[1]
    assert "-1 is read as a class" in read_all(tmp_path, "b.jsonl", labelled([-1, 0, 1]))[1]


def test_that_classes_in_two_spellings_are_told(tmp_path: Path) -> None:
    assert "0 and 0.0 are one class" in read_all(tmp_path, "a.jsonl", labelled(["0", "1.0", "1", "0.0"]))[1]
    assert (
        "capitals alone and are classes of their own: Spam, spam."
        in read_all(tmp_path, "b.jsonl", labelled(["Spam", "spam", "ham"]))[1]
    )


def test_that_one_word_a_row_is_told(tmp_path: Path) -> None:
    rows = "".join(f"{word},{'NV'[n % 2]}\n" for n, word in enumerate(" ".join(TEXTS).split()))
    assert "Each row holds one word" in read_all(tmp_path, "a.csv", "Word,Tag\n" + rows)[1]


def test_that_a_list_of_labels_in_a_cell_is_a_list_and_told(tmp_path: Path) -> None:
    rows = "".join(f"{text},\"['{'ab'[n % 2]}', 'c']\"\n" for n, text in enumerate(TEXTS))
    records, said = read_all(tmp_path, "a.csv", "text,labels\n" + rows)
    assert [record["label"] for record in records[:2]] == [["a", "c"], ["b", "c"]]
    assert "several labels, as a, c" in said


@pytest.mark.parametrize(("yes", "no"), [(True, False), (1, 0), ("True", "False")])
def test_that_answers_marked_as_bad_are_not_learned_but_counted(tmp_path: Path, yes: Any, no: Any) -> None:
    rows = [
        {
            "prompt": f"Is tea {n} hot?",
            "completion": f"{'No way' if n % 2 else 'Usually'} {n}.",
            "label": no if n % 2 else yes,
        }
        for n in range(12)
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    records, said = read_all(tmp_path, "a.jsonl", text)
    assert [record["target"] for record in records] == [f"Usually {n}." for n in range(0, 12, 2)]
    assert "label marks as bad were left out: 6" in said
    chosen = ReadingConfig(source_key="prompt", target_key="completion")
    assert len(read_all(tmp_path, "b.jsonl", text, chosen)[0]) == 12


def test_that_glued_values_are_parted(tmp_path: Path) -> None:
    records, _ = read_all(tmp_path, "a.jsonl", "".join(json.dumps({"text": text}) for text in TEXTS))
    assert [record["text"] for record in records] == TEXTS


def test_that_lines_of_python_are_called_python(tmp_path: Path) -> None:
    records, said = read_all(tmp_path, "a.jsonl", "".join(f"{ {'text': text, 'n': None} }\n" for text in TEXTS))
    assert not records
    assert "Python, not JSON" in said


@pytest.mark.parametrize("answers", [[0, 1, 2], [1, 2, 3], ["A", "B", "C"]])
def test_that_the_answer_is_the_text_of_the_choice(tmp_path: Path, answers: list[Any]) -> None:
    rows = [
        {"question": f"What stands at place {n}?", "choices": ["A mill", "A tram", "An oak"], "answer": answers[n % 3]}
        for n in range(12)
    ]
    records, said = read_all(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert [record["target"] for record in records[:3]] == ["A mill", "A tram", "An oak"]
    assert "which of choices is right" in said


SOL = {"goal": "Reach boat {n}.", "sol1": "Walk the pier {n}.", "sol2": "Eat lamp {n}."}


@pytest.mark.parametrize(
    ("row", "first", "source"),
    [
        ({"ctx": "A man walks to boat {n}. He", "endings": ["sits down", "flies off"]}, 0, "A man walks to boat 1. He"),
        ({"ctx": "A man nears boat {n}. He", "ending0": "sits {n}", "ending1": "flies {n}"}, 0, "A man nears boat 1. He"),
        (SOL, 0, "Reach boat 1."),
        ({"premise": "Boat {n} sank at noon.", "choice1": "It leaked {n}.", "choice2": "It sang {n}.", "question": "cause"},
         0, "Boat 1 sank at noon.\nIt leaked 1.\nIt sang 1."),
        ({"context": "Ann has boat {n}.", "question": "Why sell {n}?", "answerA": "Debts of {n}.", "answerB": "A {n}."},
         1, "Ann has boat 1.\nWhy sell 1?\nDebts of 1.\nA 1."),
    ],
)  # fmt: skip
def test_that_the_number_of_a_choice_is_no_class(tmp_path: Path, row: dict[str, Any], first: int, source: str) -> None:
    def spelled(value: Any, n: int) -> Any:
        return [spelled(item, n) for item in value] if isinstance(value, list) else value.format(n=n)

    rows = [{key: spelled(value, n) for key, value in row.items()} | {"label": n % 2 + first} for n in range(12)]
    records, said = read_all(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    choices = [value for key, value in rows[1].items() if key[:3] in ("end", "sol", "cho", "ans")]
    offered = choices[0] if isinstance(choices[0], list) else choices
    assert (records[1]["source"], records[1]["target"]) == (source, offered[1])
    assert "only tells which of" in said


def test_that_a_list_of_the_names_of_classes_is_no_choice(tmp_path: Path) -> None:
    rows = [{"text": text, "options": ["good", "bad"], "label": n % 2} for n, text in enumerate(TEXTS)]
    records, _ = read_all(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert {record["label"] for record in records} == {"0", "1"}


def test_that_html_in_cells_is_said_with_the_step_that_removes_it(tmp_path: Path) -> None:
    _, said = read_all(tmp_path, "a.jsonl", "".join(json.dumps({"body": f"<p>{t}</p><br>&amp; so"}) + "\n" for t in TEXTS))
    assert f"HTML signs, such as <p> or &amp;: {len(TEXTS)}" in said
    _, said = read_all(tmp_path, "b.jsonl", "".join(json.dumps({"body": f"a < b & {t}"}) + "\n" for t in TEXTS))
    assert "HTML" not in said


@pytest.mark.parametrize("gap", ["None", "N/A", "NaN", "nan", "null", "NULL", "#N/A", "<NA>"])
def test_that_a_word_for_nothing_is_no_text_and_its_row_is_told(tmp_path: Path, gap: str) -> None:
    rows = [gap if n == 4 else text for n, text in enumerate(TEXTS)]
    records, said = read_all(tmp_path, "a.csv", "text,label\n" + "".join(f"{t},{'ab'[n % 2]}\n" for n, t in enumerate(rows)))
    assert [record["text"] for record in records] == TEXTS[:4] + TEXTS[5:]
    assert "lacks a text" in said


def test_that_such_a_word_stays_in_a_list_of_words(tmp_path: Path) -> None:
    rows = ["oak", "None", "null", "pier", "mill", "bell"]
    records, _ = read_all(tmp_path, "a.jsonl", "".join(json.dumps({"text": row}) + "\n" for row in rows))
    assert [record["text"] for record in records] == rows


@pytest.mark.parametrize("names", ["A,B,C", "option_a,option_b,option_c", "choice1,choice2,choice3"])
def test_that_choices_in_columns_of_their_own_are_read_and_the_answer_is_spelled_out(tmp_path: Path, names: str) -> None:
    answers = "123" if "1" in names else "ABC"
    rows = "".join(f"What floats on water {n}?,a stone,a boat,a brick,{answers[n % 3]}\n" for n in range(9))
    records, said = read_all(tmp_path, "a.csv", f"question,{names},answer\n{rows}")
    choices = ["a stone", "a boat", "a brick"]
    asked = [f"What floats on water {n}?" for n in range(9)]
    assert [record["source"] for record in records] == ["\n".join([each, *choices]) for each in asked]
    assert [record["target"] for record in records] == [choices[n % 3] for n in range(9)]
    assert "the text of that choice was taken" in said


def test_that_texts_that_a_forum_took_down_are_no_texts(tmp_path: Path) -> None:
    bodies = ["[deleted]", "[removed]", "The owl sits there.", " [deleted by user] ", "[deleted] is a word here."]
    rows = [{"author": "a", "body": body, "score": n} for n, body in enumerate(bodies)]
    records, said = imported(tmp_path, "posts.jsonl", lines(rows))
    assert records == ["The owl sits there.", "[deleted] is a word here."]
    assert said.count("lacks a text") == 3
    talk = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "[deleted]", "id": 1}]
    more = [{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Yes."}]
    records, said = imported(tmp_path, "chat.jsonl", lines([{"messages": talk + more}] * 3))
    assert records == [[("user", "Hi"), ("user", "Hello?"), ("assistant", "Yes.")]] * 3
    assert "Deleted messages left out: 3" in said


def test_that_bytes_as_python_prints_them_are_decoded_and_told(tmp_path: Path) -> None:
    texts = [f"Über {n} “owls” isn't\nmuch." for n in range(5)]
    rows = [{"tweet": repr(text.encode())} for text in texts]
    records, said = imported(tmp_path, "tweets.jsonl", lines(rows))
    assert records == texts
    assert "bytes as Python prints them" in said
    rows[2] = {"tweet": "b'is one letter' and no more"}
    assert imported(tmp_path, "b.jsonl", lines(rows))[0] == [row["tweet"] for row in rows]
    rows = [{"tweet": r"b'\xff\xfe'"}] * 3
    assert imported(tmp_path, "c.jsonl", lines(rows))[0] == [row["tweet"] for row in rows]


@pytest.mark.parametrize("spelled", [["[2]", "[2, 14]"], ["[2]", "[ 2 14]"], [[2], [2, 14]]])
def test_that_lists_of_numbers_are_labels_without_brackets(tmp_path: Path, spelled: list[Any]) -> None:
    records, said = read_all(tmp_path, "a.jsonl", labelled(spelled))
    assert {tuple(record["label"]) for record in records} == {("2",), ("2", "14")}
    assert "several labels, as 2, 14: they are kept as a list" in said


@pytest.mark.parametrize("sign", "|;,")
def test_that_labels_made_of_others_are_several(tmp_path: Path, sign: str) -> None:
    records, said = read_all(
        tmp_path, "a.jsonl", labelled([f"Drama{sign}Romance", "Comedy", "Drama", f"Romance{sign} Comedy"])
    )
    assert [record["label"] for record in records[:4]] == [
        ["Drama", "Romance"],
        ["Comedy"],
        ["Drama"],
        ["Romance", "Comedy"],
    ]
    assert "several labels, as Drama, Romance" in said


def test_that_numbers_with_a_comma_inside_are_no_several_labels(tmp_path: Path) -> None:
    records, _ = read_all(tmp_path, "a.jsonl", labelled(["1,5", "2,5", "1", "2,1"]))
    assert [record["label"] for record in records[:3]] == ["1,5", "2,5", "1"]


def test_that_an_empty_list_says_that_none_of_several_labels_applies(tmp_path: Path) -> None:
    records, said = read_all(tmp_path, "a.jsonl", labelled([["a", "b"], [], ["a"], None]))
    assert [record.get("label") for record in records[:4]] == [["a", "b"], [], ["a"], None]
    assert "none of the labels" in said
    assert "no label and stay without one" in said


def test_that_lists_of_one_label_each_are_plain_labels(tmp_path: Path) -> None:
    records, said = read_all(tmp_path, "a.jsonl", labelled([["a"], ["b"], []]))
    assert [record.get("label") for record in records[:3]] == ["a", "b", None]
    assert "several labels" not in said


def test_that_several_labels_behind_the_first_rows_are_a_list_all_the_same(tmp_path: Path) -> None:
    rows = [{"text": f"line {n} of it", "label": ["ab"[n % 2]]} for n in range(300)] + [
        {"text": "late", "label": ["a", "b"]}
    ]
    records, _ = read_all(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert (records[0]["label"], records[-1]["label"]) == ("a", ["a", "b"])


@pytest.mark.parametrize(
    ("label", "number", "said"),
    [
        (lambda n: f"{n % 45 / 7:.2f}", 90, "label holds 45 different numbers"),
        (lambda n: f"user {n // 2}", 3000, "label holds 1,500 different labels for 3,000 texts"),
        (lambda n: f"user {n // 2}", 80, "label holds 40 different labels for 80 texts"),
        (lambda n: str(n % 30), 90, "label holds 30 different numbers"),
        (lambda n: str(n % 10), 90, ""),
        (lambda n: f"intent {n % 77}", 400, ""),
    ],
)
def test_that_labels_that_may_be_names_or_measures_are_asked_about(
    tmp_path: Path, label: Callable[[int], str], number: int, said: str
) -> None:
    rows = "".join(f"line {n} of it,{label(n)}\n" for n in range(number))
    (tmp_path / "a.csv").write_text("text,label\n" + rows)
    *_, read_file = read([tmp_path / "a.csv"], ReadingConfig())
    assert isinstance(read_file, FileRead)
    asked = [remark for remark in read_file.taken.remarks if "different" in str(remark.message)]
    if not said:
        assert asked == []
        return
    (remark,) = asked
    assert said in str(remark.message)
    (way,) = remark.remedies
    records = [item for item in read([tmp_path / "a.csv"], ReadingConfig(text_key=way.value)) if isinstance(item, dict)]
    assert "label" not in records[0]
    assert len(records) == number


@pytest.mark.parametrize("labels", [["Austin, TX", "Dallas, TX"], ["a|b", "c|d"], ["yes; no", "perhaps"]])
def test_that_names_with_signs_in_them_are_no_several_labels(tmp_path: Path, labels: list[str]) -> None:
    assert "several labels" not in read_all(tmp_path, "a.jsonl", labelled(labels))[1]


def test_that_a_question_with_choices_and_a_letter_is_a_pair_without_a_header(tmp_path: Path) -> None:
    rows = "".join(f'"{text}",oak {n},elm {n},ash {n},{"CAB"[n % 3]}\n' for n, text in enumerate(TEXTS))
    records, said = read_all(tmp_path, "a.csv", rows)
    assert [record["target"] for record in records] == [f"{('ash', 'oak', 'elm')[n % 3]} {n}" for n in range(len(TEXTS))]
    assert records[0]["source"] == f"{TEXTS[0]}\noak 0\nelm 0\nash 0"
    assert "the text of that choice was taken" in said


def test_that_texts_with_the_same_remarks_and_a_letter_are_labelled(tmp_path: Path) -> None:
    rows = "".join(f'"{text}",{n % 2},{n % 3},{"AB"[n % 2]}\n' for n, text in enumerate(TEXTS))
    assert "target" not in read_all(tmp_path, "a.csv", rows)[0][0]
