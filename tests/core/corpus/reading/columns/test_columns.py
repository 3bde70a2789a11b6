from __future__ import annotations

from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.chats.conversations import turns_of
from llmstudio.core.corpus.reading.columns.columns import as_row, guess, keys_of, kind_of_config, to_record
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import StudioError

SAID = [{"who": "user", "what": "hi"}, {"who": "assistant", "what": "hello"}]


def first_record(rows: list[dict[str, Any]], **config: str) -> Any:
    return to_record(rows[0], guess(rows, ReadingConfig(**config), "a.csv"))


@pytest.mark.parametrize(
    ("row", "record"),
    [
        ({"id": "1", "text": "words"}, {"text": "words"}),
        ({"Text": "words", "Label": "good"}, {"text": "words", "label": "good"}),
        ({"label": 3, "content": "words"}, {"text": "words", "label": "3"}),
        ({"文本": "字", "标签": "好"}, {"text": "字", "label": "好"}),
        ({"source": "hi", "target": "hallo"}, {"source": "hi", "target": "hallo"}),
        ({"prompt": "hi", "completion": "hallo", "id": "1"}, {"source": "hi", "target": "hallo"}),
        ({"question": "who?", "answer": "me"}, {"source": "who?", "target": "me"}),
        ({"prompt": "def one():", "canonical_solution": "  return 1"}, {"source": "def one():", "target": "  return 1"}),
        ({"translation.en": "hi", "translation.de": "hallo"}, {"source": "hi", "target": "hallo"}),
        ({"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]}, {"turns": SAID}),
        ({"conversations": [{"from": "human", "value": "hi"}, {"from": "gpt", "value": "hello"}]}, {"turns": SAID}),
        ({"turns": SAID}, {"turns": SAID}),
        ({"dialog": ["hi", "hello"]}, {"turns": SAID}),
    ],
)
def test_that_columns_of_usual_names_are_found(row: dict[str, Any], record: dict[str, Any]) -> None:
    assert first_record([row]) == record


def test_that_few_different_short_values_beside_text_are_labels() -> None:
    rows = [{"1": f"news number {n} of today", "2": str(n % 3)} for n in range(30)]
    assert first_record(rows) == {"text": "news number 0 of today", "label": "0"}


@pytest.mark.parametrize("name", ["{n:03}.jpg", "talks/talk {n}.mp4", "http://a.org/{n}.png", "doc{n}.txt"])
def test_that_names_of_files_are_no_classes(name: str) -> None:
    rows = [{"about": name.format(n=n // 5), "caption": f"The boat {n} leaves the pier."} for n in range(40)]
    assert first_record(rows) == {"text": "The boat 0 leaves the pier."}


def test_that_yes_or_no_is_a_class_only_where_both_occur() -> None:
    rows = [{"isPinned": False, "isLoud": bool(n % 2), "note": f"The boat {n} leaves the pier."} for n in range(8)]
    assert first_record(rows) == {"text": "The boat 0 leaves the pier.", "label": "false"}
    assert first_record([{k: v for k, v in row.items() if k != "isLoud"} for row in rows]) == {"text": rows[0]["note"]}


@pytest.mark.parametrize("values", [(0, 1), ("sincere", "rude")])
def test_that_a_question_with_a_target_of_few_values_is_labelled(values: tuple[object, object]) -> None:
    rows = [{"question_text": f"Where is boat {n}?", "target": values[n % 2]} for n in range(20)]
    assert first_record(rows) == {"text": "Where is boat 0?", "label": str(values[0])}


@pytest.mark.parametrize("index", ["1", "id", "Unnamed: 0", "row number"])
def test_that_a_column_that_counts_rows_hides_no_class(index: str) -> None:
    rows = [{index: str(n), "Mail": f"The boat {n} leaves the pier.", "Type of it": "ab"[n % 2]} for n in range(20)]
    assert first_record(rows) == {"text": "The boat 0 leaves the pier.", "label": "a"}


@pytest.mark.parametrize(
    ("names", "label"),
    [
        (("#1 String", "#2 String"), "Quality"),
        (("question", "sentence"), "label"),
        (("sentence1", "sentence2"), "gold_label"),
    ],
)
def test_that_two_texts_that_are_compared_are_one_text_with_their_label(names: tuple[str, str], label: str) -> None:
    rows = [{names[0]: f"Where is boat {n}?", names[1]: f"Which pier has {n}?", label: n % 2} for n in range(20)]
    assert first_record(rows) == {"text": "Where is boat 0?\nWhich pier has 0?", "label": "0"}


def test_that_a_measure_makes_two_texts_neither_classes_nor_a_pair() -> None:
    rows = [
        {"sentence1": f"Boat {n} is here.", "sentence2": f"Here is boat {n}.", "score": n * 7 % 50 / 10} for n in range(40)
    ]
    assert first_record(rows) == {"text": "Boat 0 is here.\nHere is boat 0."}


def test_that_a_text_goes_before_the_same_text_with_the_marks_of_a_page() -> None:
    rows = [
        {"as_page": f"<div><p>Boat {n} is at the pier, too.</p></div>", "as_is": f"Boat {n} is at the pier."}
        for n in range(9)
    ]
    assert first_record([row | {"Kind": "ab"[n % 2]} for n, row in enumerate(rows)])["text"] == "Boat 0 is at the pier."


def test_that_two_columns_of_equal_length_are_pairs() -> None:
    rows = [{"1": f"a sentence number {n}", "2": f"ein Satz mit Nummer {n}"} for n in range(30)]
    assert first_record(rows) == {"source": "a sentence number 0", "target": "ein Satz mit Nummer 0"}


def test_that_the_longest_column_is_the_text_when_names_say_nothing() -> None:
    rows = [{"a": "x1", "b": f"a long piece of prose {n}", "c": "2020"} for n in range(9)]
    assert first_record(rows) == {"text": "a long piece of prose 0"}


def test_that_a_chosen_column_decides() -> None:
    rows = [{"text": "words", "title": "A title", "label": "x"}]
    assert first_record(rows, text_key="title") == {"text": "A title"}
    assert first_record(rows, label_key="title") == {"text": "words", "label": "A title"}
    assert first_record(rows, source_key="title") == {"source": "A title", "target": "words"}


def test_that_a_missing_column_is_told_with_those_there_are() -> None:
    with pytest.raises(StudioError, match=r"no column body in a\.csv\. There are: text, label"):
        guess([{"text": "a", "label": "b"}], ReadingConfig(text_key="body"), "a.csv")


def test_that_a_table_of_numbers_holds_no_text() -> None:
    with pytest.raises(StudioError, match=r"No column of a\.csv holds text\. There are: x, y"):
        guess([{"x": "1", "y": "2.5"}, {"x": "3", "y": "4"}], ReadingConfig(), "a.csv")


def test_that_a_row_without_its_text_is_no_record_and_one_without_its_label_is_a_text() -> None:
    config = guess([{"text": "a", "label": "b"}], ReadingConfig(), "a.csv")
    assert kind_of_config(config) == "labelled"
    found = [to_record(row, config) for row in ({"text": " ", "label": "b"}, {"text": "a"}, {})]
    assert found == [None, {"text": "a"}, None]


@pytest.mark.parametrize("value", [5, 7.5, True, None, {"text": 7}, {"other": "x"}, {"text": ["a", 1]}, [1, 2]])
def test_that_json_without_words_is_no_text(value: Any) -> None:
    assert to_record(as_row(value), ReadingConfig(text_key="text")) is None
    assert to_record(as_row(value) | {"label": "b"}, ReadingConfig(text_key="text", label_key="label")) is None


def test_that_keys_keep_the_order_they_appear_in() -> None:
    assert keys_of([{"b": 1}, {"a": 1, "b": 2}]) == ("b", "a")


def test_that_a_system_message_is_the_story_and_pieces_of_a_message_join() -> None:
    said = [{"role": "system", "content": "Be kind."}, {"role": "human", "content": [{"type": "text", "text": "h"}, "i"]}]
    assert turns_of(said) == [{"who": "story", "what": "Be kind."}, {"who": "user", "what": "hi"}]


def test_that_unknown_speakers_take_turns_as_user_and_assistant() -> None:
    said = [{"speaker": name, "text": "x"} for name in ("Anna", "Ben", "Anna")]
    assert [turn["who"] for turn in turns_of(said) or []] == ["user", "assistant", "user"]


@pytest.mark.parametrize("value", [None, [], "text", [1, 2], [{"role": "user"}], [{"content": "x"}], {"role": "user"}])
def test_that_what_is_no_conversation_is_told_apart(value: object) -> None:
    assert turns_of(value) is None


def test_that_several_columns_can_be_chosen_and_each_must_exist() -> None:
    rows = [{"title": "A title", "body": "words"}]
    assert first_record(rows, text_key="title + body") == {"text": "A title\nwords"}
    with pytest.raises(StudioError, match="no column boddy in"):
        first_record(rows, text_key="title + boddy")
    assert first_record([{"a + b": "words"}], text_key="a + b") == {"text": "words"}


def test_that_a_label_most_texts_lack_is_not_taken_and_can_be_with_a_press() -> None:
    rows = [{"text": f"line {n} on boats", "category": "sea" if n % 10 == 0 else ""} for n in range(40)]
    remarks: list[Remark] = []
    assert kind_of_config(guess(rows, ReadingConfig(), "a.csv", remarks)) == "text"
    (remark,) = remarks
    assert str(remark.message) == "category is empty in most rows, so it was not taken for a label."
    assert [(way.target, way.value) for way in remark.remedies] == [("reading.label_key", "category")]


def test_that_dates_in_any_spelling_are_no_text() -> None:
    for date in ("2021-03-01 10:15:00 +0200", "Fri Nov 27 2026 10:00 PM PDT", "3. März 2021", "2021年3月1日 星期一"):
        rows = [{"when": date, "note": f"rain {n}"} for n in range(8)]
        assert first_record(rows) == {"text": "rain 0"}, date


def test_that_spans_are_no_label() -> None:
    rows = [{"id": n, "text": f"Ann {n} lives in Graz", "label": [[0, 3, "PER"]]} for n in range(4)]
    assert first_record(rows) == {"text": "Ann 0 lives in Graz"}


def test_that_several_labels_of_a_text_are_a_list() -> None:
    rows = [{"text": f"the window stays black, case {n}", "label": ["bug", "window"]} for n in range(4)]
    assert first_record(rows)["label"] == ["bug", "window"]


@pytest.mark.parametrize(("values", "kind"), [("pos neg", "labelled"), ("0 4", "labelled"), ("3 17 250 8 44 1025", "text")])
def test_that_a_column_of_targets_or_scores_is_a_label_where_it_has_few_values(values: str, kind: str) -> None:
    for name in ("target", "score"):
        rows = [{"text": f"the boat {n} is in the harbour", name: values.split()[n % len(values.split())]} for n in range(6)]
        assert kind_of_config(guess(rows, ReadingConfig(), "a.csv")) == kind, name


def test_that_stars_are_labels_in_a_short_table() -> None:
    rows = [{"text": f"the soup {n} was warm enough", "stars": float(n % 5 + 1), "useful": n} for n in range(6)]
    assert first_record(rows) == {"text": "the soup 0 was warm enough", "label": "1.0"}
