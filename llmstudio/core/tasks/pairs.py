"""Write a target after reading its source: what encoder-decoders are trained for.

A row of a dataset with answers, `source <assistant> TARGET <end>`, is split where the answer begins: translations, but also
texts with their labels, or a passage and a question with the first answer. While learning, each token of the target is
predicted from those before it in the true target (teacher forcing). Source: Sutskever et al. 2014, arXiv:1409.3215.

Text without answers is cut into sentences, and each is the source of the one that follows it in its document (Kiros et al.
2015, arXiv:1506.06726).
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import IGNORED, ByLength, evenly
from llmstudio.core.dataset.config import padded_length
from llmstudio.core.dataset.encoding import encode_turns
from llmstudio.core.dataset.sentences import cut_sentences
from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Noted
from llmstudio.core.generation.beam import answer_sources, beam_search, rewrite
from llmstudio.core.generation.chat import STORY
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.config import Look
from llmstudio.core.tasks.base import Answering, Asked, Task, training_rows
from llmstudio.core.tasks.computing import Computing
from llmstudio.core.tasks.evaluation import Score, bytes_by_token, in_evaluation
from llmstudio.core.tasks.loss import counted, num_counted, token_losses
from llmstudio.core.tasks.scores.written import written_figures, written_remarks
from llmstudio.core.tokenizer.config import ASSISTANT, END, PAD, UNKNOWN, USER
from llmstudio.core.tokenizer.streaming import whole_text
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import Words, words

_ANSWERS, _ANSWERS_OF_ALL = 64, 512  # answers written at a look, and where the whole validation part is read
_ANSWERS_AT_ONCE = 64


@dataclass
class PairScore(Score):
    """Sums over the target tokens scored so far.

    Attributes:
        exact: Answers written that are the target to the last token.
        answers: Answers written.
        pairs: Pairs there are.
        zipped_bits: What a general compressor needs for the same targets.
        texts: Of the answers those that are scored as texts: none at a look in between, or where the corpus has no pairs.
        references: The targets in their place.
    """

    exact: int = 0
    answers: int = 0
    pairs: int = 0
    zipped_bits: float = 0.0
    texts: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """As `Score`'s, of the targets alone; exact_match, the share of answers that are the target to the letter; and where
        texts are scored, those of `written_figures`.
        """
        found = super().figures()
        if self.answers:
            found["exact_match"] = self.exact / self.answers
        if self.num_bytes and self.zipped_bits:
            found["zip_bits_per_byte"] = self.zipped_bits / self.num_bytes
        return found | written_figures(self.references, self.texts)

    def remarks(self) -> list[Words]:
        """How many answers the figures of texts are of, and what makes these hard to compare."""
        if not self.texts:
            return []
        of = words(
            "Exact match, BLEU, chrF and ROUGE are of {answers|answer|answers} that the model wrote, the likeliest word each"
            " time, to {pairs|pair|pairs}.",
            answers=self.answers,
            pairs=self.pairs,
        )
        return [of, *written_remarks(self.references, self.texts)]


@dataclass(frozen=True)
class Pairs:
    """Where sources and targets lie in rows' ids.

    Attributes:
        rows: The rows.
        starts: (N,) where each source begins.
        middles: (N,) where its target begins, behind ASSISTANT.
        ends: (N,) where the target ends, END included.
        context_length: Longest source, and longest target.
        num_left_out: Rows that are too long, or lack one half.
    """

    rows: Rows
    starts: NDArray[np.int64]
    middles: NDArray[np.int64]
    ends: NDArray[np.int64]
    context_length: int
    num_left_out: int

    def __len__(self) -> int:
        return len(self.starts)

    def source(self, index: int) -> NDArray[Any]:
        """Ids of a source."""
        return self.rows.ids[self.starts[index] : self.middles[index] - 1]

    def target(self, index: int) -> NDArray[Any]:
        """Ids of a target, END included."""
        return self.rows.ids[self.middles[index] : self.ends[index]]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(N,) tokens of source and target together."""
        return self.ends - self.starts - 1

    def padded(self, indices: NDArray[np.int64]) -> tuple[int, int]:
        """Tokens that each of these pairs' sources, and each of their targets, takes side by side."""
        longest = (self.middles - 1 - self.starts)[indices].max(), (self.ends - self.middles)[indices].max()
        size, length = (min(padded_length(int(n)), self.context_length) for n in longest)
        return size, length

    def batch(self, indices: NDArray[np.int64]) -> Batch:
        """Sources, targets as they are read (ASSISTANT before them), and as they are predicted (END behind them)."""
        size, length = self.padded(indices)
        source = np.full((len(indices), size), PAD, np.int64)
        ids = np.full((len(indices), length), PAD, np.int64)
        targets = np.full((len(indices), length), IGNORED, np.int64)
        for row, index in enumerate(indices):
            read, target = self.source(index), self.target(index)
            source[row, : len(read)], targets[row, : len(target)] = read, target
            ids[row, 0], ids[row, 1 : len(target)] = ASSISTANT, target[:-1]
        return Batch(torch.from_numpy(ids), torch.from_numpy(targets), source=torch.from_numpy(source))


