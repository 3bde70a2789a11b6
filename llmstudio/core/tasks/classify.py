"""Tell which class a text belongs to, or which several.

A head for classes stands beside the head for tokens: whatever the family, the model reads the text once and the head scores
the classes from what it made of it.

What is learned from is the loss that remedies for rare classes and label smoothing make (`Balance.losses`). Held-out texts
are measured by plain cross-entropy (`Balance.cross_entropy`), so that runs compare whatever they learned by, and the best
weights are chosen by it.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import Batches
from llmstudio.core.dataset.encoding import one_class
from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.events import Event, Noted
from llmstudio.core.generation.classes import LIKELY, Reader, answer_classes, class_logits
from llmstudio.core.generation.spelling import Wording
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.changes import Recorded
from llmstudio.core.models.changes.head import new_head
from llmstudio.core.models.parts.heads.sizes import TABLE_ROWS
from llmstudio.core.tasks.augmentation.augmenting import Augmenter
from llmstudio.core.tasks.augmentation.neighbours import token_table
from llmstudio.core.tasks.base import Answering, Asked, training_rows
from llmstudio.core.tasks.classes.balancing import UNSMOOTHED, Balance
from llmstudio.core.tasks.classes.guesses import ClassGuesses
from llmstudio.core.tasks.classes.made_up.making import make_up
from llmstudio.core.tasks.classes.made_up.sizes import LONGEST
from llmstudio.core.tasks.classes.made_up.texts import MADE_UP, Learned, wanted_texts
from llmstudio.core.tasks.computing import Computing
from llmstudio.core.tasks.evaluation import Score
from llmstudio.core.tasks.guessing import Guessing
from llmstudio.core.tasks.marked_rows import MarkedBatches, MarkedRows
from llmstudio.core.tasks.scores.thresholds import best_offsets
from llmstudio.core.tokenizer.config import END, MASK, SPECIALS
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop

_MUCH_RARER = 10
_MOVED_BY = 2_000  # texts by which the line between classes is moved at most: to look for it takes long
_SHOWN, _CHARACTERS = 3, 80  # made-up texts, and characters of each
_TWO_MEASURES = words(
    "The training loss includes label smoothing and the remedy for rare classes; the validation loss is plain cross-entropy,"
    " whatever a model learns by. They are two measures: that one lies below the other is no sign of learning by heart."
)


@dataclass
class ClassScore(Score):
    """What was said of each text so far.

    Attributes:
        truths: (n, C) bool for each group of texts, their classes.
        scores: (n, C) float32, the model's probabilities.
        several: Whether a text may have several classes.
        offsets: (C,) for each group, what logits are moved by before a class is chosen; alike for all.
    """

    truths: list[NDArray[np.bool_]] = field(default_factory=list)
    scores: list[NDArray[np.float32]] = field(default_factory=list)
    several: int = 0
    offsets: list[NDArray[np.float64]] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """By name: loss (plain cross-entropy, nats a text), accuracy, macro_f1, texts, tokens."""
        if not self.truths:
            return {"loss": float("nan"), "accuracy": float("nan"), "macro_f1": float("nan"), "texts": 0, "tokens": 0}
        texts, right = sum(map(len, self.truths)), 0
        hits, named = np.zeros((2, self.truths[0].shape[1]), np.int64)
        for truth, scores in zip(self.truths, self.scores, strict=True):  # all at once would lie there several times
            told = self._told(scores)
            hits += (truth & told).sum(0)
            named += truth.sum(0) + told.sum(0)
            right += int((truth == told).all(1).sum())
        there = named > 0
        f1 = 2 * hits[there] / named[there]
        return {
            "loss": self.nats / texts,
            "accuracy": right / texts,
            "macro_f1": float(f1.mean()) if there.any() else 0.0,
            "texts": texts,
            "tokens": self.tokens,
        }

    def told(self) -> NDArray[np.bool_]:
        """(N, C) the classes that the model gives each text."""
        return np.concatenate([self._told(scores) for scores in self.scores])

    def _told(self, scores: NDArray[np.float32]) -> NDArray[np.bool_]:
        offsets = self.offsets[0] if self.offsets else np.zeros(scores.shape[1])
        told: NDArray[np.bool_]
        if self.several:
            told = scores >= LIKELY / (LIKELY + (1 - LIKELY) * np.exp(offsets))
            return told
        likeliest = (scores * np.exp(offsets)).argmax(1)
        told = np.arange(scores.shape[1]) == likeliest[:, None]
        return told


class Classify(Guessing):
    """Tell the classes of a text. Headline: accuracy."""

    def make_rows(self) -> None:
        """Texts and their classes."""
        self.train_rows, self.val_rows = training_rows(self.dataset)
        self.whole_documents = self.few_answers = True
        self.names, sets = self.dataset.mark_names, self.dataset.mark_sets
        self.read = MarkedRows(
            self.train_rows, self.config.context_length, share=self.settings.label_share, seed=self.training.seed
        )
        self.several = any(len(chosen) != 1 for chosen in sets)
        self.chance_loss = len(self.names) * math.log(2) if self.several else math.log(len(self.names))
        # Class by class, not as a table of marks and classes, which grows with the square of the classes.
        self.classes_of = [np.unique(np.asarray(chosen, np.int64)) for chosen in sets]
        self.first_class = np.array([chosen[0] if len(chosen) else 0 for chosen in self.classes_of])
        rows, learned = np.bincount(self.read.row_marks, minlength=len(sets)), np.zeros(len(self.names), np.int64)
        for count, chosen in zip(rows, self.classes_of, strict=True):
            learned[chosen] += count
        if (learned > 0).sum() < 2:
            raise one_class(next((name for name, count in zip(self.names, learned, strict=True) if count), ""))
        own = self.settings
        self._wording = Wording(self.tokenizer)
        self._augment = Augmenter(self.tokenizer, delete=own.delete_share, swap=own.swap_share, replaced=own.replace_share)
        smoothing = own.label_smoothing
        self.balance = Balance(self.settings.imbalance, learned, int(rows.sum()), several=self.several, smoothing=smoothing)
        if (made_up := self.dataset.made_up) is not None:
            share, seed = self.settings.label_share, self.training.seed
            self.read = MarkedRows(self.train_rows, self.config.context_length, share=share, seed=seed, beside=made_up)

    @property
    def makes_up(self) -> bool:
        """Whether texts are to be made up before the first step."""
        return self.settings.imbalance in MADE_UP and self.balance.without_effect() is None

    def make_up(self, *, job: str, stop: Stop) -> Generator[Event, None, list[tuple[str, int]] | None]:
        """Texts of rare classes that are to be learned along, each with its mark; None if it was stopped."""
        rows = [self.read.ids(at)[:LONGEST].tolist() for at in range(len(self.read))]
        learned = Learned(rows, self.first_class[self.read.row_marks], self.names)
        wanted = wanted_texts(self.balance.counts, self.settings.made_up_times)
        how, seed = self.settings.imbalance, self.training.seed
        texts = yield from make_up(learned, wanted, how, tokenizer=self.tokenizer, seed=seed, job=job, stop=stop)
        marks = {number: mark for mark, (number, *more) in enumerate(self.dataset.mark_sets) if not more}
        return None if texts is None else [(text, marks[number]) for text, number in texts]

    def changes(self, before: Sequence[Recorded]) -> Sequence[Recorded]:
        """A head for these classes."""
        return new_head(
            before,
            width=self.config.features_dim,
            names=self.names,
            pooling=self.settings.pooling,
            seed=self.training.seed,
            several=self.several,
            moved=self._moves_threshold,
            spelling=TABLE_ROWS if self.settings.wording else None,
        )

    def batches(self) -> Batches:
        """The training batches."""
        training = self.training
        shown = self.balance.shown(self.first_class[self.read.row_marks], training.seed)
        return MarkedBatches(self.read, batch_size=training.step_rows, seed=training.seed, each=False, shown=shown)

    def guesses(self, model: LanguageModel, batch: Batch) -> ClassGuesses:
        """The classes of the texts; their loss has remedy and smoothing in it."""
        hidden = None
        if model.training:
            batch = self._augment(batch, partial(token_table, model))
            hidden = self._hidden(batch.ids) if self.settings.word_dropout else None
        return ClassGuesses(self._logits(model, batch, hidden), self._truth(batch), self.balance)

    def weight(self, batch: Batch) -> float:
        """How much a batch counts: its texts, each with the weight of its class."""
        return float(self.balance.weights(self._truth(batch)).sum())

    def _hidden(self, ids: Tensor) -> Tensor:
        """The tokens with some of them hidden, never its signs."""
        lots = torch.rand(ids.shape, device=ids.device)
        return ids.masked_fill((lots < self.settings.word_dropout) & (ids >= len(SPECIALS)), MASK)

    def _logits(self, model: LanguageModel, batch: Batch, hidden: Tensor | None = None) -> Tensor:
        dropouts = {"dropout": self.settings.head_dropout, "wording_dropout": self.settings.wording_dropout}
        return class_logits(model, batch.ids, self._wording, hidden=hidden, **dropouts)

    def _truth(self, batch: Batch) -> Tensor:
        """(B, C) 1 for each class of a text."""
        assert batch.labels is not None
        marks = [self.classes_of[mark] for mark in batch.labels.tolist()]
        truth = np.zeros((len(marks), len(self.names)), np.float32)
        truth[np.repeat(np.arange(len(marks)), [len(chosen) for chosen in marks]), np.concatenate(marks)] = 1
        return torch.from_numpy(truth).to(batch.labels.device)

    def evaluate(self, model: LanguageModel, computing: Computing, max_tokens: int | None = None) -> Iterator[Score]:
        """Running scores on the validation part, their loss plain cross-entropy; nothing if there is none."""
        if self.val_rows is None:
            return
        rows, score = MarkedRows(self.val_rows, self.config.context_length), ClassScore(several=int(self.several))
        for group in rows.looks(max_tokens):
            self._add(score, model, rows.batch(group, each=False), computing)
            yield score

    def _add(self, score: ClassScore, model: LanguageModel, batch: Batch, computing: Computing) -> None:
        was_training = model.training
        model.eval()
        with torch.inference_mode(), computing.autocast():
            on = batch.to(computing.device)
            logits, truth = self._logits(model, on), self._truth(on)
            chances = logits.sigmoid() if self.several else logits.softmax(-1)
            losses = self.balance.cross_entropy(logits, truth)
        model.train(was_training)
        score.nats += float(losses.sum())
        score.tokens += batch.num_tokens
        score.truths.append(truth.cpu().numpy() > 0)
        score.scores.append(chances.float().cpu().numpy())
        if (offsets := model.class_head.offsets) is not None:
            score.offsets.append(offsets.double().cpu().numpy())

    @property
    def _moves_threshold(self) -> bool:
        return self.settings.imbalance == "threshold" and self.val_rows is not None

    def settle(self, model: LanguageModel, score: Score) -> None:
        """Move the line between classes to where macro-F1 of the texts that were looked at is best."""
        offsets = model.class_head.offsets
        if offsets is None or not isinstance(score, ClassScore) or not score.truths:
            return
        every = -(-sum(map(len, score.truths)) // _MOVED_BY)
        truth, scores = np.concatenate(score.truths)[::every], np.concatenate(score.scores)[::every]
        found = best_offsets(truth, scores, several=self.several)
        score.offsets = [found]
        offsets.copy_(torch.from_numpy(found))

    def notes(self, figures: Mapping[str, float] | None = None) -> list[Noted]:
        """At the beginning: texts that are cut, and classes of the validation part that nothing is learned of."""
        if figures is not None:
            return []
        learned = self.balance.counts.tolist()
        notes = self.read.notes([name for name, known in zip(self.names, learned, strict=True) if not known])
        if self.balance.shapes_loss and self.val_rows is not None:
            notes.append(Noted(job="train", message=_TWO_MEASURES))
        if self._moves_threshold:
            message = words(
                "The line between classes is moved where macro-F1 is best on the validation texts: figures on these texts"
                " look a little too good. Measure on others."
            )
            notes.append(Noted(job="train", message=message))
        if (made_up := self.dataset.made_up) is not None:
            notes.append(self._told_of(made_up))
        most, (fewest, rare) = max(learned), min((n, name) for n, name in zip(learned, self.names, strict=True) if n)
        if self.settings.imbalance == "none" and fewest * _MUCH_RARER <= most:
            message = words(
                "The rarest class, {name}, has {n|text|texts} to learn from, the most frequent one {most:,}. A model finds"
                " such a class seldom: the setting Rare classes has remedies, each of which may cost something elsewhere.",
                name=rare,
                n=fewest,
                most=most,
            )
            notes.append(Noted(job="train", message=message))
        return notes

    def _told_of(self, made_up: Rows) -> Noted:
        """How many texts are made up, and some of them."""
        chosen = sorted({round(at) for at in np.linspace(0, made_up.num_rows - 1, _SHOWN)}) if made_up.num_rows else []
        texts = [self.tokenizer.decode([int(token) for token in made_up.row(at) if token != END]) for at in chosen]
        told = " · ".join(text if len(text) <= _CHARACTERS else text[:_CHARACTERS] + " …" for text in texts)
        message = words(
            "{n|made-up text is|made-up texts are} learned along: {texts}", n=made_up.num_rows, texts=told or "–"
        )
        return Noted(job="train", message=message)

    def idle(self) -> dict[str, Words]:
        """There are no answers, and rows are always whole texts."""
        idle = super().idle() | {"training.rows": words("every row is a text with its class")}
        if self.several:
            idle["task.label_smoothing"] = words("a text may have several classes")
        elif self.settings.imbalance in UNSMOOTHED:
            idle["task.label_smoothing"] = words("this remedy for rare classes knows no smoothing")
        if not self.settings.wording:
            idle["task.wording_dropout"] = words("words and phrases are not read by themselves")
        if (reason := self.balance.without_effect()) is not None:
            idle["task.imbalance"] = reason
        if self.settings.imbalance == "threshold" and not self._moves_threshold:
            idle["task.imbalance"] = words("there is no validation text")
        if not self.makes_up:
            idle["task.made_up_times"] = words("no texts are made up")
        return idle

    def sample(self, model: LanguageModel) -> tuple[str, str]:
        """A validation text (or the user's) and the likeliest classes."""
        rows = self.val_rows or self.train_rows
        text = self.training.sample_prompt or self.tokenizer.decode(rows.row(0).tolist())
        return text, Reader(model, self.tokenizer).told(text)

    @classmethod
    def answer(cls, model: LanguageModel, tokenizer: Tokenizer, asked: Asked) -> Answering:
        """The classes of the last message."""
        branch, text = asked.chat.path(), asked.text
        events = answer_classes(model, tokenizer, text)
        return Answering(events, len(tokenizer.encode(text)), max(0, len(branch) - 1))
