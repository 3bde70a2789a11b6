"""Shapes of JSON that hold rows without being a list of them.

Data frames, objects by id, columns side by side, the files of question answering (SQuAD) and of annotation (Label Studio).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmstudio.core.corpus.cells import Row, as_text
from llmstudio.core.corpus.column_names import named
from llmstudio.core.corpus.dialects import is_name

ENOUGH = 100
"""Objects by id after which a document is taken for many."""
_HEADERS = ("columns", "header", "headers", "fields", "column_names")
_ROWS = ("data", "rows", "values", "records")


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
    return None


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
    for key, rows in value.items():
        if (names := header_of(value, key)) and isinstance(rows, list) and all(isinstance(row, list) for row in rows):
            return (dict(zip(names, row, strict=False)) for row in rows)
    if len(value) > 1 and all(isinstance(item, list) for item in items):
        lengths = {len(item) for item in items}
        is_table = len(lengths) == 1 and lengths.pop() > 1 and not any(_are_objects(item) for item in items)
        return _side_by_side(value) if is_table and any(_are_texts(item) for item in items) else None
    if is_by_id(value):
        return (row for item in items for row in (framed(item) or [item]))
    if len(value) > 1 and _are_columns_by_index(value):
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


def _side_by_side(columns: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    return (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))


def _questions(part: Mapping[str, Any]) -> Iterator[Row]:
    """A row for each question of a SQuAD paragraph, with the answer that was given first; none means there is no answer."""
    context = as_text(part.get(named(part, ("context", "context_text", "document", "passage")) or ""))
    for question in part.get("qas", ()):
        if not isinstance(question, Mapping):
            continue
        asked = as_text(question.get(named(question, ("question", "query_text", "query")) or ""))
        answers = question.get("answers")
        given = [answer.get("text") if isinstance(answer, Mapping) else answer for answer in answers or ()]
        answer = next((text for text in given if isinstance(text, str) and text.strip()), "")
        yield {"context": context, "question": asked, "answer": answer}


def _annotated(task: Mapping[str, Any]) -> Row:
    """A task of Label Studio: its data, with the first annotation's choices as the label."""
    row: Row = dict(task["data"])
    done = [each for key in ("annotations", "completions") for each in task.get(key) or () if isinstance(each, Mapping)]
    first = next((each for each in done if not each.get("was_cancelled") and each.get("result")), {})
    for result in first.get("result", ()):
        if not isinstance(result, Mapping) or not isinstance(result.get("value"), Mapping):
            continue
        value, name = result["value"], str(result.get("from_name", ""))
        if isinstance(choices := value.get("choices"), list):
            label = ", ".join(map(str, choices))
            row["label" if "label" not in row else name or "choices"] = label
        elif "text" in value and "start" not in value:
            row[name or "answer"] = as_text(value["text"])
        elif "labels" in value:
            row.setdefault("spans", []).append(dict(value))
        elif isinstance(rating := value.get("rating"), int | float):
            row.setdefault("rating", rating)
    return row


def similar(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """True if two objects share at least half of their keys, as rows of one table do."""
    return 2 * len(one.keys() & other.keys()) >= len(one.keys() | other.keys())


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, str) and not item.isdigit() for item in value)
