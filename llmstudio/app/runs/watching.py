"""A run looks after its own folder: what vanishes from it while the run goes on is noticed at the next checkpoint."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from typing import Any

from llmstudio.app.items.ancestry import CORPUS
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Noted, Saved
from llmstudio.core.words import words
from llmstudio.store.files import remove_folder, write_json
from llmstudio.store.item_files import ABOUT, RECIPE
from llmstudio.store.project import About
from llmstudio.store.reading import read_json

_FILES = (ABOUT, RECIPE, CORPUS)


def watched(about: About, events: Iterator[Event]) -> Generator[Event, None, None]:
    """The events of a run on a model. What the model says of itself is written again, with a remark, if it is gone.

    Without it nothing would name the weights: the run would end in an error after hours, and the model could not be listed.

    Raises:
        StudioError: The whole folder was removed. So is what the run has written there since.
    """
    held: dict[str, Any] = {}
    _look(about, held)
    try:
        for event in events:
            if isinstance(event, Saved) and event.kind == "checkpoint":
                gone = _look(about, held)
                if len(gone) == len(held) > 0:
                    with contextlib.suppress(StudioError):  # why the run ends is what is to be told
                        remove_folder(about.path)
                    raise StudioError(
                        "The folder of {model} was removed while it was being trained, so the run ends here.",
                        model=about.name,
                    )
                for name in gone:
                    write_json(about.path / name, held[name])
                    told = words("{file} of {model} was gone or damaged: it is written again.", file=name, model=about.name)
                    yield Noted(job=event.job, parents=event.parents, step=event.step, message=told, level="warning")
            yield event
    finally:
        if isinstance(events, Generator):
            events.close()


def _look(about: About, held: dict[str, Any]) -> list[str]:
    """Take into `held` what each file says now. Returns those that were held before and cannot be read any more."""
    gone = []
    for name in _FILES:
        try:
            held[name] = read_json(about.path / name, dict)
        except StudioError:
            if name in held:
                gone.append(name)
    return gone
