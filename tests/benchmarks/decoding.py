"""Decoding one text at a time: our tokens a second against transformers' `generate` on the exported model.

    python tests/benchmarks/decoding.py [--peer-python PYTHON] [--rounds N]

PYTHON is an interpreter that has transformers (by default this one). Both write the same 200 greedy tokens in fp32 from the
same 16, in turn, in fresh processes with the same number of threads; transformers uses its dynamic cache, uncompiled.
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

SIZES = {
    "0.8 M": {"num_layers": 4, "embed_dim": 128, "num_heads": 4},
    "14 M": {"num_layers": 8, "embed_dim": 384, "num_heads": 6},
}
TOKENS, PROMPT = 200, list(range(7, 23))

OURS = """
import json, sys, time
from pathlib import Path
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.generate import decode
from llmstudio.core.models.checkpoint import find_checkpoint, load_model
from llmstudio.core.training.setup import prepare_process
prepare_process()
model = load_model(find_checkpoint(Path(sys.argv[1]), "last")[0])
config = GenerationConfig(temperature=0, max_new_tokens=int(sys.argv[2]))
prompt = json.loads(sys.argv[3])
list(decode(model, prompt, config))
began = time.perf_counter()
ids = list(decode(model, prompt, config))
print(json.dumps({"tokens_per_second": len(ids) / (time.perf_counter() - began), "ids": ids}))
"""

PEER = """
import json, sys, time
import torch
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained(sys.argv[1]).eval()
prompt, count = torch.tensor([json.loads(sys.argv[3])]), int(sys.argv[2])
# Without an end token both write exactly as many tokens.
settings = {"max_new_tokens": count, "min_new_tokens": count, "do_sample": False, "eos_token_id": None}
model.generation_config.eos_token_id = None
with torch.inference_mode():
    model.generate(prompt, **settings)
    began = time.perf_counter()
    ids = model.generate(prompt, **settings)[0, prompt.shape[1]:].tolist()
print(json.dumps({"tokens_per_second": len(ids) / (time.perf_counter() - began), "ids": ids}))
"""


def prepare(work: Path, shape: dict[str, int]) -> int:
    """Save a model with random weights as a checkpoint and as an export; returns its parameters."""
    from llmstudio.core.interop.hugging_face import export
    from llmstudio.core.models.checkpoint import save_checkpoint
    from llmstudio.core.models.config import DecoderConfig
    from llmstudio.core.models.families import build_model
    from llmstudio.core.tokenizer.config import SPECIALS
    from llmstudio.core.tokenizer.kinds import char_backend
    from llmstudio.core.tokenizer.tokenizer import Tokenizer

    letters = [chr(c) for c in range(32, 97)]
    model = build_model("decoder", DecoderConfig(context_length=256, **shape), len(SPECIALS) + len(letters), seed=0).eval()
    save_checkpoint(work / "model", 0, model=model, kind="decoder", facts={})
    export(model, Tokenizer(char_backend(letters)), work / "export", facts={})
    return sum(p.numel() for p in model.parameters())


def run(python: str, script: str, folder: Path) -> dict:
    command = [python, "-c", script, str(folder), str(TOKENS), json.dumps(PROMPT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer-python", default=sys.executable)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if subprocess.run([chosen.peer_python, "-c", "import transformers"], capture_output=True, check=False).returncode:
        sys.exit("Skipped: transformers is not installed for that Python (name another with --peer-python).")
    os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count()))
    summary = {}
    for name, shape in SIZES.items():
        with tempfile.TemporaryDirectory() as work:
            parameters = prepare(Path(work), shape)
            ours, theirs = [], []
            for _ in range(chosen.rounds):
                theirs.append(run(chosen.peer_python, PEER, Path(work) / "export"))
                ours.append(run(sys.executable, OURS, Path(work) / "model"))
        same = all(o["ids"] == t["ids"] for o, t in zip(ours, theirs, strict=True))
        speeds = [statistics.median(r["tokens_per_second"] for r in rows) for rows in (ours, theirs)]
        ratio = statistics.median(o["tokens_per_second"] / t["tokens_per_second"] for o, t in zip(ours, theirs, strict=True))
        summary[name] = {
            "parameters": parameters,
            "ours": speeds[0],
            "transformers": speeds[1],
            "ratio": ratio,
            "same": same,
        }
        print(f"{name}: {speeds[0]:,.0f}/s, transformers {speeds[1]:,.0f}/s, {ratio:.2f} times; same tokens: {same}")
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
