"""Beam search: several continuations are written side by side, and the one with the best score is taken.

A score is the log probability of a text over a penalty for its length, ((5 + n) / 6)^a for n tokens, without which the
shortest text would win. A beam of one takes the likeliest token each time: greedy decoding. With an encoder-decoder the
source is read once; a decoder writes on from its prompt. Source: Wu et al. 2016, arXiv:1609.08144.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Piece, Started, Stopped
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.constraints import Constraints, not_text
from llmstudio.core.generation.generate import answer_greedily
from llmstudio.core.generation.greedy import greedy_rows
from llmstudio.core.generation.stop_strings import before_stop
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.weights.sparse.twin import as_read
from llmstudio.core.tokenizer.config import ASSISTANT, END, PAD
from llmstudio.core.tokenizer.streaming import whole_text
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import words
from llmstudio.core.work import Stop

LENGTH_PENALTY = 0.6
_ROWS_AT_ONCE = 64


def nothing_to_rewrite() -> StudioError:
    """What is said of a source without a token."""
    return StudioError("There is nothing to rewrite: type a text, such as a sentence to translate.")


@dataclass(frozen=True)
class Hypothesis:
    """A text that was written.

    Attributes:
        ids: Its tokens, without the one that ended it.
        log_probability: Nats, the ending included.
        score: What hypotheses are compared by.
        is_whole: Whether it came to its end.
    """

    ids: tuple[int, ...]
    log_probability: float
    score: float
    is_whole: bool


def length_penalty(num_tokens: int, strength: float) -> float:
    """What a log probability is divided by; 1 at a strength of 0."""
    return float(((5 + num_tokens) / 6) ** strength)


def most_read(model: LanguageModel) -> int:
    """Tokens of a source that a model reads at most. One that writes in the row that it reads keeps a quarter of it free."""
    limit: int = model.config.context_length
    return limit if model.reads_source else max(1, limit - 1 - limit // 4)


def room_after(model: LanguageModel, num_read: int) -> int:
    """Tokens that a model can write after a source of so many."""
    limit: int = model.config.context_length
    return limit if model.reads_source else max(0, limit - num_read)


def beam_search(
    model: LanguageModel,
    *,
    source: Sequence[int] | None = None,
    prompt: Sequence[int] = (ASSISTANT,),
    beam_width: int = 4,
    max_new_tokens: int = 64,
    strength: float = LENGTH_PENALTY,
    stop_ids: Sequence[int] = (END,),
    config: GenerationConfig | None = None,
    stop: Stop | None = None,
) -> list[Hypothesis]:
    """The best texts found, the best first: `beam_width` of them, or fewer where a stop came in between.

    Args:
        model: In evaluation mode; its memory can be taken by rows (`take`).
        source: What is rewritten, read apart by an encoder-decoder and before the prompt by any other model; None where
            there is nothing but a prompt.
        prompt: What the text begins with, not part of it.
        beam_width: Texts side by side. Each that ends leaves the beam, which is narrower from then on.
        max_new_tokens: Longest text, its end included.
        strength: Of the length penalty; 0 for none.
        stop_ids: Tokens that end a text.
        config: Its penalties against repetition, which look at a text and its prompt; None for none.
        stop: Looked at before every token.

    Raises:
        StudioError: Source or prompt are longer than the model's context.
    """
    steps = beam_steps(
        model, source=source, prompt=prompt, beam_width=beam_width, max_new_tokens=max_new_tokens, strength=strength,
        stop_ids=stop_ids, config=config, stop=stop,
    )  # fmt: skip
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: list[Hypothesis] = end.value
            return found


def beam_steps(
    model: LanguageModel,
    *,
    source: Sequence[int] | None = None,
    prompt: Sequence[int] = (ASSISTANT,),
    beam_width: int = 4,
    max_new_tokens: int = 64,
    strength: float = LENGTH_PENALTY,
    stop_ids: Sequence[int] = (END,),
    config: GenerationConfig | None = None,
    stop: Stop | None = None,
) -> Generator[tuple[int, ...], None, list[Hypothesis]]:
    """`beam_search` step by step: yields the likeliest text so far after every token, and returns what was found.

    That text grows, and with more than one beam may change its beginning.
    """
    beams = _Beams(1, prompt, beam_width, strength, stop_ids, config)
    for _ in _steps(model, beams, max_new_tokens, [source], stop):
        yield beams.texts[0]
    return beams.ranked()[0]


def beam_searches(
    model: LanguageModel,
    sources: Sequence[Sequence[int]],
    *,
    beam_width: int,
    max_new_tokens: int = 64,
    strength: float = LENGTH_PENALTY,
    stop: Stop | None = None,
) -> list[list[Hypothesis]]:
    """For each source what `beam_search` finds of it alone, all of them read and written side by side."""
    found: dict[int, list[Hypothesis]] = {}
    for places in _together(model, sources):
        beams = _Beams(len(places), (ASSISTANT,), beam_width, strength, (END,), None)
        for _ in _steps(model, beams, max_new_tokens, [sources[place] for place in places], stop):
            pass
        found.update(zip(places, beams.ranked(), strict=True))
    return [found[place] for place in range(len(sources))]


def _together(model: LanguageModel, sources: Sequence[Sequence[int]]) -> list[list[int]]:
    """Sources that can be gone on from side by side: any that are read apart, else those of one length."""
    groups: dict[int, list[int]] = {}
    for place, source in enumerate(sources):
        groups.setdefault(0 if model.reads_source else len(source), []).append(place)
    return list(groups.values())


class _Beams:
    """The texts in the making, some for each source, one below the other."""

    def __init__(
        self,
        count: int,
        prompt: Sequence[int],
        width: int,
        strength: float,
        stop_ids: Sequence[int],
        config: GenerationConfig | None,
    ) -> None:
        self.prompt, self.forbidden = prompt, not_text(stop_ids)
        self._width, self._strength, self._stop_ids = width, strength, stop_ids
        self._config = config if config is not None and config.has_penalties else None
        self.done: list[list[Hypothesis]] = [[] for _ in range(count)]
        self.texts: list[tuple[int, ...]] = [()] * count
        self.totals = [0.0] * count
        self._owners = list(range(count))  # whose each text is

    def step(self, logits: Tensor, length: int) -> tuple[list[int], list[int]]:
        """Take the best continuations, `length` tokens long: the rows that these go on from, and their new tokens."""
        if self._config is not None:
            said = [Constraints(self._config, [*self.prompt, *text], self._stop_ids) for text in self.texts]
            logits = torch.stack([one.apply(row) for one, row in zip(said, logits, strict=True)])
        shares = logits.log_softmax(-1)
        shares[:, self.forbidden] = -torch.inf
        best, tokens = shares.topk(min(self._width, shares.shape[1]))  # of a beam no more than its width can come from a row
        found: dict[int, list[tuple[float, int, int]]] = {}
        for row, (owner, gains, ids) in enumerate(zip(self._owners, best.tolist(), tokens.tolist(), strict=True)):
            possible = [(self.totals[row] + gain, row, id) for gain, id in zip(gains, ids, strict=True) if gain > -math.inf]
            found.setdefault(owner, []).extend(possible)
        kept: list[tuple[int, float, int, int]] = []
        for owner, candidates in found.items():
            candidates.sort(key=lambda candidate: -candidate[0])
            for total, row, token in candidates[: self._width - len(self.done[owner])]:
                if token in self._stop_ids:
                    self._end(owner, self.texts[row], total, length, is_whole=True)
                else:
                    kept.append((owner, total, row, token))
        self.texts = [(*self.texts[row], token) for _, _, row, token in kept]
        self.totals, self._owners = [total for _, total, _, _ in kept], [owner for owner, _, _, _ in kept]
        return [row for _, _, row, _ in kept], [token for _, _, _, token in kept]

    def ranked(self) -> list[list[Hypothesis]]:
        """Of each source all texts, also those that have no end yet, the best first."""
        for owner, text, total in zip(self._owners, self.texts, self.totals, strict=True):
            self._end(owner, text, total, len(text), is_whole=False)
        return [sorted(found, key=lambda one: one.score, reverse=True) for found in self.done]

    def _end(self, owner: int, text: tuple[int, ...], total: float, length: int, *, is_whole: bool) -> None:
        score = total / length_penalty(length, self._strength)
        self.done[owner].append(Hypothesis(text, total, score, is_whole))


def _steps(
    model: LanguageModel, beams: _Beams, max_new_tokens: int, sources: Sequence[Sequence[int] | None], stop: Stop | None
) -> Iterator[None]:
    """Let all texts grow, a token a step, until all of them have ended."""
    model = as_read(model, len(sources))
    read = [source for source in sources if source is not None] if model.reads_source else []
    begun = [[*beams.prompt] if read or source is None else [*source, *beams.prompt] for source in sources]
    room = min(max_new_tokens, model.config.context_length - len(begun[0]) + 1)
    with torch.inference_mode():
        state = model.init_state(len(sources), len(begun[0]) + room)
        batch = Batch(torch.tensor(begun, device=model.device), source=_side_by_side(read, model) if read else None)
    for length in range(1, room + 1):
        if stop is not None and stop.requested:
            return
        with torch.inference_mode():
            output = model(batch, state)
            rows, tokens = beams.step(model.head(output.hidden[:, -1]).float().cpu(), length)
            if not rows:
                return
            state = output.state.take(torch.tensor(rows, device=model.device))
            batch = Batch(torch.tensor(tokens, device=model.device)[:, None])
        yield


def answer_sources(
    model: LanguageModel, sources: Sequence[Sequence[int]], *, max_new_tokens: int, stop_ids: Sequence[int] = (END,)
) -> Iterator[tuple[int, list[int]]]:
    """Greedy answers to many sources: (index of the source, its ids), sources of similar length side by side."""
    if not model.reads_source:
        prompts = [[*source, ASSISTANT] for source in sources]
        yield from answer_greedily(model, prompts, max_new_tokens=max_new_tokens, stop_ids=stop_ids)
        return
    order = sorted(range(len(sources)), key=lambda index: len(sources[index]))
    limit = min(max_new_tokens, model.config.context_length)
    for start in range(0, len(order), _ROWS_AT_ONCE):
        part = order[start : start + _ROWS_AT_ONCE]
        rows = [sources[index] for index in part]
        source = _side_by_side(rows, model)
        begun = torch.full((len(part), 1), ASSISTANT)
        written = greedy_rows(model, begun, max_new_tokens=limit, stop_ids=stop_ids, source=source)
        yield from zip(part, written, strict=True)


def rewrite(
    model: LanguageModel, tokenizer: Tokenizer, source: Sequence[int], config: GenerationConfig, *, stop: Stop
) -> Iterator[Event]:
    """What a model of pairs makes of a text, as a job: its translation, its answer, whatever it has learned.

    Of a source longer than the context only the beginning is read, which is said.

    Result: text, tokens, tokens_per_second, first_token_seconds, stop_reason; and hypotheses, pairs of text and score.

    Raises:
        StudioError: The source is empty.
    """
    yield Started(job="generate", title=words("Writing"), total=config.max_new_tokens)
    if not source:
        raise nothing_to_rewrite()
    limit = most_read(model)
    if len(source) > limit:
        message = words(
            "The text has {count|token|tokens}; only the first {limit:,} were read.", count=len(source), limit=limit
        )
        yield Noted(job="generate", message=message, level="warning")
    began = time.perf_counter()
    found = beam_search(
        model,
        source=source[:limit],
        beam_width=config.beam_width,
        max_new_tokens=config.max_new_tokens,
        strength=config.length_penalty,
        config=config,
        stop=stop,
    )
    seconds = max(time.perf_counter() - began, 1e-9)
    best = found[0]
    written, count = before_stop(whole := whole_text(tokenizer, best.ids), config.stops), len(best.ids)
    yield Piece(
        job="generate", step=count, text=written, ids=list(best.ids), tokens=count, tokens_per_second=count / seconds
    )
    reason = "stopped" if stop.requested else "stop string" if written != whole else "end" if best.is_whole else "length"
    result = {
        "text": written,
        "tokens": count,
        "tokens_per_second": count / seconds,
        "first_token_seconds": seconds,
        "stop_reason": reason,
        "hypotheses": [[whole_text(tokenizer, hypothesis.ids), hypothesis.score] for hypothesis in found],
    }
    end = Stopped if stop.requested else Finished
    yield end(job="generate", step=count, result=result)


def _side_by_side(rows: Sequence[Sequence[int]], model: LanguageModel) -> Tensor:
    """(B, S): filled up behind each row's end."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in rows], device=model.device)
