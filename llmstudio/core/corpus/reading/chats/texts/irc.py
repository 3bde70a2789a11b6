"""Logs of IRC and programs like it: "[12:01] <ann> Hello". Joins, topics and actions, which nobody says, are left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from llmstudio.core.corpus.reading.chats.chat_rows import chat_rows
from llmstudio.core.corpus.reading.chats.exports.exports import Row
from llmstudio.core.corpus.reading.chats.messages import Message
from llmstudio.core.corpus.reading.chats.told import FAILED, SERVICE, Told

_DATE = r"(?:\d{4}-\d\d-\d\d|[A-Z][a-z]{2} \d{1,2})[ T]"
_TIME = rf"\[?(?:{_DATE})?\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:[.,]\d+)?Z?\]?\s+"
_SAID = re.compile(rf"{_TIME}<[@+%~& ]?(?P<name>[^\s<>]{{1,40}})>\s(?P<what>.*)")
_LINE = re.compile(_TIME)
_FEWEST, _LINES = 4, 60


def is_irc(lines: list[str]) -> bool:
    """True if a text begins as such a log: nearly all lines have a time, and most of them a name in <> that comes again."""
    told = [line for line in lines[:_LINES] if not line.startswith("---")]  # "--- Log opened"
    names = [found["name"] for line in told if (found := _SAID.match(line))]
    dated = sum(_LINE.match(line) is not None for line in told)
    is_said = len(names) >= max(_FEWEST, 0.4 * len(told)) and dated >= 0.9 * len(told)
    return is_said and 2 <= len(set(names)) <= max(2, len(names) // 2)


def read_irc(lines: Iterable[str | None], told: Told) -> Iterator[Row]:
    """The conversation in a log, as rows of at most `LIMIT` messages."""
    yield from chat_rows(_messages(lines, told), told)


def _messages(lines: Iterable[str | None], told: Told) -> Iterator[Message]:
    for line in lines:
        if line is None:
            told.add(FAILED)
        elif found := _SAID.match(line):
            yield Message(found["name"], "", found["what"].strip())
        elif line.strip():
            told.add(SERVICE)
