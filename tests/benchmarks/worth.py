"""What pretraining was worth with 200 labelled reviews: `python tests/benchmarks/worth.py`.

    python tests/benchmarks/worth.py [--labels N] [--seconds S] [--steps N] [--rounds N]

An encoder reads the reviews of the built-in sample without their labels. Then reviews are sorted into good, bad and mixed (a
twentieth): by a model of the same shape from random weights, by the pretrained one whose head alone learns, and by the
pretrained one whose weights all learn, each from the same labelled texts. Measured on the test part, which none has read.
Printed is the macro-F1 of each way; then one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.presets.by_name import PRESETS
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.app.worth.comparing import compare
from llmstudio.app.worth.trials import WAYS, recipe_for, trials
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.events import Failed, Finished
from llmstudio.core.recipe import change
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def done(events: Any) -> Finished:
    """The end of a job. Raises SystemExit if it was no good one."""
    *_, last = events
    if not isinstance(last, Finished):
        raise SystemExit(str(last.message if isinstance(last, Failed) else last))
    return last


def one_round(folder: Path, seed: int, wished: argparse.Namespace) -> dict[str, float]:
    """Macro-F1 by way."""
    project = Project(folder / f"round {seed}")
    done(import_corpus(project, ["sample:reviews"], name="Reviews", config=CorpusConfig(sample_count=20_000), stop=Stop()))
    records = list(Corpus(project.about("corpus", "Reviews").path).records("train"))
    (folder / "read.txt").write_text("\n".join(str(record["text"]).replace("\n", " ") for record in records))
    done(import_corpus(project, [str(folder / "read.txt")], name="Read", config=CorpusConfig(), stop=Stop()))
    words = TokenizerConfig(kind="word", vocab_size=2_000)
    done(build_tokenizer(project, "Read", name="Words", config=words, stop=Stop()))
    settings = {"training.seed": str(seed), "training.threads": "1", "training.max_seconds": str(wished.seconds)}
    recipe = change(PRESETS["encoder:micro"].recipe, settings)
    done(train(project, corpus="Read", tokenizer="Words", name="Pretrained", recipe=recipe, stop=Stop()))
    taught = recipe_for(recipe_of(project.about("model", "Pretrained")), "classify")
    taught = change(taught, {"training.max_seconds": "0", "training.max_steps": str(wished.steps)})
    planned = trials("worth", taught, (wished.labels / len(records),))
    result = done(compare(project, model="Pretrained", corpus="Reviews", name="worth", trials=planned, stop=Stop())).result
    return {point["way"]: point["figures"]["macro_f1"] for point in result["points"]}


def main() -> None:
    """Print a line a way, then JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=420.0, help="of pretraining")
    parser.add_argument("--steps", type=int, default=300, help="of teaching, each way")
    parser.add_argument("--rounds", type=int, default=3)
    wished = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rounds = [one_round(Path(folder), seed, wished) for seed in range(wished.rounds)]
    medians = {way: statistics.median(found[way] for found in rounds) for way in WAYS}
    for way, median in medians.items():
        print(f"{way}: macro-F1 {median:.3f} ({', '.join(f'{found[way]:.3f}' for found in rounds)})")
    print(json.dumps({"labels": wished.labels, "medians": medians, "rounds": rounds}))


if __name__ == "__main__":
    main()
