"""Shapes of JSON that hold rows without being a list of them.

Data frames, objects by id, columns side by side, the files of question answering (SQuAD) and of annotation (Label Studio).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmstudio.core.corpus.reading.columns.cells import Row, as_text
from llmstudio.core.corpus.reading.columns.choices import questions_with_options
from llmstudio.core.corpus.reading.columns.names import named
from llmstudio.core.corpus.reading.files.folders import CLASSES, PART
from llmstudio.core.corpus.reading.formats.web_pages import page_text
from llmstudio.core.corpus.reading.tables.dialects import is_name

ENOUGH = 100
"""Objects by id after which a document is taken for many."""
_HEADERS = ("columns", "header", "headers", "fields", "column_names")
_FEWEST_NUMBERED = 3
_NUMBERED = re.compile(r"[^\W\d_]{0,12}[-_ ]?\d+", re.UNICODE)
_LONGEST_NAME = 30
_ALIKE = 3
_ROWS = ("data", "rows", "values", "records", "examples")


def shaped(value: Any) -> list[Row] | None:
    """The rows of one JSON object of a known shape, or None for any other value."""
    if not isinstance(value, Mapping):
        return None
    if _are_objects(value.get("paragraphs")) and any("qas" in part for part in value["paragraphs"]):
        about = {key: item for key, item in value.items() if isinstance(item, str)}
        return [about | row for part in value["paragraphs"] for row in _questions(part)]
    if _are_objects(value.get("qas")):
        return list(_questions(value))
    if isinstance(value.get("data"), Mapping) and any(
        isinstance(value.get(k), list) for k in ("annotations", "completions")
    ):
        return [_annotated(value)]
    if asked := _asked_of_gemini(value):
        return [{"turns": asked}]
    if talk := _offered(value):
        return [{"persona": as_text(value.get("personality")), "turns": talk}]
    if exchanges := _exchanges(value):
        others = {key: item for key, item in value.items() if key not in ("questions", "answers")}
        return [others | {"turns": exchanges}]
    if several := questions_with_options(value):
        return several
    return [chosen] if (chosen := _chosen(value)) else None


def header_of(own: Mapping[str, Any], key: str) -> list[str]:
    """The names of the columns of the rows under `key`, if what stands beside them names any."""
    if key not in _ROWS:
        return []
    for name in _HEADERS:
        found = own.get(name)
        if isinstance(found, list) and found and all(isinstance(item, str) for item in found):
            return found
    return []


def framed(value: Any) -> Iterator[Mapping[str, Any]] | None:
    """The rows of an object that is a table: columns of values by index, objects by id, lists side by side; else None."""
    if not isinstance(value, Mapping) or not value:
        return None
    items = list(value.values())
    if _are_numbered(value) and all(isinstance(item, str) or _are_texts(item) for item in items):
        return ({"id": key, "text": item} for key, item in value.items())
    for key, rows in value.items():
        if (names := header_of(value, key)) and isinstance(rows, list) and all(isinstance(row, list) for row in rows):
            return (dict(zip(names, row, strict=False)) for row in rows)
    if all(isinstance(item, list) for item in items):
        return _table_of_lists(value)
    if is_by_id(value):
        return (row for item in items for row in (framed(item) or [item]))
    if _are_columns_by_index(value) and (len(value) > 1 or list(items[0]) == [str(n) for n in range(len(items[0]))]):
        return _side_by_side({key: list(item.values()) for key, item in value.items()})
    return None


def is_by_id(value: Mapping[str, Any]) -> bool:
    """True for at least two objects with about the same keys, each under a name of its own."""
    items = list(value.values())
    if len(items) < 2 or not all(isinstance(item, Mapping) and item for item in items):
        return False
    shared = set(items[0]).intersection(*items[1:])
    most = max(len(item) for item in items)
    return bool(shared) and 2 * len(shared) >= min(most, len(items[0])) and not _are_columns_by_index(value)


def _are_columns_by_index(value: Mapping[str, Any]) -> bool:
    """True for {"text": {"0": ..., "1": ...}, "label": {"0": ...}}, as data frames are saved column by column."""
    items = list(value.values())
    if not all(isinstance(item, Mapping) and item for item in items):
        return False
    index = list(items[0])
    if any(list(item) != index for item in items[1:]):
        return False
    if any(isinstance(cell, Mapping) for item in items for cell in item.values()):
        return False
    if all(key.lstrip("-").isdigit() for key in index):
        return not all(key.isdigit() for key in value)
    if any(map(is_name, index)):
        return False
    return any(map(is_name, value)) or len(index) > len(value)


def _table_of_lists(value: Mapping[str, list[Any]]) -> Iterator[Mapping[str, Any]] | None:
    """Rows of lists side by side, of lists of rows, or of lists of texts under the name of their class or part."""
    items = list(value.values())
    rows = [row for item in items for row in item]
    if rows and all(isinstance(row, list) for row in rows):
        is_named = all(key in _ROWS or PART.fullmatch(key) for key in value)
        is_table = is_named and len({len(row) for row in rows}) == 1 and len(rows[0]) > 1
        return ({str(n): cell for n, cell in enumerate(row, 1)} for row in rows) if is_table else None
    if len(value) < 2 or any(isinstance(row, Mapping) for row in rows) or not any(map(_are_texts, items)):
        return None
    are_texts = all(map(_are_texts, items)) and all(isinstance(row, str) for row in rows)
    if are_texts and all(key.casefold() in CLASSES for key in value):
        return ({"text": text, "label": key} for key, item in value.items() for text in item)
    if are_texts and all(map(PART.fullmatch, value)):
        return ({"text": text} for item in items for text in item)
    if len({len(item) for item in items}) == 1:
        return _side_by_side(value) if len(items[0]) > 1 else None
    if are_texts and _are_alike(items):
        return ({"text": text, "label": key} for key, item in value.items() for text in item)
    return None


def named_by_header(rows: Iterator[Any]) -> Iterator[Any]:
    """The rows of an array; lists below a list of columns' names become objects."""
    head = list(itertools.islice(rows, 2))
    first, second = (*head, None, None)[:2]
    is_header = (
        isinstance(first, list)
        and isinstance(second, list)
        and len(first) == len(second) > 1
        and all(isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME for name in first)
        and any(is_name(name) and len(name) > 1 for name in first)
        and not set(first) & {item for item in second if isinstance(item, str)}
    )
    for row in itertools.chain(head[1:] if is_header else head, rows):
        yield dict(zip(first, row, strict=False)) if is_header and isinstance(row, list) else row


