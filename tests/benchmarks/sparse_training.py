"""Training of which only nonzeros are kept, beside masked training with the same mask and dense training.

    OMP_NUM_THREADS=2 python tests/benchmarks/sparse_training.py [--steps N] [--rounds N] [--sparsity S] [--set P=V]...

A decoder of about 5 M parameters learns characters of the built-in tales, three times from the same weights and batches,
each time in a process of its own. State is what weights, gradients and optimizer hold, as measured by the run; the peak is
the process' own, above what libraries take; the loss is that of the whole validation part. In a round the three take turns,
and ratios of speed are medians over rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SHAPE = {
    "model.embed_dim": 256, "model.num_layers": 6, "model.num_heads": 4, "model.context_length": 128,
    "training.batch_size": 8, "training.eval_steps": 10**6, "training.number_format": "fp32",
}  # fmt: skip
WAYS: dict[str, dict[str, Any]] = {
    "dense": {},
    "masked": {"sparse.method": "static"},
    "nonzeros": {"sparse.method": "static", "sparse.storage": "nonzeros"},
}
STATE = ("weights", "gradients", "optimizer")


def events(project: Path, *words: str) -> list[dict[str, Any]]:
    """What a verb tells, in a process of its own."""
    command = [sys.executable, "-m", "llmstudio", *words, "--project", str(project), "--json"]
    environment = os.environ | {"LLMSTUDIO_HOME": str(project.parent)}
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=False)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert told, done.stderr
    assert told[-1]["event"] == "finished", told[-1]
    return told


def trained(project: Path, name: str, changes: dict[str, Any]) -> dict[str, float]:
    """Bytes of state and of the peak, loss and speed."""
    wishes = [word for path, value in changes.items() for word in ("--set", f"{path}={value}")]
    told = events(project, "train", "--corpus", "Tales", "--tokenizer", "Characters", "--name", name, *wishes)
    held = [event["memory"] for event in told if event["event"] == "train_step" and event.get("memory")]
    result = told[-1]["result"]
    return {
        "state_bytes": max(sum(memory[kind] for kind in STATE) for memory in held[1:]),  # moments come with a first step
        "peak_bytes": result["peak_bytes"],
        "predicted_peak_bytes": result["predicted_peak_bytes"],
        "val_loss": result["val_loss"],
        "tokens_per_second": result["tokens_per_second"],
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--sparsity", type=float, default=0.9)
    parser.add_argument("--set", dest="wishes", action="append", default=[], metavar="PATH=VALUE")
    chosen = parser.parse_args()
    wished = SHAPE | {"training.max_steps": chosen.steps} | dict(wish.split("=", 1) for wish in chosen.wishes)
    rounds: list[dict[str, dict[str, float]]] = []
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "p"
        events(project, "import", "sample:tales", "--name", "Tales", "--set", "sample_count=2000")
        events(project, "tokenizer", "Tales", "--name", "Characters", "--kind", "char")
        for number in range(chosen.rounds):
            rounds.append({})
            for way, changes in WAYS.items():
                own = wished | changes | ({"sparse.sparsity": chosen.sparsity} if changes else {})
                found = rounds[-1][way] = trained(project, f"{way} {number}", own)
                mega = {name: f"{found[f'{name}_bytes'] / 1e6:.1f} MB" for name in ("state", "peak", "predicted_peak")}
                speed = f"{found['tokens_per_second']:,.0f} tokens/s"
                print(
                    f"{way:>8}: state {mega['state']}, peak {mega['peak']} (foretold {mega['predicted_peak']}),"
                    f" val_loss {found['val_loss']:.4f}, {speed}",
                    flush=True,
                )
    first = rounds[0]
    share = first["nonzeros"]["state_bytes"] / first["dense"]["state_bytes"]
    apart = first["nonzeros"]["val_loss"] - first["masked"]["val_loss"]
    speeds = {
        way: statistics.median(r["nonzeros"]["tokens_per_second"] / r[way]["tokens_per_second"] for r in rounds)
        for way in ("dense", "masked")
    }
    print(f"state: 1/{1 / share:.2f} of dense training's; loss {apart:+.5f} beside masked training's")
    print(f"speed: {speeds['dense']:.2f} of dense training's, {speeds['masked']:.2f} of masked training's")
    print(json.dumps({"benchmark": "sparse_training", "share": share, "apart": apart, "speeds": speeds, "rounds": rounds}))


if __name__ == "__main__":
    main()
