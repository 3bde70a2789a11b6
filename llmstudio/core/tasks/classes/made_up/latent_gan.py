"""A GAN in the latent space of a text VAE: it finds places where texts of a class could lie, and the VAE writes them.

The VAE is this program's own, and learns from all texts; so does the GAN, whose two small networks are told the class: one
makes places out of noise, the other tells them from the places of real texts. A GAN that writes tokens itself would have no
gradient through them; in a space of numbers it has.

Source: Goodfellow et al. 2014, arXiv:1406.2661; Mirza and Osindero 2014, arXiv:1411.1784 (told the class); Donahue and
Rumshisky 2018, arXiv:1810.06640 (in a latent space of texts).
"""

from __future__ import annotations

import time
from collections.abc import Generator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from llmstudio.core.dataset.batches import ByLength
from llmstudio.core.events import Progress
from llmstudio.core.generation.latent import write as write_from
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.vae import TextVAE, draw
from llmstudio.core.tasks.classes.made_up import sizes
from llmstudio.core.tasks.classes.made_up.learning import drawn, learn, mean_length, next_tokens, one_thread, told_writing
from llmstudio.core.tasks.classes.made_up.texts import Learned
from llmstudio.core.tasks.latent.kl_schedule import kl_weight
from llmstudio.core.tasks.latent.settings import LatentSettings
from llmstudio.core.tasks.latent.task import sentence_losses
from llmstudio.core.tasks.loss import num_counted
from llmstudio.core.tokenizer.config import END, PAD
from llmstudio.core.words import words
from llmstudio.core.work import Stop, check

_RATE = 3e-3
# What a sentence keeps has hardly a price: places must tell texts apart, and none is drawn from the middle of the space.
_SETTINGS = LatentSettings(free_bits=25.0, warm_start_share=0.0)
_GAN_RATE, _GAN_ROWS, _NOISE, _WIDTH = 1e-3, 64, 16, 64
_SIDE_BY_SIDE = 64


def write(
    learned: Learned, wanted: NDArray[np.int64], *, vocab_size: int, longest: int, seed: int, job: str, stop: Stop
) -> Generator[Progress, None, dict[int, list[list[int]]] | None]:
    """Ids of texts by class, as many as `wanted` (C,) says, of up to `longest` tokens; None if it was stopped."""
    vae = build_model("vae", sizes.vae_shape(longest), vocab_size, seed)
    assert isinstance(vae, TextVAE)
    if not (yield from _learn_space(vae, learned, seed, job, stop)):
        return None
    mean, log_variance = _places(vae, learned.rows, stop)
    gan = _GAN(len(learned.names), mean.shape[1], seed)
    present = np.unique(learned.classes).tolist()

    def loss(step: int) -> Tensor:
        chosen = drawn(learned.classes, present, _GAN_ROWS, np.random.default_rng((seed, step)))
        return gan.loss(draw(mean[chosen], log_variance[chosen]), torch.from_numpy(learned.classes[chosen]))

    what = words("A GAN learns where texts of each class lie")
    if not (yield from learn(gan, loss, steps=sizes.GAN_STEPS, rate=_GAN_RATE, seed=seed, what=what, job=job, stop=stop)):
        return None
    generator = torch.Generator().manual_seed(seed)
    classes = np.repeat(np.arange(len(wanted)), wanted)
    written: dict[int, list[list[int]]] = {number: [] for number in np.flatnonzero(wanted).tolist()}
    began = time.perf_counter()
    for at in range(0, len(classes), _SIDE_BY_SIDE):
        if stop.requested:
            return None
        yield told_writing(job, at, len(classes), began)
        some = classes[at : at + _SIDE_BY_SIDE]
        with one_thread():
            rows = write_from(vae, gan.places(some, generator))
        for number, ids in zip(some.tolist(), rows, strict=True):
            written[number].append(ids)
    return written


def _learn_space(vae: TextVAE, learned: Learned, seed: int, job: str, stop: Stop) -> Generator[Progress, None, bool]:
    """Let the VAE learn all texts, by the schedule and the loss of its own task."""
    dealt = ByLength(
        np.array([len(row) for row in learned.rows]), batch_size=sizes.rows_at_once(mean_length(learned.rows)), seed=seed
    )

    def loss(step: int) -> Tensor:
        chosen = dealt.at(step)
        batch = next_tokens([learned.rows[at] for at in chosen], [END] * len(chosen))
        reconstruction, _, counted = sentence_losses(vae, batch, _SETTINGS.free_bits)
        return (reconstruction + kl_weight(step, sizes.VAE_STEPS, _SETTINGS) * len(chosen) * counted) / num_counted(batch)

    what = words("A text VAE learns to keep the texts in a few numbers")
    return (yield from learn(vae, loss, steps=sizes.VAE_STEPS, rate=_RATE, seed=seed, what=what, job=job, stop=stop))


def _places(vae: TextVAE, rows: list[list[int]], stop: Stop) -> tuple[Tensor, Tensor]:
    """Mean and log variance (N, Z) of where texts lie."""
    parts = []
    for at in range(0, len(rows), 256):
        check(stop)
        some = rows[at : at + 256]
        ids = torch.full((len(some), max(map(len, some))), PAD)
        for place, row in zip(ids, some, strict=True):
            place[: len(row)] = torch.tensor(row)
        with torch.no_grad():
            parts.append(vae.encode(ids))
    return torch.cat([mean for mean, _ in parts]), torch.cat([spread for _, spread in parts])


class _GAN(nn.Module):
    """Both networks. They learn in one step: what judges does not pass the gradient of its own loss on to what makes."""

    def __init__(self, num_classes: int, latent_dim: int, seed: int) -> None:
        super().__init__()
        self.num_classes = num_classes
        with torch.random.fork_rng(devices=()):
            torch.default_generator.manual_seed(seed)
            self.makes, self.judges = (
                nn.Sequential(nn.Linear(read + num_classes, _WIDTH), nn.LeakyReLU(0.2), nn.Linear(_WIDTH, told))
                for read, told in ((_NOISE, latent_dim), (latent_dim, 1))
            )

    def loss(self, real: Tensor, classes: Tensor) -> Tensor:
        """Of both networks together. real (N, Z) places of texts of `classes` (N,)."""
        which = F.one_hot(classes, self.num_classes).float()
        made = self.makes(torch.cat([torch.randn(len(real), _NOISE), which], 1))
        right = F.softplus(-self._judged(real, which)).mean() + F.softplus(self._judged(made.detach(), which)).mean()
        for parameter in self.judges.parameters():
            parameter.requires_grad_(False)
        fooled = F.softplus(-self._judged(made, which)).mean()
        for parameter in self.judges.parameters():
            parameter.requires_grad_(True)
        return right + fooled

    def places(self, classes: NDArray[np.int64], generator: torch.Generator) -> Tensor:
        """(N, Z) a place for a text of each of `classes` (N,)."""
        which = F.one_hot(torch.from_numpy(classes), self.num_classes).float()
        with torch.no_grad():
            found: Tensor = self.makes(torch.cat([torch.randn(len(which), _NOISE, generator=generator), which], 1))
        return found

    def _judged(self, places: Tensor, which: Tensor) -> Tensor:
        judged: Tensor = self.judges(torch.cat([places, which], 1))
        return judged
