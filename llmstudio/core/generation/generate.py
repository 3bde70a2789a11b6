"""The one decoding loop: a model that speaks, token by token, whatever family it is of."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence

import torch

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Piece, Started, Stopped
from llmstudio.core.generation.backends.table import backend_for
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.constraints import Constraints
from llmstudio.core.generation.greedy import greedy_rows
from llmstudio.core.generation.sampling import choose
from llmstudio.core.generation.stop_strings import StopStrings
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.weights.sparse.twin import remark as dense_remark
from llmstudio.core.tokenizer.config import END
from llmstudio.core.tokenizer.streaming import TextStream
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import words
from llmstudio.core.work import Stop


def generate(
    model: LanguageModel,
    tokenizer: Tokenizer,
    prompt_ids: Sequence[int],
    config: GenerationConfig,
    *,
    stop: Stop,
    stop_ids: Sequence[int] = (END,),
    said: Sequence[int] = (),
) -> Iterator[Event]:
    """Write on from `prompt_ids`: a `Piece` a token, then the whole text with its figures.

    Half a character at the end, where the length was reached or the model broke off inside one, is no part of the text. The
    result's `ids` keep it, so that going on from them completes it.

    Args:
        model: In evaluation mode, not in training at the same time: take a checkpoint or a snapshot.
        tokenizer: The model's own.
        prompt_ids: What the text begins with; of a prompt longer than the context only the end is read.
        config: How tokens are drawn.
        stop: Looked at before every token.
        stop_ids: Tokens that end the text; they are not part of it.
        said: What stands before the prompt and is not read any more; penalties count it as said.

    Raises:
        StudioError: The prompt is empty.
    """
    if not len(prompt_ids):
        raise StudioError("There is nothing to write on from: type a word to begin with.")
    yield Started(job="generate", title=words("Writing"), total=config.max_new_tokens)
    if told := dense_remark(model):
        yield Noted(job="generate", message=told)
    stream = TextStream(tokenizer, after=prompt_ids)
    shown = StopStrings(config.stops)
    ids: list[int] = []
    text, count, first, reason = "", 0, 0.0, "length"
    began = time.perf_counter()
    for token in decode(model, prompt_ids, config, stop_ids=stop_ids, said=said):
        elapsed = time.perf_counter() - began
        if count == 0:
            first = elapsed
        if token in stop_ids:
            reason = "end"
            break
        count += 1
        ids.append(token)
        piece = shown.push(stream.push(token))
        text += piece
        yield Piece(job="generate", step=count, text=piece, ids=[token], tokens=count, tokens_per_second=count / elapsed)
        if shown.found:
            reason, ids = "stop string", []  # its beginning lies inside a token as often as not
            break
        if stop.requested:
            reason = "stopped"
            break
    elapsed = time.perf_counter() - began
    if left := shown.flush():
        text += left
        yield Piece(job="generate", step=count, text=left, tokens=count, tokens_per_second=count / max(elapsed, 1e-9))
    result = {
        "text": text,
        "ids": ids,
        "tokens": count,
        "tokens_per_second": count / max(elapsed, 1e-9),
        "first_token_seconds": first,
        "stop_reason": reason,
    }
    end = Stopped if reason == "stopped" else Finished
    yield end(job="generate", step=count, result=result)


def decode(
    model: LanguageModel,
    prompt_ids: Sequence[int],
    config: GenerationConfig,
    *,
    stop_ids: Sequence[int] = (END,),
    said: Sequence[int] = (),
) -> Iterator[int]:
    """Ids of up to `max_new_tokens` new tokens. When the context is full, its older half is forgotten.

    What may be drawn is decided here for every backend, so that one that guesses ahead writes what a plain one does.
    Nothing of torch's modes is left switched between two tokens.
    """
    limit = model.config.looks_back or sys.maxsize  # what a recurrent model remembers has no end
    generator = torch.Generator().manual_seed(config.seed)
    constraints = Constraints(config, [*said, *prompt_ids], stop_ids)
    seen = list(prompt_ids)[-limit:]
    backend = backend_for(model, seen)
    for count in range(config.max_new_tokens):
        token = choose(constraints.apply(backend.logits), config, generator)
        yield token
        if count + 1 == config.max_new_tokens:
            return
        constraints.push(token)
        seen.append(token)
        if len(seen) > limit:
            seen = seen[-max(1, limit // 2) :]
            backend = backend_for(model, seen)
        else:
            backend.push(token)


def answer_greedily(
    model: LanguageModel,
    prompts: Sequence[Sequence[int]],
    *,
    max_new_tokens: int,
    stop_ids: Sequence[int] = (END,),
    stop: Stop | None = None,
) -> Iterator[tuple[int, list[int]]]:
    """The likeliest continuation of many prompts: (index of the prompt, its new ids), prompts of one length side by side.

    Equal to greedy `decode` of each without penalties. Prompts that leave no room in the context get an empty answer.
    """
    by_length: dict[int, list[int]] = {}
    for index, prompt in enumerate(prompts):
        by_length.setdefault(len(prompt), []).append(index)
    for length, indices in sorted(by_length.items()):
        for start in range(0, len(indices), 64):
            if stop is not None and stop.requested:
                return
            group = indices[start : start + 64]
            room = min(max_new_tokens, (model.config.looks_back or sys.maxsize) - length + 1)
            rows = (
                greedy_rows(model, torch.tensor([list(prompts[i]) for i in group]), max_new_tokens=room, stop_ids=stop_ids)
                if room > 0
                else [[]] * len(group)
            )
            yield from zip(group, rows, strict=True)