def split_pairs(rows: Rows, context_length: int) -> Pairs:
    """The rows that have a source and a first answer of up to `context_length` tokens each, the answer's END included."""
    starts, row_ends = (np.asarray(x, np.int64) for x in (rows.offsets[:-1], rows.offsets[1:]))
    ids = np.asarray(rows.ids)
    middles = _next(ids == ASSISTANT, starts) + 1
    ends = _next(ids == END, middles) + 1
    is_pair = (middles < row_ends) & (ends <= row_ends)
    sources, targets = middles - 1 - starts, ends - middles
    fits = is_pair & (sources >= 1) & (sources <= context_length) & (targets >= 2) & (targets <= context_length)
    return Pairs(rows, starts[fits], middles[fits], ends[fits], context_length, int(np.count_nonzero(~fits)))


def follow(rows: Rows, tokenizer: Tokenizer, context_length: int) -> Rows:
    """Running text as rows `sentence <assistant> FOLLOWING <end>`.

    A sentence of more than `context_length` tokens is read as far as that. As a target it has no end, and is left out.
    """
    cut = cut_sentences(rows, tokenizer, context_length)
    ids, offsets = cut.rows.ids, cut.rows.offsets
    ends_whole = ids[offsets[1:] - 1] == END
    sources = np.flatnonzero(np.diff(cut.documents) == 0)
    mark, texts = np.array([ASSISTANT], ids.dtype), [ids[a + 1 : b] for a, b in itertools.pairwise(offsets)]
    pairs = [np.concatenate([texts[i][: len(texts[i]) - int(ends_whole[i])], mark, texts[i + 1]]) for i in sources]
    joined = np.concatenate(pairs) if pairs else ids[:0]
    row_bytes, hidden = (counts[sources] + counts[sources + 1] for counts in (cut.rows.row_bytes, cut.rows.hidden_bytes))
    return Rows(joined, np.cumsum([0, *map(len, pairs)]), None, row_bytes, hidden)


