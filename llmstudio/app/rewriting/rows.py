"""A file of results: tab- or comma-separated, or JSON; or a text a line and nothing else, by the ending of its name."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from typing import TextIO

from llmstudio.app.rewriting.rewriter import Rewriting
from llmstudio.app.whole_file.into import JSON_LINES, SEPARATORS

OUTPUT = "output"
"""What the column with the results is called, beside source and target."""
_LINES = ".txt"

Write = Callable[[Rewriting], object]


def writer(file: TextIO, ending: str, *, has_targets: bool) -> Write:
    """What writes a result as the next line of a file whose name ends so; a table's header is written at once."""
    ending = ending.lower()
    if ending == _LINES:
        return lambda result: file.write(" ".join(result.text.split()) + "\n")
    if ending in JSON_LINES:
        return lambda result: file.write(json.dumps(_as_object(result, has_targets), ensure_ascii=False) + "\n")
    table = csv.writer(file, delimiter=SEPARATORS[ending], lineterminator="\n")
    table.writerow(["source", *(["target"] if has_targets else []), OUTPUT])

    def write(result: Rewriting) -> object:
        target = [result.source.target or ""] if has_targets else []
        return table.writerow([result.source.text, *target, result.text])

    return write


def _as_object(result: Rewriting, has_targets: bool) -> dict[str, str | None]:
    target = {"target": result.source.target} if has_targets else {}
    return {"source": result.source.text, **target, OUTPUT: result.text}
