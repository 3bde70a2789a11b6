"""Measuring a text VAE on held-out sentences: bounds on what they cost, and whether the latent space is in use.

In:  rows of a sentence each (`dataset.sentences`). Out: running `LatentScore`s. Costs are nats a sentence.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import IGNORED, evenly
from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.models.families.vae import ACTIVE_VARIANCE, TextVAE, draw, kl_by_unit
from llmstudio.core.tasks.computing import Computing
from llmstudio.core.tasks.evaluation import Score, in_evaluation
from llmstudio.core.tasks.latent.settings import LatentSettings
from llmstudio.core.tasks.loss import token_losses
from llmstudio.core.tokenizer.config import PAD

_MIXED = 1000  # sentences that mutual information is estimated on: its cost grows with their square
_SEED = 7  # the noise of every look is the same, so that looks compare


@dataclass
class LatentScore(Score):
    """Sums over the sentences scored so far; `nats` is reconstruction and KL together, the ELBO's negative.

    Attributes:
        reconstruction: Summed nats of the tokens, given one draw of z each.
        kl: Summed nats.
        means: (N, Z) of each batch.
        log_variances: (N, Z) of each batch.
        iw_nats: Summed importance-weighted bound, of `iw_sentences` sentences.
        iw_sentences: Sentences it was taken of.
    """

    reconstruction: float = 0.0
    kl: float = 0.0
    means: list[NDArray[np.float32]] = field(default_factory=list)
    log_variances: list[NDArray[np.float32]] = field(default_factory=list)
    iw_nats: float = 0.0
    iw_sentences: int = 0

    @property
    def sentences(self) -> int:
        """Sentences scored."""
        return sum(map(len, self.means))

    def figures(self) -> dict[str, float]:
        """As `Score`'s, where loss, perplexity and bits_per_byte are upper bounds; and in nats a sentence elbo (its
        negative), reconstruction, kl, mutual_information and, where it was taken, iw_nll; and active_units.
        """
        count = max(1, self.sentences)
        found = super().figures() | {
            "elbo": self.nats / count,
            "reconstruction": self.reconstruction / count,
            "kl": self.kl / count,
            "active_units": float(np.count_nonzero(self.variances() > ACTIVE_VARIANCE)) if self.means else 0.0,
            "mutual_information": self.mutual_information(),
        }
        return found | ({"iw_nll": self.iw_nats / self.iw_sentences} if self.iw_sentences else {})

    def variances(self) -> NDArray[np.float32]:
        """(Z,) how much each unit's mean varies from sentence to sentence."""
        varied: NDArray[np.float32] = np.concatenate(self.means).var(axis=0)
        return varied

    def mutual_information(self) -> float:
        """Nats that z tells of its sentence: the KL, less how far all posteriors together lie from the prior.

        Estimated on up to a thousand sentences with a draw each, so never above log 1000 = 6.9.
        Source: Hoffman and Johnson 2016; He et al. 2019, arXiv:1901.05534.
        """
        if not self.means:
            return 0.0
        mean, log_variance = (torch.from_numpy(np.concatenate(x)[:_MIXED]) for x in (self.means, self.log_variances))
        z = draw(mean, log_variance, torch.Generator().manual_seed(_SEED))
        # Log density of every draw under every posterior, without the constant that cancels: (N, N).
        precision = torch.exp(-log_variance)
        squares = z.square() @ precision.T - 2 * z @ (mean * precision).T + (mean.square() * precision).sum(1)
        density = -0.5 * (squares + log_variance.sum(1))
        mixed = torch.logsumexp(density, dim=1) - math.log(len(z))
        return max(0.0, float((density.diagonal() - mixed).mean()))


