"""Tag: every word of a file with its tag, or texts with spaces between their words, by a model that was taught to."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from llmstudio.app.classes.telling import config_of
from llmstudio.app.items.loaded import load
from llmstudio.app.tags.agreed import Agreed
from llmstudio.app.tags.rows import ENDINGS, words_apart, writer
from llmstudio.app.tags.sentences import SentencesOfFile
from llmstudio.app.tags.telling import SentenceTagger, Tagged, refuse_other_task
from llmstudio.app.verbs.figures import LISTED, short
from llmstudio.app.verbs.options import MODEL
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.app.whole_file.into import counted, into, place_for
from llmstudio.app.whole_file.standard_input import job_over
from llmstudio.core.corpus.reading.meter import Halted
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def tag(
    project: Project,
    model: str,
    file: Path,
    *,
    out: Path | None = None,
    tag_column: str = "",
    which: str = "best",
    stop: Stop,
) -> Iterator[Event]:
    """Tell the tag of every word of a file: a sentence a line, words with tags of their own, a word a line, or
    rows of a table or of JSON, with a text or a list of words, and a list of their tags.

    Without `out`, a `Piece` each tells a sentence: every word with its tag behind it or, of a model that finds words, the
    words with spaces between. Result: model, texts, words, empty, tags (words by tag), path, words_per_second; and, where
    the file has tags, tag_accuracy, span_f1 (of tags of spans) and words_with_tags. Of a model that finds words, `words`
    are those that it found, and there are no `tags`.

    Raises:
        StudioError: The model tags no words, `out` exists or has an unknown ending, or the file holds no sentences.
    """
    yield Started(job="tag", title=words("Tagging {file}", file=file.name), item=model)
    about = project.about("model", model)
    refuse_other_task(about)
    place = place_for(out, ENDINGS, ".tsv, .conll, .txt or .jsonl")
    yield Progress(job="tag", what=words("Loading {model}", model=model), done=0)
    loaded = load(project, model, which)
    for note in loaded.notes:
        yield Noted(job="tag", message=note, level="warning")
    tagger = SentenceTagger(loaded)
    reading = config_of(project, about)[0].reading
    given = SentencesOfFile(file, reading, tagger.names, parts_words=tagger.parts_words, tag_column=tag_column)
    try:
        total = yield from counted(given.read(stop), given.remarks, job="tag", name=file.name)
        tally = _Tally(Agreed(tagger.names), parts_words=tagger.parts_words)
        results = tagger.results(given.read(stop), stop)
        ending = place.suffix if place is not None else ""
        yield from into(
            place, map(tally.taken, results), job="tag", doing=words("Tagging"), kind="tags", total=total,
            opened=partial(writer, ending=ending, has_tags=given.has_tags, parts_words=tagger.parts_words),
            line=_parted_line if tagger.parts_words else _line, stop=stop,
        )  # fmt: skip
    except Halted:
        yield Stopped(job="tag")
        return
    yield from tally.notes(tagger.num_foreign)
    figures = {"model": model, **tally.result()}
    if place is not None:
        figures["path"] = str(place)
    yield Finished(job="tag", step=tally.num_texts, result=figures)


class _Tally:
    """What is counted on the way."""

    def __init__(self, agreed: Agreed, *, parts_words: bool) -> None:
        self._agreed, self._parts_words, self._tags = agreed, parts_words, Counter[str]()
        self._num_empty, self._num_words, self._began = 0, 0, time.perf_counter()
        self.num_texts = 0

    def taken(self, result: Tagged) -> Tagged:
        """The same, counted."""
        self.num_texts += 1
        self._num_empty += not result.told
        self._num_words += len(result.parted if self._parts_words else result.told)
        self._tags.update(result.tags)
        self._agreed.add(result)
        return result

    def notes(self, num_foreign: int) -> Iterator[Noted]:
        if self._num_empty:
            message = words("{n|line holds|lines hold} no words: there is nothing to tag.", n=self._num_empty)
            yield Noted(job="tag", message=message, level="warning")
        if num_foreign:
            message = words(
                "Of {n|sentence|sentences} the model has never read most words or signs: the tags are guesses, however sure"
                " they look.",
                n=num_foreign,
            )
            yield Noted(job="tag", message=message, level="warning")
        yield from self._agreed.notes("tag")

    def result(self) -> dict[str, Any]:
        return {
            "texts": self.num_texts,
            "words": self._num_words,
            "empty": self._num_empty,
            **({} if self._parts_words else {"tags": dict(self._tags.most_common())}),
            "words_per_second": self._num_words / max(time.perf_counter() - self._began, 1e-9),
            **self._agreed.figures(),
        }


def _line(result: Tagged) -> str:
    return " ".join(f"{word}/{tag}" for word, tag in zip(result.words, result.tags, strict=True)) + "\n"


def _parted_line(result: Tagged) -> str:
    return words_apart(result) + "\n"


def _begin(project: Project, typed: Typed) -> Job:
    def job(file: Path, stop: Stop) -> Iterator[Event]:
        return tag(project, typed.model, file, out=typed.out, tag_column=typed.tag_column or "", stop=stop)

    return job_over(typed.file, job)


def _reads(result: Mapping[str, Any]) -> dict[str, Any]:
    """The figures, and the tags with how many words each has."""
    counts = list(result.get("tags", {}).items())
    told = [f"{name} {count:,}" for name, count in counts[:LISTED]]
    told += [f"and {len(counts) - LISTED:,} more"] if len(counts) > LISTED else []
    return short(result) | ({"tags": ", ".join(told)} if told else {})


VERB = Verb(
    name="tag",
    help="tag the words of a file, or find where its words begin",
    arguments=(
        MODEL,
        argument(
            "file",
            type=Path,
            metavar="FILE|-",
            help="a sentence a line, a word and its tag a line, a table or jsonl; - reads standard input",
        ),
        argument("--out", type=Path, metavar="FILE", help="write a word and its tag a line (.tsv, .conll, .txt) or .jsonl"),
        argument(
            "--tag-column", metavar="C", help="the column with tags to compare with (default: the one that the model knows)"
        ),
    ),
    begin=_begin,
    reads=_reads,
    needs_torch=True,
)
