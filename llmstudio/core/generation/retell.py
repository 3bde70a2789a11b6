"""Retell: what a text VAE makes of a prompt, as a job. A sentence comes back as the model keeps it; no prompt, a new one."""

from __future__ import annotations

import time
from collections.abc import Iterator

import torch

from llmstudio.core.events import Event, Finished, Piece, Started
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.latent import rebuild, write
from llmstudio.core.generation.stop_strings import before_stop
from llmstudio.core.models.families.vae import TextVAE
from llmstudio.core.tokenizer.streaming import whole_text
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import words


def retell(model: TextVAE, tokenizer: Tokenizer, text: str, config: GenerationConfig) -> Iterator[Event]:
    """Read a sentence and write it again; of no sentence, draw a place and write what stands there, by `config`.

    Result: text, tokens, tokens_per_second, first_token_seconds, stop_reason; and of a sentence is_exact, whether every
    token came back, and kl, the nats kept of it.

    Raises:
        StudioError: The sentence is longer than the model's longest.
    """
    yield Started(job="generate", title=words("Rebuilding") if text.strip() else words("Writing"))
    began = time.perf_counter()
    extra: dict[str, object] = {}
    if text.strip():
        found = rebuild(model, tokenizer, text)
        told, ids = found.written.text, tokenizer.encode(found.written.text)
        extra = {"is_exact": found.is_exact, "kl": float(found.kl.sum())}
    else:
        generator = torch.Generator().manual_seed(config.seed)
        z = torch.randn(1, model.config.latent_dim, generator=generator).to(model.device)
        (ids,) = write(model, z, config, max_tokens=config.max_new_tokens)
        told = before_stop(whole_text(tokenizer, ids), config.stops)
    seconds = max(time.perf_counter() - began, 1e-9)
    pace = len(ids) / seconds
    yield Piece(job="generate", step=len(ids), text=told, ids=ids, tokens=len(ids), tokens_per_second=pace)
    result = {
        "text": told,
        "tokens": len(ids),
        "tokens_per_second": pace,
        "first_token_seconds": seconds,
        "stop_reason": "end",
    }
    yield Finished(job="generate", step=len(ids), result=result | extra)
