"""A passage where it stands in its file: what is before and behind it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from llmstudio.core.corpus.reading.encodings.encodings import TextFile
from llmstudio.core.errors import StudioError

_AROUND = 4_000  # characters before a passage, and behind it
_MOST = 20_000_000  # characters of a file that are looked through


@dataclass(frozen=True)
class InFile:
    """A piece of a file's text; the passage is `text[start:end]`. `is_found` is False where nothing but it is known."""

    text: str
    start: int
    end: int
    is_found: bool


def passage_in_file(path: str, passage: str) -> InFile:
    """A passage with what stands around it; alone, where its file is gone, has changed, or spells its text otherwise.

    A table or a web page does: what was read of it is not what stands in it.
    """
    alone = InFile(passage, 0, len(passage), is_found=False)
    if not path:
        return alone
    try:
        with open(path, "rb") as raw:
            found, length = [], 0
            for chunk in TextFile(raw, Path(path).name).chunks():
                found.append(chunk)
                length += len(chunk)
                if length > _MOST:
                    break
    except (OSError, StudioError):
        return alone
    text = "".join(found)
    at = text.find(passage)
    if at < 0:
        return alone
    first = max(0, at - _AROUND)
    return InFile(text[first : at + len(passage) + _AROUND], at - first, at - first + len(passage), is_found=True)
