"""Sparse weights at work: products with a vector against torch's, and a model of 14 M that talks, sparse against dense.

    OMP_NUM_THREADS=2 python tests/benchmarks/sparse.py [--rounds N] [--only products|chat]

Products: matrices of random numbers of which a share is zero, in 32 bits; ours, torch's dense and torch's CSR product take
turns, each as often as fills 20 milliseconds. Chat: random weights of which the smallest are pruned, 128 tokens at
temperature 1 from 16; sparse decoding and the fastest dense backend that the program has for this model take turns. Figures
are medians of the rounds' ratios. That both write the same greedy tokens is checked first.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np
import torch

from llmstudio.core.generation import generate
from llmstudio.core.generation.backends.sparse import SparseDecoder
from llmstudio.core.generation.backends.table import BACKENDS, backend_for
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.weights.sparse.building import KERNELS
from llmstudio.core.models.weights.sparse.layout import layout_of
from llmstudio.core.models.weights.sparse.products import Product
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.pruning import prune_model

SIZES = ((512, 2048), (1024, 4096), (2048, 8192))
SHARES = (0.8, 0.9, 0.95)
MODEL = DecoderConfig(num_layers=8, embed_dim=384, num_heads=6, context_length=256)
VOCAB, TOKENS = 96, 128


def seconds_each(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of one call, by name."""
    found = {}
    for name, call in calls.items():
        call()
        began, count = time.perf_counter(), 0
        while (took := time.perf_counter() - began) < 0.02:
            call()
            count += 1
        found[name] = took / count
    return found


def products(rounds: int) -> dict[str, dict[str, float]]:
    rng, summary = np.random.default_rng(0), {}
    for rows, width in SIZES:
        for share in SHARES:
            dense = rng.standard_normal((rows, width), dtype=np.float32) * (rng.random((rows, width)) >= share)
            x = rng.standard_normal((1, width), dtype=np.float32)
            matrix, vector, product = torch.from_numpy(dense), torch.from_numpy(x), Product(layout_of(dense))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # torch calls its CSR layout new
                csr = matrix.to_sparse_csr()
            assert np.allclose(product(x), x @ dense.T, atol=1e-3)
            calls = {
                "ours": lambda product=product, x=x: product(x),
                "dense": lambda matrix=matrix, vector=vector: torch.nn.functional.linear(vector, matrix),
                "csr": lambda csr=csr, vector=vector: csr @ vector[0],
            }
            taken = [seconds_each(calls) for _ in range(rounds)]
            found = {name: statistics.median(one[name] / one["ours"] for one in taken) for name in ("dense", "csr")}
            found["microseconds"] = statistics.median(one["ours"] for one in taken) * 1e6
            summary[f"{rows}x{width} {share:.0%}"] = found
            print(
                f"{rows} x {width}, {share:.0%} zeros: {found['microseconds']:.0f} microseconds;"
                f" dense {found['dense']:.1f} times as long, CSR {found['csr']:.1f}",
                flush=True,
            )
    return summary


def chat(rounds: int) -> dict[str, dict[str, float]]:
    summary = {}
    prompt = list(range(8, 24))
    for share in SHARES[1:]:
        model = build_model("decoder", MODEL, VOCAB, seed=0).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.dim() == 2:
                    parameter.normal_(0, 0.05)
        prune_model(model, PruningConfig(sparsity=share))
        fastest_dense = next(b for b in BACKENDS if not issubclass(b, SparseDecoder) and b.can_run(model) is None)
        sides = {"sparse": backend_for, "dense": fastest_dense}
        assert isinstance(backend_for(model, prompt), SparseDecoder)
        written, taken = {}, []
        for name, side in sides.items():
            generate.backend_for = side
            written[name] = list(generate.decode(model, prompt, GenerationConfig(temperature=0, max_new_tokens=32)))
        for seed in range(rounds):
            config, speeds = GenerationConfig(temperature=1, max_new_tokens=TOKENS, seed=seed), {}
            for name, side in sides.items():
                generate.backend_for = side
                began = time.perf_counter()
                count = sum(1 for _ in generate.decode(model, prompt, config, stop_ids=()))
                speeds[name] = count / (time.perf_counter() - began)
            taken.append(speeds)
        found = {name: statistics.median(one[name] for one in taken) for name in sides}
        found["ratio"] = statistics.median(one["sparse"] / one["dense"] for one in taken)
        found["same"] = written["sparse"] == written["dense"]
        summary[f"{share:.0%}"] = found
        print(
            f"chat at {share:.0%} zeros: {found['sparse']:,.0f} tokens/s, dense ({fastest_dense.__name__})"
            f" {found['dense']:,.0f}: {found['ratio']:.2f} times; same greedy tokens: {found['same']}",
            flush=True,
        )
    return summary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=("products", "chat"))
    chosen = parser.parse_args()
    if reason := KERNELS.why_not(600):
        sys.exit(f"Skipped: {reason}")
    summary = {}
    if chosen.only != "chat":
        summary["products"] = products(chosen.rounds)
    if chosen.only != "products":
        summary["chat"] = chat(chosen.rounds)
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
