"""Decoding one text at a time: our tokens a second against transformers' `generate` on the exported model.

    python tests/benchmarks/decoding.py [--peer-python PYTHON] [--rounds N]

PYTHON is an interpreter that has transformers (by default this one). Both write the same 200 greedy tokens in fp32 from the
same 16, in turn, in fresh processes with the same number of threads; transformers uses its dynamic cache, uncompiled. The
models have read the sample world's tales for 60 steps, so that they write words, not noise. Large models guess ahead where
a text repeats itself; the figure without guesses stands beside it.
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
TOKENS, PROMPT = 200, "there was once a"
STEPS, LETTERS = 60, [chr(code) for code in range(32, 127)]

OURS = """
import json, sys, time
from pathlib import Path
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation import generate
from llmstudio.core.generation.backends.numpy_decoder import NumpyDecoder
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.training.machine.setup import prepare_process
prepare_process()
model = load_model(find_checkpoint(Path(sys.argv[1]), "last")[0])
config = GenerationConfig(temperature=0, max_new_tokens=int(sys.argv[2]))
prompt = json.loads(sys.argv[3])
list(generate.decode(model, prompt, config))

def measured():
    began = time.perf_counter()
    ids = list(generate.decode(model, prompt, config))
    return {"tokens_per_second": len(ids) / (time.perf_counter() - began), "ids": ids}

found = measured()
generate.backend_for = NumpyDecoder
print(json.dumps(found | {"without_guesses": measured()["tokens_per_second"]}))
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


def prepare(work: Path, shape: dict[str, int]) -> tuple[int, list[int]]:
    """Save a model as a checkpoint and as an export; returns its parameters and the prompt's ids."""
    import torch

    from llmstudio.core.batch import Batch
    from llmstudio.core.corpus import samples
    from llmstudio.core.interop.hugging_face import export
    from llmstudio.core.models.build import build_model
    from llmstudio.core.models.checkpoint.write import save_checkpoint
    from llmstudio.core.models.families.decoder_config import DecoderConfig
    from llmstudio.core.tokenizer.kinds import char_backend
    from llmstudio.core.tokenizer.tokenizer import Tokenizer

    tokenizer = Tokenizer(char_backend(LETTERS))
    tales = " ".join(str(tale["text"]) for tale in samples.records("tales", count=1000, split="train"))
    ids = torch.tensor(tokenizer.encode(tales))
    model = build_model("decoder", DecoderConfig(context_length=256, **shape), tokenizer.vocab_size, seed=0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for step in range(STEPS):
        rows = ids[step * 8 * 129 :][: 8 * 129].reshape(8, 129)
        logits = model.head(model(Batch(rows[:, :-1])).hidden)
        torch.nn.functional.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten()).backward()
        optimizer.step()
        optimizer.zero_grad()
    save_checkpoint(work / "model", 0, model=model.eval(), kind="decoder", facts={})
    export(model, tokenizer, work / "export", facts={})
    return sum(p.numel() for p in model.parameters()), tokenizer.encode(PROMPT)


def run(python: str, script: str, folder: Path, prompt: list[int]) -> dict:
    command = [python, "-c", script, str(folder), str(TOKENS), json.dumps(prompt)]
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
            parameters, prompt = prepare(Path(work), shape)
            ours, theirs = [], []
            for _ in range(chosen.rounds):
                theirs.append(run(chosen.peer_python, PEER, Path(work) / "export", prompt))
                ours.append(run(sys.executable, OURS, Path(work) / "model", prompt))
        same = all(o["ids"] == t["ids"] for o, t in zip(ours, theirs, strict=True))
        speeds = [statistics.median(r["tokens_per_second"] for r in rows) for rows in (ours, theirs)]
        ratio, plain = (
            statistics.median(o[figure] / t["tokens_per_second"] for o, t in zip(ours, theirs, strict=True))
            for figure in ("tokens_per_second", "without_guesses")
        )
        summary[name] = {
            "parameters": parameters,
            "ours": speeds[0],
            "transformers": speeds[1],
            "ratio": ratio,
            "ratio_without_guesses": plain,
            "same": same,
        }
        print(
            f"{name}: {speeds[0]:,.0f}/s, transformers {speeds[1]:,.0f}/s, {ratio:.2f} times ({plain:.2f} without guesses);"
            f" same tokens: {same}"
        )
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
