"""Guess hidden tokens from both sides: what encoders are trained for.

Rows are those of next-token training, documents or running text. In each, some words are chosen; of the chosen tokens 80 %
are hidden behind MASK, 10 % replaced by any other, 10 % left as they are, so that a model cannot tell which places count.
Which ones follows from seed and step alone. Source: Devlin et al. 2019, arXiv:1810.04805.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import IGNORED, Batches, Documents, RunningText, evenly
from llmstudio.core.dataset.config import padded_length
from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.generation.fill import between_blanks, fill, fill_blanks, fill_masks, has_blanks
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.config import Look
from llmstudio.core.tasks.base import Answering, Asked
from llmstudio.core.tasks.computing import Computing
from llmstudio.core.tasks.evaluation import Score, in_evaluation
from llmstudio.core.tasks.guessing import Guessing, TokenGuesses
from llmstudio.core.tasks.loss import counted, likeliest, num_counted, token_losses
from llmstudio.core.tokenizer.config import BLANK, MASK, PAD, SPECIALS
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.tokenizer.word_starts import WordStarts
from llmstudio.core.words import Words, words

_HIDDEN, _REPLACED = 0.8, 0.1
_MOST_HIDDEN = 0.5
_LOOK_SEED = 7  # looks hide the same words for every model
_SAMPLE_SHARE, _SAMPLE_TOKENS = 0.1, 48
_LOOKED_AT = 200_000  # tokens that tell whether words have more than one


@dataclass
class MaskedScore(Score):
    """Sums over the hidden tokens scored so far; bits per byte mean nothing where the rest of the text is given.

    Attributes:
        right: Tokens that the model would have put in.
    """

    right: int = 0

    def figures(self) -> dict[str, float]:
        """By name: loss (nats a hidden token), masked_accuracy, tokens."""
        count = max(1, self.tokens)
        return {"loss": self.nats / count, "masked_accuracy": self.right / count, "tokens": self.tokens}


class Masking:
    """Chooses what is hidden: every word with the same chance, or frequent ones less often.

    Attributes:
        chances: (V,) how likely a word that begins with a token is hidden.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        *,
        share: float,
        whole_words: bool,
        counts: NDArray[np.int64] | None = None,
        rare_words: float = 0.0,
    ) -> None:
        self.vocab_size = tokenizer.vocab_size
        self.starts = WordStarts(tokenizer) if whole_words else None
        self.chances = np.full(tokenizer.vocab_size, share)
        if counts is not None and rare_words:
            self.chances = _chances(counts, share, rare_words)

    def choose(self, ids: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.bool_]:
        """True for the tokens that count, by their chances, and at least one word of each row. ids (B, T).

        Special tokens, among them padding and what the vocabulary lacks, are never chosen.
        """
        lots = random.random(ids.shape) / self.chances[ids]
        if self.starts is not None:
            first = np.maximum.accumulate(np.where(self.starts(ids), np.arange(ids.shape[1]), 0), axis=1)
            lots = np.take_along_axis(lots, first, axis=1)
        lots = np.where(ids < len(SPECIALS), np.inf, lots)
        chosen: NDArray[np.bool_] = (lots < 1) | ((lots == lots.min(axis=1, keepdims=True)) & (lots < np.inf))
        return chosen

    def hide(self, ids: NDArray[np.int64], random: np.random.Generator) -> Batch:
        """A batch to learn from: ids as the model sees them, targets at the chosen places."""
        chosen = self.choose(ids, random)
        fate = random.random(ids.shape)
        others = random.integers(len(SPECIALS), max(self.vocab_size, len(SPECIALS) + 1), ids.shape)
        seen = np.where(chosen & (fate < _HIDDEN + _REPLACED), np.where(fate < _HIDDEN, MASK, others), ids)
        return Batch(torch.from_numpy(seen), torch.from_numpy(np.where(chosen, ids, IGNORED)))


