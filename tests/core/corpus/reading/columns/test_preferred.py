from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.readers import read
from tests.core.corpus.reading.chats.exports.test_chat_exports import imported, lines

ASKED = [f"Where does owl number {n} sleep by day?" for n in range(8)]
GOOD, BAD = [f"It sleeps in the old barn number {n}." for n in range(8)], "Owls are a sort of fish, go away."


def sides(n: int) -> tuple[str, str]:
    return (BAD, GOOD[n]) if n % 2 else (GOOD[n], BAD)


TABLES: dict[str, Any] = {
    "letters": lambda n: {"prompt": ASKED[n], "response_a": sides(n)[0], "response_b": sides(n)[1],
                          "winner": ("model_a", "model_b")[n % 2]},
    "numbers": lambda n: {"prompt": ASKED[n], "response_0": sides(n)[0], "response_1": sides(n)[1],
                          "is_response_0_safe": True, "better_response_id": n % 2, "safer_response_id": 0},
    "from one": lambda n: {"instruction": ASKED[n], "output_1": sides(n)[0], "output_2": sides(n)[1],
                           "preference": 1 + n % 2},
    "labels": lambda n: {"domain": "birds", "history": ASKED[n], "human_ref_A": sides(n)[0], "human_ref_B": sides(n)[1],
                         "labels": 1 - n % 2},
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_that_of_two_answers_the_better_one_is_learned(tmp_path: Path, name: str) -> None:
    records, said = imported(tmp_path, "a.jsonl", lines([TABLES[name](n) for n in range(8)]))
    assert [(record["source"], record["target"]) for record in records] == list(zip(ASKED, GOOD, strict=True))
    assert "the better one was taken, as the file says: 8" in said


def test_that_of_two_conversations_the_better_one_is_learned_and_none_if_both_are_bad(tmp_path: Path) -> None:
    def talk(n: int, answer: str) -> list[dict[str, str]]:
        return [{"role": "user", "content": ASKED[n]}, {"role": "assistant", "content": answer}]

    winners = ["model_a", "model_b", "tie", "model_b", "tie (bothbad)", "model_b"]
    rows = [
        {"conversation_a": talk(n, sides(n)[0]), "conversation_b": talk(n, sides(n)[1]), "winner": winner}
        for n, winner in enumerate(winners)
    ]
    records, said = imported(tmp_path, "a.jsonl", lines(rows))
    assert records == [[("user", ASKED[n]), ("assistant", GOOD[n])] for n in (0, 1, 2, 3, 5)]
    assert "neither is said to be good left out: 1" in said


def test_that_a_chosen_column_keeps_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(lines([TABLES["letters"](n) for n in range(8)]))
    items = read([tmp_path / "a.jsonl"], ReadingConfig(text_key="response_b"))
    assert [item["text"] for item in items if isinstance(item, dict)] == [sides(n)[1] for n in range(8)]


def test_that_columns_without_a_judge_stay_as_they_are(tmp_path: Path) -> None:
    rows = [{"response_a": GOOD[n], "response_b": BAD, "note": f"A note on owl {n}."} for n in range(8)]
    assert "better" not in imported(tmp_path, "a.jsonl", lines(rows))[1]
    rows = [{"answer1": GOOD[n], "answer2": GOOD[n], "choice": f"of barn {n}"} for n in range(8)]
    assert "better" not in imported(tmp_path, "b.jsonl", lines(rows))[1]


def test_that_only_what_an_annotator_accepted_is_read(tmp_path: Path) -> None:
    decisions = ("accept", "reject", "ignore")
    rows = [{"text": GOOD[n], "spans": [], "answer": decisions[n % 3], "_input_hash": n} for n in range(8)]
    records, said = imported(tmp_path, "a.jsonl", lines(rows))
    assert records == [GOOD[n] for n in (0, 3, 6)]
    assert "rejected or ignored left out: 5" in said
    options = [{"id": "DAY", "text": "by day"}, {"id": "NIGHT", "text": "by night"}]
    rows = [{"text": GOOD[n], "options": options, "accept": [("DAY", "NIGHT")[n % 2]], "answer": "accept"} for n in range(8)]
    (tmp_path / "b.jsonl").write_text(lines(rows))
    items = [item for item in read([tmp_path / "b.jsonl"], ReadingConfig()) if isinstance(item, dict)]
    assert [(item["text"], item["label"]) for item in items] == [(GOOD[n], ("DAY", "NIGHT")[n % 2]) for n in range(8)]


def test_that_an_answer_that_was_voted_down_is_left_out(tmp_path: Path) -> None:
    rows = [{"prompt": ASKED[n], "response": sides(n)[0], "feedback": ("up", "down")[n % 2]} for n in range(8)]
    records, said = imported(tmp_path, "a.jsonl", lines(rows))
    assert [record["target"] for record in records] == GOOD[::2]
    assert "feedback marks as bad were left out: 4" in said