def _next(marks: NDArray[np.bool_], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first mark at or behind each place; beyond all marks, one past the end."""
    marked = np.append(np.flatnonzero(marks), len(marks))
    found: NDArray[np.int64] = marked[np.searchsorted(marked[:-1], places)]
    return found


class PairBatches:
    """Pairs of similar length side by side."""

    def __init__(self, pairs: Pairs, *, batch_size: int, seed: int) -> None:
        self.pairs = pairs
        # Of source and target, the mean: that is what a row takes of either.
        self.longest = -(-sum(pairs.padded(np.arange(len(pairs)))) // 2)
        self._dealt = ByLength(pairs.lengths, batch_size=batch_size, seed=seed)
        self.most_rows = self._dealt.most_rows

    def batch(self, step: int) -> Batch:
        """The batch of step `step`, counted from 0."""
        return self.pairs.batch(self._dealt.at(step))


class SequencePairs(Task):
    """Write a target after reading its source. Headline: bits per byte of the target, and the share of exact answers."""

    whole_documents = True

    def make_rows(self) -> None:
        """Pairs of the corpus or, where it has none, each sentence and the one that follows.

        Raises:
            StudioError: There is neither, or nothing fits the context.
        """
        dataset, tokenizer, config = self.dataset, self.tokenizer, self.config
        self.is_of_turns = dataset.meta.get("record_kind") == "turns"
        self.train_rows, self.val_rows = training_rows(dataset)
        self.is_following = self.train_rows.answer_mask is None
        if self.is_following:
            self.train_rows = follow(self.train_rows, tokenizer, config.context_length)
            self.val_rows = follow(self.val_rows, tokenizer, config.context_length) if self.val_rows is not None else None
            if not self.train_rows.num_rows:
                raise StudioError(
                    "An encoder-decoder needs two texts that belong together, or sentences that follow one another, and this"
                    " corpus has neither: import a file with columns source and target, or longer texts.",
                    remedies=(Remedy("open_tab", words("Go to Corpus"), "corpus"),),
                )
        self.pairs = split_pairs(self.train_rows, config.context_length)
        if not len(self.pairs):
            raise StudioError(
                "No pair of this corpus has a source and a target of at most {limit:,} tokens: use a larger context.",
                limit=config.context_length,
                remedies=(
                    Remedy(
                        "set",
                        words("Use a context of {size:,}", size=2 * config.context_length),
                        "model.context_length",
                        str(2 * config.context_length),
                    ),
                ),
            )

    def batches(self) -> PairBatches:
        """The training batches."""
        return PairBatches(self.pairs, batch_size=self.training.step_rows, seed=self.training.seed)

    def loss(self, model: LanguageModel, batch: Batch, total_weight: float) -> Tensor:
        """The batch's share of a step's loss: its sum over the target tokens of the whole step."""
        assert batch.targets is not None
        hidden, targets = counted(model(batch).hidden, batch.targets)
        return token_losses(model, hidden, targets, label_smoothing=self.settings.label_smoothing).sum() / total_weight

    def weight(self, batch: Batch) -> float:
        """How much a batch counts: its target tokens."""
        return num_counted(batch)

    def evaluate(self, model: LanguageModel, computing: Computing, max_tokens: int | None = None) -> Iterator[Score]:
        """Running scores of the validation targets; at last, of some of them, the answers that the model writes itself."""
        pairs = split_pairs(self.val_rows, self.config.context_length) if self.val_rows is not None else None
        if pairs is None or not len(pairs):
            return
        chosen = np.arange(len(pairs))
        if max_tokens is not None and pairs.lengths.sum() > max_tokens:
            chosen = evenly(len(pairs), len(pairs) * max_tokens / int(pairs.lengths.sum()))
        asked = chosen[:: max(1, -(-len(chosen) // (_ANSWERS if max_tokens else _ANSWERS_OF_ALL)))]
        chosen = chosen[np.argsort(pairs.lengths[chosen], kind="stable")]
        score, at = PairScore(), 0
        look: Look = self.settings.look
        assert self.val_rows is not None
        bytes_of = bytes_by_token(self.val_rows, self.tokenizer)
        while at < len(chosen):
            longest = int(pairs.lengths[chosen[min(at + look.rows, len(chosen)) - 1]])
            part = chosen[at : at + look.rows_at_once(longest)]
            at += len(part)
            self._add(score, model, pairs, part, bytes_of, computing)
            yield score
        score.zipped_bits, score.pairs = self._zipped_bits(pairs, chosen), len(pairs)
        limit = min(self.config.context_length, 2 * max(len(pairs.target(i)) for i in asked))
        asked = asked[np.argsort(pairs.lengths[asked], kind="stable")]
        for first in range(0, len(asked), _ANSWERS_AT_ONCE):
            self._ask(score, model, pairs, asked[first : first + _ANSWERS_AT_ONCE], limit, is_scored=max_tokens is None)
            yield score

    def notes(self, figures: Mapping[str, float] | None = None) -> list[Noted]:
        """At the beginning: what the pairs are where the corpus has none, and how many are left out."""
        if figures is not None:
            return []
        said = []
        if self.is_following:
            said.append(words("This corpus has no pairs: each sentence is read, and the one that follows is learned."))
        if self.pairs.num_left_out:
            left_out = words(
                "{n:,} of {all|pair is|pairs are} left out: a source or target is empty or longer than {limit:,} tokens.",
                n=self.pairs.num_left_out,
                all=self.train_rows.num_rows,
                limit=self.config.context_length,
            )
            said.append(left_out)
        return [Noted(job="train", message=message) for message in said]

    def idle(self) -> dict[str, Words]:
        """Rows are pairs in any case, of which the answer is learned."""
        idle = super().idle()
        if self.training.rows in ("running", "packed", "sentences"):
            idle["training.rows"] = words("every row is one pair")
        if self.train_rows.answer_mask is not None:
            idle["training.context_weight"] = words("only the answer is written")
        return idle

    def sample(self, model: LanguageModel) -> tuple[str, str]:
        """A source of the validation part (or the user's words) and what the model makes of it."""
        held_out = split_pairs(self.val_rows, self.config.context_length) if self.val_rows is not None else self.pairs
        pairs = held_out if len(held_out) else self.pairs
        source = self.tokenizer.encode(self.training.sample_prompt)
        if not source:
            source = pairs.source(0).tolist()
        elif self.is_of_turns:
            source = [USER, *source]
        source = source[: self.config.context_length]
        written = beam_search(model, source=source, beam_width=1, max_new_tokens=self.training.sample_tokens)[0]
        return self.tokenizer.decode(source), whole_text(self.tokenizer, written.ids)

    @classmethod
    def answer(cls, model: LanguageModel, tokenizer: Tokenizer, asked: Asked) -> Answering:
        """Rewrite the last message, after the story if there is one."""
        branch = asked.chat.path()
        seen = [message for message in branch[:-1] if message.who == STORY]
        turns = [{"who": message.who, "what": message.text} for message in (*seen, *branch[-1:])]
        as_turns = seen or (asked.chat.mode == "chat" and asked.record_kind == "turns")
        source = encode_turns(tokenizer, turns)[0] if as_turns else tokenizer.encode(asked.text)
        events = rewrite(model, tokenizer, source, asked.config, stop=asked.stop)
        return Answering(events, len(source), max(0, len(branch) - len(seen) - 1))

    def _add(
        self,
        score: PairScore,
        model: LanguageModel,
        pairs: Pairs,
        part: NDArray[np.int64],
        bytes_of: NDArray[np.float64],
        computing: Computing,
    ) -> None:
        """Score a batch; the model is put into evaluation mode for it and back."""
        with in_evaluation(model), computing.autocast():
            batch = pairs.batch(part).to(computing.device)
            assert batch.targets is not None
            hidden, targets = counted(model(batch).hidden, batch.targets)
            score.nats += token_losses(model, hidden, targets).sum().item()
        ids = targets[targets != IGNORED].cpu().numpy()
        score.tokens += len(ids)
        score.num_bytes += float(bytes_of[ids].sum())
        score.hidden_bytes += float(np.count_nonzero(ids == UNKNOWN)) * self._unknown_bytes(pairs.rows)

    def _ask(
        self, score: PairScore, model: LanguageModel, pairs: Pairs, part: NDArray[np.int64], limit: int, *, is_scored: bool
    ) -> None:
        """Let the model answer some sources, the likeliest token each time, and count what is right."""
        with in_evaluation(model):
            answers = dict(answer_sources(model, [pairs.source(i).tolist() for i in part], max_new_tokens=limit))
        for place, ids in answers.items():
            target = pairs.target(part[place])[:-1].tolist()
            score.exact += ids == target
            score.answers += 1
            if is_scored and not self.is_following:
                score.texts.append(whole_text(self.tokenizer, ids))
                score.references.append(self.tokenizer.decode(target))

    def _unknown_bytes(self, rows: Rows) -> float:
        """Bytes that an unknown token hides on the average."""
        return float(np.sum(rows.hidden_bytes)) / max(1, int(np.count_nonzero(np.asarray(rows.ids) == UNKNOWN)))

    def _zipped_bits(self, pairs: Pairs, chosen: NDArray[np.int64]) -> float:
        text = "\n".join(self.tokenizer.decode(pairs.target(i).tolist()) for i in chosen)
        return 8.0 * len(zlib.compress(text.encode(), 9))
