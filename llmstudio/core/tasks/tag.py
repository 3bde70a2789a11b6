"""Tell the tag of every word: parts of speech, names in BIO, or where words begin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import IGNORED, Batches
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Noted
from llmstudio.core.generation.spelling import Spelling
from llmstudio.core.generation.tags import Tagger, answer_tags, best_tags, emissions
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.changes import Recorded
from llmstudio.core.models.changes.head import head_of, new_head
from llmstudio.core.models.parts.heads.sizes import SCALE, TABLE_ROWS
from llmstudio.core.tasks.augmentation.augmenting import Augmenter
from llmstudio.core.tasks.augmentation.neighbours import token_table
from llmstudio.core.tasks.base import Answering, Asked, Task, training_rows
from llmstudio.core.tasks.computing import Computing
from llmstudio.core.tasks.evaluation import Score, in_evaluation
from llmstudio.core.tasks.marked_rows import MarkedBatches, MarkedRows
from llmstudio.core.tasks.scores.spans import forbidden_steps, is_span_tag, score_spans
from llmstudio.core.tasks.word_ends import WordEnds, are_words
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import Words, words


@dataclass
class TagScore(Score):
    """What was said of each sentence so far.

    Attributes:
        truths: The tags of each sentence.
        told: Those that the model gave.
    """

    truths: list[list[str]] = field(default_factory=list)
    told: list[list[str]] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """By name: loss (nats a word), tag_accuracy, span_f1 where tags tell of spans, words, tokens."""
        count = max(1, sum(map(len, self.truths)))
        pairs = list(zip(self.truths, self.told, strict=True))
        right = sum(one == other for truth, told in pairs for one, other in zip(truth, told, strict=True))
        figures = {"loss": self.nats / count, "tag_accuracy": right / count}
        if all(is_span_tag(tag) for row in self.truths for tag in row):
            figures["span_f1"] = score_spans(self.truths, self.told).overall.f1
        return figures | {"words": sum(map(len, self.truths)), "tokens": self.tokens}


class Tag(Task):
    """Predict the tag of every word. Headline: the share of words tagged correctly."""

    def make_rows(self) -> None:
        """Sentences and their tags."""
        self.train_rows, self.val_rows = training_rows(self.dataset)
        self.whole_documents = self.few_answers = True
        sets = self.dataset.mark_sets
        self.names = [self.dataset.mark_names[number] for (number,) in sets]
        self._ends = WordEnds(self.names) if self.settings.ends and are_words(self.names) else None
        self._spelling = Spelling(self.tokenizer)
        self._augment = Augmenter(self.tokenizer, replaced=self.settings.replace_share)
        self.read = MarkedRows(
            self.train_rows, self.config.context_length, share=self.settings.label_share, seed=self.training.seed
        )
        marks = np.asarray(self.train_rows.marks)
        known = np.unique(marks[marks >= 0])
        if len(known) < 2:
            raise StudioError("All words to learn from have the same tag: there is nothing to tell apart.")
        self.unknown = [name for number, name in enumerate(self.names) if number not in known]
        if self.settings.spelling and self.settings.spelling_least > 1:
            self._spelling.leave_out_rare(self._rows_read(), self.settings.spelling_least)

    def _rows_read(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.bool_]]]:
        """Tokens of the rows to learn from, and where words start in them."""
        for group in self.read.looks(None):
            batch = self.read.batch(group, each=True)
            assert batch.labels is not None
            yield batch.ids.numpy(), (batch.labels >= 0).numpy()

    def _forbidden(self) -> list[tuple[int, int]]:
        """Steps between tags that BIO forbids and no row to learn from takes: pairs of numbers, a row's beginning is C."""
        ends = self._ends
        if ends is not None:
            never = ends.never.copy()
        elif all(map(is_span_tag, self.names)):
            never = np.vstack(forbidden_steps(self.names))
        else:
            return []
        marks, begin = np.asarray(self.train_rows.marks), never.shape[1]
        for start, end in pairwise(self.train_rows.offsets.tolist()):
            row = marks[start:end]
            row = row[row >= 0] if ends is None else ends.learned(row[row >= 0])
            row = np.concatenate([[begin], row])
            never[row[:-1], row[1:]] = False
        return [(int(before), int(tag)) for before, tag in zip(*np.nonzero(never), strict=True)]

    def changes(self, before: Sequence[Recorded]) -> Sequence[Recorded]:
        """A head for these tags, at every word."""
        settings, forbidden, ends = self.settings, self._forbidden(), self._ends
        return new_head(
            before,
            width=self.config.features_dim,
            names=self.names if ends is None else ends.names,
            told=None if ends is None else ends.told,
            pooling="each",
            seed=self.training.seed,
            pieces=settings.pieces,
            crf=SCALE if settings.crf else False,
            window=settings.window or None,
            spelling=TABLE_ROWS if settings.spelling else None,
            forbidden=forbidden if settings.crf else [],
            never=None if settings.crf else forbidden,
        )

    def batches(self) -> Batches:
        """The training batches."""
        training = self.training
        return MarkedBatches(self.read, batch_size=training.step_rows, seed=training.seed, each=True)

    def loss(self, model: LanguageModel, batch: Batch, total_weight: float) -> Tensor:
        """The batch's share of a step's loss: its sum over the words of the whole step."""
        return self._nats(model, self._augment(batch, partial(token_table, model)))[0] / total_weight

    def _nats(self, model: LanguageModel, batch: Batch) -> tuple[Tensor, Tensor]:
        """Summed loss of a batch, and its emissions (B, T, C)."""
        assert batch.labels is not None
        settings, starts = self.settings, batch.labels >= 0
        scores = emissions(
            model, batch.ids, starts, settings.pieces, self._spelling, dropout=settings.head_dropout,
            spelling_dropout=settings.spelling_dropout,
        )  # fmt: skip
        labels, crf = self._learned(model, batch.labels), model.class_head.crf
        if crf is not None:
            return crf(scores, labels).sum(), scores
        losses = F.cross_entropy(scores.flatten(0, 1), labels.flatten(), reduction="sum", ignore_index=IGNORED)
        return losses, scores

    def _learned(self, model: LanguageModel, labels: Tensor) -> Tensor:
        """(B, T) what is learned at each place, from the tags that are told there; a model may have begun without ends."""
        head = head_of(model.changes)
        if self._ends is None or head is None or not head.get("told"):
            return labels
        found = labels.cpu().numpy().copy()
        for row in found:
            there = np.flatnonzero(row >= 0)
            row[there] = self._ends.learned(row[there])
        return torch.from_numpy(found).to(labels.device)

    def weight(self, batch: Batch) -> float:
        """How much a batch counts: its words."""
        assert batch.labels is not None
        return float((batch.labels >= 0).sum())

    def evaluate(self, model: LanguageModel, computing: Computing, max_tokens: int | None = None) -> Iterator[Score]:
        """Running scores on the validation part; nothing if there is none."""
        if self.val_rows is None:
            return
        rows, score = MarkedRows(self.val_rows, self.config.context_length), TagScore()
        for group in rows.looks(max_tokens):
            batch = rows.batch(group, each=True)
            assert batch.labels is not None
            with in_evaluation(model), computing.autocast():
                nats, scores = self._nats(model, batch.to(computing.device))
                told = best_tags(model, scores, batch.labels.to(computing.device) >= 0).cpu()
            score.nats += float(nats)
            score.tokens += batch.num_tokens
            for truth, guess in zip(batch.labels.tolist(), told.tolist(), strict=True):
                there = [place for place, mark in enumerate(truth) if mark >= 0]
                score.truths.append([self.names[truth[place]] for place in there])
                score.told.append([self.names[guess[place]] for place in there])
            yield score

    def notes(self, figures: Mapping[str, float] | None = None) -> list[Noted]:
        """At the beginning: sentences that are cut, and tags of which nothing is learned."""
        return self.read.notes(self.unknown) if figures is None else []

    def idle(self) -> dict[str, Words]:
        """There are no answers, and rows are always whole sentences."""
        idle = super().idle() | {"training.rows": words("every row is a sentence with its tags")}
        marks = np.asarray(self.train_rows.marks)
        ids = np.asarray(self.train_rows.ids)
        if int((marks >= 0).sum()) + self.train_rows.num_rows == len(ids):
            idle["task.pieces"] = words("every word is one token")
        if not are_words(self.names):
            idle["task.ends"] = words("the tags are not those of words that are sought")
        if not self.settings.spelling:
            for name in ("spelling_least", "spelling_dropout"):
                idle[f"task.{name}"] = words("the spelling is not read")
        return idle

    def sample(self, model: LanguageModel) -> tuple[str, str]:
        """A validation sentence (or the user's), and its words with their tags."""
        rows = self.val_rows or self.train_rows
        text = self.training.sample_prompt or self.tokenizer.decode(rows.row(0).tolist())
        return text, Tagger(model, self.tokenizer).told(text)

    @classmethod
    def answer(cls, model: LanguageModel, tokenizer: Tokenizer, asked: Asked) -> Answering:
        """The tags of the last message."""
        branch, text = asked.chat.path(), asked.text
        return Answering(answer_tags(model, tokenizer, text), len(tokenizer.encode(text)), max(0, len(branch) - 1))
