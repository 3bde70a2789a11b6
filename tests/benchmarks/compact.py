"""A model of which half is taken away and that then learns on for a fifth of its steps, beside the whole model.

    python tests/benchmarks/compact.py --data FILE [--steps N] [--width D] [--parts PARTS]... [--share S] [--control]

FILE is tinyshakespeare.txt: the first 90 % are learned from, bits per byte are those of the last 10 %. A decoder of eight
layers reads it in characters. Of each wish for PARTS a smaller model is made and learns on. Steps and writing are timed on
one thread, in its own time of the processor, so that other work counts for little; the models take turns, and the best turn
counts. `--control` lets the whole model learn on for as many steps too.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch.nn import functional as F

from llmstudio.app.items import loaded
from llmstudio.app.runs.starting import recipe_from
from llmstudio.app.verbs.compact import compact
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.core.batch import Batch
from llmstudio.core.corpus.config import CorpusConfig, SplitConfig
from llmstudio.core.events import Finished
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.generate import decode
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.sparsity.structured.config import CompactConfig
from llmstudio.core.tokenizer.config import END, TokenizerConfig
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

SHAPE = DecoderConfig(num_layers=8, embed_dim=64, num_heads=4, context_length=64)
TURNS = 12


def done(events: object) -> dict:
    """A job's result."""
    *_, end = events  # type: ignore[misc]
    assert isinstance(end, Finished), end
    return dict(end.result)


def grow(project: Project, text: Path, steps: int, width: int) -> dict:
    """The model Whole."""
    split = SplitConfig(val_share=0.1, test_share=0.0)
    done(import_corpus(project, [str(text)], name="Text", config=CorpusConfig(split=split), stop=Stop()))
    done(build_tokenizer(project, "Text", name="Letters", config=TokenizerConfig(kind="char"), stop=Stop()))
    training = TrainingConfig(
        max_steps=steps, batch_size=12, learning_rate=3e-3, threads=1, number_format="fp32", sample_steps=10**6,
        eval_steps=steps // 3, checkpoint_steps=steps,
    )  # fmt: skip
    recipe = Recipe(model=replace(SHAPE, embed_dim=width), training=training)
    return done(train(project, corpus="Text", tokenizer="Letters", name="Whole", recipe=recipe, stop=Stop()))


def learn_on(project: Project, start: str, name: str, steps: int) -> dict:
    """A model that begins with the weights of another."""
    recipe = recipe_from(project, start, {"training.max_steps": steps, "training.eval_steps": max(1, steps // 3)})
    return done(train(project, name=name, recipe=recipe, start=start, stop=Stop()))


def step(model: LanguageModel) -> Callable[[], int]:
    """A step of training of a model's shape; it returns the tokens learned from."""
    copy = build_model("decoder", model.config, model.vocab_size).train()
    optimizer = torch.optim.AdamW(copy.parameters(), fused=True)
    ids = torch.randint(4, model.vocab_size, (12, SHAPE.context_length + 1))

    def run() -> int:
        optimizer.zero_grad()
        logits = copy.head(copy(Batch(ids[:, :-1])).hidden)
        F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten()).backward()
        optimizer.step()
        return ids[:, 1:].numel()

    return run


def writing(model: LanguageModel) -> Callable[[], int]:
    """Some text that a model writes; it returns the tokens of it."""
    return lambda: sum(1 for _ in decode(model, [END], GenerationConfig(max_new_tokens=60, seed=0)))


def times_as_fast(whole: Callable[[], int], small: Callable[[], int]) -> float:
    """How many times the tokens of the one the other gets through in the same time of one processor, each at its best."""
    best = [0.0, 0.0]
    for _ in range(TURNS):
        for index, work in enumerate((whole, small)):
            began = time.process_time()
            best[index] = max(best[index], work() / (time.process_time() - began))
    return best[1] / best[0]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--width", type=int, default=SHAPE.embed_dim)
    parser.add_argument("--parts", action="append")
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--control", action="store_true")
    chosen = parser.parse_args()
    if not chosen.data or not chosen.data.is_file():
        sys.exit("Skipped: --data must name tinyshakespeare.txt.")
    torch.set_num_threads(1)
    found: dict[str, dict] = {}
    with tempfile.TemporaryDirectory() as folder:
        project, heal = Project(Path(folder) / "p"), chosen.steps // 5
        whole = grow(project, chosen.data, chosen.steps, chosen.width)
        print(f"whole: {whole['parameters']:,} weights, {whole['bits_per_byte']:.3f} bits per byte", flush=True)
        if chosen.control:
            found["control"] = learn_on(project, "Whole", "Control", heal)
            print(f"whole, {heal} steps more: {found['control']['bits_per_byte']:.3f} bits per byte", flush=True)
        for parts in chosen.parts or ["layers"]:
            config = CompactConfig(share=chosen.share, parts=tuple(parts.split(",")))
            cut = done(compact(project, "Whole", name=f"Cut {parts}", config=config, stop=Stop()))
            healed = learn_on(project, f"Cut {parts}", f"Healed {parts}", heal)
            models = [loaded.load(project, name).model for name in ("Whole", f"Healed {parts}")]
            steps, texts = ([kind(model) for model in models] for kind in (step, writing))
            found[parts] = {
                "units": cut["units"],
                "share_left": cut["share_left"],
                "bits_per_byte": [whole["bits_per_byte"], cut["bits_per_byte_after"], healed["bits_per_byte"]],
                "times_bits": healed["bits_per_byte"] / whole["bits_per_byte"],
                "times_training": times_as_fast(*steps),
                "times_writing": times_as_fast(*texts),
            }
            print(f"{parts}: {json.dumps(found[parts])}", flush=True)
    print(json.dumps({"benchmark": "compact", "steps": chosen.steps, "found": found}))


if __name__ == "__main__":
    main()
