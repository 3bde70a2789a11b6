"""What was said in turn where nobody is named, and answers of which only one is to be learned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.core.corpus.reading.chats.exports.test_chat_exports import dump, imported, lines


def talk(n: int, length: int) -> list[str]:
    return [f"Have you seen owl {n}?" if turn % 2 == 0 else f"It sat in barn {n}, {turn} o'clock." for turn in range(length)]


def turns(texts: list[str]) -> list[tuple[str, str]]:
    return [(("user", "assistant")[turn % 2], text) for turn, text in enumerate(texts)]


EQUAL, RAGGED = [talk(n, 4) for n in range(12)], [talk(n, 2 + n % 4) for n in range(12)]
CHINESE = [[f"今天去港口吗{n}", "去，灯笼亮了", "那我也去"] for n in range(12)]


@pytest.mark.parametrize("lists", [EQUAL, RAGGED, CHINESE], ids=["equal", "ragged", "Chinese"])
@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_that_lists_of_what_was_said_are_conversations(tmp_path: Path, lists: list[list[str]], ending: str) -> None:
    text = dump(lists) if ending == "json" else lines(lists)
    records, said = imported(tmp_path, f"a.{ending}", text)
    assert records == list(map(turns, lists))
    assert "no known role" in said


TABLES: dict[str, list[list[Any]]] = {
    "words of sentences": [["The", "owl", "sits", "there", "."][: 3 + n % 3] for n in range(12)],
    "a class": [[f"The owl number {n} sits there.", f"It sees mouse {n}.", ("night", "day")[n % 2]] for n in range(12)],
    "a number": [[f"The owl number {n} sits there.", f"It sees mouse {n}.", n] for n in range(12)],
    "two columns": [[f"The owl number {n} sits there.", f"Die Eule {n} sitzt dort."] for n in range(12)],
    "words in Chinese": [["我", "爱", "港口", "灯笼"][: 2 + n % 3] for n in range(12)],
}


@pytest.mark.parametrize("name", TABLES)
def test_that_other_lists_of_lists_stay_tables(tmp_path: Path, name: str) -> None:
    records, _ = imported(tmp_path, "a.json", dump(TABLES[name]))
    assert records
    assert not any(isinstance(record, list) for record in records)


def test_that_texts_under_data_are_question_and_answer_in_turn(tmp_path: Path) -> None:
    rows = [{"id": str(n), "data": talk(n, 4)} for n in range(6)]
    assert imported(tmp_path, "a.jsonl", lines(rows))[0] == [turns(talk(n, 4)) for n in range(6)]


def test_that_utterances_without_speakers_are_a_conversation_and_pieces_of_a_recording_are_none(tmp_path: Path) -> None:
    said = [{"emotion": "joy", "act": "inform", "text": text} for text in talk(1, 4)]
    assert imported(tmp_path, "a.jsonl", lines([{"topic": "Owls", "dialogue": said}] * 3))[0] == [turns(talk(1, 4))] * 3
    assert imported(tmp_path, "b.json", dump({"topic": "Owls", "dialogue": said}))[0] == [turns(talk(1, 4))]
    heard = [{"start": n, "text": text} for n, text in enumerate(talk(1, 4))]
    assert not any(isinstance(each, list) for each in imported(tmp_path, "c.json", dump({"utterances": heard}))[0])


def test_that_questions_and_answers_in_two_lists_are_turns_about_their_story(tmp_path: Path) -> None:
    asked = [{"input_text": f"Who is owl {n}?", "turn_id": n} for n in range(3)]
    answered = [{"span_text": "a b", "input_text": f"Ida {n}", "turn_id": n} for n in range(3)]
    value = {"data": [{"id": f"{n}", "story": "Owls live here.", "questions": asked, "answers": answered} for n in range(4)]}
    ((*record,), *others), _ = imported(tmp_path, "a.json", dump(value))
    assert record == [("story", "Owls live here."), *turns([t for n in range(3) for t in (f"Who is owl {n}?", f"Ida {n}")])]
    assert len(others) == 3


@pytest.mark.parametrize(
    "chosen", [{"from": "gpt", "value": "In a barn."}, [{"from": "gpt", "value": "In a barn."}], "In a barn."]
)
def test_that_the_chosen_answer_goes_on_with_its_conversation(tmp_path: Path, chosen: Any) -> None:
    asked = {"from": "human", "value": "Where do owls live?"}
    rejected = {"from": "gpt", "value": "Nowhere at all."}
    rows = [{"conversations": [asked], "chosen": chosen, "rejected": rejected}] * 4
    wanted = [[("user", "Where do owls live?"), ("assistant", "In a barn.")]] * 4
    assert imported(tmp_path, "a.json", dump(rows))[0] == wanted
    assert imported(tmp_path, "b.jsonl", lines(rows))[0] == wanted


def test_that_of_several_answers_the_first_is_taken_and_told(tmp_path: Path) -> None:
    rows = [{"instruction": f"Where does owl {n} live?", "output": [f"In barn {n}.", "Go away."]} for n in range(6)]
    records, said = imported(tmp_path, "a.jsonl", lines(rows))
    assert [record["target"] for record in records] == [f"In barn {n}." for n in range(6)]
    assert "first was taken: 6" in said


def test_that_bad_examples_are_left_out_and_told_and_bad_reviews_are_not(tmp_path: Path) -> None:
    good = [{"id": f"{n}", "input": f"Where does owl {n} live?", "output": f"In barn {n}."} for n in range(6)]
    bad = [{"input": "Where does owl 9 live?", "output": "Owls are fish.", "explanation": "This is wrong."}]
    records, said = imported(tmp_path, "task.json", dump({"Negative Examples": bad, "Instances": good}))
    assert [record["target"] for record in records] == [f"In barn {n}." for n in range(6)]
    assert "Negative Examples" in said
    reviews = {word: [{"text": f"A {word} word of owl {n}."} for n in range(4)] for word in ("positive", "negative")}
    assert len(imported(tmp_path, "reviews.json", dump(reviews))[0]) == 8


def test_that_of_the_answers_offered_the_last_is_said(tmp_path: Path) -> None:
    def talks(first: int) -> list[dict[str, Any]]:
        return [
            {
                "personality": ["I count owls ."],
                "utterances": [
                    {"candidates": ["No .", talk(n, 4)[1]], "history": talk(n, 4)[:1]},
                    {"candidates": ["No .", talk(n, 4)[3]], "history": talk(n, 4)[:3]},
                ],
            }
            for n in range(first, first + 3)
        ]

    records, _ = imported(tmp_path, "a.json", dump({"train": talks(0), "valid": talks(5)}))
    assert records == [[("story", "I count owls ."), *turns(talk(n, 4))] for n in (0, 1, 2, 5, 6, 7)]


def test_that_the_log_of_a_task_is_said_in_turn(tmp_path: Path) -> None:
    value = {
        f"P{n}.json": {"goal": {"taxi": {}}, "log": [{"text": t, "metadata": {}} for t in talk(n, 4)]} for n in range(3)
    }
    assert imported(tmp_path, "data.json", dump(value))[0] == [turns(talk(n, 4)) for n in range(3)]
