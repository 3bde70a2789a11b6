"""Play in a text VAE's latent space: rebuild, sample, slide from sentence to sentence, turn single units, walk on a map.

In:  a model in evaluation mode with its tokenizer, and sentences or places in the space. Out: plain values, no tensors.
All of it is deterministic but for sampling, whose draws follow from a seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from llmstudio.core.dataset.sentences import cut_sentences
from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.errors import StudioError
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.constraints import Constraints, not_text
from llmstudio.core.generation.sampling import choose
from llmstudio.core.models.families.vae import ACTIVE_VARIANCE, TextVAE, kl_by_unit
from llmstudio.core.tokenizer.config import END, PAD, UNKNOWN
from llmstudio.core.tokenizer.streaming import whole_text
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop, check

Place = NDArray[np.float32]

# Below this the space says less of a sentence than one yes or no, or has no two directions to move in.
COLLAPSED_KL, COLLAPSED_UNITS = 0.5, 2
_MORE = 10  # times as many sentences as the map shows are looked through for different ones


@dataclass(frozen=True)
class Written:
    """A sentence written from a place.

    Attributes:
        text: The sentence.
        z: (Z,) the place.
        distance: How far from it the sentence lies when it is read again; near 0 where the space keeps its promise.
    """

    text: str
    z: Place
    distance: float


@dataclass(frozen=True)
class Rebuilt:
    """A typed sentence and what came back.

    Attributes:
        written: What the model wrote from where the sentence lies.
        is_exact: Whether every token came back.
        kl: (Z,) nats that each unit keeps of it.
        num_unknown: Words the model has never met; they cannot come back.
    """

    written: Written
    is_exact: bool
    kl: Place
    num_unknown: int


@dataclass(frozen=True)
class Neighbour:
    """A sentence of the corpus and how far it lies from a place."""

    text: str
    distance: float


def write(
    model: TextVAE,
    z: Tensor,
    config: GenerationConfig | None = None,
    *,
    max_tokens: int | None = None,
    stop: Stop | None = None,
) -> list[list[int]]:
    """Sentences from places z (B, Z): the likeliest next token each time, or drawn as `config` says. Ids without an end.

    Raises:
        StudioError: A stop came in between.
    """
    limit = model.config.context_length if max_tokens is None else min(max_tokens, model.config.context_length)
    generator = None if config is None else torch.Generator().manual_seed(config.seed)
    forbidden = not_text()
    said = [Constraints(config) for _ in range(len(z))] if config is not None and config.has_penalties else []
    written: list[list[int]] = [[] for _ in range(len(z))]
    going = set(range(len(z)))
    with torch.inference_mode():
        state, fresh = model.state_of(z), torch.full((len(z), 1), END, device=z.device)
        for _ in range(limit):
            check(stop)
            output = model.write(fresh, state)
            state, logits = output.state, model.head(output.hidden[:, -1]).float()
            logits[:, forbidden] = -torch.inf
            if config is None or generator is None:
                tokens = logits.argmax(-1)
            else:
                rows = [one.apply(row) for one, row in zip(said, logits, strict=True)] if said else logits
                tokens = torch.tensor([choose(row, config, generator) for row in rows], device=z.device)
            del logits  # the next step's state would come to lie behind them otherwise
            for i, token in enumerate(tokens.tolist()):
                if token == END:
                    going.discard(i)
                elif i in going:
                    written[i].append(token)
                    if said:
                        said[i].push(token)
            if not going:
                break
            fresh = tokens[:, None]
    return written


def rebuild(model: TextVAE, tokenizer: Tokenizer, text: str, *, stop: Stop | None = None) -> Rebuilt:
    """Read a typed sentence and write it again. Raises StudioError if there is none, or it is too long for the model."""
    ids = _typed(model, tokenizer, text)
    mean, log_variance = _read(model, [ids])
    (back,) = write(model, mean, stop=stop)
    (written,) = _told(model, tokenizer, mean, [back])
    kl = kl_by_unit(mean, log_variance)[0].numpy()
    return Rebuilt(written, back == ids, kl, ids.count(UNKNOWN))


def sample(model: TextVAE, tokenizer: Tokenizer, count: int, *, seed: int = 0, stop: Stop | None = None) -> list[Written]:
    """Sentences from places drawn from the prior: what the model holds for a sentence at all."""
    z = torch.randn(count, model.config.latent_dim, generator=torch.Generator().manual_seed(seed))
    return from_places(model, tokenizer, z.numpy(), stop=stop)


def interpolate(
    model: TextVAE, tokenizer: Tokenizer, first: str, second: str, count: int, *, stop: Stop | None = None
) -> list[Written]:
    """From one sentence to another in `count` places, both ends included. Raises StudioError as `rebuild`."""
    pair = [_typed(model, tokenizer, text) for text in (first, second)]
    means = _read(model, pair)[0].numpy()
    shares = np.linspace(0, 1, max(2, count))
    places = np.stack([between(means[0], means[1], float(share)) for share in shares])
    return from_places(model, tokenizer, places, stop=stop)


def between(first: Place, second: Place, share: float) -> Place:
    """The place `share` of the way along the arc: lengths stay those of sentences, where a straight line cuts through the
    middle of the space, in which hardly any sentence lies.

    Source: Shoemake 1985; White 2016, arXiv:1609.04468.
    """
    if share <= 0 or share >= 1:
        return first if share <= 0 else second
    lengths = np.linalg.norm(first), np.linalg.norm(second)
    cosine = float(first @ second / (lengths[0] * lengths[1])) if min(lengths) > 0 else 1.0
    angle = np.arccos(np.clip(cosine, -1.0, 1.0))
    if np.sin(angle) < 1e-4:  # one direction, opposite ones, or no direction at all: there is no arc
        straight: Place = ((1 - share) * first + share * second).astype(np.float32)
        return straight
    parts = np.sin((1 - share) * angle) * first + np.sin(share * angle) * second
    arc: Place = (parts / np.sin(angle)).astype(np.float32)
    return arc


def from_places(model: TextVAE, tokenizer: Tokenizer, places: Place, *, stop: Stop | None = None) -> list[Written]:
    """The likeliest sentence of each place (N, Z), with its round trip. Raises StudioError if a stop came in between."""
    z = torch.from_numpy(np.asarray(places, np.float32)).to(model.device)
    return _told(model, tokenizer, z, write(model, z, stop=stop))


@dataclass(frozen=True)
class Survey:
    """A corpus laid out in the latent space: the map.

    Attributes:
        texts: Sentences, evenly spread over the corpus, each of them once.
        means: (N, Z) where they lie.
        kl: Nats the space keeps of a sentence, on average.
        variance: (Z,) how much each unit varies from sentence to sentence.
        centre: (Z,) their middle.
        axes: (2, Z) the two directions in which they differ most, unit length, at right angles.
        points: (N, 2) the map.
        explained: Share of all differences that the map shows.
    """

    texts: tuple[str, ...]
    means: Place
    kl: float
    variance: Place
    centre: Place
    axes: Place
    points: Place
    explained: float

    @property
    def active_units(self) -> list[int]:
        """Units in use, those that vary most first."""
        order = np.argsort(-self.variance, kind="stable")
        return [int(unit) for unit in order if self.variance[unit] > ACTIVE_VARIANCE]

    def remark(self, unit: int | None = None) -> Words | None:
        """Why moving about (or turning this unit) changes nothing; None if it does change something."""
        if is_collapsed(self.kl, len(self.active_units)):
            return words(
                "Moving about changes nothing, since this model does without its latent space: it keeps {nats} nats of a"
                " sentence there and writes by habit; train again with more free nats, more word dropout or a longer warm"
                " start.",
                nats=f"{self.kl:.2f}",
            )
        if unit is not None and self.variance[unit] <= ACTIVE_VARIANCE:
            return words("Unit {unit} is not in use: it is alike for all sentences, so turning it says little.", unit=unit)
        return None

    def place(self, z: Place) -> tuple[float, float]:
        """Where on the map a place of the space is seen."""
        x, y = self.axes @ (np.asarray(z, np.float32) - self.centre)
        return float(x), float(y)

    def at(self, x: float, y: float) -> Place:
        """The place behind a point of the map. In the directions the map does not show it lies where the nearest sentence
        does, for a point with nothing of its own there is like no sentence.
        """
        point = np.array([x, y], np.float32)
        nearest = int(np.argmin(((self.points - point) ** 2).sum(1)))
        z: Place = self.means[nearest] + (point - self.points[nearest]) @ self.axes
        return z

    def nearest(self, z: Place, count: int = 3) -> list[Neighbour]:
        """The sentences of the corpus that lie nearest to a place: what was learned by heart stands out beside them."""
        distances = np.linalg.norm(self.means - np.asarray(z, np.float32), axis=1)
        order = np.argsort(distances, kind="stable")[:count]
        return [Neighbour(self.texts[i], float(distances[i])) for i in order]


def survey(model: TextVAE, tokenizer: Tokenizer, rows: Rows, *, limit: int = 2000, stop: Stop | None = None) -> Survey:
    """Read up to `limit` different sentences of a corpus (a dataset's rows, cut as for training) and draw the map.

    Raises:
        StudioError: There is no sentence, or a stop came in between.
    """
    cut = cut_sentences(rows, tokenizer, model.config.context_length).rows
    if not cut.num_rows:
        raise StudioError("There is no sentence to draw a map of: the text is empty.")
    check(stop)
    # Texts repeat themselves, and a line said a hundred times is one place of the space.
    found: dict[str, list[int]] = {}
    for i in _evenly(cut.num_rows, _MORE * limit):
        sentence = [int(token) for token in cut.row(int(i)) if token != END]
        found.setdefault(tokenizer.decode(sentence), sentence)
    different = list(found)
    texts = [different[i] for i in _evenly(len(different), limit)]
    sentences = [found[text] for text in texts]
    parts = []
    for i in range(0, len(sentences), 256):
        check(stop)
        parts.append(_read(model, sentences[i : i + 256]))
    means = torch.cat([mean for mean, _ in parts]).numpy()
    kl = float(torch.cat([kl_by_unit(*part).sum(1) for part in parts]).mean())
    centre = means.mean(axis=0)
    _, widths, directions = np.linalg.svd(means - centre, full_matrices=False)
    axes = np.zeros((2, means.shape[1]), np.float32)
    axes[: min(2, len(directions))] = directions[:2]
    # An axis is one with its opposite: its largest part is made positive, so that the map is the same on every machine.
    axes *= np.where(axes[[0, 1], np.abs(axes).argmax(axis=1)] < 0, -1, 1)[:, None]
    spread = float((widths**2).sum())
    return Survey(
        texts=tuple(texts),
        means=means,
        kl=kl,
        variance=means.var(axis=0),
        centre=centre,
        axes=axes,
        points=(means - centre) @ axes.T,
        explained=float((widths[:2] ** 2).sum()) / spread if spread else 0.0,
    )


def is_collapsed(kl: float, active_units: float) -> bool:
    """Whether the writer does without the latent space."""
    return kl < COLLAPSED_KL or active_units < COLLAPSED_UNITS


def _evenly(count: int, limit: int) -> NDArray[np.int64]:
    """Up to `limit` of `count` places, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(limit, count)).round().astype(np.int64))


