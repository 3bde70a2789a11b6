"""Ask: a question, answered by a model from passages of a person's own files, with the places they come from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from llmstudio.app.folder_questions.asking import lay_out, refuse_unable
from llmstudio.app.folder_questions.kept_index import index_of
from llmstudio.app.items.loaded import load
from llmstudio.app.verbs.generate import SAMPLING, config_of, message_of, speak
from llmstudio.app.verbs.options import MODEL
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.corpus.reading.files.sources import name_of
from llmstudio.core.corpus.reading.meter import Halted
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped
from llmstudio.core.generation.chat import Chat
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.retrieval.index import Found
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

NUM_PASSAGES = 3
_MOST = 50
_KEPT = ("file", "path", "place", "passage", "read")  # of a source, in a chat
_SHOWN = 160  # characters of a passage, where it is only told


def ask(
    project: Project,
    model: str,
    source: Path,
    *,
    question: str,
    num_passages: int = NUM_PASSAGES,
    config: GenerationConfig | None = None,
    which: str = "best",
    stop: Stop,
) -> Iterator[Event]:
    """Answer a question from the passages of a folder or a file that suit it best.

    The passages come first, in the details of a `Progress` as `sources`. Result, also of `Stopped`: as `generate`, and
    `sources`, the best first: file, path (empty in an archive), place, passage, score, read (what of it the model read).

    Raises:
        StudioError: The model has never learned to answer, there is nothing to search, or no word of the question in it.
    """
    config = config or GenerationConfig()
    yield Started(job="ask", title=words("Answering from {name}", name=name_of(source)), item=model)
    if not question.strip():
        raise StudioError("Ask a question: there are no words in it.")
    if not 1 <= num_passages <= _MOST:
        raise StudioError("One passage at least can be read, and {most:,} at most, not {n:,}.", most=_MOST, n=num_passages)
    warning = refuse_unable(project, project.about("model", model))
    if warning is not None:
        yield Noted(job="ask", message=warning, level="warning")
    try:
        index = yield from index_of(project, source, job="ask", stop=stop)
    except Halted:
        yield Stopped(job="ask")
        return
    found = index.search(question, num_passages)
    if not found:
        raise StudioError(
            "No word of the question occurs in {name}: ask with words that its texts use.", name=name_of(source)
        )
    yield Progress(job="ask", what=words("Loading {model}", model=model), done=0)
    laid = lay_out(load(project, model, which), [each.passage.text for each in found], question, config)
    if laid.remark is not None:
        yield Noted(job="ask", message=laid.remark, level="warning")
    sources = _sources(source, found, laid.read)
    told = words("{n|passage|passages} found", n=len(sources))
    yield Progress(job="ask", what=told, done=len(sources), unit="passages", details={"sources": sources})
    end = yield from speak("ask", project, model, laid.chat, config, which, stop)
    yield replace(end, result=dict(end.result) | {"sources": sources})


def reply_from(
    project: Project, model: str, source: Path, *, chat: Chat, config: GenerationConfig | None = None, stop: Stop
) -> Iterator[Event]:
    """Answer the newest message of a chat from a folder or a file, as `ask` does: it stands alone, whatever was said before.

    Result, also of `Stopped` once the passages are found: as `ask`, and `message` as of `reply`, with the sources.
    """
    config = config or GenerationConfig()
    for event in ask(project, model, source, question=chat.path()[-1].text, config=config, stop=stop):
        if isinstance(event, Finished | Stopped) and "sources" in event.result:
            kept = [{name: str(each[name]) for name in _KEPT} for each in event.result["sources"]]
            message = message_of(model, config, event.result) | {"sources": kept}
            yield replace(event, result=dict(event.result) | {"message": message})
        else:
            yield event


def _sources(source: Path, found: Sequence[Found], read: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "file": each.passage.file,
            "path": _path(source, each.passage.file),
            "place": str(each.passage.place),
            "passage": each.passage.text,
            "score": round(each.score, 3),
            "read": part,
        }
        for each, part in zip(found, read, strict=True)
    ]


def _path(source: Path, shown: str) -> str:
    """Where a file lies that can be opened; empty for one in an archive."""
    whole = Path(os.path.realpath(source.expanduser()))
    path = whole / shown.partition("/")[2] if whole.is_dir() else whole
    return str(path) if path.is_file() and (whole.is_dir() or "/" not in shown) else ""


def _begin(project: Project, typed: Typed) -> Job:
    config = config_of(project, typed)
    return lambda stop: ask(
        project, typed.model, typed.source, question=typed.question, num_passages=typed.passages, config=config, stop=stop
    )


def _reads(result: Mapping[str, Any]) -> str:
    """Where the answer comes from: file, place, and how the passage begins."""
    told = []
    for number, each in enumerate(result.get("sources", ()), 1):
        text = " ".join(each["passage"].split())
        text = text if len(text) <= _SHOWN else text[: _SHOWN - 2] + " …"
        unread = "" if each["read"] else "  (not read: it did not fit)"
        told.append(f"  [{number}] {each['file']}, {each['place']}{unread}\n      {text}")
    return "\n".join(["from:", *told])


VERB = Verb(
    name="ask",
    help="answer a question from the texts of a folder",
    arguments=(
        MODEL,
        argument("source", type=Path, metavar="FOLDER|FILE", help="the texts to answer from"),
        argument("question", metavar="QUESTION"),
        argument(
            "--passages", type=int, default=NUM_PASSAGES, metavar="K",
            help=f"how many passages the model may read (default: {NUM_PASSAGES})",
        ),
        *SAMPLING,
    ),
    begin=_begin,
    reads=_reads,
    needs_torch=True,
)  # fmt: skip
