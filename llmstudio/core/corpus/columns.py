"""Which column of a table, or key of a JSON object, holds the text: guessed by name, then by what is in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from llmstudio.core.corpus.chats.exports import REJECTED, TURNS
from llmstudio.core.corpus.chats.told import Told
from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.conversations import conversation, holds_turns
from llmstudio.core.corpus.records import Record
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.words import words

Row = dict[str, Any]

_PAIRS = (
    ("source", "target"), ("src", "tgt"), ("src", "trg"), ("prompt", "completion"), ("prompt", "response"),
    ("instruction", "output"), ("instruction", "response"), ("input", "output"), ("question", "answer"),
    ("query", "response"), ("article", "summary"), ("document", "summary"), ("article", "highlights"), ("原文", "译文"),
    ("问题", "回答"),
)  # fmt: skip
_TEXTS = (
    "text", "content", "body", "sentence", "document", "story", "article", "review", "comment", "question", "title",
    "abstract", "poem", "code", "文本", "内容", "正文", "句子", "评论", "标题",
)  # fmt: skip
_LABELS = (
    "label", "labels", "class", "category", "sentiment", "label_text", "topic", "tag", "intent", "emotion", "target",
    "stars", "标签", "类别", "分类",
)  # fmt: skip
NAMES = frozenset((*TURNS, *_TEXTS, *_LABELS, *(name for pair in _PAIRS for name in pair)))
"""Column names that mean something here."""
_LANGUAGE = re.compile(r"(?:.*\.)?[a-z]{2}(?:[-_][A-Za-z]{2,4})?")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?%?")
_ROWS_LOOKED_AT = 200
KEYS = ("text_key", "source_key", "target_key", "label_key", "turns_key")


def as_row(value: Any) -> Row:
    """A JSON value as a row: an object's keys (nested ones dotted), a list's places "1", "2" ..., or "text" alone."""
    if isinstance(value, Mapping):
        return dict(_flatten(value, "", 3))
    if isinstance(value, list):
        return {str(n): item for n, item in enumerate(value, 1)}
    return {"text": value}


def _flatten(value: Mapping[Any, Any], prefix: str, depth: int) -> Iterable[tuple[str, Any]]:
    for key, item in value.items():
        if isinstance(item, Mapping) and depth:
            yield from _flatten(item, f"{prefix}{key}.", depth - 1)
        else:
            yield f"{prefix}{key}", item


def keys_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """All columns of the rows, in the order they appear."""
    return tuple(dict.fromkeys(key for row in rows for key in row))


def guess(rows: Sequence[Row], config: ReadingConfig, name: str) -> ReadingConfig:
    """`config` with its empty keys filled in where the rows say enough; keys that are set stay and decide the kind.

    Raises:
        StudioError: A chosen column does not exist, or nothing in the rows looks like text.
    """
    rows = rows[:_ROWS_LOOKED_AT]
    keys = keys_of(rows)
    for chosen in (getattr(config, field) for field in KEYS):
        if chosen and chosen not in keys:
            raise StudioError(
                "There is no column {key} in {name}. There are: {keys}.",
                key=chosen,
                name=name,
                keys=", ".join(keys) or "–",
                remedies=(Remedy("set", words("Find the columns"), "reading.text_key", ""),),
            )
    texts = _text_columns(rows, keys)
    if config.turns_key:
        return config
    if config.source_key or config.target_key:
        others = [key for key in texts if key not in (config.source_key, config.target_key)]
        if not (config.source_key and config.target_key) and not others:
            raise _no_text(name, keys)
        source, target = config.source_key or others[0], config.target_key or others[0]
        return replace(config, source_key=source, target_key=target, text_key="", label_key="")
    if config.text_key:
        return config
    if config.label_key:
        texts = [key for key in texts if key != config.label_key]
        if not texts:
            raise _no_text(name, keys)
        return replace(config, text_key=_named(texts, _TEXTS) or texts[0])
    return replace(config, **_guess_all(rows, keys, texts, name))


def _guess_all(rows: Sequence[Row], keys: Sequence[str], texts: list[str], name: str) -> dict[str, str]:
    turns = [key for key in keys if key not in REJECTED and any(holds_turns(key, row.get(key)) for row in rows)]
    if found := _named(turns, TURNS) or next((k for k in turns if not _is_list_of_texts(rows, k)), ""):
        return {"turns_key": found}
    for source, target in _PAIRS:
        if (s := _named(texts, (source,))) and (t := _named(texts, (target,))):
            return {"source_key": s, "target_key": t}
    if len(texts) == 2 and all(_LANGUAGE.fullmatch(key) for key in texts):
        return dict(zip(("source_key", "target_key"), [k for k in keys if k in texts], strict=True))
    text = _named(texts, _TEXTS) or (texts[0] if texts else "")
    if not text:
        raise _no_text(name, keys)
    others = [key for key in keys if key != text]
    if label := _named(others, _LABELS):
        return {"text_key": text, "label_key": label}
    if len(keys) == 2 and _looks_like_labels(rows, others[0], text):
        return {"text_key": text, "label_key": others[0]}
    if len(keys) == 2 and len(texts) == 2 and text not in _TEXTS and _are_alike(rows, *texts):
        return {"source_key": keys[0], "target_key": keys[1]}
    return {"text_key": text}


def to_record(row: Row, config: ReadingConfig, told: Told | None = None) -> Record | None:
    """The record that a row holds, or None if something is missing; `told` counts what conversations leave out."""
    if config.turns_key:
        turns = conversation(row, config.turns_key, told)
        return {"turns": turns} if turns else None
    if config.source_key:
        source, target = as_text(row.get(config.source_key)), as_text(row.get(config.target_key))
        return {"source": source, "target": target} if source.strip() and target.strip() else None
    text = row.get(config.text_key or "text")
    text = "" if isinstance(text, int | float) else as_text(text)  # a bare number in JSON is no document
    if not text.strip():
        return None
    if not config.label_key:
        return {"text": text}
    label = as_text(row.get(config.label_key)).strip()
    return {"text": text, "label": label} if label else None


def kind_of_config(config: ReadingConfig) -> str:
    """The kind of record that filled-in keys make."""
    if config.turns_key:
        return "turns"
    return "pairs" if config.source_key else "labelled" if config.label_key else "text"


def roles_of_config(config: ReadingConfig) -> dict[str, tuple[str, ...]]:
    """Which columns filled-in keys take for which part of a record."""
    fields = {
        "turns": ("turns_key",),
        "pairs": ("source_key", "target_key"),
        "labelled": ("text_key", "label_key"),
        "text": ("text_key",),
    }[kind_of_config(config)]
    return {field.removesuffix("_key"): (key,) for field in fields if (key := getattr(config, field))}


def as_text(value: Any) -> str:
    """A cell as text: numbers are spelled out, lists of texts become lines, what is no text becomes empty."""
    match value:
        case str():
            return value
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case list() if all(isinstance(item, str) for item in value):
            return "\n".join(value)
        case _:
            return ""


def _named(keys: Iterable[str], names: Iterable[str]) -> str:
    """The first key that bears one of the names, the names in their order; a dotted key counts by its last part, too."""
    by_name: dict[str, str] = {}
    for key in keys:
        by_name.setdefault(key.casefold().strip(), key)
        by_name.setdefault(key.casefold().rsplit(".", 1)[-1].strip(), key)
    return next((by_name[name] for name in names if name in by_name), "")


def _cells(rows: Sequence[Row], key: str) -> list[str]:
    return [cell for row in rows if (cell := as_text(row.get(key))).strip()]


def _mean_length(rows: Sequence[Row], key: str) -> float:
    cells = _cells(rows, key)
    return sum(map(len, cells)) / len(cells) if cells else 0.0


def _text_columns(rows: Sequence[Row], keys: Sequence[str]) -> list[str]:
    """Columns with words in them, the longest first."""
    found = []
    for key in keys:
        cells = _cells(rows, key)
        if cells and not all(_NUMBER.fullmatch(cell.strip()) for cell in cells) and not isinstance(rows[0].get(key), bool):
            found.append(key)
    return sorted(found, key=lambda key: -_mean_length(rows, key))


def _is_list_of_texts(rows: Sequence[Row], key: str) -> bool:
    return any(isinstance(row.get(key), list) and isinstance(row[key][0], str) for row in rows if row.get(key))


def _looks_like_labels(rows: Sequence[Row], key: str, text: str) -> bool:
    """True for few different short values beside longer texts."""
    cells = _cells(rows, key)
    return (
        len(cells) >= 4
        and len(set(cells)) <= max(2, len(cells) / 3)
        and max(map(len, cells)) <= 40
        and _mean_length(rows, text) > _mean_length(rows, key)
    )


def _are_alike(rows: Sequence[Row], one: str, other: str) -> bool:
    """True if two columns hold texts of about the same length, as sentences and their translations do."""
    lengths = sorted((_mean_length(rows, one), _mean_length(rows, other)))
    return lengths[0] >= 4 and lengths[1] <= 4 * lengths[0]


def _no_text(name: str, keys: Sequence[str]) -> StudioError:
    return StudioError("No column of {name} holds text. There are: {keys}.", name=name, keys=", ".join(keys) or "–")
