"""Articles between <doc ...> and </doc>, as WikiExtractor writes them and older collections of news do: each is a document.

The marks stand on lines of their own, or the last one behind the last words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from llmstudio.core.corpus.reading.formats.plain_text import head_lines
from llmstudio.core.errors import StudioError

DOCUMENT_CHARACTERS = 1 << 26
"""A document is held in memory: longer ones are refused."""
_BEGIN = re.compile(r"\ufeff?[ \t]*<doc(?:[ \t][^<>]*)?>[ \t]*", re.IGNORECASE)
_END = re.compile(r"</doc>[ \t]*$", re.IGNORECASE)


def is_wiki_documents(head: str) -> bool:
    """True if a text begins with <doc ...> on a line of its own, and does so again or ends the document."""
    told = head_lines(head)
    marks = sum(_BEGIN.fullmatch(line) is not None for line in told)
    return bool(told) and _BEGIN.fullmatch(told[0]) is not None and (marks > 1 or any(map(_END.search, told)))


def wiki_documents(source: Iterable[str | None], name: str) -> Iterator[str]:
    """The text of each document; what stands between two documents is one too. Raises StudioError if one is too long."""
    begun: list[str] = []
    size = 0
    for each in source:
        line = each or ""
        is_begin = _BEGIN.fullmatch(line) is not None
        is_end = not is_begin and _END.search(line) is not None
        if not is_begin:
            begun.append(_END.sub("", line))
            size += len(line)
        if size > DOCUMENT_CHARACTERS:
            raise StudioError("{name} holds a document that is too long: part it.", name=name)
        if (is_begin or is_end) and (text := "\n".join(begun).strip("\n")).strip():
            yield text + "\n"
        if is_begin or is_end:
            begun, size = [], 0
    if (text := "\n".join(begun).strip("\n")).strip():
        yield text + "\n"
