"""Predict each token from those before it: what language models are trained for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import IGNORED, Batches, Documents, RunningText
from llmstudio.core.dataset.config import padded_length
from llmstudio.core.dataset.streams import StreamBatch, Streams
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Noted
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.generate import decode, generate
from llmstudio.core.generation.prompt import read_prompt
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.families.recurrent import RecurrentState
from llmstudio.core.models.families.recurrent_config import LSTMConfig
from llmstudio.core.tasks.base import Answering, Asked
from llmstudio.core.tasks.computing import Computing
from llmstudio.core.tasks.evaluation import Score, score_rows
from llmstudio.core.tasks.guessing import Guessing, TokenGuesses
from llmstudio.core.tokenizer.config import ASSISTANT, END, USER
from llmstudio.core.tokenizer.streaming import whole_text
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import Words, words

_HELD = 0.99  # of the rows fit into a context that is proposed
_WIDEST = 8192  # a context that may be proposed: what is longer is better cut before it is imported
_OTHER_MEMORY = "What the model remembers of its text is not of this run: training cannot go on from it."


class NextToken(Guessing):
    """Predict each token from those before it. Headline: bits per byte.

    A model that carries its state reads running text on from batch to batch.
    """

    def make_rows(self) -> None:
        """Rows as they are set; and whether a state is carried from one to the next."""
        super().make_rows()
        self.context = self.config.context_length
        self.packs = self.training.rows == "packed" and self.config.can_pack
        self.carries_state = not self.whole_documents and self.config.carries_state
        self._carried: dict[int, RecurrentState] = {}

    def batches(self) -> Batches:
        """The training batches. Raises StudioError if the text is shorter than the context."""
        settings = {"context": self.context, "batch_size": self.training.step_rows, "seed": self.training.seed}
        if self.whole_documents:
            weight = self.training.context_weight
            return Documents(self.train_rows, context_weight=weight, packed=self.packs, **settings)
        if self.carries_state:
            return Streams(self.train_rows, parts=self.training.grad_accumulation_steps, **settings)
        return RunningText(self.train_rows, **settings)

    @property
    def weighs_answers(self) -> bool:
        """See `Task`: documents with answers, whose other tokens count less, but do count."""
        return self.has_answers and 0 < self.training.context_weight < 1

    @property
    def has_answers(self) -> bool:
        """Whether rows are documents with answers, which may count for more than the rest."""
        return self.whole_documents and self.train_rows.answer_mask is not None

    @property
    def measures_answers(self) -> bool:
        """See `Task`: what is not learned is forgotten, and must not decide which weights are the best."""
        return self.has_answers and self.training.context_weight == 0

    def guesses(self, model: LanguageModel, batch: Batch) -> TokenGuesses:
        """The token after each."""
        assert batch.targets is not None
        return TokenGuesses(model, self._hidden(model, batch), batch.targets, batch.weights)

    def _hidden(self, model: LanguageModel, batch: Batch) -> Tensor:
        """What the model makes of the batch, and of what it remembers of the batch before, without its gradient."""
        if not (isinstance(batch, StreamBatch) and self.carries_state):
            return model(batch).hidden  # type: ignore[no-any-return]
        if batch.begins or batch.group not in self._carried:
            self._carried[batch.group] = model.init_state(len(batch.ids), batch.ids.shape[1])
        output = model(batch, self._carried[batch.group].to(model.device))
        self._carried[batch.group] = output.state.detach()
        return output.hidden  # type: ignore[no-any-return]

    def weight(self, batch: Batch) -> float:
        """How much a batch counts: the sum of its targets' weights."""
        assert batch.targets is not None
        counted = batch.targets != IGNORED
        return float(counted.sum() if batch.weights is None else (batch.weights * counted).sum())

    def evaluate(self, model: LanguageModel, computing: Computing, max_tokens: int | None = None) -> Iterator[Score]:
        """Running scores on the validation part; nothing if there is none."""
        if self.val_rows is not None:
            yield from score_rows(
                model,
                self.val_rows,
                self.tokenizer,
                computing,
                whole_documents=self.whole_documents,
                max_tokens=max_tokens,
                look=self.settings.look,
                answers_alone=self.measures_answers,
            )

    def notes(self, figures: Mapping[str, float] | None = None) -> list[Noted]:
        """At the beginning: that answers alone are measured where they alone are learned, and how many rows with answers are
        longer than the context, so that their ends are learned alone.
        """
        if figures is not None or not self.has_answers:
            return []
        alone = words("Only answers are learned, and the loss, also on text it has not seen, is that of answers alone.")
        said = [Noted(message=alone, job="train")] if self.measures_answers else []
        lengths = np.diff(self.train_rows.offsets) - 1  # of the last token only the target counts
        if not (num_cut := int((lengths > self.context).sum())):
            return said
        message = words(
            "{n:,} of {all|record is|records are} longer than the context of {limit:,} tokens and cut into parts: what comes"
            " after the first part is learned without its beginning, such as an answer without its question. The longest has"
            " {longest:,} tokens.",
            n=num_cut,
            all=self.train_rows.num_rows,
            limit=self.context,
            longest=int(lengths.max()),
        )
        return [*said, Noted(message=message, level="warning", job="train", remedies=_wider_context(lengths, self.context))]

    def idle(self) -> dict[str, Words]:
        """Answers count for more here, where rows have any."""
        idle = super().idle()
        if self.has_answers:
            del idle["training.context_weight"]
        return idle

    def state(self) -> Mapping[str, Tensor]:
        """What is remembered of every group of streams; nothing where no state is carried."""
        carried = self._carried.items()
        return {f"{group}:{name}": tensor for group, state in carried for name, tensor in state.tensors().items()}

    def load_state(self, tensors: Mapping[str, Tensor]) -> None:
        """Inverse of `state`; its shapes are looked at by the model. Raises StudioError if its parts are not ours."""
        groups: dict[str, dict[str, Tensor]] = {}
        for name, tensor in tensors.items():
            group, _, part = name.partition(":")
            groups.setdefault(group, {})[part] = tensor.clone()
        known = {str(group): group for group in range(self.training.grad_accumulation_steps)}
        names = {"hidden", "cell"} if isinstance(self.config, LSTMConfig) else {"hidden"}
        if groups and (not self.carries_state or not groups.keys() <= known.keys()):
            raise StudioError(_OTHER_MEMORY)
        if any(parts.keys() != names for parts in groups.values()):
            raise StudioError(_OTHER_MEMORY)
        self._carried = {known[group]: RecurrentState.of(parts) for group, parts in groups.items()}

    def sample(self, model: LanguageModel) -> tuple[str, str]:
        """How the model goes on from `sample_prompt`."""
        prompt, ids = self.sample_prompt(), []
        config = GenerationConfig(temperature=0.8, max_new_tokens=self.training.sample_tokens, seed=self.training.seed)
        for token in decode(model, prompt, config):
            if token == END:
                break
            ids.append(token)
        # Decoded alone, the continuation would lose the space that word tokens imply before it.
        begun, whole = whole_text(self.tokenizer, prompt), whole_text(self.tokenizer, [*prompt, *ids])
        return begun, whole.removeprefix(begun)

    def sample_prompt(self) -> list[int]:
        """What sample texts begin with: the user's words, or the first validation row up to its first answer."""
        has_answers = self.train_rows.answer_mask is not None
        if self.training.sample_prompt:
            ids = self.tokenizer.encode(self.training.sample_prompt)[-self.context + 1 :]
            if not has_answers:
                return ids or [END]
            return [*([USER] if self.dataset.meta.get("record_kind") == "turns" else []), *ids, ASSISTANT]
        rows = self.val_rows or self.train_rows
        row: Any = np.asarray(rows.row(0))
        if has_answers and ASSISTANT in row:
            return list(map(int, row[: int(np.argmax(row == ASSISTANT)) + 1]))[-self.context + 1 :]
        return list(map(int, row[: min(8, self.context // 2)])) or [END]

    @classmethod
    def answer(cls, model: LanguageModel, tokenizer: Tokenizer, asked: Asked) -> Answering:
        """Write on."""
        limit: int | None = model.config.looks_back
        prompt = read_prompt(tokenizer, asked.chat, limit, room=asked.config.max_new_tokens, record_kind=asked.record_kind)
        events = generate(model, tokenizer, prompt.ids, asked.config, stop=asked.stop, said=prompt.said)
        return Answering(events, len(prompt.ids), prompt.num_dropped, prompt.remark())


def _wider_context(lengths: NDArray[np.int64], context: int) -> tuple[Remedy, ...]:
    """A context that holds nearly all rows: the longest may be one of a kind, and memory grows with the context."""
    wide = padded_length(int(np.quantile(lengths, _HELD, method="higher")))
    if wide <= context or wide > _WIDEST:
        return ()
    return (Remedy("set", words("Use a context of {size:,}", size=wide), "model.context_length", str(wide)),)
