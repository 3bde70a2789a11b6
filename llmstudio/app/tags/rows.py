"""A file of results, by the ending of its name: a word and its tag a line, JSON, or words with spaces between them.

What is written with a word and its tag a line can be imported again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TextIO

from llmstudio.app.tags.telling import Tagged
from llmstudio.app.whole_file.into import JSON_LINES

TABLES = (".tsv", ".tab", ".txt", ".conll", ".bio", ".pos")
ENDINGS = (*TABLES, *JSON_LINES)
_DIGITS = 6

Write = Callable[[Tagged], object]


def writer(file: TextIO, ending: str, *, has_tags: bool, parts_words: bool) -> Write:
    """What writes a sentence into a file whose name ends so."""
    if ending.lower() in JSON_LINES:
        as_object = _parted if parts_words else _as_object
        return lambda result: file.write(json.dumps(as_object(result, has_tags), ensure_ascii=False) + "\n")
    if parts_words:
        return lambda result: file.write(f"{words_apart(result)}\n")
    return lambda result: file.write(_rows(result))


def words_apart(result: Tagged) -> str:
    """The words of a sentence with a space between them."""
    return " ".join(result.parted)


def _rows(result: Tagged) -> str:
    """A line for each word, and one without anything behind the sentence; nothing for one without words."""
    rows = [f"{word}\t{tag}\n" for word, tag in zip(result.words, result.tags, strict=True)]
    return "".join([*rows, "\n"] if rows else [])


def _as_object(result: Tagged, has_tags: bool) -> dict[str, Any]:
    truth = {"true_tags": list(result.given.tags) if result.given.tags else None} if has_tags else {}
    chances = [round(word.probability, _DIGITS) for word in result.told]
    return {"words": result.words, "tags": result.tags, **truth, "probabilities": chances, "spaces": result.spaces}


def _parted(result: Tagged, has_tags: bool) -> dict[str, Any]:
    return {"text": result.given.text, "words": result.parted}
