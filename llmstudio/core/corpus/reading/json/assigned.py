"""JSON that a program's line gives a name to, as Twitter's archive does: `window.YTD.tweets.part0 = [ … ]`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_BEGINNING = re.compile(r"[\ufeff\s]*window\.YTD(?:\.\w+)+\s*=\s*(?=[\[{])")
_ENOUGH = 500  # characters that hold the whole of such a beginning


def is_assigned(head: str) -> bool:
    """True if a file begins with a part of such an archive."""
    return _BEGINNING.match(head) is not None


def without_assignment(chunks: Iterable[str]) -> Iterator[str]:
    """The text with nothing before its JSON; any other text as it is."""
    chunks, head = iter(chunks), ""
    for chunk in chunks:
        head += chunk
        if len(head) >= _ENOUGH:
            break
    yield _BEGINNING.sub("", head, count=1) if is_assigned(head) else head
    yield from chunks
