"""Predicted against measured: what runs of every family take, for vocabularies from 100 to 32,000.

    python tests/trials/memory.py [FAMILY ...] [--vocab V]... [--shape S]... [--format fp32|bf16] [--documents] [--steps N]

With `--documents` the text is questions with answers, so that rows have every length: what is freed and kept then grows for$
a hundred steps, and so long it is trained.

Each run is a process of its own, since memory that one has taken is there for the next. What is measured is the process'
highest resident size above what it had before the model was built; a busy computer does not change it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

FAMILIES = ("decoder", "encoder", "lstm", "gru", "rnn", "encoder_decoder", "vae")
VOCABULARIES = (100, 2000, 13_675, 32_000)
SHAPES = {
    "small": ("embed_dim=64", 8),
    "wide": ("embed_dim=256", 16),
    "large batch": ("embed_dim=128", 64),
}


def llmstudio(home: Path, *words: str) -> dict[str, object]:
    """Run one verb in a process of its own and return its result."""
    command = [sys.executable, "-m", "llmstudio", *words, "--project", str(home / "project"), "--json"]
    environment = os.environ | {"LLMSTUDIO_HOME": str(home), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=False)
    last = json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else {}
    if last.get("event") != "finished":
        raise SystemExit(f"{' '.join(words)}: {done.stderr.strip() or last}")
    return dict(last["result"])


def prepare(home: Path, vocabularies: list[int]) -> None:
    """Texts of as many words as the largest vocabulary, running and in pairs, and a tokenizer of words for each."""
    draw = random.Random(0)
    known = [f"w{n}" for n in range(max(vocabularies) + 10)]
    sentences = [" ".join(draw.choices(known, k=draw.randint(4, 24))) + " ." for _ in range(1_500)]
    whole = [" ".join(known[i : i + 20]) + " ." for i in range(0, len(known), 20)]
    sentences += whole + whole  # a word that stands only once is in no vocabulary
    (home / "text.txt").write_text("\n".join(sentences))
    pairs = [json.dumps({"source": s, "target": t}) for s, t in zip(sentences, sentences[1:] + sentences[:1], strict=True)]
    (home / "pairs.jsonl").write_text("\n".join(pairs))
    asked = [{"question": a, "answer": b} for a, b in itertools.pairwise(sentences)]
    (home / "documents.jsonl").write_text("\n".join(map(json.dumps, asked)))
    llmstudio(home, "import", str(home / "documents.jsonl"), "--name", "documents")
    llmstudio(home, "import", str(home / "text.txt"), "--name", "text")
    llmstudio(home, "import", str(home / "pairs.jsonl"), "--name", "pairs")
    for size in vocabularies:
        llmstudio(home, "tokenizer", "text", "--kind", "word", "--vocab-size", str(size), "--name", f"t{size}")


def measure(
    home: Path, family: str, size: int, shape: str, number_format: str, corpus: str, steps: int
) -> tuple[float, float]:
    """Predicted and measured bytes of a short run."""
    width, rows = SHAPES[shape]
    settings = [f"model.{width}", f"training.batch_size={rows}", f"training.max_steps={steps}", "training.eval_steps=1000",
                f"training.number_format={number_format}", "training.threads=1", "training.eval_tokens=3000"]  # fmt: skip
    names = ["--corpus", corpus, "--tokenizer", f"t{size}", "--model", family, "--name", f"{family} {size} {shape}"]
    wishes = [word for setting in settings for word in ("--set", setting)]
    found = llmstudio(home, "train", *names, *wishes)
    return float(str(found["predicted_peak_bytes"])), float(str(found["peak_bytes"]))


def main() -> None:
    """Print a line for every run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("families", nargs="*", default=list(FAMILIES))
    parser.add_argument("--vocab", type=int, action="append", default=[])
    parser.add_argument("--shape", action="append", default=[], choices=list(SHAPES))
    parser.add_argument("--format", default="fp32")
    parser.add_argument("--documents", action="store_true")
    parser.add_argument("--steps", type=int)
    arguments = parser.parse_args()
    vocabularies = arguments.vocab or list(VOCABULARIES)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        prepare(home, vocabularies)
        print(f"{'family':<16} {'shape':<12} {'vocabulary':>10} {'predicted':>10} {'measured':>10} {'ratio':>6}", flush=True)
        for family in arguments.families:
            for shape in arguments.shape or SHAPES:
                for size in vocabularies:
                    pairs = "pairs" if family == "encoder_decoder" else "text"
                    corpus = "documents" if arguments.documents else pairs
                    steps = arguments.steps or (150 if arguments.documents else 8)
                    predicted, peak = measure(home, family, size, shape, arguments.format, corpus, steps)
                    line = f"{predicted / 1e6:>7.0f} MB {peak / 1e6:>7.0f} MB {predicted / peak:>6.2f}"
                    print(f"{family:<16} {shape:<12} {size:>10,} {line}", flush=True)


if __name__ == "__main__":
    main()
