"""Beam search: several continuations are written side by side, and the one with the best score is taken.

A score is the log probability of a text over a penalty for its length, ((5 + n) / 6)^a for n tokens, without which the
shortest text would win. A beam of one takes the likeliest token each time: greedy decoding. With an encoder-decoder the
source is read once; a decoder writes on from its prompt. Source: Wu et al. 2016, arXiv:1609.08144.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Piece, Started, Stopped
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.constraints import Constraints, not_text
from llmstudio.core.generation.greedy import greedy_rows
from llmstudio.core.generation.stop_strings import before_stop
from llmstudio.core.models.base import LanguageModel
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
        source: What an encoder-decoder reads; None for a model without.
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
    forbidden = not_text(stop_ids)
    done: list[Hypothesis] = []
    texts: list[tuple[int, ...]] = [()]
    room = min(max_new_tokens, model.config.context_length - len(prompt) + 1)
    with torch.inference_mode():
        state = model.init_state(1, len(prompt) + room)
        batch = Batch(_row(prompt, model), source=None if source is None else _row(source, model))
        totals = torch.zeros(1)
        for count in range(1, room + 1):
            if stop is not None and stop.requested:
                break
            output = model(batch, state)
            logits = model.head(output.hidden[:, -1]).float().cpu()
            if config is not None and config.has_penalties:
                said = [Constraints(config, [*prompt, *text], stop_ids) for text in texts]
                logits = torch.stack([one.apply(row) for one, row in zip(said, logits, strict=True)])
            shares = logits.log_softmax(-1)
            shares[:, forbidden] = -torch.inf
            scores = totals[:, None] + shares
            possible = int(torch.isfinite(scores).sum())
            best, places = scores.flatten().topk(min(beam_width - len(done), possible))
            rows, tokens = places // shares.shape[1], places % shares.shape[1]
            ends = torch.isin(tokens, torch.tensor(list(stop_ids)))
            for total, row, ended in zip(best.tolist(), rows.tolist(), ends.tolist(), strict=True):
                if ended:
                    done.append(Hypothesis(texts[row], total, total / length_penalty(count, strength), True))
            texts = [(*texts[row], token) for row, token in zip(rows[~ends].tolist(), tokens[~ends].tolist(), strict=True)]
            totals = best[~ends]
            if not texts:
                break
            state = output.state.take(rows[~ends].to(model.device))
            batch = Batch(tokens[~ends, None].to(model.device))
    for text, total in zip(texts, totals.tolist(), strict=True):
        done.append(Hypothesis(text, total, total / length_penalty(len(text), strength), False))
    return sorted(done, key=lambda found: found.score, reverse=True)


def answer_sources(
    model: LanguageModel, sources: Sequence[Sequence[int]], *, max_new_tokens: int, stop_ids: Sequence[int] = (END,)
) -> Iterator[tuple[int, list[int]]]:
    """Greedy answers to many sources: (index of the source, its ids), sources of similar length side by side."""
    order = sorted(range(len(sources)), key=lambda index: len(sources[index]))
    limit = min(max_new_tokens, model.config.context_length)
    for start in range(0, len(order), _ROWS_AT_ONCE):
        part = order[start : start + _ROWS_AT_ONCE]
        rows = [sources[index] for index in part]
        longest = max(map(len, rows))
        source = torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in rows], device=model.device)
        begun = torch.full((len(part), 1), ASSISTANT)
        written = greedy_rows(model, begun, max_new_tokens=limit, stop_ids=stop_ids, source=source)
        yield from zip(part, written, strict=True)


def rewrite(
    model: LanguageModel, tokenizer: Tokenizer, source: Sequence[int], config: GenerationConfig, *, stop: Stop
) -> Iterator[Event]:
    """What an encoder-decoder makes of a text, as a job: its translation, its answer, whatever it has learned.

    Of a source longer than the context only the beginning is read, which is said.

    Result: text, tokens, tokens_per_second, first_token_seconds, stop_reason; and hypotheses, pairs of text and score.

    Raises:
        StudioError: The source is empty.
    """
    yield Started(job="generate", title=words("Writing"), total=config.max_new_tokens)
    if not source:
        raise nothing_to_rewrite()
    limit = model.config.context_length
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


def _row(ids: Sequence[int], model: LanguageModel) -> Tensor:
    return torch.tensor([list(ids)], device=model.device)
