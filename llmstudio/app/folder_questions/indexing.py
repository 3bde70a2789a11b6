"""A folder read before the first question, so that the first answer need not wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from llmstudio.app.folder_questions.kept_index import index_of
from llmstudio.core.corpus.reading.files.sources import name_of
from llmstudio.core.corpus.reading.meter import Halted
from llmstudio.core.events import Event, Finished, Started, Stopped
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def index_folder(project: Project, source: Path, *, stop: Stop) -> Iterator[Event]:
    """Make, or find, the index of a folder or a file. Result: passages and files.

    Raises:
        StudioError: There is no such place, nothing in it to read, or too much.
    """
    yield Started(job="index", title=words("Reading {name}", name=name_of(source)), item=name_of(source))
    try:
        index = yield from index_of(project, source, job="index", stop=stop)
    except Halted:
        yield Stopped(job="index")
        return
    files = {passage.file for passage in index.passages}
    yield Finished(job="index", result={"passages": len(index.passages), "files": len(files)})
