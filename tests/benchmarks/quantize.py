"""What few bits cost: a well-trained model of plays in 16, 8 and 4 bits a number, whole and with half of its weights gone.

    python tests/benchmarks/quantize.py --project DIR [--model NAME] [--data FILE] [--steps N] [--tokens N] [--measured N]

The project holds the model (`one_shot` leaves one there, as Plays), or FILE is a text of some MB that it learns first.
Matrices are quantised, tables and head keep 16 bits; each way is rounded to the nearest, 4 bits by coordinate descent, too.
Half of the weights are taken by magnitude, layer by layer. Told are bits per byte on the first tokens of validation,
bytes of the file and of the weights in memory, and tokens a second of writing, all ways by turns, the best of five.
"""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from one_shot import NAME, grown

from llmstudio.app.items.ancestry import dataset_at_once
from llmstudio.app.items.loaded import Loaded, load
from llmstudio.app.verbs.evaluate import scores
from llmstudio.app.verbs.quantize import quantized_copy
from llmstudio.core.models.weights.small import as_written_with, memory_bytes
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.pruning import prune_model
from llmstudio.core.sparsity.quantizing.config import QuantizingConfig
from llmstudio.core.sparsity.report import report
from llmstudio.core.sparsity.rounding import round_model
from llmstudio.core.sparsity.structured.pace import writing_paces
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

GRIDS = ((8, "row"), (4, "row"), (4, "32"))


def ways(project: Project, full: Loaded, data: Any, tokens: int) -> Iterator[tuple[str, Loaded]]:
    """The model in ever fewer bits."""
    yield "32 bits", full
    halves = replace(full, model=copy.deepcopy(full.model))
    round_model(halves.model)
    yield "16 bits", halves
    for bits, group in GRIDS:
        for method in ("nearest", "coordinate_descent")[: 1 + (bits == 4)]:  # 8 bits leave nothing to make up for
            config = QuantizingConfig(bits=bits, group=group, method=method, calibration_tokens=tokens)
            steps = quantized_copy(project, full, data, config, job="quantize", stop=Stop())
            while True:
                try:
                    next(steps)
                except StopIteration as end:
                    yield f"{bits} bits, {group}, {method}", end.value[0]
                    break


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--model", default=NAME)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--tokens", type=int, default=8192)
    parser.add_argument("--measured", type=int, default=20_000)
    chosen = parser.parse_args()
    project = Project(chosen.project)
    if chosen.data is not None:
        grown(project, chosen.data, chosen.steps)
    whole = load(project, chosen.model)
    data = dataset_at_once(project, whole.about, job="quantize", stop=Stop())
    part = data.held_out("val")
    assert part is not None
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for share in (0.0, 0.5):
        full = replace(whole, model=copy.deepcopy(whole.model))
        if share:
            prune_model(full.model, PruningConfig(sparsity=share, scope="layer"))
        models, told = [], {}
        for name, one in ways(project, full, data, chosen.tokens):
            *_, score = scores(one, part, max_tokens=chosen.measured)
            counts, small = report(one.model, {}, keep_embeddings=True), as_written_with(one.model)
            told[name] = {
                "bits_per_byte": score.figures()["bits_per_byte"],
                "file_bytes": counts.file_bytes if share or name != "32 bits" else counts.file_bytes_before,
                "times_limit": counts.file_bytes / counts.file_bytes_bound,
                "memory_bytes": memory_bytes(small),
                "zeros": counts.zeros / counts.prunable,
            }
            models.append(small)
            print(f"{share:.0%} gone, {name}: {told[name]}", flush=True)
        for name, pace in zip(told, writing_paces(models), strict=True):
            told[name]["tokens_per_second"] = pace
        print({name: round(one["tokens_per_second"]) for name, one in told.items()}, flush=True)
        found[f"{share:.0%}"] = told
    print(json.dumps({"benchmark": "quantize", "measured": chosen.measured, "tokens": chosen.tokens, "found": found}))


if __name__ == "__main__":
    main()