def _are_numbered(value: Mapping[str, Any]) -> bool:
    """True for many keys that only number what stands under them: 1, 2 or d1, d2."""
    return len(value) >= _FEWEST_NUMBERED and all(map(_NUMBERED.fullmatch, value))


def _are_alike(lists: Sequence[list[str]]) -> bool:
    """True if the texts of no list are on average much longer than those of another, as a text and its author's name are."""
    means = [sum(map(len, texts)) / len(texts) for texts in lists]
    return max(means) <= _ALIKE * min(means)


def _side_by_side(columns: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    return (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))


def _questions(part: Mapping[str, Any]) -> Iterator[Row]:
    """A row for each question of a SQuAD paragraph, with the answer that was given first; none means there is no answer."""
    context = as_text(part.get(named(part, ("context", "context_text", "document", "passage")) or ""))
    for question in _list(part.get("qas")):
        if not isinstance(question, Mapping):
            continue
        asked = as_text(question.get(named(question, ("question", "query_text", "query")) or ""))
        answers = _list(question.get("answers"))
        given = [answer.get("text") if isinstance(answer, Mapping) else answer for answer in answers]
        answer = next((text for text in given if isinstance(text, str) and text.strip()), "")
        yield {"context": context, "question": asked, "answer": answer}


def _asked_of_gemini(value: Mapping[str, Any]) -> list[dict[str, str]]:
    """What was asked and answered in one entry of Google's Takeout of Gemini's activity, as turns; else empty."""
    title, header, pages = value.get("title"), str(value.get("header")).casefold(), value.get("safeHtmlItem")
    if not isinstance(title, str) or not _are_objects(pages) or not header.startswith(("gemini", "bard")):
        return []
    answer = page_text([str(page.get("html", "")) for page in _list(pages)], header)
    said = (("user", title.removeprefix("Prompted ")), ("assistant", answer.strip()))
    return [{"role": role, "content": what} for role, what in said]


