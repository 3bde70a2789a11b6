"""Bytes to text while tokens arrive: a character is shown when its last byte is there, never half of it."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from llmstudio.core.tokenizer.config import SPECIALS, UNKNOWN
from llmstudio.core.tokenizer.tokenizer import Tokenizer

UNWRITTEN = "\U00010600"
"""Stands for an unknown token in a text that others are compared with: a letter of Linear A, which no text has."""
_LONGEST = 3  # bytes that may stand at the end of a text without making a character


class TextStream:
    """What `push` and at last `flush` return, joined, is `tokenizer.decode` of the pushed ids.

    Args:
        tokenizer: Whose ids are pushed.
        after: The ids before the first pushed one. When they end in words, a first word keeps the space before it; when
            they end inside a character, the first pushed ids complete it.

    Example:
        stream = TextStream(tokenizer)
        text = "".join(stream.push(id) for id in ids) + stream.flush()
    """

    def __init__(self, tokenizer: Tokenizer, after: Sequence[int] = ()) -> None:
        self._bytes = tokenizer.token_bytes
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        begins = not len(after) or (after[-1] < len(SPECIALS) and after[-1] != UNKNOWN)
        self._at_lines = tokenizer.implies_at_lines
        ends_line = self._at_lines and bool(len(after)) and self._bytes[after[-1]].endswith(b"\n")
        self._drops_space = tokenizer.implies_space and (begins or ends_line)
        self._decoder.decode(_last_bytes(tokenizer, after))

    def push(self, id: int) -> str:
        """The characters that this token completes; empty for special tokens and for parts of characters."""
        data = self._bytes[id]
        if data:
            ends_line = self._at_lines and data.endswith(b"\n")
            data = data.removeprefix(b" ") if self._drops_space else data
            self._drops_space = ends_line
        return self._decoder.decode(data)

    def flush(self) -> str:
        """What is left at the end: the replacement sign for a character that never became whole, else nothing."""
        return self._decoder.decode(b"", final=True)


def _last_bytes(tokenizer: Tokenizer, ids: Sequence[int]) -> bytes:
    """What `ids` end in, as far back as half a character can reach; no character goes on across a special token."""
    data = b""
    for id in reversed(ids[-_LONGEST:]):
        if id < len(SPECIALS):
            break
        data = tokenizer.token_bytes[id] + data
    return data[-_LONGEST:]


def whole_text(tokenizer: Tokenizer, ids: Sequence[int]) -> str:
    """`tokenizer.decode` without half a character at the end, as a text has that was cut off while it was written."""
    stream = TextStream(tokenizer)
    return "".join(map(stream.push, ids))


def reference_text(tokenizer: Tokenizer, ids: Sequence[int]) -> str:
    """`whole_text` of what should be written, with `UNWRITTEN` for each unknown token: a word that no model can write.

    Left out, it would be as if the reference did not have the word, and a text without it came out right.
    """
    first, *others = _between_unknowns(ids)
    text = whole_text(tokenizer, first)
    for part in others:
        stream = TextStream(tokenizer, after=[UNKNOWN])
        space = " " if tokenizer.implies_space and text and not text[-1].isspace() else ""
        text += space + UNWRITTEN + "".join(map(stream.push, part))
    return text


def _between_unknowns(ids: Sequence[int]) -> list[list[int]]:
    parts: list[list[int]] = [[]]
    for id in ids:
        if id == UNKNOWN:
            parts.append([])
        else:
            parts[-1].append(id)
    return parts
