"""Keep a sentence in a few numbers and write it again: what a text VAE is trained for.

    loss = reconstruction + weight(step) * sum over units of max(KL of the unit, free nats / units)

A decoder that knows its language finds z costly and learns to do without it: the KL falls to 0, and every z gives the same
sentences (posterior collapse). Four things work against it: a warm start as a plain autoencoder, after which the decoder
begins anew and the encoder stays (Li et al. 2019, arXiv:1909.00868); free nats; a KL that rises slowly (Bowman et al. 2016,
arXiv:1511.06349; Fu et al. 2019, arXiv:1903.10145); and words hidden from the decoder. All depend on the step alone, and
the noise on torch's generator, which is seeded at each step: a resumed run equals an uninterrupted one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import IGNORED, Documents
from llmstudio.core.dataset.sentences import cut_sentences
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Noted
from llmstudio.core.generation.latent import is_collapsed, write
from llmstudio.core.generation.retell import retell
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.families.vae import TextVAE, kl_by_unit
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.settings import change
from llmstudio.core.tasks.base import Answering, Asked, Task, training_rows
from llmstudio.core.tasks.computing import Computing
from llmstudio.core.tasks.evaluation import Score
from llmstudio.core.tasks.latent.kl_schedule import kl_weight, settled_step, warm_start_steps
from llmstudio.core.tasks.latent.score import score_sentences
from llmstudio.core.tasks.latent.settings import LatentSettings
from llmstudio.core.tasks.loss import num_counted, token_losses
from llmstudio.core.tokenizer.config import END
from llmstudio.core.tokenizer.streaming import whole_text
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import Words, words

IW_SAMPLES = 100
# Batches of every length leave behind freed blocks, and plans of libraries, that fit no other length.
_LENGTHS = 2


class SentenceBatches:
    """Sentences of similar length side by side, cut behind the longest of the batch, at an even length."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self.longest, self.most_rows = documents.longest, documents.most_rows

    def batch(self, step: int) -> Batch:
        """The batch of step `step`, counted from 0."""
        wide = self._documents.batch(step)
        assert wide.targets is not None
        longest = int((wide.targets != IGNORED).sum(1).max())
        longest += -longest % _LENGTHS
        return Batch(wide.ids[:, :longest].contiguous(), wide.targets[:, :longest].contiguous())