class MaskedBatches:
    """Another kind of batches' rows, with some of their words hidden."""

    def __init__(self, rows: Batches, masking: Masking, seed: int) -> None:
        self.rows, self.masking, self.seed = rows, masking, seed
        self.longest, self.most_rows = rows.longest, rows.most_rows

    def batch(self, step: int) -> Batch:
        """The batch of step `step`, counted from 0."""
        ids: NDArray[np.int64] = self.rows.batch(step).ids.numpy()
        return self.masking.hide(ids, np.random.default_rng((self.seed, step, MASK)))


class MaskedTokens(Guessing):
    """Guess hidden tokens from both sides. Headline: the share of hidden tokens guessed right."""

    def batches(self) -> Batches:
        """The training batches. Raises StudioError if the text is shorter than the context."""
        training, context = self.training, self.config.context_length
        rows: Batches
        if self.whole_documents:
            rows = Documents(
                self.train_rows, context=context, batch_size=training.step_rows, seed=training.seed, context_weight=1.0
            )
        else:
            rows = RunningText(self.train_rows, context=context, batch_size=training.step_rows, seed=training.seed)
        counts = np.bincount(np.asarray(self.train_rows.ids), minlength=self.tokenizer.vocab_size)
        masking = Masking(
            self.tokenizer,
            share=self.settings.mask_rate,
            whole_words=self.settings.whole_words,
            counts=counts,
            rare_words=self.settings.rare_words,
        )
        return MaskedBatches(rows, masking, training.seed)

    def guesses(self, model: LanguageModel, batch: Batch) -> TokenGuesses:
        """The hidden tokens."""
        assert batch.targets is not None
        return TokenGuesses(model, model(batch).hidden, batch.targets, few=True)

    def weight(self, batch: Batch) -> float:
        """How much a batch counts: its chosen tokens."""
        return num_counted(batch)

    def evaluate(self, model: LanguageModel, computing: Computing, max_tokens: int | None = None) -> Iterator[Score]:
        """Running scores on the validation part, the same words hidden at every look; nothing if there is none."""
        if self.val_rows is None:
            return
        windows = _windows(self.val_rows, self.config.context_length, self.whole_documents, max_tokens)
        look: Look = self.settings.look
        masking = Masking(self.tokenizer, share=look.guessed_share, whole_words=self.settings.whole_words)
        score = MaskedScore()
        at = 0
        while at < len(windows):
            start, end = windows[min(at + look.rows, len(windows)) - 1]  # sorted by length: none before it is longer
            count = look.rows_at_once(end - start)
            _add(score, model, _look(self.val_rows, windows[at : at + count], masking), computing)
            at += count
            yield score

    def idle(self) -> dict[str, Words]:
        """Whole words make no difference where every word is one token."""
        idle = super().idle()
        ids = np.asarray(self.train_rows.ids[:_LOOKED_AT])
        if not self.settings.whole_words and WordStarts(self.tokenizer)(ids).all():
            idle["task.whole_words"] = words("every word is one token")
        return idle

    def sample(self, model: LanguageModel) -> tuple[str, str]:
        """The first validation row (or the user's words) with some blanks, and the same filled in."""
        if has_blanks(self.training.sample_prompt):
            return self.training.sample_prompt, fill_blanks(model, self.tokenizer, self.training.sample_prompt).text
        rows = self.val_rows or self.train_rows
        ids = np.array(self.tokenizer.encode(self.training.sample_prompt) or rows.row(0), np.int64)
        ids = ids[: min(_SAMPLE_TOKENS, self.config.context_length)]
        masking = Masking(self.tokenizer, share=_SAMPLE_SHARE, whole_words=self.settings.whole_words)
        places = np.flatnonzero(masking.choose(ids[None], np.random.default_rng(_LOOK_SEED))[0])
        prompt = _with_blanks(self.tokenizer, ids, places)
        ids[places] = MASK
        for place, choices in fill_masks(model, ids.tolist()).items():
            ids[place] = choices[0][0]
        return prompt, self.tokenizer.decode(ids.tolist())

    @classmethod
    def newly_cut(cls, asked: Asked) -> list[str]:
        """What stands between the blanks: a blank is no text, whatever it is typed with."""
        return between_blanks(asked.text)

    @classmethod
    def answer(cls, model: LanguageModel, tokenizer: Tokenizer, asked: Asked) -> Answering:
        """Fill the blanks of the last message."""
        branch, text = asked.chat.path(), asked.text
        return Answering(fill(model, tokenizer, text), len(tokenizer.encode(text)), max(0, len(branch) - 1))


