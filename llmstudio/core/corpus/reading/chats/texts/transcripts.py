"""Subtitles that name their speakers, as recordings of meetings have them: "Ann Lee: Hello" or <v Ann Lee>Hello</v>.

Lines that follow one another and are said by the same person are one turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from llmstudio.core.corpus.reading.chats.chat_rows import chat_rows
from llmstudio.core.corpus.reading.chats.exports.exports import Row
from llmstudio.core.corpus.reading.chats.messages import Message
from llmstudio.core.corpus.reading.chats.roles import role_of
from llmstudio.core.corpus.reading.chats.told import Told
from llmstudio.core.corpus.reading.formats.subtitles import named_lines


def read_transcript(kind: str, lines: Iterable[str | None], told: Told) -> Iterator[Row]:
    """The conversation in subtitles of a kind, as rows of at most `LIMIT` turns."""
    yield from chat_rows(_messages(kind, lines), told)


def _messages(kind: str, lines: Iterable[str | None]) -> Iterator[Message]:
    speaker, said = "", list[str]()
    for name, text in named_lines(kind, lines):
        if name and name != speaker:
            if said:
                yield _message(speaker, said)
            speaker, said = name, []
        said.append(text)
    if said:
        yield _message(speaker, said)


def _message(speaker: str, said: list[str]) -> Message:
    role = role_of(speaker)
    return Message("" if role else speaker or "?", role, " ".join(said))
