"""Walk about in a text VAE's latent space: the map of its corpus, and the sentence at any place of it.

Places go in and out as arrays of numbers, so that whoever asks need not know the model. The map is drawn once a checkpoint
and kept. Every function ends in a StudioError as soon as its `stop` is requested.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from llmstudio.app.inspecting.ready import ready
from llmstudio.app.items.ancestry import dataset_at_once
from llmstudio.app.items.loaded import Loaded
from llmstudio.core.errors import StudioError
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop, check
from llmstudio.store.project import Project

if TYPE_CHECKING:
    from llmstudio.core.generation.latent import Survey, Written

Place = NDArray[np.float32]
T = TypeVar("T")

_KEPT = 2
_NEIGHBOURS = 3
# Where the run kept no figures: sentences to measure on, and draws of the tighter bound. A few breaths; each is cut short.
_SENTENCES, _IW_SAMPLES = 256, 20
_surveys: OrderedDict[tuple[str, int], Survey] = OrderedDict()
_measured: OrderedDict[tuple[str, int], Measured | None] = OrderedDict()
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
        units: All units in use, those that vary most first.
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


@dataclass(frozen=True)
class Measured:
    """What the space is worth on sentences the model has not learned from; all but units in nats a sentence.

    Attributes:
        num_units: Units there are.
        active_units: Units in use.
        kl: What the reader puts into the space.
        mutual_information: What of that tells one sentence from another.
        elbo: What a sentence costs at most by the evidence lower bound, whose negative this is: fewer is better.
        tighter: The same by the importance-weighted bound, between that and the truth.
    """

    num_units: int
    active_units: int
    kl: float
    mutual_information: float
    elbo: float
    tighter: float


def draw_map(project: Project, model: str, *, stop: Stop | None = None) -> Map:
    """The map of a VAE's corpus. Raises StudioError if the corpus is gone, or the model has no latent space."""
    found = _survey(project, _loaded(project, model, stop), stop)
    spread = 3 * np.sqrt(found.variance)
    middle = found.centre
    units = tuple(
        Unit(unit, float(middle[unit] - spread[unit]), float(middle[unit] + spread[unit])) for unit in found.active_units
    )
    return Map(found.texts, found.points, found.explained, units, found.remark())


def measure(project: Project, model: str, *, stop: Stop | None = None) -> Measured | None:
    """Figures of the space: those the run ended with, or of a few hundred held-out sentences; None if none are held out."""
    loaded = _loaded(project, model, stop)

    def found() -> Measured | None:
        figures = _kept_figures(loaded) or _figures(project, loaded, stop or Stop())
        if not figures:
            return None
        return Measured(
            num_units=_vae(loaded).config.latent_dim,
            active_units=int(figures["active_units"]),
            kl=figures["kl"],
            mutual_information=figures["mutual_information"],
            elbo=figures["elbo"],
            tighter=figures["iw_nll"],
        )

    return _remembered(_measured, loaded, found)


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
        remark = words("{n:,} of the words are new to the model: those cannot come back.", n=found.num_unknown)
    elif found.is_exact:
        remark = words("Every word came back.")
    elif _survey(project, loaded, stop).remark() is not None:
        remark = words("Not every word came back: the model writes by habit.")
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
    """Let go of every map and every figure."""
    with _guard:
        _surveys.clear()
        _measured.clear()


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

    def found() -> Survey:
        rows = dataset_at_once(project, loaded.about, job="inspect", stop=stop or Stop()).split("train")
        if rows is None:
            raise StudioError("The text of {model} cannot be read again, so there is no map.", model=loaded.about.name)
        return survey(_vae(loaded), loaded.tokenizer, rows, stop=stop)

    return _remembered(_surveys, loaded, found)


def _remembered(kept: OrderedDict[tuple[str, int], T], loaded: Loaded, make: Callable[[], T]) -> T:
    """What was made of this checkpoint before, or else is made now."""
    key = str(loaded.path), (loaded.path / "manifest.json").stat().st_mtime_ns
    with _guard:
        if key in kept:
            kept.move_to_end(key)
            return kept[key]
    found = make()
    with _guard:
        kept[key] = found
        while len(kept) > _KEPT:
            kept.popitem(last=False)
    return found


def _kept_figures(loaded: Loaded) -> Mapping[str, float] | None:
    """Of the run's look at this very checkpoint, if it took the tighter bound then."""
    from llmstudio.core.training.history import read_history

    looks = reversed(read_history(loaded.about.path).evaluations)
    own = (look.figures for look in looks if look.weights_step == loaded.step and look.split == "val")
    return next((figures for figures in own if "iw_nll" in figures), None)


def _figures(project: Project, loaded: Loaded, stop: Stop) -> Mapping[str, float] | None:
    import torch

    from llmstudio.core.dataset.sentences import cut_sentences
    from llmstudio.core.tasks.latent.score import score_sentences
    from llmstudio.core.training.machine.setup import Setup

    held_out = dataset_at_once(project, loaded.about, job="inspect", stop=stop).split("val")
    if held_out is None:
        return None
    rows = cut_sentences(held_out, loaded.tokenizer, _vae(loaded).config.context_length).rows
    if not rows.num_rows:
        return None
    some = round(_SENTENCES * rows.num_tokens / rows.num_rows)
    setup = Setup("cpu", "fp32", torch.get_num_threads())
    scores = score_sentences(_vae(loaded), rows, setup, max_tokens=some, iw_samples=_IW_SAMPLES, iw_sentences=_SENTENCES)
    figures: Mapping[str, float] = {}
    for score in scores:
        check(stop)
        figures = score.figures() if score.iw_sentences else {}
    return figures
