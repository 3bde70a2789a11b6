"""Walk about in a text VAE's latent space: the map of its corpus, and the sentence at any place of it.

Places go in and out as arrays of numbers, so that whoever asks need not know the model. The map is drawn once a checkpoint
and kept. Every function ends in a StudioError as soon as its `stop` is requested.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from llmstudio.app.ancestry import dataset_of
from llmstudio.app.inspecting import ready
from llmstudio.app.loaded import Loaded
from llmstudio.core.errors import StudioError
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop, check
from llmstudio.store.project import Project

if TYPE_CHECKING:
    from llmstudio.core.dataset.tokens import Rows
    from llmstudio.core.generation.latent import Survey, Written

Place = NDArray[np.float32]

MAX_UNITS = 6  # those that vary most; more sliders than this nobody turns
_KEPT = 2
_NEIGHBOURS = 3
_surveys: OrderedDict[tuple[str, int], Survey] = OrderedDict()
_guard = threading.Lock()


@dataclass(frozen=True)
class Unit:
    """A unit of the space that is in use: its number, and the values it takes for nearly all sentences."""

    index: int
    low: float
    high: float


@dataclass(frozen=True)
class Map:
    """A corpus laid out in the space.

    Attributes:
        texts: Sentences, each once.
        points: (N, 2) where they are seen.
        explained: Share of all differences between them that the map shows.
        units: The units that vary most.
        remark: Why moving about changes nothing; None if it does.
    """

    texts: tuple[str, ...]
    points: Place
    explained: float
    units: tuple[Unit, ...]
    remark: Words | None


@dataclass(frozen=True)
class Spot:
    """A place of the space and what is written from it.

    Attributes:
        text: The sentence.
        z: (Z,) the place.
        x: Where it is seen on the map.
        y: The same, upwards.
        neighbours: Sentences of the corpus that lie nearest, with their distances.
        remark: What is to be said of it, such as that every word came back; None for nothing.
    """

    text: str
    z: Place
    x: float
    y: float
    neighbours: tuple[tuple[str, float], ...]
    remark: Words | None = None


def draw_map(project: Project, model: str, *, stop: Stop | None = None) -> Map:
    """The map of a VAE's corpus. Raises StudioError if the corpus is gone, or the model has no latent space."""
    found = _survey(project, _loaded(project, model, stop), stop)
    spread = 3 * np.sqrt(found.variance)
    middle = found.centre
    units = tuple(
        Unit(unit, float(middle[unit] - spread[unit]), float(middle[unit] + spread[unit]))
        for unit in found.active_units[:MAX_UNITS]
    )
    return Map(found.texts, found.points, found.explained, units, found.remark())


def at_point(project: Project, model: str, x: float, y: float, *, stop: Stop | None = None) -> Spot:
    """What is written at a point of the map."""
    loaded = _loaded(project, model, stop)
    return _spot(project, loaded, _survey(project, loaded, stop).at(x, y), stop)


def at_place(project: Project, model: str, z: Place, *, stop: Stop | None = None) -> Spot:
    """What is written at a place of the space."""
    return _spot(project, _loaded(project, model, stop), z, stop)


def rebuild(project: Project, model: str, text: str, *, stop: Stop | None = None) -> Spot:
    """Read a sentence and write it again. Raises StudioError if there is none, or it is too long for the model."""
    loaded = _loaded(project, model, stop)
    from llmstudio.core.generation import latent

    found = latent.rebuild(_vae(loaded), loaded.tokenizer, text, stop=stop)
    if found.num_unknown:
        remark = words("{n} of the words are new to the model: those cannot come back.", n=found.num_unknown)
    elif found.is_exact:
        remark = words("Every word came back.")
    else:
        remark = words("Not every word came back: the space keeps only the gist.")
    return _told(project, loaded, [found.written], stop, remark)[0]


def sample(project: Project, model: str, *, count: int, seed: int, stop: Stop | None = None) -> tuple[Spot, ...]:
    """Sentences from places drawn at random, as the model expects them to be spread."""
    loaded = _loaded(project, model, stop)
    from llmstudio.core.generation import latent

    return _told(project, loaded, latent.sample(_vae(loaded), loaded.tokenizer, count, seed=seed, stop=stop), stop)


def between(
    project: Project, model: str, first: str, second: str, *, count: int, stop: Stop | None = None
) -> tuple[Spot, ...]:
    """From one sentence to another in `count` steps, both ends included. Raises StudioError as `rebuild`."""
    loaded = _loaded(project, model, stop)
    from llmstudio.core.generation import latent

    found = latent.interpolate(_vae(loaded), loaded.tokenizer, first, second, count, stop=stop)
    return _told(project, loaded, found, stop)


def forget() -> None:
    """Let go of every map."""
    with _guard:
        _surveys.clear()


def _loaded(project: Project, model: str, stop: Stop | None) -> Loaded:
    return ready(project, model, "latent", stop)


def _vae(loaded: Loaded) -> Any:
    return loaded.model


def _spot(project: Project, loaded: Loaded, place: Place, stop: Stop | None) -> Spot:
    from llmstudio.core.generation.latent import from_places

    return _told(project, loaded, from_places(_vae(loaded), loaded.tokenizer, place[None], stop=stop), stop)[0]


def _told(
    project: Project, loaded: Loaded, found: Sequence[Written], stop: Stop | None, remark: Words | None = None
) -> tuple[Spot, ...]:
    survey = _survey(project, loaded, stop)
    spots = []
    for one in found:
        neighbours = tuple((near.text, near.distance) for near in survey.nearest(one.z, _NEIGHBOURS))
        spots.append(Spot(one.text, one.z, *survey.place(one.z), neighbours, remark))
    return tuple(spots)


def _survey(project: Project, loaded: Loaded, stop: Stop | None) -> Survey:
    from llmstudio.core.generation.latent import survey

    key = str(loaded.path), (loaded.path / "manifest.json").stat().st_mtime_ns
    with _guard:
        if key in _surveys:
            _surveys.move_to_end(key)
            return _surveys[key]
    found = survey(_vae(loaded), loaded.tokenizer, _rows(project, loaded, stop or Stop()), stop=stop)
    with _guard:
        _surveys[key] = found
        while len(_surveys) > _KEPT:
            _surveys.popitem(last=False)
    return found


def _rows(project: Project, loaded: Loaded, stop: Stop) -> Rows:
    """The sentences it learned from, encoded again if they are gone."""
    steps = dataset_of(project, loaded.about, job="inspect", stop=stop)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            rows: Rows | None = end.value.split("train") if end.value is not None else None
            break
    check(stop)
    if rows is None:
        raise StudioError("The text of {model} cannot be read again, so there is no map.", model=loaded.about.name)
    return rows
