"""JSON, as one document (an array, an object with a list inside, several values in a row) or one value a line.

Nothing is read as a whole: the elements of an array are decoded one after another, however long the array is.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from llmstudio.core.corpus.reading.chats.told import TWICE, Told
from llmstudio.core.corpus.reading.chats.utterances import said_in_turn
from llmstudio.core.corpus.reading.columns.cells import Row
from llmstudio.core.corpus.reading.columns.columns import as_row
from llmstudio.core.corpus.reading.formats.plain_text import lines
from llmstudio.core.corpus.reading.json.assigned import without_assignment
from llmstudio.core.corpus.reading.json.objects import rows_of_object, rows_of_value
from llmstudio.core.corpus.reading.json.parts import PartRow
from llmstudio.core.corpus.reading.json.shapes import named_by_header
from llmstudio.core.corpus.reading.json.stream import SPACE, JsonStream, without_surrogates
from llmstudio.core.corpus.reading.placed_rows import PlacedRow
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.words import words

_STRING = r'"(?:[^"\\\n]|\\.)*"\s*'
_BEGINNING = re.compile(rf"\s*(?:(?:\[\s*)?\{{\s*{_STRING}:|\[\s*\[?\s*{_STRING}[,\]])")
_LOOKED_AT = 200  # lines in which names that stand twice are counted
_GLUED = re.compile(r"\}[\s,]*\{")
_PYTHON_CHARACTERS = 1 << 16
_LINES = 6  # of the head: one whole value among them, and it is a value a line


def read_json_lines(chunks: Iterable[str], name: str, told: Told | None = None) -> Iterator[Row | Skipped]:
    """The rows of a file with one JSON value a line; a broken line costs that line, which is told.

    What is left out of conversations is counted in `told`.
    """
    told = told or Told()
    return said_in_turn(_rows_of_lines(chunks, name, told), told)


def _rows_of_lines(chunks: Iterable[str], name: str, told: Told) -> Iterator[Row | Skipped]:
    for number, line in enumerate(lines(chunks), 1):
        if line is None:
            yield Skipped(name, words("this line is too long"), number)
            continue
        if not line.strip(SPACE):
            continue
        try:
            values = _values(line.strip(SPACE).removesuffix(","), told if number <= _LOOKED_AT else None)
            for value in values:
                for row in rows_of_value(without_surrogates(value) if "\\u" in line else value, told):
                    yield row if isinstance(row, PartRow) else PlacedRow(row, number)
        except (ValueError, RecursionError):
            is_python = _is_python(line.strip(SPACE))
            reason = (
                words("this line is Python, not JSON: write the file with json.dumps")
                if is_python
                else words("this line is no JSON")
            )
            yield Skipped(name, reason, number)


def _values(line: str, told: Told | None = None) -> list[Any]:
    """The value of a line; several if objects are glued together, as in {...}{...}.

    `told` counts objects in which a name stands twice: what stood there first is lost.
    """

    def of_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if told and len(found) < len(pairs):
            told.add(TWICE)
        return found

    try:
        return [json.loads(line, object_pairs_hook=of_pairs) if told else json.loads(line)]
    except ValueError:
        if not _GLUED.search(line):
            raise
    decoder, values, at = json.JSONDecoder(), [], 0
    while at < len(line):
        value, at = decoder.raw_decode(line, at)
        values.append(value)
        while at < len(line) and line[at] in SPACE + ",":
            at += 1
    return values


def _is_python(line: str) -> bool:
    """True for a dictionary as Python prints it: with single quotes, None, True."""
    if not line.startswith("{") or len(line) > _PYTHON_CHARACTERS:
        return False
    try:
        return isinstance(ast.literal_eval(line), dict)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return False


def is_json(head: str) -> bool:
    """True if a file begins as JSON with an object or a list of texts does, whatever its name says."""
    return _BEGINNING.match(head.lstrip("\ufeff")) is not None


def is_json_lines(head: str) -> bool:
    """True if a file has one value a line: its first line is whole and another begins below it."""
    first, line_end, rest = head.lstrip(SPACE).partition("\n")
    if not line_end or not first.startswith(("{", "[")) or not rest.lstrip(SPACE).startswith(("{", "[")):
        return False
    return _is_whole(first.rstrip(" \r,") if first.startswith("{") else first)


def is_json_document(head: str) -> bool:
    """True if a file that should have one value a line is one document: a long array, or objects over several lines."""
    told = [line.strip(SPACE) for line in head.split("\n")]
    whole = [line for line in (told[:-1] or told) if line][:_LINES]
    if not whole or not whole[0].startswith(("{", "[")):
        return False
    if len([line for line in told if line]) == 1 and whole[0].startswith("["):
        return re.match(r'\[\s*[{"\[]', whole[0]) is not None
    if whole[0].startswith("{"):
        whole = [line.rstrip(",") for line in whole]  # a value a line, with the commas of an array
    is_begun = whole[0].endswith((",", "{", "[", ":"))
    return len(told) > 1 and is_begun and not any(_is_whole(line) for line in whole)


def _is_whole(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict | list)
    except (ValueError, RecursionError):
        return False


def read_json(
    chunks: Iterable[str], name: str, told: Told | None = None, remarks: list[Remark] | None = None
) -> Iterator[Row | Skipped]:
    """The rows of a JSON document.

    Rows are the elements of an array; in an object, those of the lists of objects in it; else the object itself. What is
    left out of conversations is counted in `told`, what else is left out stands in `remarks`.

    Raises:
        StudioError: The document is broken, or holds a value that is too large; says at which line. Rows before are given.
    """
    told = told or Told()
    stream = JsonStream(without_assignment(chunks), name)
    return said_in_turn(_rows_of_document(stream, told, remarks if remarks is not None else []), told)


def _rows_of_document(stream: JsonStream, told: Told, remarks: list[Remark]) -> Iterator[Row | Skipped]:
    while stream.peek():
        if stream.peek() == "[":
            for element in named_by_header(stream.elements()):
                yield from rows_of_value(element, told)
        elif stream.peek() == "{":
            yield from rows_of_object(stream, told, remarks)
        else:
            yield as_row(stream.value())