class LatentText(Task):
    """Keep each sentence in a latent space. Headline: an upper bound on bits per byte; beside it KL and active units."""

    whole_documents = True

    def make_rows(self) -> None:
        """Every row is one sentence."""
        tokenizer, config = self.tokenizer, self.config
        train, held_out = training_rows(self.dataset)
        cut = cut_sentences(train, tokenizer, config.context_length)
        self.train_rows, self._num_cut = cut.rows, cut.num_cut
        kept = None if held_out is None else cut_sentences(held_out, tokenizer, config.context_length).rows
        self.val_rows = kept if kept is not None and kept.num_rows else None
        self._weight = 0.0
        self._sums = {"rows": 0.0, "reconstruction": 0.0, "kl": 0.0}
        self._settled = False

    def batches(self) -> SentenceBatches:
        """The training batches. Raises StudioError if there is no sentence to learn from."""
        return SentenceBatches(
            Documents(
                self.train_rows,
                context=self.config.context_length,
                batch_size=self.training.step_rows,
                seed=self.training.seed,
                context_weight=1.0,
            )
        )

    def begin_step(self, model: LanguageModel, step: int, max_steps: int) -> None:
        """Take the step's weight of the KL; let the writer begin anew after the warm start."""
        assert isinstance(model, TextVAE)
        self._weight = kl_weight(step, max_steps, self.settings)
        self._settled = self.is_settled(step + 1, max_steps)
        self._sums = dict.fromkeys(self._sums, 0.0)
        if step and step == warm_start_steps(max_steps, self.settings):
            model.reset_decoder(torch.Generator().manual_seed(self.training.seed + 1))

    def is_settled(self, step: int, max_steps: int) -> bool:
        """True once the KL counts in full: before that, a low loss means little."""
        return step >= settled_step(max_steps, self.settings)

    def loss(self, model: LanguageModel, batch: Batch, total_weight: float) -> Tensor:
        """The batch's share of a step's loss: its weighted sum over the weight of the whole step."""
        reconstruction, kl, counted = sentence_losses(model, batch, self.settings.free_bits)
        rows = len(batch.ids)
        spent = {"rows": rows, "reconstruction": reconstruction.item(), "kl": rows * kl.item()}
        self._sums = {name: self._sums[name] + value for name, value in spent.items()}
        return (reconstruction + self._weight * rows * counted) / total_weight

    def weight(self, batch: Batch) -> float:
        """How much a batch counts: its tokens."""
        return num_counted(batch)

    def parts(self) -> Mapping[str, float]:
        """Of the last step, in nats a sentence: reconstruction, kl; and kl_weight."""
        rows = max(1.0, self._sums["rows"])
        shares = {name: self._sums[name] / rows for name in ("reconstruction", "kl")}
        return shares | {"kl_weight": self._weight}

    def evaluate(self, model: LanguageModel, computing: Computing, max_tokens: int | None = None) -> Iterator[Score]:
        """Running scores on the validation part, with the importance-weighted bound where all of it is read."""
        assert isinstance(model, TextVAE)
        if self.val_rows is not None:
            samples = IW_SAMPLES if max_tokens is None else 0
            yield from score_sentences(model, self.val_rows, computing, max_tokens=max_tokens, iw_samples=samples)

    def notes(self, figures: Mapping[str, float] | None = None) -> list[Noted]:
        """What to say at the beginning (no figures) or of a look after the warm-up.

        Where nothing is held out the figures are empty, and the KL of the last step tells whether the space is used.
        """
        if figures is None:
            return self._notes_on_rows()
        kl, units = figures.get("kl", self.parts()["kl"]), figures.get("active_units", float(self.config.latent_dim))
        if not self._settled or not is_collapsed(kl, units):
            return []
        return [
            Noted(
                job="train", message=self._collapse(figures), level="warning", remedies=remedies(self.settings, self.config)
            )
        ]

    def _collapse(self, figures: Mapping[str, float]) -> Words:
        if not figures:
            return words(
                "The model has stopped using its latent space: of a sentence it learned from it tells {nats} nats there, so"
                " every point of the space gives the same sentences. Train again with more free nats, more word dropout or"
                " a longer warm start.",
                nats=f"{self.parts()['kl']:.2f}",
            )
        return words(
            "The model has stopped using its latent space: it tells {nats} nats of a sentence in {units} of {all:,} units,"
            " so every point of the space gives the same sentences. Train again with more free nats, more word dropout or a"
            " longer warm start.",
            nats=f"{figures.get('mutual_information', figures['kl']):.2f}",
            units=int(figures["active_units"]),
            all=self.config.latent_dim,
        )

    def _notes_on_rows(self) -> list[Noted]:
        if not self._num_cut:
            return []
        message = words(
            "{n:,} of {all|sentence is|sentences are} longer than {limit:,} tokens: only their beginnings are learned.",
            n=self._num_cut,
            all=self.train_rows.num_rows,
            limit=self.config.context_length,
        )
        return [Noted(job="train", message=message)]

    def idle(self) -> dict[str, Words]:
        """Rows are sentences in any case; a KL that counts at once has no time to rise in."""
        idle = super().idle()
        if self.training.rows in ("running", "packed"):
            idle["training.rows"] = words("every row is one sentence")
        if self.settings.kl_schedule == "constant":
            idle["task.kl_warmup_share"] = words("the KL counts at once")
        return idle

    def sample(self, model: LanguageModel) -> tuple[str, str]:
        """A held-out sentence (or the one asked for) and what the model rebuilds of it."""
        assert isinstance(model, TextVAE)
        rows = self.val_rows or self.train_rows
        ids = [int(token) for token in rows.row(0) if token != END]
        if self.training.sample_prompt:
            ids = self.tokenizer.encode(self.training.sample_prompt)
        ids = ids[: self.config.context_length - 1]
        with torch.inference_mode():
            mean, _ = model.encode(torch.tensor([ids], dtype=torch.long, device=model.device))
        return self.tokenizer.decode(ids), whole_text(self.tokenizer, write(model, mean)[0])

    @classmethod
    def answer(cls, model: LanguageModel, tokenizer: Tokenizer, asked: Asked) -> Answering:
        """Rebuild the last message."""
        assert isinstance(model, TextVAE)
        events = retell(model, tokenizer, asked.text, asked.config)
        return Answering(events, len(tokenizer.encode(asked.text)), max(0, len(asked.chat.path()) - 1))


def sentence_losses(model: LanguageModel, batch: Batch, free_bits: float) -> tuple[Tensor, Tensor, Tensor]:
    """Nats that a batch costs: its reconstruction as a sum, the KL a sentence, and what of the KL has a price."""
    assert batch.targets is not None
    output = model(batch)
    reconstruction = token_losses(model, output.hidden.flatten(0, 1), batch.targets.flatten()).sum()
    by_unit = kl_by_unit(output.parts["mean"], output.parts["log_variance"]).mean(0)
    counted = by_unit.clamp_min(free_bits / model.config.latent_dim).sum()
    return reconstruction, by_unit.sum(), counted


def remedies(settings: LatentSettings, config: VAEConfig) -> tuple[Remedy, ...]:
    """Changed settings that bring a latent space back into use, each one that is not tried already."""
    more, half, longer = max(8.0, 2 * settings.free_bits), 0.5, 0.3
    choices = (
        ("task.free_bits", settings, more, words("Use {value} free nats", value=f"{more:g}")),
        ("model.word_dropout", config, half, words("Hide {value} of the words", value=f"{half:.0%}")),
        (
            "task.warm_start_share",
            settings,
            longer,
            words("Begin with {value} of the steps as a plain autoencoder", value=f"{longer:.0%}"),
        ),
    )
    found = []
    for path, held, value, label in choices:
        name = path.partition(".")[2]
        if getattr(held, name) >= value:
            continue
        try:
            change(held, name, value)
        except StudioError:  # no room beside the KL's warm-up
            continue
        found.append(Remedy("set", label, path, f"{value:g}"))
    return tuple(found)
