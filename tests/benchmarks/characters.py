"""The character race on tiny Shakespeare: what each family reaches in the seconds of nanoGPT's CPU recipe.

    python tests/benchmarks/characters.py --data DIR --peer DIR [--kinds lstm gru rnn decoder] [--seeds N]
                                          [--seconds S] [--tune] [--set PATH=VALUE ...]

DIR of --data holds tinyshakespeare.txt, of which the last tenth validates; DIR of --peer is a checkout of nanoGPT. In each
round the peer takes its 2,000 steps first, and the seconds of those steps (without its evaluations) are the budget of each
of ours: from the first batch to the last step, evaluations included. Our loss is over every validation character once, with
the state carried or half a window of context at least. `--seconds` takes a budget as given, without the peer. `--tune` uses
the first nine tenths alone and measures on their end, so that settings can be tried without a look at the validation text.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

from shakespeare import peer_run, typed

RECIPES = {kind: ("--model", kind, "--preset", "shakespeare_char") for kind in ("lstm", "gru", "rnn", "decoder")}
SMALLEST, LARGEST = 800_000, 950_000


def our_run(kind: str, text_file: Path, seconds: float, seed: int, wishes: list[str], work: Path) -> dict[str, float]:
    """Figures of a run of this family in `seconds`, through the command line in a fresh process."""
    project = ("--project", str(work / "project"))
    if not (work / "project").exists():
        typed("import", str(text_file), "--name", "shakespeare", *project)
        typed("tokenizer", "shakespeare", "--kind", "char", "--name", "characters", *project)
    settings = [f"training.max_seconds={seconds}", f"training.seed={seed}", *wishes]
    named = ("--corpus", "shakespeare", "--tokenizer", "characters", "--name", f"{kind}-{seed}")
    return typed("train", *named, *RECIPES[kind], *project, *[word for wish in settings for word in ("--set", wish)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--peer", type=Path)
    parser.add_argument("--kinds", nargs="+", default=list(RECIPES), choices=RECIPES)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--set", dest="wishes", action="append", default=[], metavar="PATH=VALUE")
    chosen = parser.parse_args()
    text_file = chosen.data / "tinyshakespeare.txt" if chosen.data else None
    if text_file is None or not text_file.is_file():
        sys.exit("Skipped: --data must name a folder with tinyshakespeare.txt.")
    if not chosen.seconds and (chosen.peer is None or not (chosen.peer / "train.py").is_file()):
        sys.exit("Skipped: --peer must name a checkout of nanoGPT, or --seconds the budget.")
    os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count()))
    text = text_file.read_text()
    losses: dict[str, list[float]] = {kind: [] for kind in chosen.kinds}
    rows = []
    for seed in range(chosen.seeds):
        with tempfile.TemporaryDirectory() as work:
            if chosen.tune:
                text_file = Path(work) / "tinyshakespeare.txt"
                text_file.write_text(text[: int(0.9 * len(text))])
            seconds, theirs = (chosen.seconds, None) if chosen.seconds else peer_run(chosen.peer, text, Path(work))
            print(f"round {seed + 1}: {seconds:.1f} s" + (f", nanoGPT {theirs:.3f}" if theirs else ""), flush=True)
            for kind in chosen.kinds:
                found = our_run(kind, text_file, seconds, seed, chosen.wishes, Path(work))
                losses[kind].append(found["val_loss"])
                rows.append({"kind": kind, "seed": seed, "budget_s": seconds, "peer_loss": theirs, **found})
                note = "" if SMALLEST <= found["parameters"] <= LARGEST else ", NOT of the race's size"
                print(
                    f"  {kind:8} {found['val_loss']:.3f}   {found['seconds']:.1f} s, {found['steps']:,} steps,"
                    f" {found['tokens_per_second']:,.0f} tokens a second, {found['parameters']:,} parameters{note}",
                    flush=True,
                )
    medians = {kind: statistics.median(values) for kind, values in losses.items()}
    print(json.dumps({"median_loss": medians, "rounds": rows}))


if __name__ == "__main__":
    main()
