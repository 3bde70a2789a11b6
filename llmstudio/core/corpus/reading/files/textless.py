"""Which files of a folder hold no text, told before any is read: they are no part of what would be imported."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.encodings.encodings import name_binary
from llmstudio.core.corpus.reading.encodings.names import canonical
from llmstudio.core.corpus.reading.files.archives import Entry
from llmstudio.core.errors import StudioError

_HEAD_BYTES = 4096  # of a file that tell whether it holds text


class Textless:
    """Tells files that hold no text, such as pictures, from those that do: each ending by the first files that have it."""

    def __init__(self, most: int) -> None:
        """`most` files of each ending are looked at; the rest will be alike."""
        self._most = most
        self._seen: dict[str, Counter[str]] = {}

    def kind(self, entry: Entry, config: ReadingConfig) -> str:
        """`text`, or empty for a file without any."""
        seen = self._seen.setdefault(PurePosixPath(entry.name).suffix.lower(), Counter())
        if seen.total() >= self._most:
            return seen.most_common(1)[0][0]
        try:
            with entry.open() as raw:
                head = raw.read(_HEAD_BYTES)
        except (StudioError, OSError):
            head = b""
        is_wide = canonical(config.encoding).startswith("utf-16")  # every byte may be a part of a letter
        kind = "text" if head and (is_wide or name_binary(head) is None) else ""
        seen[kind] += 1
        return kind
