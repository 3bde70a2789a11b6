"""Words a model has seen: every different word of its training text, and where a text holds one that is not among them.

A word is a run of letters and digits, with hyphens and apostrophes inside; of Chinese and Japanese, each character. Capitals
count, since to most tokenizers `Clara` and `clara` have nothing in common.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from llmstudio.core.errors import StudioError
from llmstudio.store.files import write_bytes
from llmstudio.store.reading import regular_only

# Beyond this many different words the list would weigh more than the model it serves, and nothing is marked.
MAX_WORDS = 500_000

_IDEOGRAPH = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LETTERS = rf"[^\W_{_IDEOGRAPH}]+"
_WORD = re.compile(rf"[{_IDEOGRAPH}]|{_LETTERS}(?:['’\-]{_LETTERS})*")


def words_of(text: str) -> list[str]:
    """The words of a text, in order."""
    return _WORD.findall(text)


def collect(texts: Iterable[str], *, max_words: int = MAX_WORDS) -> frozenset[str] | None:
    """The different words of many texts; None if there are more than `max_words`."""
    found: set[str] = set()
    for text in texts:
        found.update(_WORD.findall(text))
        if len(found) > max_words:
            return None
    return frozenset(found)


def remember(
    texts: Iterable[str], path: Path, *, max_words: int = MAX_WORDS, may_keep: Callable[[], bool] = lambda: True
) -> frozenset[str] | None:
    """As `collect`, kept in the file `path` so that the texts are read only once; `texts` is not touched if it exists.

    The file holds one word a line; an empty one says that there were too many. It is written only if `may_keep` says, once
    all texts are read, that the file still belongs to them.
    """
    with contextlib.suppress(OSError, UnicodeDecodeError), open(path, encoding="utf-8", opener=regular_only) as file:
        words = file.read().splitlines()
        return frozenset(words) if words else None
    found = collect(texts, max_words=max_words)
    if may_keep():
        with contextlib.suppress(StudioError):  # a project that may not be written is read anew each time
            write_bytes(path, "\n".join(sorted(found or ())).encode())
    return found


def unseen(text: str, seen: frozenset[str] | None) -> list[tuple[int, int]]:
    """Where in `text` words stand that are not in `seen`, as (start, end) in characters. None of them if `seen` is None."""
    if seen is None:
        return []
    return [match.span() for match in _WORD.finditer(text) if match[0] not in seen]
