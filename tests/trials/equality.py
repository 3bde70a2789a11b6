"""Is everything still equal to the last bit? Trains every family for some steps and prints losses and hashes.

    python tests/trials/equality.py > before.txt        # in the state before a change
    python tests/trials/equality.py --against before.txt  # in the state after it: exit status 1 and the lines that differ

Everything goes through the command line, in a process of its own each, so that any two states can be compared.
Hashed are tensors by name, shape and bytes (so a file may be laid out otherwise, but hold nothing else), the rows that are
trained on, what exports write, and what is answered. What is compared must run on one machine: another processor rounds
otherwise.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from safetensors.numpy import load_file

STEPS = 30
FIXED = (
    "training.number_format=fp32",
    "training.threads=1",
    "training.device=cpu",
    "training.seed=7",
    "training.learning_rate=0.002",
)
SPEAKERS = ("rnn", "lstm", "gru", "decoder")
FAMILIES = (*SPEAKERS, "encoder", "encoder_decoder", "vae")
# Beside each family as it comes: what takes other ways through the code.
VARIANTS = {
    "decoder bf16": ("decoder", "training.number_format=bf16"),
    "decoder muon": ("decoder", "training.optimizer=muon"),
    "decoder accumulating": ("decoder", "training.grad_accumulation_steps=3"),
    "decoder dropout": ("decoder", "model.dropout=0.2"),
    "decoder documents": ("decoder", "training.rows=documents"),
    "decoder packed": ("decoder", "training.rows=packed"),
    "lstm carrying": ("lstm", "training.batch_size=4"),
    "lstm two layers": ("lstm", "model.num_layers=2", "model.dropout=0.1"),
    "encoder often hidden": ("encoder", "model.mask_rate=0.3"),
}
PRUNED = {
    "decoder": ("random", "magnitude"),
    "lstm": ("magnitude",),
    "vae": ("magnitude",),
}


class Studio:
    """A project of its own, worked on by the command line."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = os.environ | {"LLMSTUDIO_HOME": str(home), "OMP_NUM_THREADS": "1"}

    def run(self, *arguments: str) -> dict[str, object]:
        """Run a verb and return its result; ends the program where it fails."""
        command = [sys.executable, "-m", "llmstudio", *arguments, "--project", str(self.home / "project"), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=self.environment, check=False)
        last = json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else {}
        if last.get("event") != "finished":
            raise SystemExit(f"{' '.join(arguments)}: {done.stderr.strip() or last}")
        return dict(last["result"])

    def checkpoints(self, model: str) -> Iterator[Path]:
        """The folders of its checkpoints, oldest first."""
        yield from sorted((self.home / "project" / "models" / model / "checkpoints").iterdir())


def hash_of(*parts: bytes) -> str:
    """A short hash of all parts."""
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "little") + part)
    return total.hexdigest()[:16]


def tensors(path: Path) -> str:
    """The hash of a file's tensors by name, type, shape and bytes."""
    parts: list[bytes] = []
    for name, value in sorted(load_file(path).items()):
        parts += [name.encode(), str((value.dtype, value.shape)).encode(), value.tobytes()]
    return hash_of(*parts)


def checkpoint_lines(studio: Studio, model: str) -> Iterator[str]:
    """A line for every file of tensors in every checkpoint."""
    for folder in studio.checkpoints(model):
        for path in sorted(folder.glob("*.safetensors")):
            yield f"{folder.name} {path.stem} {tensors(path)}"