def _chances(counts: NDArray[np.int64], share: float, power: float) -> NDArray[np.float64]:
    """Chances (V,) that fall with a token's frequency to this power, of a text of which `share` is hidden; one half at most,
    so that rare words are also seen.
    """
    counts = np.where(np.arange(len(counts)) < len(SPECIALS), 0, counts)
    falling = np.maximum(counts, 1) ** -power
    low, high = 0.0, 1 / falling.min()
    for _ in range(60):
        middle = (low + high) / 2
        hidden = float((np.minimum(_MOST_HIDDEN, middle * falling) * counts).sum())
        low, high = (middle, high) if hidden < share * counts.sum() else (low, middle)
    chances: NDArray[np.float64] = np.clip(high * falling, 1e-9, max(_MOST_HIDDEN, share))
    return chances


def _windows(rows: Rows, context: int, whole_documents: bool, max_tokens: int | None) -> list[tuple[int, int]]:
    """Stretches of the text that hold each token once, shortest first; evenly spread ones where `max_tokens` limits them."""
    spans = zip(rows.offsets[:-1].tolist(), rows.offsets[1:].tolist(), strict=True)
    stretches = [(start, end - 1) for start, end in spans] if whole_documents else [(0, len(rows.ids))]
    windows = [(at, min(at + context, end)) for start, end in stretches for at in range(start, end, context)]
    if max_tokens is not None and rows.num_tokens > max_tokens:
        windows = [windows[i] for i in evenly(len(windows), len(windows) * max_tokens / rows.num_tokens)]
    return sorted(windows, key=lambda window: window[1] - window[0])


def _look(rows: Rows, windows: list[tuple[int, int]], masking: Masking) -> Batch:
    longest = padded_length(max(end - start for start, end in windows))
    ids = np.full((len(windows), longest), PAD, dtype=np.int64)
    targets = np.full((len(windows), longest), IGNORED, dtype=np.int64)
    for i, (start, end) in enumerate(windows):
        own = np.asarray(rows.ids[start:end], dtype=np.int64)
        chosen = masking.choose(own[None], np.random.default_rng((_LOOK_SEED, start)))[0]
        ids[i, : end - start], targets[i, : end - start] = np.where(chosen, MASK, own), np.where(chosen, own, IGNORED)
    return Batch(torch.from_numpy(ids), torch.from_numpy(targets))


def _add(score: MaskedScore, model: LanguageModel, batch: Batch, computing: Computing) -> None:
    """Score a batch; the model is put into evaluation mode for it and back."""
    with in_evaluation(model), computing.autocast():
        on = batch.to(computing.device)
        assert on.targets is not None
        hidden, targets = counted(model(on).hidden, on.targets)
        score.nats += token_losses(model, hidden, targets).sum().item()
        score.right += int((likeliest(model, hidden) == targets).sum())
        score.tokens += int((targets != IGNORED).sum())


def _with_blanks(tokenizer: Tokenizer, ids: NDArray[Any], places: NDArray[Any]) -> str:
    """The text of `ids` with a blank at each of the places; tokens of one word that are hidden together share one."""
    spelled: list[bytes] = []
    for place, id in enumerate(ids.tolist()):
        token = tokenizer.token_bytes[id]
        if place in places:
            is_first = place - 1 not in places or token.startswith(b" ")
            token = (b" " if token.startswith(b" ") else b"") + BLANK.encode() if is_first else b""
        spelled.append(token)
    return tokenizer.without_implied(b"".join(spelled)).decode("utf-8", "replace")
