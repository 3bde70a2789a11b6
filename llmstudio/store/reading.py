"""The one door for what is read back from disk: files may be cut, altered, or somebody else's.

A file is regular and not longer than its kind ever is; JSON is not nested deeper than ours; values have the types that the
code relies on. Whatever else goes wrong while a file is understood ends in one sentence that names it.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar, overload

from llmstudio.core.errors import StudioError
from llmstudio.core.shortage import refuse_shortage
from llmstudio.core.typed import matches

T = TypeVar("T")
MAX_BYTES = 256 << 20
"""Of a file that is read as a whole: a long run's events or a large vocabulary take a tenth of it."""
MAX_DEPTH = 50
_MORE_BYTES = 1 << 20
_SURROGATE = b"\\ud"
_DAMAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
_NONBLOCK = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_bytes(path: Path, *, max_bytes: int = MAX_BYTES) -> bytes:
    """All of a regular file.

    Raises:
        StudioError: It is missing, may not be read, is no regular file (a pipe would be waited for), or is too long.
    """
    try:
        handle = os.open(path, os.O_RDONLY | _NONBLOCK)
    except FileNotFoundError:
        raise StudioError("{path} is missing.", path=str(path)) from None
    except PermissionError as error:
        if path.is_dir():  # as Windows says it
            raise damage(path) from error
        raise StudioError("{path} may not be read: ask whoever it belongs to.", path=str(path)) from error
    except (OSError, ValueError) as error:
        refuse_shortage(error)
        raise damage(path) from error
    try:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            raise damage(path)
        if state.st_size > max_bytes:
            raise StudioError("{path} is too large to be one of ours: it is not read.", path=str(path))
        with open(handle, "rb", closefd=False) as file:
            # As much as there is: what is asked for is taken from memory before it is read.
            data = file.read(min(max_bytes, state.st_size + 1))
            while state.st_size < len(data) < max_bytes:  # it has grown meanwhile
                if not (more := file.read(min(max_bytes - len(data), _MORE_BYTES))):
                    break
                data += more
            return data
    except OSError as error:
        refuse_shortage(error)
        raise damage(path) from error
    finally:
        os.close(handle)


def regular_only(path: str, flags: int) -> int:
    """For `open(path, mode, opener=regular_only)`: refuses what is no regular file, where a pipe would be waited for.

    Raises:
        OSError: It is none, or cannot be opened.
    """
    handle = os.open(path, flags | _NONBLOCK, 0o666)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "is no regular file", path)
    return handle


@overload
def read_json(path: Path) -> Any: ...
@overload
def read_json(path: Path, kind: type[T]) -> T: ...
def read_json(path: Path, kind: Any = Any) -> Any:
    """The JSON value at `path`, which is a `kind` (see `typed.matches`).

    Raises:
        StudioError: It is missing, damaged, too large, nested too deep, or of other types.
    """
    value = parse_json(read_bytes(path), path)
    if not matches(value, kind):
        raise damage(path)
    return value


def parse_json(data: bytes | str, path: Path) -> Any:
    """The JSON value in `data`, which came from `path`. Raises StudioError if it is damaged or nested too deep."""
    try:
        value = json.loads(data)
        if _SURROGATE in (data if isinstance(data, bytes) else data.encode(errors="replace")).lower():
            json.dumps(value, ensure_ascii=False).encode()  # half a character cannot be written again
    except (ValueError, RecursionError) as error:
        raise damage(path) from error
    if not _is_shallow(value):
        raise damage(path)
    return value


@contextlib.contextmanager
def damage_told(path: Path, sentence: str = "", **values: Any) -> Iterator[None]:
    """Around the understanding of what was read from `path`: what a damaged file leads to ends in `sentence`, or `damage`.

    Sentences that already say what is wrong pass as they are, and so does a want of memory: no file is damaged by that.
    """
    try:
        yield
    except _DAMAGE as error:
        refuse_shortage(error)
        raise (StudioError(sentence, path=str(path), **values) if sentence else damage(path)) from error


@contextlib.contextmanager
def file_told(path: Path) -> Iterator[None]:
    """Around the understanding of values read from `path` by code that does not know where they stood.

    Whatever it says of them is said of that file.
    """
    try:
        yield
    except StudioError as error:
        # Its remedies are settings of a form, which no file heeds.
        raise StudioError("{path} cannot be used. {reason}", path=str(path), reason=error.words) from error


def no_file(path: str) -> StudioError:
    """What is said where there is none."""
    if Path(path).is_dir():
        return StudioError("{path} is a folder: name a file in it.", path=path)
    return StudioError("There is no file {path}.", path=path)


def damage(path: Path) -> StudioError:
    """What is said of a file that is not what it should be."""
    return StudioError("{path} is damaged and cannot be read.", path=str(path))


def _is_shallow(value: Any) -> bool:
    """Whether nothing lies deeper than `MAX_DEPTH`; asked level by level, for a deep value is deep for a recursion too."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level if isinstance(outer, dict | list) for inner in _inside(outer)]
        if not level:
            return True
    return False


def _inside(value: dict[str, Any] | list[Any]) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value
