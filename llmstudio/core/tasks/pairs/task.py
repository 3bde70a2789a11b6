"""Write a target after reading its source: what encoder-decoders are trained for, and decoders and recurrent models can be.

A row of a dataset with answers, `source <assistant> TARGET <end>`, is split where the answer begins: translations, but also
texts with their labels, or a passage and a question with the first answer. While learning, each token of the target is
predicted from those before it in the true target (teacher forcing). Source: Sutskever et al. 2014, arXiv:1409.3215.
A model without a half that reads gets the row as it is and learns its target alone (Radford et al. 2018).

Text without answers is cut into sentences, and each is the source of the one that follows it in its document (Kiros et al.
2015, arXiv:1506.06726).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import IGNORED, evenly
from llmstudio.core.dataset.encoding import encode_turns
from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Noted
from llmstudio.core.generation.beam import answer_sources, beam_search, most_read, rewrite
from llmstudio.core.generation.chat import STORY
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.config import Look
from llmstudio.core.models.families import family, kind_of
from llmstudio.core.tasks.base import Answering, Asked, training_rows
from llmstudio.core.tasks.computing import Computing
from llmstudio.core.tasks.evaluation import Score, bytes_by_token, in_evaluation
from llmstudio.core.tasks.guessing import Guessing, TokenGuesses
from llmstudio.core.tasks.loss import counted, num_counted, token_losses
from llmstudio.core.tasks.pairs.rows import PairBatches, Pairs, follow, split_pairs
from llmstudio.core.tasks.pairs.score import PairScore
from llmstudio.core.tokenizer.config import UNKNOWN, USER
from llmstudio.core.tokenizer.streaming import reference_text, whole_text
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import Words, words

_ANSWERS, _ANSWERS_OF_ALL = 64, 512  # answers written at a look, and where the whole validation part is read
_ANSWERS_AT_ONCE = 64


class SequencePairs(Guessing):
    """Write a target after reading its source. Headline: bits per byte of the target, and the share of exact answers."""

    whole_documents = True

    def make_rows(self) -> None:
        """Pairs of the corpus or, where it has none, each sentence and the one that follows.

        Raises:
            StudioError: There is neither, or nothing fits the context.
        """
        dataset, tokenizer, config = self.dataset, self.tokenizer, self.config
        self.is_of_turns = dataset.meta.get("record_kind") == "turns"
        self.reads_apart = family(kind_of(config)).reading == "a source first"
        self.train_rows, self.val_rows = training_rows(dataset)
        self.is_following = self.train_rows.answer_mask is None
        if self.is_following:
            self.train_rows = follow(self.train_rows, tokenizer, config.context_length)
            self.val_rows = follow(self.val_rows, tokenizer, config.context_length) if self.val_rows is not None else None
            if not self.train_rows.num_rows:
                raise StudioError(
                    "To learn pairs takes two texts that belong together, or sentences that follow one another, and this"
                    " corpus has neither: import a file with columns source and target, or longer texts.",
                    remedies=(Remedy("open_tab", words("Go to Corpus"), "corpus"),),
                )
        self.pairs = self._split(self.train_rows)
        if not len(self.pairs):
            raise self._nothing_fits()

    def batches(self) -> PairBatches:
        """The training batches."""
        return PairBatches(self.pairs, batch_size=self.training.step_rows, seed=self.training.seed)

    def guesses(self, model: LanguageModel, batch: Batch) -> TokenGuesses:
        """The tokens of the targets."""
        assert batch.targets is not None
        smoothing = self.settings.label_smoothing
        return TokenGuesses(model, model(batch).hidden, batch.targets, label_smoothing=smoothing, few=True)

    def weight(self, batch: Batch) -> float:
        """How much a batch counts: its target tokens."""
        return num_counted(batch)

    def evaluate(self, model: LanguageModel, computing: Computing, max_tokens: int | None = None) -> Iterator[Score]:
        """Running scores of the validation targets; at last, of some of them, the answers that the model writes itself."""
        pairs = self._split(self.val_rows) if self.val_rows is not None else None
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
            counts = {"n": self.pairs.num_left_out, "all": self.train_rows.num_rows, "limit": self.config.context_length}
            left_out = words(
                "{n:,} of {all|pair is|pairs are} left out: a source or target is empty or longer than {limit:,} tokens.",
                **counts,
            )
            if not self.reads_apart:
                left_out = words(
                    "{n:,} of {all|pair is|pairs are} left out: a source or target is empty, or both together are longer"
                    " than {limit:,} tokens.",
                    **counts,
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
        held_out = self._split(self.val_rows) if self.val_rows is not None else self.pairs
        pairs = held_out if len(held_out) else self.pairs
        source = self.tokenizer.encode(self.training.sample_prompt)
        if not source:
            source = pairs.source(0).tolist()
        elif self.is_of_turns:
            source = [USER, *source]
        source = source[: most_read(model)]
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

    def _nothing_fits(self) -> StudioError:
        limit = self.config.context_length
        wider = words("Use a context of {size:,}", size=2 * limit)
        remedies = (Remedy("set", wider, "model.context_length", str(2 * limit)),)
        if self.reads_apart:
            return StudioError(
                "No pair of this corpus has a source and a target of at most {limit:,} tokens: use a larger context.",
                limit=limit,
                remedies=remedies,
            )
        return StudioError(
            "No pair of this corpus has at most {limit:,} tokens together with its sign: use a larger context.",
            limit=limit,
            remedies=remedies,
        )

    def _split(self, rows: Rows) -> Pairs:
        return split_pairs(rows, self.config.context_length, is_apart=self.reads_apart)

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
                score.references.append(reference_text(self.tokenizer, target))

    def _unknown_bytes(self, rows: Rows) -> float:
        """Bytes that an unknown token hides on the average."""
        return float(np.sum(rows.hidden_bytes)) / max(1, int(np.count_nonzero(np.asarray(rows.ids) == UNKNOWN)))

    def _zipped_bits(self, pairs: Pairs, chosen: NDArray[np.int64]) -> float:
        text = "\n".join(self.tokenizer.decode(pairs.target(i).tolist()) for i in chosen)
        return 8.0 * len(zlib.compress(text.encode(), 9))
