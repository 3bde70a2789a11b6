"""A pruned model heals in as many steps by all of its weights and by small matrices, alone and with its parent as teacher.

    python tests/benchmarks/heal.py --project P --model M [--sparsity S] [--method M] [--steps N] [--share T]

M is a trained model of the project P, which is copied first and stays as it is. Rates are those of `heal`, and for small
matrices four times as high. What is told are bits per byte on all of the validation part, and how many more these are than
the whole model's.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path

from llmstudio.app.runs.starting import recipe_from
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.train import train
from llmstudio.core.events import Finished
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

RATE, LORA_RATE = 0.5, 2.0  # of the learning rate that the model has learned with


def done(events: object) -> dict:
    """A job's result."""
    *_, end = events  # type: ignore[misc]
    assert isinstance(end, Finished), end
    return dict(end.result)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--sparsity", type=float, default=0.85)
    parser.add_argument("--method", default="magnitude")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--share", type=float, default=0.5, help="of the loss, by the teacher's guesses")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(chosen.project, Path(folder) / "p")
        project = Project(Path(folder) / "p")
        own = project.about("model", chosen.model).facts["recipe"]["training"]["learning_rate"]
        config = PruningConfig(method=chosen.method, sparsity=chosen.sparsity)
        cut = done(prune(project, chosen.model, name="Pruned", config=config, stop=Stop()))
        whole = cut["bits_per_byte_before"]
        found = {"whole": {"bits_per_byte": whole}, "pruned": {"bits_per_byte": cut["bits_per_byte_after"]}}
        for way in ("all", "lora"):
            for teacher in ("", chosen.model):
                changes = {
                    "training.max_steps": chosen.steps,
                    "training.max_seconds": 0,
                    "training.learning_rate": own * (LORA_RATE if way == "lora" else RATE),
                    "training.eval_steps": chosen.steps,
                    "training.eval_tokens": 2000,
                    "training.checkpoint_steps": chosen.steps,
                    "teach.weights": way,
                    "teach.teacher": teacher,
                    "teach.distil_share": chosen.share,
                }
                name = f"{way}, {'taught by its parent' if teacher else 'alone'}"
                began = time.process_time()
                recipe = recipe_from(project, "Pruned", changes)
                healed = done(train(project, name=name, recipe=recipe, start="Pruned", stop=Stop()))
                seconds = time.process_time() - began
                found[name] = {"bits_per_byte": healed["bits_per_byte"], "seconds": seconds, "nonzeros": healed["nonzeros"]}
                print(f"{name}: {healed['bits_per_byte']:.3f} bits per byte, {seconds:.0f} s of a processor", flush=True)
        for figures in found.values():
            figures["extra_bits"] = figures["bits_per_byte"] - whole
        print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
