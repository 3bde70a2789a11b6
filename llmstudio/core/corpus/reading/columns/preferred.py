"""What the file itself says of its answers: which of two is better (response_a, response_b, winner), and what is rejected.

In: rows of a file. Out: the same rows with the two as "chosen" and "rejected", which are read as everywhere: the better one
is learned and the worse one is not. A row in which both are bad is left out, and so is what an annotator rejected (Prodigy).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from llmstudio.core.corpus.reading.chats.told import BOTH_BAD, PREFERRED, REJECTED, Told
from llmstudio.core.corpus.reading.columns.cells import Row
from llmstudio.core.corpus.reading.columns.names import folded, named
from llmstudio.core.corpus.reading.first_rows import first_rows
from llmstudio.core.corpus.records import Skipped

_LOOKED_AT = 60
_DECISIONS = ("accept", "reject", "ignore")
_JUDGES = ("winner", "better_response_id", "preference", "preferred", "overall_preference", "better", "choice")
_TWIN = re.compile(r"(?:.*_)?(response|answer|output|completion|conversation|reply|ref|summary|generation)_?([ab012])")
_SIDE = re.compile(r"(?:model|response|answer|output|option|conversation|side)?[ _-]?([ab012])")
_BAD = re.compile(r".*both.?bad.*|neither|none")
_TIE = re.compile(r"(?:tie|both|equal|same|draw).*")


@dataclass(frozen=True)
class _Twins:
    """Names of the two columns by the sign at their ends, and of the one that judges."""

    keys: dict[str, str]
    judge: str
    is_first_one: bool = False  # as in SHP, where 1 is for the first

    def better(self, value: Any) -> str:
        """The sign of the better answer; "tie", "bad", or empty where nothing is said."""
        said = str(value).strip().casefold().removesuffix(".0")
        if self.is_first_one and said in ("0", "1"):
            return tuple(self.keys)[1 - int(said)]
        if _BAD.fullmatch(said):
            return "bad"
        if _TIE.fullmatch(said):
            return "tie"
        found = _SIDE.fullmatch(said)
        return found[1] if found and found[1] in self.keys else ""

    def judged(self, row: Row, told: Told) -> Row | None:
        """The row with the better and the worse answer under their names; None if neither is worth learning."""
        side = self.better(row.get(self.judge))
        if side == "bad" or not side:
            told.add(BOTH_BAD)
            return None
        first, second = self.keys.values()
        better, worse = (second, first) if self.keys.get(side) == second else (first, second)
        told.add(PREFERRED)
        row["chosen"], row["rejected"] = row.pop(better, None), row.pop(worse, None)
        if self.is_first_one:
            row["prompt"] = row.pop("history", None)
        return row


def preferred(rows: Iterator[Row | Skipped], told: Told) -> Iterator[Row | Skipped]:
    """The rows; where a column judges two answers, with the better and the worse one under those names."""
    first, rest = first_rows(rows, _LOOKED_AT)
    seen = [row for row in first if not isinstance(row, Skipped)]
    if seen and all(map(_is_decided, seen)):
        yield from _accepted(rest, told)
        return
    twins = _twins(seen)
    if twins is None:
        yield from rest
        return
    for row in rest:
        judged = row if isinstance(row, Skipped) else twins.judged(row, told)
        if judged is not None:
            yield judged


def _is_decided(row: Row) -> bool:
    return "text" in row and row.get("answer") in _DECISIONS


def _accepted(rows: Iterator[Row | Skipped], told: Told) -> Iterator[Row | Skipped]:
    """The rows that an annotator accepted, with the options chosen as the label where there were any."""
    for row in rows:
        if isinstance(row, Skipped):
            yield row
            continue
        told.add(REJECTED, is_rejected := row.pop("answer", "accept") != "accept")
        if isinstance(chosen := row.get("accept"), list) and row.pop("options", None):
            row["label"] = row.pop("accept") if len(chosen) != 1 else str(row.pop("accept")[0])
        if not is_rejected:
            yield row


def _twins(rows: Sequence[Row]) -> _Twins | None:
    """The two columns and their judge, if all rows have them and nearly all are judged; else None."""
    if not rows or {"chosen", "rejected"} & set(rows[0]):
        return None
    found: dict[str, dict[str, str]] = {}
    for key in rows[0]:
        if place := _TWIN.fullmatch(folded(key)):
            found.setdefault(folded(key)[: place.start(2)], {})[place[2]] = key
    keys = next((signs for signs in found.values() if "".join(sorted(signs)) in ("ab", "01", "12")), None)
    if keys is None:
        return None
    keys = dict(sorted(keys.items()))
    is_first_one = all(folded(key).startswith("human_ref") for key in keys.values())
    judge = "labels" if is_first_one and "labels" in rows[0] else named(rows[0], _JUDGES)
    twins = _Twins(keys, judge, is_first_one)
    told = sum(bool(twins.better(row.get(judge))) for row in rows)
    return (
        twins if judge and all(key in row for row in rows for key in keys.values()) and 10 * told >= 9 * len(rows) else None
    )
