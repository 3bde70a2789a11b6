"""Which column says to which conversation a message belongs, in a file whose rows are single messages.

By its name (session, call_id, conv), or because its cells stay the same over several rows and then change.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from llmstudio.core.corpus.reading.chats.messages import OWN, WHAT, WHO
from llmstudio.core.corpus.reading.chats.numbered import is_number_name
from llmstudio.core.corpus.reading.chats.order import TIMES
from llmstudio.core.corpus.reading.columns.cells import as_text
from llmstudio.core.corpus.reading.columns.names import folded
from llmstudio.core.corpus.reading.columns.prose import is_date

_TALKS = frozenset((
    "conversation", "conversations", "conv", "convo", "dialogue", "dialog", "dlg", "chat", "thread", "session", "call",
    "ticket", "case", "meeting", "interview", "interaction", "encounter", "transcript", "episode", "issue", "discussion",
    "debate", "hearing", "consultation", "room", "channel", "group", "message_tree", "tree", "contact", "talk", "story",
    "scene", "对话", "会话",
))  # fmt: skip
_ENDS = ("id", "no", "nr", "num", "number", "key", "uuid", "index", "idx", "name", "code", "hash")
_FEWEST = 6  # rows: of fewer no run tells
_SPOKEN_BY = frozenset((*WHO, *OWN, *WHAT))


def talk_columns(rows: Sequence[Mapping[str, Any]], speaker: str) -> list[str]:
    """The columns that are the same in all rows of a conversation, where `speaker` tells who speaks; none if there is none.

    Several that are named so part more finely than one: scene 1 of another episode is another scene.
    """
    keys = [key for key in rows[0] if key != speaker and all(_is_id(row.get(key)) for row in rows)]
    repeated = [key for key in keys if len({row[key] for row in rows}) < len(rows)]
    if known := [key for key in repeated if is_talk_name(key)]:
        return known
    parting = [key for key in repeated if _can_part(rows, key) and _stays_and_changes([row[key] for row in rows])]
    return sorted(parting, key=lambda key: -len({row[key] for row in rows}))[:1]


def unread_columns(rows: Sequence[Mapping[str, Any]], speaker: str) -> list[str]:
    """Columns of messages that hold neither words, nor who says them, when, or in which order."""
    return [key for key in rows[0] if key != speaker and _can_part(rows, key) and any(_is_id(row.get(key)) for row in rows)]


def is_talk_name(key: str) -> bool:
    """True for the name of a conversation's number: session, call_id, ConvNo."""
    name = folded(key)
    if name in _TALKS:
        return True
    ending = next((end for end in _ENDS if name.endswith(end)), "")
    return bool(ending) and name.removesuffix(ending).rstrip("_") in _TALKS


def _is_id(cell: Any) -> bool:
    return isinstance(cell, str | int | float) and not isinstance(cell, bool) and as_text(cell).strip() != ""


def _can_part(rows: Sequence[Mapping[str, Any]], key: str) -> bool:
    """True if a column holds neither words that are said, nor who says them, when, or in which order."""
    name = folded(key)
    if name in _SPOKEN_BY or name in TIMES or is_number_name(key) or name.endswith(("_time", "date", "timestamp")):
        return False
    return not all(is_date(as_text(row.get(key))) for row in rows)


def _stays_and_changes(cells: Sequence[Any]) -> bool:
    """True if each value stands in one run of rows, and there are several runs, of two rows at least but for the last."""
    runs = [(value, len(list(same))) for value, same in itertools.groupby(cells)]
    are_long = all(length > 1 for _, length in runs[:-1])
    return len(cells) >= _FEWEST and len(runs) > 1 and are_long and len({value for value, _ in runs}) == len(runs)
