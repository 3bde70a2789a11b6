"""Classify: every text of a file sorted into classes, by a model that was taught to."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from llmstudio.app.classes.agreed import Agreed
from llmstudio.app.classes.examples import SHOTS, Examples, HeldOut, by_examples, refuse_without_writing
from llmstudio.app.classes.rows import Write, writer
from llmstudio.app.classes.telling import Result, Sorter, config_of, refuse_other_task
from llmstudio.app.classes.texts import TextsOfFile, not_read
from llmstudio.app.items.loaded import load
from llmstudio.app.tags.cleaning import tagger_left
from llmstudio.app.verbs.figures import LISTED, short
from llmstudio.app.verbs.options import MODEL
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.app.whole_file.into import counted, into, place_for, shown
from llmstudio.app.whole_file.standard_input import job_over
from llmstudio.core.corpus.reading.meter import Halted
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped
from llmstudio.core.words import words
from llmstudio.core.work import Stop, WasStopped
from llmstudio.store.project import Project


def classify(
    project: Project,
    model: str,
    file: Path | None,
    *,
    out: Path | None = None,
    text_column: str = "",
    label_column: str = "",
    which: str = "best",
    examples: Examples | None = None,
    stop: Stop,
) -> Iterator[Event]:
    """Tell the class of every text of a file: one a line, or rows of a table or of JSON.

    With `examples` the model need not have been taught classes: it goes on with a text in which these stand before the
    question, and the likeliest label is its answer. Without a file, the texts are those that the examples' corpus holds out.

    Without `out`, a `Piece` each tells class, probability and text. Result: model, texts, empty, cut (texts longer than the
    model reads), classes (texts by class), path, texts_per_second; and, where texts have labels, accuracy, macro_f1 and
    texts_with_labels.

    Raises:
        StudioError: The model tells no classes, `out` exists or has an unknown ending, or the file holds no texts.
    """
    assert file is not None or examples is not None, "there are no texts to sort"
    name = file.name if file is not None else examples.corpus if examples is not None else ""
    yield Started(job="classify", title=words("Sorting {file} into classes", file=name), item=model)
    about = project.about("model", model)
    (refuse_without_writing if examples else refuse_other_task)(about)
    place = place_for(out)
    yield Progress(job="classify", what=words("Loading {model}", model=model), done=0)
    loaded = load(project, model, which)
    config, unknown = config_of(project, about)
    tag, missing = tagger_left(project, config.cleaning)
    for note in (*loaded.notes, *filter(None, [unknown, missing])):
        yield Noted(job="classify", message=note, level="warning")
    reader = None
    if examples:
        reader, said = by_examples(project, loaded, examples)
        for note in said:
            yield Noted(job="classify", message=note)
    sorter = Sorter(loaded, config, reader, tag=tag)
    columns = {"text_column": text_column, "label_column": label_column}
    known = frozenset(sorter.names)
    texts = HeldOut(project, name) if file is None else TextsOfFile(file, config.reading, known, **columns)
    try:
        total = yield from counted(texts.read(stop), texts.remarks, job="classify", name=name)
        tally = _Tally(Agreed(sorter.names, several=sorter.several))
        results = sorter.results(((given.text, given.labels) for given in texts.read(stop)), stop)

        def opened(target: TextIO) -> Write:
            ending = place.suffix if place is not None else ""
            return writer(target, ending, sorter.names, has_labels=texts.has_labels, several=sorter.several)

        yield from into(
            place, map(tally.taken, results), job="classify", doing=words("Sorting"), kind="classes", total=total,
            opened=opened, line=_line, stop=stop,
        )  # fmt: skip
    except (Halted, WasStopped):
        yield Stopped(job="classify")
        return
    yield from tally.notes(sorter)
    figures = {"model": model, **tally.result(), "cut": sorter.num_cut}
    if place is not None:
        figures["path"] = str(place)
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

    def taken(self, result: Result) -> Result:
        self.num_texts += 1
        self._num_empty += result.told is None
        self._classes.update(result.told.names if result.told else ())
        self._agreed.add(result)
        return result

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
        if sorter.num_foreign:
            message = words(
                "Of {n|text|texts} the model has never read most words or signs: the class is a guess, however sure it"
                " looks.",
                n=sorter.num_foreign,
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
    if result.told is None:
        return f"\t\t{shown(result.text)}\n"
    share = dict(result.told.chances)[(*result.told.names, result.told.chances[0][0])[0]]
    return f"{', '.join(result.told.names)}\t{share:.3f}\t{shown(result.text)}\n"


def _begin(project: Project, typed: Typed) -> Job:
    if typed.shots < 0:
        raise StudioError("The number of examples cannot be below 0.")
    examples = Examples(typed.examples, typed.shots) if typed.examples else None

    def job(file: Path | None, stop: Stop) -> Iterator[Event]:
        return classify(
            project, typed.model, file, out=typed.out, text_column=typed.text_column or "",
            label_column=typed.label_column or "", examples=examples, stop=stop,
        )  # fmt: skip

    if typed.file is None and examples is None:
        raise StudioError("Name the file whose texts are to be sorted.")
    return job_over(typed.file, job) if typed.file is not None else partial(job, None)


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
        argument(
            "file",
            type=Path,
            nargs="?",
            metavar="FILE|-",
            help="a text a line, a table or jsonl; - reads standard input; with --examples none: what they hold out",
        ),
        argument("--out", type=Path, metavar="FILE", help="write text, class and probabilities: .tsv, .csv or .jsonl"),
        argument("--text-column", metavar="C", help="the column with the text (default: as an import would take it)"),
        argument(
            "--examples", metavar="CORPUS", help="a model that was only taught to write sorts by examples of this corpus"
        ),
        argument(
            "--shots", type=int, default=SHOTS, metavar="K", help=f"how many examples stand before each text ({SHOTS})"
        ),
        argument("--label-column", metavar="C", help="the column with labels, to compare with"),
    ),
    begin=_begin,
    reads=_reads,
    needs_torch=True,
)
