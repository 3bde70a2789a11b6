"""What taking weights away at once costs, by every method: a well-trained model of plays, at several shares and patterns.

    python tests/benchmarks/one_shot.py --data FILE [--project DIR] [--steps N] [--shares S,S] [--methods M,M] [--tokens N]

FILE is a text of some MB, as tiny Shakespeare. A decoder of 3.2 M parameters learns its characters; with `--project` it is
kept there as Plays and found again. Then each method takes the shares of its matrices (tables and head stay whole), and
makes the patterns 4:8 and 2:4. Told are bits per byte above those of the whole model, on all of the validation part,
how much of that is SparseGPT's and magnitude's, and the seconds of pruning without measuring. Magnitude is compared layer
by layer, as all others are, and over the whole model.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from lora import done

from llmstudio.app.presets.by_name import choose
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.events import Finished, Progress
from llmstudio.core.recipe import change
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.methods import METHODS
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

NAME = "Plays"
SHAPE = {"model.embed_dim": 256, "model.num_layers": 4}
EVEN = ("4:8", "2:4")


def grown(project: Project, data: Path, steps: int) -> None:
    """The model, unless it is there."""
    if project.exists("model", NAME):
        return
    done(import_corpus(project, [str(data)], name=NAME, config=CorpusConfig(), stop=Stop()))
    done(build_tokenizer(project, NAME, name=NAME, config=TokenizerConfig(kind="char"), stop=Stop()))
    recipe = change(choose("decoder", "shakespeare_char").recipe, SHAPE | {"training.max_steps": steps})
    done(train(project, corpus=NAME, tokenizer=NAME, name=NAME, recipe=recipe, stop=Stop()))


def pruned(project: Project, config: PruningConfig) -> dict[str, Any]:
    """What pruning costs, and how long reading and pruning take."""
    began, took = time.monotonic(), 0.0
    for event in prune(project, NAME, name="thin", config=config, stop=Stop()):
        if isinstance(event, Progress) and "pruning" in str(event.what):
            took = time.monotonic() - began
        else:
            began = began if took else time.monotonic()
    assert isinstance(event, Finished), event
    project.delete("model", "thin")
    found = event.result
    extra = found["bits_per_byte_after"] - found["bits_per_byte_before"]
    return {"extra_bits": extra, "seconds": took, "sparsity": found["sparsity"], "before": found["bits_per_byte_before"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--project", type=Path)
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--shares", default="0.5,0.7")
    parser.add_argument("--methods", default=",".join(name for name in METHODS if name != "random"))
    parser.add_argument("--tokens", type=int, default=PruningConfig().calibration_tokens)
    chosen = parser.parse_args()
    methods = chosen.methods.split(",")
    with tempfile.TemporaryDirectory() as folder:
        project = Project(chosen.project or Path(folder) / "p")
        grown(project, chosen.data, chosen.steps)
        base = PruningConfig(scope="layer", calibration_tokens=chosen.tokens)
        found: dict[str, dict[str, Any]] = {}
        for share in map(float, chosen.shares.split(",")):
            ways = {name: replace(base, method=name, sparsity=share) for name in methods}
            ways |= (
                {"magnitude, whole model": replace(base, scope="global", sparsity=share)} if "magnitude" in methods else {}
            )
            found[f"{share:g}"] = {name: pruned(project, config) for name, config in ways.items()}
            told(f"{share:g}", found[f"{share:g}"])
        for pattern in EVEN:
            ways = {name: replace(base, method=name, pattern=pattern, scope="usual") for name in methods}
            found[pattern] = {name: pruned(project, config) for name, config in ways.items()}
            told(pattern, found[pattern])
    print(json.dumps({"benchmark": "one_shot", "tokens": chosen.tokens, "found": found}))


def told(what: str, found: dict[str, dict[str, Any]]) -> None:
    """A line for each method."""
    for name, one in found.items():
        peers = [peer for peer in ("sparsegpt", "magnitude") if peer in found]
        beside = ", ".join(f"{one['extra_bits'] / found[peer]['extra_bits']:.2f} of {peer}'s" for peer in peers)
        print(f"{what}  {name:24} +{one['extra_bits']:.4f} bits per byte ({beside}), {one['seconds']:.0f} s", flush=True)


if __name__ == "__main__":
    main()
