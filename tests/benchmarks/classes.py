"""Sorting texts into classes: a small model against a bag of words, on questions, on a rare class, and on Chinese titles.

    python tests/benchmarks/classes.py --data DIR [--only trec rare thucnews] [--rounds N] [--tune] [--set PATH=VALUE]...

DIR holds `trec/` (train.txt and test.txt, "label text" a line) and `thucnews/` (dev.txt, which is learned from here, and
test.txt, "text TAB label" a line). The yardstick is what one would reach for first: TF-IDF of words and pairs of words (of
Chinese one to three characters) and logistic regression, both of scikit-learn, its C chosen on the last tenth of what is
learned from. `rare` leaves the rarest class of the questions 20 examples, other ones each round, and tries every remedy;
a threshold is moved on a tenth of what is learned from, which that model does not learn.
`--tune` learns from nine tenths and asks the last one, so that settings can be tried without a look at the test set.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, recall_score

from llmstudio.app.items.loaded import load
from llmstudio.app.presets.by_name import choose
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.core import recipe
from llmstudio.core.corpus.config import CorpusConfig, SplitConfig
from llmstudio.core.events import Finished
from llmstudio.core.generation.classes import Reader
from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

REMEDIES = (
    "none",
    "inverse",
    "square_root",
    "effective_number",
    "focal",
    "logit_adjustment",
    "oversampling",
    "undersampling",
    "threshold",
    "language_model",
    "latent_gan",
)
KEPT = 20
HELD_OUT = 0.1  # of what is learned from, where a threshold is moved on it
Example = tuple[str, str]


@dataclass(frozen=True)
class Recipes:
    """How a set of texts is learned."""

    tokenizer: TokenizerConfig
    recipe: Recipe
    analyzer: str = "word"
    grams: tuple[int, int] = (1, 2)


CLASSIFIER = choose("encoder", "classifier")
ALONE = {"training.threads": 1, "training.number_format": "bf16", "training.sample_steps": 10**6}
QUESTIONS = Recipes(CLASSIFIER.tokenizer, recipe.change(CLASSIFIER.recipe, ALONE))
TITLES = Recipes(
    TokenizerConfig(kind="char", vocab_size=4000),
    recipe.change(CLASSIFIER.recipe, ALONE),
    analyzer="char",
    grams=(1, 3),
)


def questions(folder: Path, name: str) -> list[Example]:
    """Texts and their classes."""
    lines = (folder / "trec" / f"{name}.txt").read_text(encoding="latin-1").splitlines()
    return [(text, label) for label, _, text in (line.partition(" ") for line in lines)]


def titles(folder: Path, name: str) -> list[Example]:
    """Texts and their classes."""
    lines = (folder / "thucnews" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [(text, label) for text, _, label in (line.rpartition("\t") for line in lines)]


def learned(examples: Sequence[Example], given: Recipes, seed: int, changes: dict[str, str]) -> tuple[Reader, dict]:
    """A model taught as a person would teach it, its last weights, and what its run says of itself."""
    with tempfile.TemporaryDirectory() as folder:
        project, stop, table = Project(Path(folder) / "p"), Stop(), Path(folder) / "texts.tsv"
        table.write_text("text\tlabel\n" + "".join(f"{text}\tc{label}\n" for text, label in examples), encoding="utf-8")
        held_out = HELD_OUT if changes.get("task.imbalance") == "threshold" else 0.0
        config = CorpusConfig(split=SplitConfig(val_share=held_out, test_share=0.0))
        list(import_corpus(project, [str(table)], name="texts", config=config, stop=stop))
        list(build_tokenizer(project, "texts", name="tokens", config=given.tokenizer, stop=stop))
        wanted = recipe.change(given.recipe, {"training.seed": seed} | changes)
        began = time.process_time()
        *_, end = train(project, corpus="texts", tokenizer="tokens", name="m", recipe=wanted, stop=stop)
        assert isinstance(end, Finished), end
        seconds = {"processor_s": time.process_time() - began}
        loaded = load(project, "m", which="last")
        return Reader(loaded.model, loaded.tokenizer), dict(end.result) | seconds


def told(reader: Reader, texts: Sequence[str]) -> list[str]:
    """The class that a model gives each text."""
    return [found.names[0].removeprefix("c") for found in reader.read(texts)]


def scored(truth: Sequence[str], told: Sequence[str]) -> dict[str, float]:
    """Accuracy and macro-F1, by scikit-learn."""
    return {
        "accuracy": float(np.mean([a == b for a, b in zip(truth, told, strict=True)])),
        "macro_f1": float(f1_score(truth, told, average="macro", zero_division=0)),
    }


def counted(learn: Sequence[Example], texts: Sequence[str], given: Recipes) -> list[str]:
    """What TF-IDF and logistic regression tell of texts."""

    def fit(examples: Sequence[Example], c: float) -> tuple[TfidfVectorizer, LogisticRegression]:
        weigher = TfidfVectorizer(analyzer=given.analyzer, ngram_range=given.grams, sublinear_tf=True)
        features = weigher.fit_transform([text for text, _ in examples])
        return weigher, LogisticRegression(C=c, max_iter=3000).fit(features, [label for _, label in examples])

    cut = int(0.9 * len(learn))
    right = {}
    for c in (1.0, 10.0, 100.0):
        weigher, model = fit(learn[:cut], c)
        right[c] = model.score(weigher.transform([text for text, _ in learn[cut:]]), [label for _, label in learn[cut:]])
    weigher, model = fit(learn, max(right, key=lambda c: right[c]))
    return list(model.predict(weigher.transform(texts)))


def compare(name: str, learn: list[Example], ask: list[Example], given: Recipes, chosen: argparse.Namespace) -> dict:
    """Both sides on one set of texts; the model with several seeds."""
    texts, truth = [text for text, _ in ask], [label for _, label in ask]
    peer = scored(truth, counted(learn, texts, given))
    print(f"{name}: TF-IDF with logistic regression {shown(peer)}", flush=True)
    rounds = []
    for seed in range(chosen.rounds):
        reader, run = learned(learn, given, seed, chosen.changes)
        rounds.append(scored(truth, told(reader, texts)) | {"processor_s": run["processor_s"], "steps": run["steps"]})
        print(
            f"{name}, round {seed + 1}: {shown(rounds[-1])}   {run['steps']:,} steps, {run['processor_s']:.0f} s of a"
            f" processor, {run['seconds']:.0f} s by the clock, {run['parameters']:,} parameters",
            flush=True,
        )
    medians = {key: statistics.median(found[key] for found in rounds) for key in rounds[0]}
    print(f"{name}, medians: {shown(medians)}", flush=True)
    return {"peer": peer, "medians": medians, "rounds": rounds}


def rare(learn: list[Example], ask: list[Example], given: Recipes, chosen: argparse.Namespace) -> dict:
    """Recall of the rarest class, of which 20 examples are left, by remedy; beside it accuracy."""
    texts, truth = [text for text, _ in ask], [label for _, label in ask]
    class_named = min(Counter(label for _, label in learn).items(), key=lambda pair: pair[1])[0]
    print(f"rare: {truth.count(class_named)} of {len(truth)} texts asked are of the rare class", flush=True)
    found: dict[str, list[dict[str, float]]] = {remedy: [] for remedy in chosen.remedies}
    for seed in range(chosen.rounds):
        few = [at for at, (_, label) in enumerate(learn) if label == class_named]
        left_out = set(np.random.default_rng(seed).permutation(few)[KEPT:].tolist())
        fewer = [example for at, example in enumerate(learn) if at not in left_out]
        for remedy in chosen.remedies:
            reader, run = learned(fewer, given, seed, {"task.imbalance": remedy} | chosen.changes)
            said = told(reader, texts)
            recall = float(recall_score(truth, said, labels=[class_named], average="macro"))
            found[remedy].append(scored(truth, said) | {"recall": recall})
            said_of = f"recall {recall:.3f}, {shown(found[remedy][-1])}, {run['processor_s']:.0f} s of a processor"
            print(f"rare, round {seed + 1}: {remedy}: {said_of}", flush=True)
    means = {remedy: {key: statistics.mean(row[key] for row in rows) for key in rows[0]} for remedy, rows in found.items()}
    for remedy, row in means.items():
        print(f"rare, mean of {chosen.rounds}: {remedy:18} recall {row['recall']:.3f}, {shown(row)}", flush=True)
    return {"means": means, "rounds": found}


def shown(figures: dict[str, float]) -> str:
    """For a line."""
    return f"accuracy {figures['accuracy']:.3f}, macro-F1 {figures['macro_f1']:.3f}"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--only", nargs="+", default=["trec", "rare", "thucnews"], choices=["trec", "rare", "thucnews"])
    parser.add_argument("--remedies", nargs="+", default=REMEDIES, choices=REMEDIES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--set", dest="wishes", action="append", default=[], metavar="PATH=VALUE")
    chosen = parser.parse_args()
    chosen.changes = dict(wish.split("=", 1) for wish in chosen.wishes)
    if not chosen.data or not all((chosen.data / name).is_dir() for name in ("trec", "thucnews")):
        sys.exit("Skipped: --data must name a folder with trec and thucnews.")
    results = {}
    for name in chosen.only:
        read = titles if name == "thucnews" else questions
        learn, ask = read(chosen.data, "dev" if name == "thucnews" else "train"), read(chosen.data, "test")
        if chosen.tune:
            cut = int(0.9 * len(learn))
            learn, ask = learn[:cut], learn[cut:]
        side = rare if name == "rare" else lambda *given, name=name: compare(name, *given)
        results[name] = side(learn, ask, TITLES if name == "thucnews" else QUESTIONS, chosen)
    print(json.dumps({"benchmark": "classes", **results}))


if __name__ == "__main__":
    main()
