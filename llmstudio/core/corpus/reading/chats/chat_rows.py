"""One conversation of any length as rows of at most `LIMIT` messages."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from llmstudio.core.corpus.reading.chats.messages import Message
from llmstudio.core.corpus.reading.chats.speakers import Speakers
from llmstudio.core.corpus.reading.chats.told import CUT, Told

LIMIT = 10_000


def chat_rows(messages: Iterable[Message], told: Told) -> Iterator[dict[str, Any]]:
    """Its turns; a longer conversation comes in several parts, among the same speakers, and that is told once."""
    messages, speakers = iter(messages), Speakers(told)
    for number in itertools.count():
        part = list(itertools.islice(messages, LIMIT))
        if not part:
            return
        told.add(CUT, number == 1)
        if turns := speakers.turns(part):
            yield {"turns": turns}
