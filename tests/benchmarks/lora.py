"""What LoRA costs and saves: questions in six classes, taught to a model that has read, with all weights and with few.

    python tests/benchmarks/lora.py --data DIR [--rounds N] [--reading N] [--tune] [--set PATH=VALUE]...

DIR holds `trec/` (train.txt and test.txt, "label text" a line) and wikitext2-valid.txt. An encoder of the smallest size
reads the articles and the questions that are learned from, without their labels, for N steps. From it the questions are
taught, once with all weights and once with small matrices beside the model's own (Hu et al. 2021), with another seed each
round. Accuracy and macro-F1 are those of the last weights on the test part, and an optimizer's bytes what the run measured.
`--tune` learns from four fifths of the questions and asks the others; `--set` changes what LoRA is taught with.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from classes import Example, questions, scored, shown, told

from llmstudio.app.items import loaded
from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.presets.by_name import choose
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.app.worth.trials import recipe_for
from llmstudio.core.corpus.config import CleaningConfig, CorpusConfig, SplitConfig
from llmstudio.core.events import Finished
from llmstudio.core.generation.classes import Reader
from llmstudio.core.recipe import change
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

READ_AGAIN = 3  # times that the questions stand among what is read
ALONE = {"training.threads": 1, "training.sample_steps": 10**6, "training.max_seconds": 0}
WAYS = {
    "all weights": {"training.max_steps": 1200},
    "LoRA": {
        "teach.weights": "lora",
        "teach.lora_rank": 3,
        "training.learning_rate": 4e-3,
        "training.max_steps": 1800,
        "task.head_dropout": 0.5,
    },
}


def read(project: Project, folder: Path, data: Path, learn: Sequence[Example], steps: int) -> None:
    """The texts Questions, and a model Parent that has read."""
    lines = [text for text, _ in learn] * READ_AGAIN
    (folder / "read.txt").write_text("\n".join(lines) + "\n" + (data / "wikitext2-valid.txt").read_text(encoding="utf-8"))
    table = "text\tlabel\n" + "".join(f"{text}\tc{label}\n" for text, label in learn)
    (folder / "questions.tsv").write_text(table, encoding="utf-8")
    whole = CorpusConfig(cleaning=CleaningConfig(exact_duplicates=False), split=SplitConfig(0.02, 0.0))
    done(import_corpus(project, [str(folder / "read.txt")], name="Read", config=whole, stop=Stop()))
    labelled = CorpusConfig(split=SplitConfig(0.0, 0.0))
    done(import_corpus(project, [str(folder / "questions.tsv")], name="Questions", config=labelled, stop=Stop()))
    pieces = TokenizerConfig(kind="bpe", vocab_size=2000, lower_case=True)
    done(build_tokenizer(project, "Read", name="Pieces", config=pieces, stop=Stop()))
    recipe = change(choose("encoder", "micro").recipe, ALONE | {"training.max_steps": steps})
    done(train(project, corpus="Read", tokenizer="Pieces", name="Parent", recipe=recipe, stop=Stop()))


def taught(project: Project, name: str, ask: Sequence[Example], changes: dict) -> dict[str, float]:
    """Accuracy, macro-F1 and the optimizer's bytes."""
    recipe = change(recipe_for(recipe_of(project.about("model", "Parent")), "classify"), ALONE | changes)
    run, stop = {"corpus": "Questions", "tokenizer": "Pieces", "start": "Parent"}, Stop()
    events = list(train(project, name=name, recipe=recipe, stop=stop, **run))
    done(iter(events))
    kept = max(event.memory.get("optimizer", 0) for event in events if getattr(event, "memory", None))
    held = loaded.load(project, name, which="last")
    found = scored([label for _, label in ask], told(Reader(held.model, held.tokenizer), [text for text, _ in ask]))
    loaded.forget()
    return found | {"optimizer_bytes": kept}


def done(events: object) -> None:
    """Runs a job to its end."""
    *_, end = events  # type: ignore[misc]
    assert isinstance(end, Finished), end


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--reading", type=int, default=4000, help="steps of reading")
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--set", dest="wishes", action="append", default=[], metavar="PATH=VALUE")
    chosen = parser.parse_args()
    if not chosen.data or not (chosen.data / "trec").is_dir() or not (chosen.data / "wikitext2-valid.txt").is_file():
        sys.exit("Skipped: --data must name a folder with trec and wikitext2-valid.txt.")
    learn, ask = questions(chosen.data, "train"), questions(chosen.data, "test")
    if chosen.tune:
        learn, ask = [e for at, e in enumerate(learn) if at % 5], learn[::5]
    wished = dict(wish.split("=", 1) for wish in chosen.wishes)
    rounds: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder) / "p")
        read(project, Path(folder), chosen.data, learn, chosen.reading)
        for seed in range(chosen.rounds):
            for way, changes in WAYS.items():
                own = changes | {"training.seed": seed} | (wished if way == "LoRA" else {})
                rounds[way].append(taught(project, f"{way} {seed}", ask, own))
                kept = f"{rounds[way][-1]['optimizer_bytes'] / 1e6:.2f} MB of the optimizer"
                print(f"round {seed + 1}: {way}: {shown(rounds[way][-1])}, {kept}", flush=True)
    medians = {way: {key: statistics.median(row[key] for row in found) for key in found[0]} for way, found in rounds.items()}
    lora, whole = medians["LoRA"], medians["all weights"]
    share = lora["optimizer_bytes"] / whole["optimizer_bytes"]
    print(f"medians: {100 * (lora['accuracy'] - whole['accuracy']):+.1f} points of accuracy, {share:.1%} of the bytes")
    print(json.dumps({"benchmark": "lora", "medians": medians, "rounds": rounds}))


if __name__ == "__main__":
    main()
