"""Classify: every text of a file sorted into classes, by a model that was taught to."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from llmstudio.app.classes.agreed import Agreed
from llmstudio.app.classes.rows import refuse_ending, writer
from llmstudio.app.classes.telling import Result, Sorter, config_of, refuse_other_task
from llmstudio.app.classes.texts import TextsOfFile, not_read
from llmstudio.app.items.loaded import load
from llmstudio.app.verbs.figures import LISTED, short
from llmstudio.app.verbs.options import MODEL
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.corpus.reading.file_reader import Halted
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Piece, Progress, Saved, Started, Stopped
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.files import staged_file, taken
from llmstudio.store.project import Project

STANDARD_INPUT = "-"
_SHOWN = 80  # characters of a text, where its class is only told


def classify(
    project: Project,
    model: str,
    file: Path,
    *,
    out: Path | None = None,
    text_column: str = "",
    label_column: str = "",
    which: str = "best",
    stop: Stop,
) -> Iterator[Event]:
    """Tell the class of every text of a file: one a line, or rows of a table or of JSON.

    Without `out`, a `Piece` each tells class, probability and text. Result: model, texts, empty, cut (texts longer than the
    model reads), classes (texts by class), path, texts_per_second; and, where texts have labels, accuracy, macro_f1 and
    texts_with_labels.

    Raises:
        StudioError: The model tells no classes, `out` exists or has an unknown ending, or the file holds no texts.
    """
    yield Started(job="classify", title=words("Sorting {file} into classes", file=file.name), item=model)
    about = project.about("model", model)
    refuse_other_task(about)
    if out is not None:
        out = Path(os.path.realpath(out.expanduser()))
        refuse_ending(out)
        if out.exists():
            raise taken(out.name)
    yield Progress(job="classify", what=words("Loading {model}", model=model), done=0)
    loaded = load(project, model, which)
    config, unknown = config_of(project, about)
    for note in (*loaded.notes, *filter(None, [unknown])):
        yield Noted(job="classify", message=note, level="warning")
    sorter = Sorter(loaded, config)
    texts = TextsOfFile(file, config.reading, frozenset(sorter.names), text_column=text_column, label_column=label_column)
    total = 0
    try:
        for total, _ in enumerate(texts.read(stop), 1):
            if total % 10_000 == 0:
                yield Progress(job="classify", what=words("Reading"), done=total, unit="texts")
        for remark in texts.remarks:
            yield Noted(job="classify", message=remark.message, level=remark.level)
        if not total:
            raise StudioError("{name} holds no texts.", name=file.name)
        tally = _Tally(Agreed(sorter.names, several=sorter.several))
        results = sorter.results((given.text, given.label) for given in texts.read(stop))
        with contextlib.ExitStack() as opened:
            write = None
            if out is not None:
                staged = opened.enter_context(staged_file(out))
                target = opened.enter_context(open(staged, "w", encoding="utf-8", newline=""))
                write = writer(target, out.suffix, sorter.names, has_labels=texts.has_labels, several=sorter.several)
            for result in results:
                if stop.requested:
                    raise Halted
                tally.add(result)
                if write is None:
                    yield Piece(job="classify", step=tally.num_texts, text=_line(result))
                    continue
                write(result)
                if tally.num_texts % 32 == 0:
                    yield Progress(
                        job="classify", what=words("Sorting"), done=tally.num_texts, total=total, unit="texts",
                        remaining_s=tally.seconds / tally.num_texts * (total - tally.num_texts),
                    )  # fmt: skip
    except Halted:
        yield Stopped(job="classify")
        return
    yield from tally.notes(sorter)
    figures = {"model": model, **tally.result(), "cut": sorter.num_cut}
    if out is not None:
        yield Saved(job="classify", kind="classes", name=out.name, location=str(out), num_bytes=out.stat().st_size)
        figures["path"] = str(out)
    yield Finished(job="classify", step=tally.num_texts, result=figures)


class _Tally:
    """What is counted on the way."""

    def __init__(self, agreed: Agreed) -> None:
        self._agreed, self._classes = agreed, Counter[str]()
        self._num_empty, self._began = 0, time.perf_counter()
        self.num_texts = 0

    @property
    def seconds(self) -> float:
        return max(time.perf_counter() - self._began, 1e-9)

    def add(self, result: Result) -> None:
        self.num_texts += 1
        self._num_empty += result.told is None
        self._classes.update(result.told.names if result.told else ())
        self._agreed.add(result)

    def notes(self, sorter: Sorter) -> Iterator[Noted]:
        if self._num_empty:
            yield Noted(job="classify", message=not_read(self._num_empty), level="warning")
        if sorter.num_cut:
            message = words(
                "{n|text is|texts are} longer than the {limit:,} tokens that this model reads: only the beginning counted.",
                n=sorter.num_cut,
                limit=sorter.limit,
            )
            yield Noted(job="classify", message=message, level="warning")
        yield from self._agreed.notes("classify")

    def result(self) -> dict[str, Any]:
        return {
            "texts": self.num_texts,
            "empty": self._num_empty,
            "classes": dict(self._classes.most_common()),
            "texts_per_second": self.num_texts / self.seconds,
            **self._agreed.figures(),
        }


def _line(result: Result) -> str:
    """Class, probability and text, with tabs between them."""
    text = " ".join(result.text.split())
    text = text if len(text) <= _SHOWN else text[: _SHOWN - 2] + " …"
    if result.told is None:
        return f"\t\t{text}\n"
    return f"{', '.join(result.told.names)}\t{result.told.chances[0][1]:.3f}\t{text}\n"


def _from_standard_input(make: Any) -> Job:
    """A job over what comes in, which is kept in a file that is thrown away: it is read twice."""

    def job(stop: Stop) -> Iterator[Event]:
        with tempfile.TemporaryDirectory(prefix="llmstudio-") as folder:
            kept = Path(folder) / "standard input"
            with open(kept, "wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
            yield from make(kept, stop)

    return job


def _begin(project: Project, typed: Typed) -> Job:
    def job(file: Path, stop: Stop) -> Iterator[Event]:
        return classify(
            project, typed.model, file, out=typed.out, text_column=typed.text_column or "",
            label_column=typed.label_column or "", stop=stop,
        )  # fmt: skip

    if str(typed.file) == STANDARD_INPUT:
        return _from_standard_input(job)
    return lambda stop: job(typed.file, stop)


def _reads(result: Mapping[str, Any]) -> dict[str, Any]:
    """The figures, and the classes with how many texts each has."""
    counts = list(result.get("classes", {}).items())
    told = [f"{name} {count:,}" for name, count in counts[:LISTED]]
    told += [f"and {len(counts) - LISTED:,} more"] if len(counts) > LISTED else []
    return short(result) | ({"classes": ", ".join(told)} if told else {})


VERB = Verb(
    name="classify",
    help="sort the texts of a file into classes",
    arguments=(
        MODEL,
        argument("file", type=Path, metavar="FILE|-", help="a text a line, a table or jsonl; - reads standard input"),
        argument("--out", type=Path, metavar="FILE", help="write text, class and probabilities: .tsv, .csv or .jsonl"),
        argument("--text-column", metavar="C", help="the column with the text (default: as an import would take it)"),
        argument("--label-column", metavar="C", help="the column with labels, to compare with"),
    ),
    begin=_begin,
    reads=_reads,
    needs_torch=True,
)
