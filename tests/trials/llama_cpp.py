"""A model exported as GGUF speaks in llama.cpp as it does here: the same ids for odd texts, the same 64 greedy tokens.

    python tests/trials/llama_cpp.py --peer-python PYTHON

PYTHON is an interpreter that has llama-cpp-python (by default this one). Two shapes are tried, Qwen3's and, without QK-norm
and with shared key-value heads, Llama's; both have read the sample world's tales for 150 steps, so that they write words.
Ends in `ok`, or in the first difference and exit status 1.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import torch

from llmstudio.core.batch import Batch
from llmstudio.core.corpus import samples
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.generate import decode
from llmstudio.core.interop.gguf import export_gguf
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.tokenizer.kinds import blank, finished, trainer_for
from llmstudio.core.tokenizer.tokenizer import Tokenizer

TOKENS, STEPS, ROWS, CONTEXT = 64, 150, 16, 128
PROMPTS = ["there was once a", "clara and the kite", "one morning"]
ODD = [
    "", " ", "  two  spaces ", "\n\n\tx\n", "don't, they're I'LL 'tis", "12345 3.14 ½ ²", "ÄÖÜ straße œuvre", "Привет мир",
    "中文没有空格。", "日本語テキスト",
    "مرحبا", "שלום", "हिन्दी", "👩‍👩‍👧 😀🏽", "a\u00a0b\u2003c", "e\u0301 é", "\x00\x07\x1b",
    "<|end|> is text", "x" * 300, "?!…—‘’“”", "\r\n", "a_b-c/d\\e",
]  # fmt: skip
SHAPE = DecoderConfig(num_layers=2, embed_dim=64, num_heads=4, context_length=CONTEXT)
SHAPES = {
    "qwen3": SHAPE,
    "llama": replace(SHAPE, qk_norm=False, num_kv_heads=2, tie_embeddings=False, rope_base=50_000.0),
}

PEER = """
import json, sys
from llama_cpp import Llama
asked = json.loads(sys.stdin.read())
llm = Llama(sys.argv[1], n_ctx=asked["context"], n_batch=asked["context"], verbose=False, n_threads=1)
cut = [llm.tokenize(text.encode(), add_bos=False, special=False) if text else [] for text in asked["texts"]]
written = []
for ids in asked["prompts"]:
    llm.reset()
    found = []
    for token in llm.generate(ids, temp=0.0, top_k=1, repeat_penalty=1.0):
        found.append(token)
        if len(found) == asked["tokens"]:
            break
    written.append(found)
print("ANSWER" + json.dumps({"cut": cut, "written": written}))
"""


def grown(config: DecoderConfig, tokenizer: Tokenizer, ids: torch.Tensor) -> torch.nn.Module:
    """A model that has read a little."""
    model = build_model("decoder", config, tokenizer.vocab_size, seed=0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    generator = torch.Generator().manual_seed(0)
    for _ in range(STEPS):
        starts = torch.randint(len(ids) - CONTEXT - 1, (ROWS,), generator=generator)
        rows = torch.stack([ids[start : start + CONTEXT + 1] for start in starts])
        logits = model.head(model(Batch(rows[:, :-1])).hidden)
        torch.nn.functional.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten()).backward()
        optimizer.step()
        optimizer.zero_grad()
    return model.eval()


def ask(python: str, file: Path, prompts: list[list[int]]) -> dict:
    asked = {"context": CONTEXT, "texts": ODD, "prompts": prompts, "tokens": TOKENS}
    command = [python, "-c", PEER, str(file)]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=False)
    answers = [line.removeprefix("ANSWER") for line in done.stdout.splitlines() if line.startswith("ANSWER")]
    if done.returncode or not answers:
        sys.exit(done.stderr[-3000:] or "llama.cpp gave no answer")
    return json.loads(answers[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer-python", default=sys.executable)
    chosen = parser.parse_args()
    if subprocess.run([chosen.peer_python, "-c", "import llama_cpp"], capture_output=True, check=False).returncode:
        sys.exit("Skipped: llama-cpp-python is not installed for that Python (name another with --peer-python).")
    texts = [str(tale["text"]) for tale in samples.records("tales", count=600, split="train")]
    config = TokenizerConfig(vocab_size=500)
    backend = blank(config)
    backend.train_from_iterator(texts, trainer_for(config))
    tokenizer = Tokenizer(finished(backend, config))
    ids = torch.tensor(tokenizer.encode(" ".join(texts)))
    prompts = [tokenizer.encode(prompt) for prompt in PROMPTS]
    greedy, is_same = GenerationConfig(temperature=0.0, max_new_tokens=TOKENS), True
    for name, shape in SHAPES.items():
        model = grown(shape, tokenizer, ids)
        with tempfile.TemporaryDirectory() as work:
            export_gguf(model, tokenizer, Path(work) / "m.gguf", name="Trial", facts={})
            found = ask(chosen.peer_python, Path(work) / "m.gguf", prompts)
        for text, theirs in zip(ODD, found["cut"], strict=True):
            if theirs != tokenizer.encode(text):
                is_same = False
                print(f"{name}: {text!r} is cut into {theirs} there, into {tokenizer.encode(text)} here")
        for prompt, theirs in zip(prompts, found["written"], strict=True):
            ours = list(decode(model, prompt, greedy))
            if theirs != ours:
                is_same = False
                at = next(i for i, (a, b) in enumerate(zip(theirs, ours, strict=False)) if a != b)
                print(f"{name}: differs from token {at} on: {tokenizer.decode(theirs)!r}, here {tokenizer.decode(ours)!r}")
            else:
                print(f"{name}: the same {len(ours)} tokens: {tokenizer.decode(ours)!r}")
    print("ok" if is_same else "FAILS")
    sys.exit(not is_same)


if __name__ == "__main__":
    main()
