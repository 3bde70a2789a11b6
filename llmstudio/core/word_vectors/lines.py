"""A text file of word vectors, line by line: a word and its numbers, parted by spaces.

word2vec's text format and fastText's .vec say first how many words and numbers there are, GloVe says nothing of it. A file
packed by gzip is unpacked while it is read. Nothing is held but the line in hand.

Source: Mikolov et al. 2013, arXiv:1310.4546; Pennington et al. 2014, doi:10.3115/v1/D14-1162; Bojanowski et al. 2017,
arXiv:1607.04606.
"""

from __future__ import annotations

import codecs
import contextlib
import gzip
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.errors import StudioError
from llmstudio.core.shortage import refuse_shortage
from llmstudio.store.reading import regular_only

_LONGEST_LINE = 1 << 20
_LOOK = 4096
_GZIP, _ZIP, _FASTTEXT = b"\x1f\x8b", b"PK\x03\x04", b"\xba\x16\x4f\x2f"
_SIGNS = frozenset(range(32)) - frozenset(b"\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f")


@dataclass(frozen=True)
class Line:
    """A line of the file.

    Attributes:
        number: Counted from 1.
        word: What stands before the first space.
        fields: The whole line.
    """

    number: int
    word: bytes
    fields: bytes

    def vector(self, width: int) -> NDArray[np.float32] | None:
        """Its numbers; None if there are not so many, or they are none. All may be NaN or infinite."""
        parts = self.fields.split()
        if len(parts) != width + 1:
            return None
        try:
            with np.errstate(over="ignore"):  # a number too large becomes infinite, which whoever reads it looks at
                return np.array([float(part) for part in parts[1:]], np.float32)
        except ValueError:
            return None

    def has_spaces(self, width: int) -> bool:
        """Whether the word itself has spaces, as some of GloVe's do: then it is no word of a vocabulary."""
        parts = self.fields.split()
        with contextlib.suppress(ValueError):
            return len(parts) > width + 1 and all(map(_is_number, parts[-width:])) and not _is_number(parts[1])
        return False


@contextlib.contextmanager
def vector_lines(path: Path) -> Iterator[VectorLines]:
    """A file of vectors, open while the block lasts.

    Raises:
        StudioError: There is no such file, or it holds something else, which is said.
    """
    with contextlib.ExitStack() as opened:
        with _explained(path.name):
            raw = opened.enter_context(open(path, "rb", opener=regular_only))
            is_packed = raw.peek(2)[:2] == _GZIP
            file: Any = opened.enter_context(gzip.open(raw)) if is_packed else raw
        yield VectorLines(path.name, raw, file)


class VectorLines:
    """The lines of an open file of vectors.

    Attributes:
        name: The file's.
        width: Numbers of a vector.
        promised: How many words the first line speaks of; None if it speaks of none.
        size: Bytes of the file.
    """

    def __init__(self, name: str, raw: BufferedReader, unpacked: Any) -> None:
        self.name, self._raw, self._file = name, raw, unpacked
        with _explained(name):
            self.size = os.fstat(raw.fileno()).st_size
            beginning: bytes = unpacked.peek(_LOOK)[:_LOOK]
        self._refuse_other_kinds(beginning)
        self._first = self._read().removeprefix(b"\xef\xbb\xbf")
        parts = self._first.split()
        is_header = len(parts) == 2 and all(part.isdigit() for part in parts)
        self.promised = int(parts[0]) if is_header else None
        self.width = int(parts[1]) if is_header else len(parts) - 1
        if self.width < 1 or not (is_header or all(map(_is_number, parts[1:]))):
            raise StudioError(
                "{name} holds no word vectors: its first line is neither a word with its numbers nor two numbers, how many"
                " words there are and how wide.",
                name=name,
            )

    @property
    def position(self) -> int:
        """Bytes of the file that were read."""
        return self._raw.tell()

    def __iter__(self) -> Iterator[Line]:
        """The lines with vectors, those that are broken too."""
        if self.promised is None:
            yield self._line(1, self._first)
        number = 1
        while fields := self._read():
            number += 1
            if fields.strip():
                yield self._line(number, fields)

    def _line(self, number: int, fields: bytes) -> Line:
        return Line(number, fields.split(None, 1)[0], fields)

    def _refuse_other_kinds(self, beginning: bytes) -> None:
        if beginning[:4] == _ZIP:
            raise StudioError("{name} is a zip archive: unpack it, and name the text file inside.", name=self.name)
        if beginning[:4] == _FASTTEXT or not _SIGNS.isdisjoint(beginning) or not _is_utf8(beginning):
            raise StudioError(
                "{name} is a binary file, or no text in UTF-8. Vectors are read from text, one word a line: word2vec's text"
                " format, GloVe, or fastText's .vec. Save the vectors as text, or get their text edition.",
                name=self.name,
            )

    def _read(self) -> bytes:
        with _explained(self.name):
            line: bytes = self._file.readline(_LONGEST_LINE)
        if len(line) == _LONGEST_LINE:
            raise StudioError("{name} has a line of a million bytes: it is no file of word vectors.", name=self.name)
        return line


@contextlib.contextmanager
def _explained(name: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise StudioError("There is no file of word vectors called {name}.", name=name) from None
    except PermissionError as error:
        raise StudioError("The word vectors in {name} may not be read: ask whoever they belong to.", name=name) from error
    except (EOFError, zlib.error, OSError, ValueError) as error:  # of gzip, too
        refuse_shortage(error)
        raise StudioError("The word vectors in {name} cannot be read: it is damaged, or no file.", name=name) from error


def _is_utf8(beginning: bytes) -> bool:
    """Whether bytes are the beginning of a text; it may end inside a character."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        return False
    return True


def _is_number(part: bytes) -> bool:
    try:
        float(part)
    except ValueError:
        return False
    return True
