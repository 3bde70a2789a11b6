"""The index of a folder, kept in the project (`passages/`) and made anew when one of the files has changed.

It is no item: it holds nothing that the folder does not, and may be thrown away at any time.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from llmstudio.core.corpus.reading.files.sources import name_of
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Noted, Progress
from llmstudio.core.retrieval.building import build
from llmstudio.core.retrieval.folder_state import num_changed, state_of
from llmstudio.core.retrieval.index import PassageIndex
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.project import Project
from llmstudio.store.reading import no_file
from llmstudio.store.sweeping import sweep

FOLDER = "passages"


def index_of(project: Project, source: Path, *, job: str, stop: Stop) -> Generator[Event, None, PassageIndex]:
    """The index of a folder or a file: the kept one if no file has changed since, else a new one, which is kept.

    Raises:
        StudioError: There is no such place, nothing in it to read, or too much.
        Halted: Somebody asked to stop.
    """
    source = Path(os.path.realpath(source.expanduser()))
    if not source.exists():
        raise no_file(str(source))
    place = place_of(project, source)
    yield Progress(job=job, what=words("Looking for changes in {name}", name=name_of(source)), done=0)
    kept: PassageIndex | None = None
    try:
        kept = PassageIndex.open(place)
    except StudioError as error:
        message = words("{reason} The files of {name} are read again.", reason=error.words, name=name_of(source))
        yield Noted(job=job, message=message, level="warning")
    state = state_of(source, known=kept.state if kept else None, without=project.root, stop=stop)
    if kept is not None:
        if not (num := num_changed(kept.state, state)):
            return kept
        message = words("{n|file|files} changed in {name}: all are read again.", n=num, name=name_of(source))
        yield Noted(job=job, message=message)
    building = build(source, state=state, without=project.root, stop=stop)
    while True:
        try:
            yield replace(next(building), job=job)
        except StopIteration as end:
            index: PassageIndex = end.value
            break
    try:
        project.prepare()
        sweep(place.parent, deep=False)
        index.save(place)
    except StudioError as error:
        message = words(
            "The index could not be kept, so that the files are read again next time. {reason}", reason=error.words
        )
        yield Noted(job=job, message=message, level="warning")
    return index


def place_of(project: Project, source: Path) -> Path:
    """Where the index of a place, given as a whole path, lies or would lie."""
    spelled = os.path.normcase(source).encode("utf-8", "surrogatepass")
    return project.root / FOLDER / hashlib.sha256(spelled).hexdigest()[:16]
