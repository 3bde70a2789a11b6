"""Questions and answers with what was said before them: {"history": [[question, answer]], "instruction", "output"}.

In: the columns of a table. Out: the setting that takes them together, and the turns of a row: what the system says, what
was said before, the question with all that stands beside it, and the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmstudio.core.corpus.reading.chats.conversations import messages_of
from llmstudio.core.corpus.reading.chats.messages import Message
from llmstudio.core.corpus.reading.chats.speakers import Speakers, Turn
from llmstudio.core.corpus.reading.chats.told import Told
from llmstudio.core.corpus.reading.columns.cells import JOINT, Columns, Row, cell_text, parts_of
from llmstudio.core.corpus.reading.columns.names import folded, named
from llmstudio.core.corpus.reading.columns.spelled_lists import evaluated
from llmstudio.core.corpus.reading.columns.triples import answers_by_name

_HISTORIES = (
    "history", "chat_history", "dialog_history", "dialogue_history", "conversation_history", "previous_turns", "历史",
    "历史对话",
)  # fmt: skip
_SPELLED = 1 << 20  # characters of a cell that is parsed
_SYSTEM = frozenset(("system", "system_prompt"))


def with_history(rows: Sequence[Row], keys: Sequence[str]) -> dict[str, str]:
    """The setting that takes a question, its answer and what was said before; empty where nothing is said before."""
    history = named(keys, _HISTORIES)
    told = [cell for row in rows if _holds_something(cell := row.get(history))] if history else []
    if not told or not all(map(_said_before, told)):
        return {}
    found = answers_by_name(Columns(rows, [key for key in keys if key != history]))
    if not found:
        return {}
    source = parts_of(found["source_key"], keys)
    before = [key for key in source if folded(key) in _SYSTEM]
    after = [key for key in source if key not in before]
    return {"turns_key": JOINT.join((*before, history, *after, found["target_key"]))}


def turns_with_history(row: Mapping[str, Any], key: str, told: Told) -> list[Turn] | None:
    """The turns of a row that a setting of `with_history` takes; None for another setting, or without question or answer."""
    parts = parts_of(key, row)
    history = named(parts, _HISTORIES)
    if len(parts) < 3 or not history:
        return None
    asked = [part for part in parts[:-1] if part != history and folded(part) not in _SYSTEM]
    question = "\n".join(filter(None, (cell_text(row, part).strip() for part in asked)))
    answer = cell_text(row, parts[-1])
    before = _said_before(row.get(history)) if _holds_something(row.get(history)) else []
    if not question or not answer.strip() or before is None:
        return None
    stories = [Message("", "story", cell_text(row, part)) for part in parts if folded(part) in _SYSTEM]
    return Speakers(told).turns([*stories, *before, Message("", "user", question), Message("", "assistant", answer)])


def _said_before(value: Any) -> list[Message] | None:
    """What was said before, in turn, ended by an answer."""
    if isinstance(value, str) and len(value) <= _SPELLED and value.strip().startswith("[["):
        value = evaluated(value)
    messages = messages_of(value, Told())
    return messages if messages and messages[-1].role == "assistant" else None


def _holds_something(value: Any) -> bool:
    return bool(value.strip().strip("[]").strip()) if isinstance(value, str) else bool(value)
