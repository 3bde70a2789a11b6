"""The objects of a list inside a row, and the text that several give: joined pieces, or the best of several answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from llmstudio.core.corpus.reading.chats.told import RATED, SEVERAL, Told
from llmstudio.core.corpus.reading.columns.cells import Columns, Row, as_text
from llmstudio.core.corpus.reading.columns.columns import as_row, keys_of
from llmstudio.core.corpus.reading.columns.names import TEXTS, folded, named
from llmstudio.core.corpus.reading.json.parts import PartRow
from llmstudio.core.corpus.reading.placed_rows import PlacedRow

_CHOSEN = ("is_accepted", "accepted", "is_best", "best", "is_selected", "selected", "is_chosen", "chosen", "is_correct")
_VOTES = (
    "score", "votes", "vote", "upvotes", "ups", "likes", "points", "pm_score", "vote_count", "like_count", "rating", "stars",
    "thumbs_up", "helpful",
)  # fmt: skip
_RANKS = ("rank",)
_WORDS = frozenset(("words", "tokens", "word", "token", "form"))
_PIECES = frozenset((
    "segment", "section", "paragraph", "chapter", "page", "sentence", "line", "verse", "stanza", "block", "cue", "subtitle",
    "caption", "chunk", "step", "word", "token", "part", "content", "body", "contents",
    "text",
))  # fmt: skip
_DEPTH = 4  # pieces of pieces


def are_pieces(key: str) -> bool:
    """True if what a list holds belongs together by its name: segments, paragraphs, words."""
    name = folded(key.rsplit(".", 1)[-1]).rsplit("_", 1)[-1]
    return name in _PIECES or name.removesuffix("s") in _PIECES


def objects_in(value: Any, depth: int = _DEPTH) -> list[Row]:
    """The objects of a list as rows, also those of lists in it; none for another value. Pieces inside them are joined."""
    if not isinstance(value, list):
        return []
    items = [item for each in value for item in (each if isinstance(each, list) else [each])]
    rows = [as_row(lone(item)) for item in items if isinstance(item, Mapping)]
    for row in rows if depth else ():
        for key, inner in row.items():
            if isinstance(inner, list) and are_pieces(key) and (pieces := objects_in(inner, depth - 1)):
                what = Columns(pieces, keys_of(pieces)).best(TEXTS)
                row[key] = joined(pieces, what) if what else inner
    return rows


def lone(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """An object that is wrapped in another one without words of its own, {"response": {"message": ...}}, as it is inside."""
    inner = [(key, value) for key, value in item.items() if isinstance(value, Mapping)]
    has_words = any(isinstance(value, str | list) and value for value in item.values())
    if len(inner) != 1 or has_words:
        return item
    key, found = inner[0]
    return {**{name: value for name, value in item.items() if name != key and name not in found}, **found}


def in_place_of(row: Row, own: Mapping[str, Any], *, whole: bool = False) -> Row:
    """The row with other columns, or with `own` alone if that is the `whole` of it; its line and its part stay."""
    new = dict(own) if whole else {**row, **own}
    if isinstance(row, PartRow):
        return PartRow(new, row.part)
    return PlacedRow(new, row.line) if isinstance(row, PlacedRow) else new


def joined(items: Sequence[Row], what: str) -> str:
    """The texts of pieces one below the other; single words, and pieces of a line that name their type, in one line."""
    if what == "text" and all("type" in item for item in items):
        return "".join(as_text(item.get(what)) for item in items)
    texts = [text.strip() for item in items if (text := as_text(item.get(what))).strip()]
    return (" " if folded(what) in _WORDS else "\n").join(texts)


def is_judged(keys: Iterable[str]) -> bool:
    """True if texts bear votes or stars, as comments and reviews do."""
    return bool(named(keys, (*_CHOSEN, *_VOTES)))


def best_answer(items: Sequence[Row], what: str, told: Told) -> str:
    """The text of the answer that was accepted, or has most votes; the first where nothing tells."""
    filled = [item for item in items if as_text(item.get(what)).strip()]
    if len(filled) < 2:
        return as_text(filled[0].get(what)) if filled else ""
    chosen = named(filled[0], _CHOSEN)
    if chosen and (accepted := [item for item in filled if str(item.get(chosen)).casefold() in ("true", "1", "yes")]):
        told.add(RATED)
        return as_text(accepted[0].get(what))
    if (votes := named(filled[0], _VOTES)) and any(_number(item.get(votes)) for item in filled):
        told.add(RATED)
        return as_text(max(filled, key=lambda item: _number(item.get(votes))).get(what))
    if rank := named(filled[0], _RANKS):
        told.add(RATED)
        return as_text(min(filled, key=lambda item: _number(item.get(rank))).get(what))
    told.add(SEVERAL)
    return as_text(filled[0].get(what))


def _number(value: Any) -> float:
    try:
        return float(value) if isinstance(value, int | float | str) else 0.0
    except ValueError:
        return 0.0