def export_lines(folder: Path) -> Iterator[str]:
    """A line for every file of an export."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        yield f"{path.relative_to(folder).as_posix()} {hash_of(path.read_bytes())}"


def figures(result: dict[str, object]) -> str:
    """What a run found out: its losses to the last digit."""
    names = ("steps", "best_step", "train_loss", "val_loss", "bits_per_byte", "parameters", "nonzeros", "file_bytes_after")
    return " ".join(f"{name}={result[name]!r}" for name in names if name in result)


def grown(studio: Studio, name: str, family: str, *wishes: str, tokenizer: str = "characters") -> Iterator[str]:
    """Train a model of this name; its losses and hashes."""
    corpus = "pairs" if family == "encoder_decoder" else "text"
    steps = (
        f"training.max_steps={STEPS}",
        "training.eval_steps=10",
        "training.checkpoint_steps=15",
        "training.eval_tokens=2000",
    )
    settings = [word for wish in (*FIXED, *steps, *wishes) for word in ("--set", wish)]
    names = ("--corpus", corpus, "--tokenizer", tokenizer, "--name", name)
    result = studio.run("train", *names, "--model", family, "--preset", "nano", *settings)
    yield figures(result)
    yield from checkpoint_lines(studio, name)


def spoken(studio: Studio, model: str) -> Iterator[str]:
    """What a model that speaks writes on from a prompt, the likeliest tokens and drawn ones."""
    for wishes in (("--temperature", "0"), ("--temperature", "0.8", "--top-k", "20", "--seed", "3")):
        result = studio.run("generate", model, "--prompt", "The ", "--max-new-tokens", "40", *wishes)
        yield f"{' '.join(wishes)} {hash_of(str(result['text']).encode())}"


def lines(studio: Studio) -> Iterator[str]:
    """Everything that must be equal, a line each, in a fixed order."""
    studio.run("import", "sample:reviews", "--name", "text")
    studio.run("import", "sample:pairs", "--name", "pairs")
    for name, kind, size in (("characters", "char", "200"), ("pieces", "bpe", "400")):
        studio.run("tokenizer", "text", "--kind", kind, "--vocab-size", size, "--name", name)
        path = studio.home / "project" / "tokenizers" / name / "tokenizer.json"
        yield f"tokenizer {name}: {hash_of(path.read_bytes())}"
    studio.run("tokenizer", "pairs", "--kind", "char", "--vocab-size", "200", "--name", "pair characters")
    for family in FAMILIES:
        tokenizer = "pair characters" if family == "encoder_decoder" else "characters"
        for line in grown(studio, family, family, tokenizer=tokenizer):
            yield f"train {family}: {line}"
        yield f"evaluate {family}: {figures(studio.run('evaluate', family))}"
    for name, (family, *wishes) in VARIANTS.items():
        for line in grown(studio, name, family, *wishes):
            yield f"train {name}: {line}"
    for line in grown(studio, "exported", "decoder", tokenizer="pieces"):
        yield f"train exported: {line}"
    for model in (*SPEAKERS, "exported"):
        for line in spoken(studio, model):
            yield f"generate {model}: {line}"
    for model, methods in PRUNED.items():
        for method in methods:
            name = f"{model} {method}"
            result = studio.run("prune", model, "--method", method, "--sparsity", "0.5", "--name", name)
            yield f"prune {name}: {figures(result)}"
            for line in checkpoint_lines(studio, name):
                yield f"prune {name}: {line}"
    studio.run("export", "exported", "--format", "hugging_face", str(studio.home / "export"))
    for line in export_lines(studio.home / "export"):
        yield f"export: {line}"
    for split in sorted((studio.home / "project" / "datasets").rglob("*")):
        if split.is_file() and split.suffix != ".json":
            yield f"dataset: {split.name} {hash_of(split.read_bytes())}"


def main() -> None:
    """Print the lines, or compare them with those of another state."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, help="what another state printed")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for line in lines(Studio(Path(folder))):
            found.append(line)
            if arguments.against is None:
                print(line, flush=True)
    if arguments.against is None:
        return
    before = arguments.against.read_text(encoding="utf-8").splitlines()
    gone, new = [line for line in before if line not in found], [line for line in found if line not in before]
    for line in gone:
        print("before:", line)
    for line in new:
        print("now:   ", line)
    print(f"{len(found) - len(new)} of {len(before)} lines are equal.")
    raise SystemExit(1 if gone or new else 0)


if __name__ == "__main__":
    main()