def score_sentences(
    model: TextVAE,
    rows: Rows,
    computing: Computing,
    *,
    max_tokens: int | None = None,
    iw_samples: int = 0,
    iw_sentences: int = 256,
) -> Iterator[LatentScore]:
    """Score sentences batch by batch; yields the running sums after each, so that the puller can stop in between.

    Args:
        model: Put into evaluation mode for each batch and back.
        rows: Sentences as `cut_sentences` makes them.
        computing: Where and in which numbers.
        max_tokens: Takes evenly spread sentences instead of all.
        iw_samples: Draws of the importance-weighted bound; 0 leaves it out.
        iw_sentences: How many evenly spread sentences it is taken of.
    """
    at_once, lengths = LatentSettings().look.rows, np.diff(rows.offsets)
    chosen = np.arange(rows.num_rows)
    if max_tokens is not None and rows.num_tokens > max_tokens:
        chosen = evenly(len(chosen), len(chosen) * max_tokens / rows.num_tokens)
    chosen = chosen[np.argsort(lengths[chosen], kind="stable")]
    generator = torch.Generator().manual_seed(_SEED)
    score = LatentScore()
    for start in range(0, len(chosen), at_once):
        part = chosen[start : start + at_once]
        batch = sentence_batch(rows, part)
        _add(score, model, batch, computing, generator)
        # Bytes under unknown tokens are charged on their own; of a row they count only once.
        score.hidden_bytes += float(rows.hidden_bytes[part].sum())
        score.num_bytes += int((rows.row_bytes[part] - rows.hidden_bytes[part]).sum())
        yield score
    if iw_samples and len(chosen):
        # They are sorted by length: whoever takes the first ones takes the cheap ones.
        some = chosen[np.linspace(0, len(chosen) - 1, min(iw_sentences, len(chosen))).round().astype(int)]
        for start in range(0, len(some), at_once):
            part = some[start : start + at_once]
            bound = importance_weighted(
                model, sentence_batch(rows, part), computing, samples=iw_samples, generator=generator
            )
            score.iw_nats += float(bound.sum())
            score.iw_sentences += len(part)
            yield score


def importance_weighted(
    model: TextVAE, batch: Batch, computing: Computing, *, samples: int, generator: torch.Generator
) -> Tensor:
    """-log (1/K sum over K draws z of p(x | z) p(z) / q(z | x)) of each row, nats (B,): the more draws, the tighter.

    Source: Burda et al. 2015, arXiv:1509.00519.
    """
    with in_evaluation(model):
        on = batch.to(computing.device)
        with computing.autocast():
            mean, log_variance = model.encode(model.read(on))
        total = torch.full((len(on.ids),), -torch.inf, dtype=torch.float64)
        for _ in range(samples):
            z = draw(mean, log_variance, generator)
            with computing.autocast():
                nats = row_nats(model, on, z)
            prior = -0.5 * z.double().square().sum(1)
            posterior = -0.5 * (((z - mean).double().square() / log_variance.double().exp()) + log_variance).sum(1)
            total = torch.logaddexp(total, (prior - posterior - nats).cpu())
    return math.log(samples) - total


def row_nats(model: TextVAE, batch: Batch, z: Tensor) -> Tensor:
    """What each row costs given its z, nats (B,). The model's words are hidden if it is in training mode."""
    assert batch.targets is not None
    hidden = model.write(batch.ids, model.state_of(z)).hidden
    return token_losses(model, hidden.flatten(0, 1), batch.targets.flatten()).view(batch.targets.shape).sum(1)


def sentence_batch(rows: Rows, chosen: NDArray[np.int64]) -> Batch:
    """These sentences side by side, padded to the longest."""
    starts, lengths = rows.offsets[chosen], np.diff(rows.offsets)[chosen] - 1
    ids = np.full((len(chosen), int(lengths.max())), PAD, np.int64)
    targets = np.full_like(ids, IGNORED)
    for i, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        ids[i, :length] = rows.ids[start : start + length]
        targets[i, :length] = rows.ids[start + 1 : start + length + 1]
    return Batch(torch.from_numpy(ids), torch.from_numpy(targets))


def _add(score: LatentScore, model: TextVAE, batch: Batch, computing: Computing, generator: torch.Generator) -> None:
    with in_evaluation(model):
        on = batch.to(computing.device)
        with computing.autocast():
            mean, log_variance = model.encode(model.read(on))
            reconstruction = float(row_nats(model, on, draw(mean, log_variance, generator)).sum())
        kl = float(kl_by_unit(mean, log_variance).sum())
    assert batch.targets is not None
    score.tokens += int((batch.targets != IGNORED).sum())
    score.reconstruction += reconstruction
    score.kl += kl
    score.nats += reconstruction + kl
    score.means.append(mean.float().cpu().numpy())
    score.log_variances.append(log_variance.float().cpu().numpy())
