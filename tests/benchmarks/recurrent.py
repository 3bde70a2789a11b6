"""Training steps of LSTM and GRU: tokens a second of a run of ours against a bare loop of torch's nn.LSTM and nn.GRU.

    python tests/benchmarks/recurrent.py [--kinds lstm gru] [--formats bf16 fp32] [--rounds N] [--steps N]

Same sizes, number format, threads and text, in one process and in turn. Our side is the trainer's own step: batch cut from
the dataset, state carried, loss, clipping, AdamW, and all that a step tells the window. The bare loop does the least that
learns the same: embedding, two fused layers, a linear head, loss, clipping, AdamW, state carried.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.dataset.encoding import encode_corpus
from llmstudio.core.dataset.streams import Streams
from llmstudio.core.dataset.tokens import Dataset
from llmstudio.core.memory.measure import process_bytes
from llmstudio.core.models.families.recurrent_config import GRUConfig, LSTMConfig, RNNConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.tokenizer.training import build_tokenizer
from llmstudio.core.training.machine.setup import Setup, prepare_process, set_up, warm_up
from llmstudio.core.training.run import Run, RunInputs, new_run
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop

SHAPES = {
    "lstm": (LSTMConfig(hidden_dim=256, tie_embeddings=False), nn.LSTM),
    "gru": (GRUConfig(hidden_dim=288, tie_embeddings=False), nn.GRU),
    "rnn": (RNNConfig(hidden_dim=512, tie_embeddings=False), nn.RNN),
}
BATCH = 32


def made(folder: Path) -> tuple[Dataset, Tokenizer]:
    """A built-in sample in characters."""
    for name in ("corpus", "tokenizer", "dataset"):
        (folder / name).mkdir()
    list(write_corpus(["sample:tales"], CorpusConfig(), folder / "corpus", stop=Stop()))
    corpus = Corpus(folder / "corpus")
    list(build_tokenizer(corpus, TokenizerConfig(kind="char", min_frequency=1), folder / "tokenizer", stop=Stop()))
    tokenizer = Tokenizer.load(folder / "tokenizer")
    list(encode_corpus(corpus, tokenizer, folder / "dataset", stop=Stop()))
    return Dataset.open(folder / "dataset"), tokenizer


def our_run(kind: str, data: tuple[Dataset, Tokenizer], setup: Setup) -> Run:
    training = TrainingConfig(batch_size=BATCH, max_steps=10**6, number_format=setup.number_format)
    dataset, tokenizer = data
    return new_run(
        RunInputs(
            folder=Path(),
            dataset=dataset,
            tokenizer=tokenizer,
            setup=setup,
            base_bytes=process_bytes(),
        ),
        Recipe(kind, SHAPES[kind][0], training),
    )


def bare_loop(kind: str, data: tuple[Dataset, Tokenizer], setup: Setup) -> Callable[[], None]:
    """A function that takes one step of the same model in torch alone."""
    config, make = SHAPES[kind]
    rows = data[0].split("train")
    assert rows is not None
    streams = Streams(rows, context=config.context_length, batch_size=BATCH, seed=0)
    embed, body = nn.Embedding(data[1].vocab_size, config.embed_dim), make(config.embed_dim, config.hidden_dim, 2)
    head = nn.Linear(config.hidden_dim, data[1].vocab_size, bias=False)
    weights = [*embed.parameters(), *body.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=1e-3, fused=True)
    remembered, step = None, 0

    def take_step() -> None:
        nonlocal remembered, step
        batch = streams.batch(step)
        is_narrow = setup.number_format == "bf16"
        with torch.autocast("cpu", torch.bfloat16) if is_narrow else contextlib.nullcontext():
            out, state = body(embed(batch.ids.t()), remembered)
            logits = head(out)
        loss = F.cross_entropy(logits.flatten(0, 1).float(), batch.targets.t().flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        loss.item()
        remembered = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        step += 1

    return take_step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", nargs="+", default=["lstm", "gru"], choices=SHAPES)
    parser.add_argument("--formats", nargs="+", default=["bf16", "fp32"], choices=["bf16", "fp32"])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--threads", type=int, default=0)
    chosen = parser.parse_args()
    prepare_process()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        data = made(Path(folder))
        for kind in chosen.kinds:
            for number_format in chosen.formats:
                setup = set_up(TrainingConfig(number_format=number_format, threads=chosen.threads))
                warm_up(setup)
                sides = {"ours": our_run(kind, data, setup).take_step, "torch": bare_loop(kind, data, setup)}
                name = f"{kind} {number_format}"
                found[name] = _race(sides, chosen.rounds, chosen.steps, BATCH * SHAPES[kind][0].context_length)
                figures = {side: f"{found[name][side]:,.0f}" for side in sides}
                print(f"{name}: tokens a second {figures}, ratio {found[name]['ratio']:.2f}", flush=True)
    print(json.dumps(found))


def _race(sides: dict[str, Callable[[], object]], rounds: int, steps: int, tokens: int) -> dict[str, float]:
    """Median tokens a second of each side, and the median of the ratios of neighbouring rounds."""
    speeds: dict[str, list[float]] = {side: [] for side in sides}
    for counted in range(-1, rounds):  # the first round warms up
        for side, take_step in sides.items():
            began = time.perf_counter()
            for _ in range(steps):
                take_step()
            if counted >= 0:
                speeds[side].append(steps * tokens / (time.perf_counter() - began))
    ratios = [ours / theirs for ours, theirs in zip(speeds["ours"], speeds["torch"], strict=True)]
    return {side: statistics.median(values) for side, values in speeds.items()} | {"ratio": statistics.median(ratios)}


if __name__ == "__main__":
    main()
