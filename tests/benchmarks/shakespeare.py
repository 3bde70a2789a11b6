"""Tiny Shakespeare in characters: validation loss in the time that nanoGPT's CPU recipe needs for its 2,000 steps.

    python tests/benchmarks/shakespeare.py --data DIR --peer DIR [--rounds N]

DIR of --data holds tinyshakespeare.txt (the first 90 % train, the last 10 % validate); DIR of --peer is a checkout of
nanoGPT. Peer and product run in turn in fresh processes on the same threads. Our clock starts at the raw text: import,
tokenizer, encoding and training together get the seconds that the peer's 2,000 steps alone took, its evaluations not
counted. Our loss is over every validation character once, with half a window of context at least.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

RECIPE = [
    *("--device=cpu", "--compile=False", "--eval_iters=20", "--log_interval=1", "--block_size=64", "--batch_size=12"),
    *("--n_layer=4", "--n_head=4", "--n_embd=128", "--max_iters=2000", "--lr_decay_iters=2000", "--dropout=0.0"),
    *("--eval_interval=2000", "--always_save_checkpoint=False"),
]


def peer_run(checkout: Path, text: str, work: Path) -> tuple[float, float]:
    """Seconds of 2,000 steps of nanoGPT's CPU recipe, evaluations not counted, and its own validation loss."""
    repo = work / "nanogpt"
    shutil.copytree(checkout, repo, ignore=shutil.ignore_patterns(".git"))
    data = repo / "data" / "shakespeare_char"
    letters = sorted(set(text))
    ids = np.array([letters.index(c) for c in text], dtype=np.uint16)
    cut = int(0.9 * len(text))
    ids[:cut].tofile(data / "train.bin")
    ids[cut:].tofile(data / "val.bin")
    meta = {"vocab_size": len(letters), "itos": dict(enumerate(letters)), "stoi": {c: i for i, c in enumerate(letters)}}
    (data / "meta.pkl").write_bytes(pickle.dumps(meta))
    command = [sys.executable, "train.py", "config/train_shakespeare_char.py", *RECIPE]
    run = subprocess.run(command, cwd=repo, capture_output=True, text=True, check=True)
    steps = {int(n): float(ms) for n, ms in re.findall(r"^iter (\d+): .* time ([\d.]+)ms", run.stdout, re.MULTILINE)}
    timed = [ms for step, ms in steps.items() if step % 2000]  # the first and last iteration contain an evaluation
    loss = float(re.findall(r"^step 2000: .*val loss ([\d.]+)", run.stdout, re.MULTILINE)[-1])
    return statistics.mean(timed) * 2000 / 1000, loss


def our_run(text_file: Path, seconds: float, work: Path, seed: int) -> dict[str, float]:
    """Import, build, train through the command line in `seconds` altogether; figures of the finished run."""
    project = str(work / "project")
    began = time.perf_counter()
    typed("import", str(text_file), "--name", "shakespeare", "--project", project)
    typed("tokenizer", "shakespeare", "--kind", "char", "--name", "characters", "--project", project)
    left = seconds - (time.perf_counter() - began)
    words = ["train", "--corpus", "shakespeare", "--tokenizer", "characters", "--preset", "shakespeare_char", "--name", "m"]
    result = typed(*words, "--project", project, "--set", f"training.max_seconds={left}", "--set", f"training.seed={seed}")
    return result | {"whole_s": seconds - left + result["seconds"]}


def typed(*words: str) -> dict[str, float]:
    """The result of a verb as a person types it, in a process of its own; the benchmark ends if it does not finish."""
    run = subprocess.run([sys.executable, "-m", "llmstudio", *words, "--json"], capture_output=True, text=True, check=False)
    last = json.loads(run.stdout.strip().splitlines()[-1])
    if last["event"] != "finished":
        sys.exit(f"{words[0]} did not finish: {last}")
    return last["result"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--peer", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    text_file = chosen.data / "tinyshakespeare.txt" if chosen.data else None
    if text_file is None or not text_file.is_file():
        sys.exit("Skipped: --data must name a folder with tinyshakespeare.txt.")
    if chosen.peer is None or not (chosen.peer / "train.py").is_file():
        sys.exit("Skipped: --peer must name a checkout of nanoGPT.")
    os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count()))
    text = text_file.read_text()
    rows = []
    for seed in range(chosen.rounds):
        with tempfile.TemporaryDirectory() as work:
            seconds, theirs = peer_run(chosen.peer, text, Path(work))
            ours = our_run(text_file, seconds, Path(work), seed)
        rows.append({"budget_s": seconds, "peer_loss": theirs, "loss": ours["val_loss"], "whole_s": ours["whole_s"], **ours})
        print(
            f"round {seed + 1}: {seconds:.1f} s   nanoGPT {theirs:.3f}   llmstudio {ours['val_loss']:.3f} after "
            f"{ours['whole_s']:.1f} s, {ours['steps']} steps, {ours['parameters']:,} parameters",
            flush=True,
        )
    print(json.dumps({"median_loss": statistics.median(r["loss"] for r in rows), "rounds": rows}))


if __name__ == "__main__":
    main()
