"""Texts inside something else: formatted text (RTF), notebooks and mail. What a person wrote is taken out of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from llmstudio.core.corpus.reading.encodings.encodings import TextFile
from llmstudio.core.corpus.reading.formats.mail import is_mail, mail_texts
from llmstudio.core.corpus.reading.formats.plain_text import lines
from llmstudio.core.corpus.reading.formats.rich_text import rich_text
from llmstudio.core.corpus.reading.formats.subtitles import are_named, subtitle_kind, subtitle_text
from llmstudio.core.corpus.reading.formats.wiki_documents import is_wiki_documents, wiki_documents
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.words import words

_CHARACTERS = 1 << 26  # read as a whole
_AS_TEXT = Remedy("set", words("Read it as plain text"), "reading.format", "text")
REMARKS = {
    "rtf": Remark(
        words("It is formatted text (RTF): its words are read, fonts and pictures are not."), remedies=(_AS_TEXT,)
    ),
    "notebook": Remark(words("It is a notebook: its cells are read, what they put out is not."), remedies=(_AS_TEXT,)),
    "subtitles": Remark(words("They are subtitles: the words are read, times and counters are not."), remedies=(_AS_TEXT,)),
    "wiki": Remark(words("Each <doc> is a document, and its marks are not read."), remedies=(_AS_TEXT,)),
    "mail": Remark(words("It is mail: subjects and texts are read, headers and attachments are not."), remedies=(_AS_TEXT,)),
}
"""What to say of each kind of foreign text."""


def foreign_kind(name: str, head: str, wanted: str = "") -> str:
    """A key of `REMARKS` if a file begins so; empty for plain text, and for subtitles that are conversations.

    `wanted` is the kind of record that a person has chosen: as running text subtitles are always read.
    """
    start = head.lstrip("\ufeff \t\r\n")
    if re.match(r"\{\\rtf[\d\\]", start):
        return "rtf"
    if start.startswith("{") and (PurePath(name).suffix.lower() == ".ipynb" or '"nbformat"' in head):
        return "notebook"
    if is_wiki_documents(head):
        return "wiki"
    if subtitles := subtitle_kind(name, head):
        return "" if are_named(subtitles, head) and wanted in ("", "turns") else "subtitles"
    return "mail" if is_mail(head) else ""


def foreign_texts(kind: str, file: TextFile) -> Iterator[str]:
    """The documents in a foreign text.

    Raises:
        StudioError: It is damaged or too large.
    """
    if kind == "mail":
        file.encoding, file.confidence = "latin-1", 1.0  # every message and every part of it has its own
        yield from mail_texts(file.chunks(), file.name)
        file.encoding = "mail"
        return
    if kind == "wiki":
        yield from wiki_documents(lines(file.chunks()), file.name)
        return
    if kind == "subtitles":
        found = subtitle_kind(file.name, file.head_text())
        yield "".join(subtitle_text(found, lines(file.chunks())))
        return
    source = _whole(file)
    yield rich_text(source) if kind == "rtf" else _notebook(source, file.name)


def _whole(file: TextFile) -> str:
    pieces: list[str] = []
    size = 0
    for chunk in file.chunks():
        size += len(chunk)
        if size > _CHARACTERS:
            raise StudioError("{name} is too large: save its text first.", name=file.name)
        pieces.append(chunk)
    return "".join(pieces)


def _notebook(source: str, name: str) -> str:
    try:
        book: Any = json.loads(source.lstrip("\ufeff"))
        sheets = [book, *book.get("worksheets", [])]  # the latter in notebooks from before 2015
        cells = [cell for sheet in sheets for cell in sheet.get("cells", [])]
        texts = [cell.get("source", cell.get("input", "")) for cell in cells]
        joined = ["".join(text) if isinstance(text, list) else str(text) for text in texts]
    except (ValueError, AttributeError, TypeError, RecursionError):
        raise StudioError("{name} is no notebook, or a damaged one: save its text first.", name=name) from None
    return "\n\n".join(text.strip("\n") for text in joined if text.strip()) + "\n"
