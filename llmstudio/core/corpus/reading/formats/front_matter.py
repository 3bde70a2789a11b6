"""What stands between --- and --- above a text in Markdown: its layout, title and tags (Jekyll, Hugo, Obsidian).

It is meant for programs, so it is left out, and that is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import Remedy
from llmstudio.core.words import words

_DATA = frozenset((".yaml", ".yml", ".toml"))
_MOST_LINES = 200
_LINE = r"[^\r\n]*(?:\r\n|\r|\n)"
_END = r"(?:---|\+\+\+|\.\.\.)[ \t]*"
_FRONT = re.compile(
    rf"\ufeff?\s*?(?P<mark>---|\+\+\+)[ \t]*(?:\r\n|\r|\n)(?P<inner>(?:(?!{_END}[\r\n]){_LINE}){{1,{_MOST_LINES}}})"
    rf"{_END}(?:(?:\r\n|\r|\n)\s*?(?=\S)|\Z)"
)
_KEY = {
    "---": re.compile(r"[\w\"'][\w .\"'/-]{0,60}:(?:\s|$)"),
    "+++": re.compile(r"[\w.\"'-]{1,60}\s*=\s*\S|\[{1,2}[\w.\"' -]+\]{1,2}\s*$"),
}
_BELOW = re.compile(r"[ \t]+\S|- |-$|#|[\]}),]")


def front_matter(name: str, head: str) -> int:
    """How many characters the front matter of a text takes, with the line ends below it; 0 without any.

    Args:
        name: The file's name; of data in YAML or TOML nothing is front matter.
        head: Its beginning.
    """
    found = _FRONT.match(head)
    if found is None or PurePath(name).suffix.lower() in _DATA:
        return 0
    told = [line for line in found["inner"].splitlines() if line.strip()]
    key = _KEY[found["mark"]]
    if not told or not key.match(told[0].lstrip("#")) or not all(key.match(line) or _BELOW.match(line) for line in told):
        return 0
    return found.end()


def without(count: int, chunks: Iterable[str]) -> Iterator[str]:
    """The same text without its first `count` characters."""
    for chunk in chunks:
        yield chunk[count:]
        count = max(0, count - len(chunk))


LEFT_OUT = Remark(
    words("What stands between the lines --- at its beginning (title, tags, layout) is left out."),
    remedies=(Remedy("set", words("Read it as plain text"), "reading.format", "text"),),
)
