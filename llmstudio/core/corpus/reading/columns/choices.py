"""Questions and beginnings whose right answer is told by its number among choices: HellaSwag, PIQA, COPA, SocialIQA, RACE.

In: rows with a list of choices or a column for each, and the number in a column such as "label". Out: the settings that
read them as pairs; `RowChecks` then puts the text of the choice in the place of its number. Taken as classes, the numbers
would mean something else in every row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from llmstudio.core.corpus.reading.columns.cells import JOINT, Columns, Row, as_text
from llmstudio.core.corpus.reading.columns.names import ASKS, BESIDE, TEXTS, folded, lettered, named

CHOICES = ("choices", "options", "choices.text", "endings", "candidates", "alternatives")
"""What a list of choices is called."""
_NUMBERS = ("label", "gold", "answer", "correct", "target", "answer_index", "correct_index", "correct_answer_index")
_LETTERS = "ABCDEFGHIJ"
_FEWEST_COLUMNS = 4  # a question, two choices and a letter
_SAID_AFTER = ("ending", "sol", "continuation")  # what goes on with the text is not asked before it


def goes_on(key: str) -> bool:
    """True for choices that go on with a text, which are no part of what is asked."""
    return folded(key).startswith(_SAID_AFTER)


def numbered_choices(columns: Columns, rows: Sequence[Row]) -> dict[str, str]:
    """The settings for rows whose answer is the number of a choice; empty for any other rows."""
    answer = named(columns.keys, _NUMBERS)
    lists = [key for key in columns.keys if all(_are_texts(row.get(key)) for row in rows)]
    one = named(lists, CHOICES)
    choices = [one] if one else [key for key in lettered(columns.keys) if len(folded(key)) > 1]
    if not answer or not choices or answer in choices:
        return {}
    offered = [row[one] if one else [as_text(row.get(key)) for key in choices] for row in rows]
    places = [as_text(row.get(answer)).strip() for row in rows]
    if not all(place.isdecimal() and int(place) <= len(texts) for place, texts in zip(places, offered, strict=True)):
        return {}
    if not goes_on(choices[0]) and len({tuple(texts) for texts in offered}) == 1:
        return {}  # the names of classes
    others = [key for key in columns.keys if key not in (*choices, answer)]
    ask = named([key for key in others if columns.is_prose(key)], ASKS)
    ask = ask or Columns(rows, others).best(TEXTS)
    if not ask:
        return {}
    before = [key for key in (named(others, BESIDE),) if key and key != ask and columns.is_prose(key)]
    asked = [key for key in choices if not goes_on(key)]
    return {"source_key": JOINT.join((*before, ask, *asked)), "target_key": answer}


def nameless_choices(columns: Columns, rows: Sequence[Row]) -> dict[str, str]:
    """The settings for a table without a header of a question, its choices and the right one's letter (MMLU)."""
    keys = columns.keys
    if len(keys) < _FEWEST_COLUMNS or not all(key.isdigit() for key in keys):
        return {}
    letters = {as_text(row.get(keys[-1])).strip() for row in rows}
    if len(letters) < 2 or not letters <= set(_LETTERS[: len(keys) - 2]):
        return {}
    offered = [[as_text(row.get(key)).strip() for key in keys[1:-1]] for row in rows]
    if len(set(map(tuple, offered))) < len(rows) / 2 or not columns.is_longer(keys[0], keys[-1]):
        return {}
    return {"source_key": JOINT.join(keys[:-1]), "target_key": keys[-1]}


def questions_with_options(value: Mapping[str, Any]) -> list[Row]:
    """A row for each of several questions about one text, each with its options and the letter of its answer (RACE)."""
    questions, options, answers = value.get("questions"), value.get("options"), value.get("answers")
    if not _are_texts_at_all(questions) or not _are_texts_at_all(answers) or not isinstance(options, list):
        return []
    if not len(questions) == len(answers) == len(options) or not all(map(_are_texts, options)):
        return []
    about = {key: item for key, item in value.items() if key not in ("questions", "options", "answers")}
    return [
        about | {"question": question, "options": texts, "answer": answer}
        for question, texts, answer in zip(questions, options, answers, strict=True)
    ]


def _are_texts_at_all(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


def _are_texts(value: Any) -> bool:
    return _are_texts_at_all(value) and len(value) > 1
