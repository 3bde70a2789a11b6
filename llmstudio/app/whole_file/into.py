"""Results one by one: told as they come, or written into a new file, which is there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO, TypeVar

from llmstudio.core.corpus.reading.meter import Halted
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Noted, Piece, Progress, Saved
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop
from llmstudio.store.files import staged_file, taken

SEPARATORS = {".tsv": "\t", ".tab": "\t", ".txt": "\t", ".csv": ","}
JSON_LINES = (".jsonl", ".ndjson")
_EVERY = 32  # results between two signs of life
_SHOWN = 80  # characters of a text, where a result is only told

Found = TypeVar("Found")
Writer = Callable[[TextIO], Callable[[Found], object]]


def place_for(
    out: Path | None, endings: Sequence[str] = (*SEPARATORS, *JSON_LINES), usual: str = ".tsv, .csv or .jsonl"
) -> Path | None:
    """Where a new file will lie, whatever leads there.

    Args:
        out: The path that a person names.
        endings: Those that say how it is written.
        usual: The usual ones of them, as they are told.

    Raises:
        StudioError: It is there already, or the ending of its name says nothing of how to write it.
    """
    if out is None:
        return None
    out = Path(os.path.realpath(out.expanduser()))
    if out.suffix.lower() not in endings:
        raise StudioError("{name} should end in {endings}, which says how it is written.", name=out.name, endings=usual)
    if out.exists():
        raise taken(out.name)
    return out


def into(
    out: Path | None,
    results: Iterable[Found],
    *,
    job: str,
    doing: Words,
    kind: str,
    total: int,
    opened: Writer[Found],
    line: Callable[[Found], str],
    stop: Stop,
) -> Iterator[Event]:
    """Take the results one by one: into the file, or without one each as a `Piece`.

    Args:
        out: The new file; None to tell them only.
        results: One for each text.
        job: Whose events these are.
        doing: What is done to the texts.
        kind: What the file holds, as the note of its being saved calls it.
        total: How many results there will be.
        opened: What writes results into an open file.
        line: How a result is told.
        stop: Looked at before each.

    Raises:
        Halted: Somebody asked to stop; there is no file then.
    """
    with contextlib.ExitStack() as stack:
        write = None
        if out is not None:
            staged = stack.enter_context(staged_file(out))
            write = opened(stack.enter_context(open(staged, "w", encoding="utf-8", newline="")))
        began = time.perf_counter()
        for done, result in enumerate(results, 1):
            if stop.requested:
                raise Halted
            if write is None:
                yield Piece(job=job, step=done, text=line(result))
                continue
            write(result)
            if done % _EVERY == 0:
                left = (time.perf_counter() - began) / done * (total - done)
                yield Progress(job=job, what=doing, done=done, total=total, unit="texts", remaining_s=left)
    if out is not None:
        yield Saved(job=job, kind=kind, name=out.name, location=str(out), num_bytes=out.stat().st_size)


def counted(texts: Iterable[object], remarks: Sequence[Remark], *, job: str, name: str) -> Generator[Event, None, int]:
    """Go through all texts once, telling how far it is, and then how they were read; returns how many there are.

    Raises:
        StudioError: There is none.
    """
    total = 0
    for total, _ in enumerate(texts, 1):
        if total % 10_000 == 0:
            yield Progress(job=job, what=words("Reading"), done=total, unit="texts")
    for remark in remarks:
        yield Noted(job=job, message=remark.message, level=remark.level)
    if not total:
        raise StudioError("{name} holds no texts.", name=name)
    return total


def shown(text: str) -> str:
    """A text in one line, and no more of it than a glance takes in."""
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 2] + " …"