def _offered(value: Mapping[str, Any]) -> list[str]:
    """What is said in a conversation whose right answer is the last of those offered (PersonaChat); else empty."""
    said = _list(value.get("utterances"))
    last = said[-1] if said and isinstance(said[-1], Mapping) else {}
    history, offered = _list(last.get("history")), _list(last.get("candidates"))
    return [*map(str, history), str(offered[-1])] if history and offered else []


def _exchanges(value: Mapping[str, Any]) -> list[dict[str, str]]:
    """Questions about one text and their answers, which stand in two lists of objects (CoQA), as turns."""
    asked, answered = _list(value.get("questions")), _list(value.get("answers"))
    if not _are_objects(asked) or not _are_objects(answered) or len(asked) != len(answered):
        return []
    turns = []
    for question, answer in zip(asked, answered, strict=True):
        for role, item in (("user", question), ("assistant", answer)):
            key = named(item, ("input_text", "question", "answer", "text"))
            turns.append({"role": role, "content": as_text(item.get(key))})
    return turns if all(turn["content"].strip() for turn in turns) else []


def _chosen(value: Mapping[str, Any]) -> Row:
    """A question with lettered choices (ARC), its answer spelled out; empty for any other object."""
    key = named(value, ("answerkey", "answer_key"))
    asked = value.get("question")
    inner = asked if isinstance(asked, Mapping) else value
    choices = inner.get("choices")
    if isinstance(choices, list) and _are_objects(choices):
        choices = {name: [choice.get(name) for choice in choices] for name in ("text", "label")}
    if not key or not isinstance(choices, Mapping):
        return {}
    texts, labels = _list(choices.get("text")), list(map(str, _list(choices.get("label"))))
    if not _are_texts(texts) or len(texts) != len(labels):
        return {}
    answer = dict(zip(labels, texts, strict=True)).get(str(value[key]), "")
    question = as_text(inner.get("stem") if inner is asked else asked)
    others = {name: item for name, item in value.items() if name not in (key, "choices", "question")}
    return others | {"question": question, "choices": texts, "answer": answer}


def _annotated(task: Mapping[str, Any]) -> Row:
    """A task of Label Studio: its data, with the first annotation's choices as the label."""
    row: Row = dict(task["data"])
    done = [each for key in ("annotations", "completions") for each in _list(task.get(key)) if isinstance(each, Mapping)]
    first = next((each for each in done if not each.get("was_cancelled") and each.get("result")), {})
    for result in _list(first.get("result")):
        if not isinstance(result, Mapping) or not isinstance(result.get("value"), Mapping):
            continue
        value, name = result["value"], str(result.get("from_name", ""))
        if isinstance(choices := value.get("choices"), list):
            label = ", ".join(map(str, choices))
            row["label" if "label" not in row else name or "choices"] = label
        elif "text" in value and "start" not in value:
            row[name or "answer"] = as_text(value["text"])
        elif "labels" in value:
            row["spans"] = [*_list(row.get("spans")), dict(value)]
        elif isinstance(rating := value.get("rating"), int | float):
            row.setdefault("rating", rating)
    return row


def similar(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """True if two objects share at least half of their keys, as rows of one table do."""
    return 2 * len(one.keys() & other.keys()) >= len(one.keys() | other.keys())


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, str) and not item.isdigit() for item in value)