def _typed(model: TextVAE, tokenizer: Tokenizer, text: str) -> list[int]:
    ids = tokenizer.encode(text.strip())
    if not ids:
        raise StudioError("There is nothing to read: type a sentence.")
    limit = model.config.context_length - 1
    if len(ids) > limit:
        raise StudioError(
            "This model keeps sentences of up to {limit:,} tokens, but yours has {count:,}: shorten it.",
            limit=limit,
            count=len(ids),
        )
    return ids


def _read(model: TextVAE, sentences: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Mean and log variance of each, on the processor. Equal sentences lie in equal places, whatever stands beside them."""
    longest = max(1, max(map(len, sentences)))
    ids = torch.full((len(sentences), longest), PAD)
    for row, sentence in zip(ids, sentences, strict=True):
        row[: len(sentence)] = torch.tensor(list(sentence), dtype=torch.long)
    with torch.inference_mode():
        mean, log_variance = model.encode(ids.to(model.device))
    return mean.cpu().clone(), log_variance.cpu().clone()


def _told(model: TextVAE, tokenizer: Tokenizer, z: Tensor, written: list[list[int]]) -> list[Written]:
    again = _read(model, written)[0]
    distances = (again - z.cpu()).norm(dim=1).tolist()
    texts = (whole_text(tokenizer, ids) for ids in written)
    return [Written(text, place, d) for text, place, d in zip(texts, z.cpu().numpy(), distances, strict=True)]
