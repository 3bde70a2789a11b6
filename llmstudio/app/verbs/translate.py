"""Translate, and summarise: every text of a file rewritten by a model that learned pairs. One job under two names."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from llmstudio.app.classes.telling import config_of
from llmstudio.app.items.loaded import load
from llmstudio.app.rewriting.rewriter import Rewriter, Rewriting, refuse_other_task
from llmstudio.app.rewriting.rows import Write, writer
from llmstudio.app.rewriting.scored import Scored
from llmstudio.app.rewriting.sources import SourcesOfFile
from llmstudio.app.tags.cleaning import tagger_left
from llmstudio.app.verbs.options import MODEL
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.app.whole_file.into import counted, into, place_for
from llmstudio.app.whole_file.standard_input import job_over
from llmstudio.core.corpus.reading.meter import Halted
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.settings import change_all
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

_DOING = {"translate": words("Translating"), "summarize": words("Summarising")}


def rewrite_file(
    project: Project,
    model: str,
    file: Path,
    *,
    job: str = "translate",
    out: Path | None = None,
    beam_width: int = 1,
    source_column: str = "",
    target_column: str = "",
    which: str = "best",
    stop: Stop,
) -> Iterator[Event]:
    """Rewrite every text of a file: one a line, or rows of a table or of JSON.

    Without `out`, a `Piece` each tells what was written. Result: model, texts, empty, cut (texts longer than the model
    reads), unended (results that came to the length limit), path, texts_per_second; and, where texts have targets, bleu,
    chrf, rouge_1, rouge_2, rouge_l and texts_with_targets.

    Raises:
        StudioError: The model rewrites no texts, `out` exists or has an unknown ending, the beam is too wide, or the file
            holds no texts.
    """
    beam = int(change_all(GenerationConfig(), {"beam_width": beam_width}).beam_width)
    yield Started(job=job, title=_title(job, file.name), item=model)
    about = project.about("model", model)
    refuse_other_task(project, about)
    place = place_for(out)
    yield Progress(job=job, what=words("Loading {model}", model=model), done=0)
    loaded = load(project, model, which)
    config, unknown = config_of(project, about)
    tag, missing = tagger_left(project, config.cleaning)
    for note in (*loaded.notes, *filter(None, [unknown, missing])):
        yield Noted(job=job, message=note, level="warning")
    sources = SourcesOfFile(file, config.reading, source_column=source_column, target_column=target_column)
    rewriter = Rewriter(loaded, config, beam_width=beam, tag=tag)
    scored, num_empty, began = Scored(rewriter.cleaned), 0, time.perf_counter()

    def taken(result: Rewriting) -> Rewriting:
        nonlocal num_empty
        num_empty += not result.source.text.strip()
        scored.add(result)
        return result

    def opened(target: TextIO) -> Write:
        return writer(target, place.suffix if place is not None else "", has_targets=sources.has_targets)

    try:
        total = yield from counted(sources.read(stop), sources.remarks, job=job, name=file.name)
        yield from into(
            place, map(taken, rewriter.results(sources.read(stop), stop)), job=job, doing=_DOING[job], kind="texts",
            total=total, opened=opened, line=_line, stop=stop,
        )  # fmt: skip
    except Halted:
        yield Stopped(job=job)
        return
    for message in _remarks(rewriter, num_empty):
        yield Noted(job=job, message=message, level="warning")
    yield from scored.notes(job)
    figures = {
        "model": model,
        "texts": total,
        "empty": num_empty,
        "cut": rewriter.num_cut,
        "unended": rewriter.num_unended,
        "texts_per_second": total / max(time.perf_counter() - began, 1e-9),
        **scored.figures(),
    }
    if place is not None:
        figures["path"] = str(place)
    yield Finished(job=job, step=total, result=figures)


def _title(job: str, file: str) -> Words:
    return words("Translating {file}", file=file) if job == "translate" else words("Summarising {file}", file=file)


def _remarks(rewriter: Rewriter, num_empty: int) -> Iterator[Words]:
    """What went otherwise than one would think."""
    if num_empty:
        yield words("{n|place holds|places hold} no text: each keeps its place in the result, as an empty one.", n=num_empty)
    if rewriter.num_cut:
        yield words(
            "{n|text is|texts are} longer than the {limit:,} tokens that this model reads: only the beginning counted.",
            n=rewriter.num_cut,
            limit=rewriter.limit,
        )
    if rewriter.num_unknown:
        yield words(
            "{n|text has|texts have} words or signs that the model has never read: it cannot know what they mean.",
            n=rewriter.num_unknown,
        )
    if rewriter.num_unended:
        yield words(
            "{n|result|results} came to the length limit of {limit:,} tokens before it had ended.",
            n=rewriter.num_unended,
            limit=rewriter.limit,
        )


def _line(result: Rewriting) -> str:
    return f"{' '.join(result.text.split())}\n"


def verb(name: str, help: str) -> Verb:
    """The job as a verb of this name."""

    def begin(project: Project, typed: Typed) -> Job:
        def job(file: Path, stop: Stop) -> Iterator[Event]:
            return rewrite_file(
                project, typed.model, file, job=name, out=typed.out, beam_width=typed.beam,
                source_column=typed.source_column or "", target_column=typed.target_column or "", stop=stop,
            )  # fmt: skip

        return job_over(typed.file, job)

    return Verb(
        name=name,
        help=help,
        arguments=(
            MODEL,
            argument("file", type=Path, metavar="FILE|-", help="a text a line, a table or jsonl; - reads standard input"),
            argument(
                "--out", type=Path, metavar="FILE", help="write source and output as .tsv, .csv, .jsonl; .txt: output alone"
            ),
            argument("--beam", type=int, default=1, metavar="N", help="write N versions at once, take the best (1)"),
            argument("--source-column", metavar="C", help="the column with the text (default: as an import would take it)"),
            argument("--target-column", metavar="C", help="the column with the right answer, for BLEU, chrF and ROUGE"),
        ),
        begin=begin,
        needs_torch=True,
    )


VERB = verb("translate", "translate the texts of a file, with a model that learned pairs; the same as summarize")
