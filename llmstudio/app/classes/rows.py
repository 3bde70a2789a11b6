"""A file of results: tab- or comma-separated, or JSON, a text a line, by the ending of its name."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from typing import Any, TextIO

from llmstudio.app.classes.telling import Result
from llmstudio.app.whole_file.into import JSON_LINES, SEPARATORS

_DIGITS = 6

Write = Callable[[Result], object]


def writer(file: TextIO, ending: str, names: Sequence[str], *, has_labels: bool, several: bool) -> Write:
    """What writes a result as the next line of a file whose name ends so; a table's header is written at once."""
    if ending.lower() in JSON_LINES:
        return lambda result: file.write(json.dumps(_as_object(result, has_labels, several), ensure_ascii=False) + "\n")
    table = csv.writer(file, delimiter=SEPARATORS[ending.lower()], lineterminator="\n")
    table.writerow(["text", *(["label"] if has_labels else []), "class", *(f"p({name})" for name in names)])

    def write(result: Result) -> object:
        chances = dict(result.told.chances) if result.told else {}
        label = [", ".join(result.labels or ())] if has_labels else []
        told = ", ".join(result.told.names) if result.told else ""
        return table.writerow([result.text, *label, told, *(_rounded(chances.get(name)) for name in names)])

    return write


def _as_object(result: Result, has_labels: bool, several: bool) -> dict[str, Any]:
    label = {"label": _as_value(result.labels, several)} if has_labels else {}
    if result.told is None:
        return {"text": result.text, **label, "class": None, "probabilities": None}
    told = _as_value(result.told.names, several)
    chances = {name: round(share, _DIGITS) for name, share in result.told.chances}
    return {"text": result.text, **label, "class": told, "probabilities": chances}


def _as_value(names: tuple[str, ...] | None, several: bool) -> list[str] | str | None:
    """One class, or a list where texts may have several."""
    return names if names is None else list(names) if several or len(names) != 1 else names[0]


def _rounded(share: float | None) -> str:
    return "" if share is None else f"{share:.{_DIGITS}f}"
