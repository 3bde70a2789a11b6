"""What helps where labels are few: sorting questions with 1 % and 10 % of the labels, each help beside plain training.

    python tests/benchmarks/small_data.py --data DIR [--shares 0.01 0.1] [--rounds N] [--only NAME...] [--vectors FILE]

DIR holds train.txt and test.txt, "label text" a line. A small language model first reads all questions to learn from
without their labels, some seconds on one core: its table of tokens are the word vectors, unless a FILE is named, and it is
what sorts by examples. Every other model is the preset `classifier` with words as tokens and a width of 64, taught with
that share of the labels; other texts each round. The figure is the share of the test's questions that are told right.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from llmstudio.app.classes.examples import Examples, by_examples
from llmstudio.app.items.loaded import Loaded, load
from llmstudio.app.presets.by_name import choose
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.core import recipe as recipes
from llmstudio.core.corpus.config import CorpusConfig, SplitConfig
from llmstudio.core.events import Event, Finished
from llmstudio.core.generation.classes import Reader
from llmstudio.core.models.families.recurrent_config import GRUConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.word_vectors.whole_words import whole_words
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

Example = tuple[str, str]
NAMES = ("describe", "thing", "short", "person", "place", "number")
"""What the labels 0 to 5 are called, in words that stand in questions: examples are told by them."""
WIDTH = 64
ALONE = {"training.threads": 1, "training.number_format": "fp32", "training.sample_steps": 10**6}
WAYS: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "words left out": {"task.delete_share": 0.1},
    "words swapped": {"task.swap_share": 0.1},
    "words left out and swapped": {"task.delete_share": 0.1, "task.swap_share": 0.1},
    "vectors": {"teach.word_vectors": "VECTORS"},
    "vectors, kept": {"teach.word_vectors": "VECTORS", "teach.freeze_vectors": True},
    "vectors, words replaced": {"teach.word_vectors": "VECTORS", "task.replace_share": 0.1},
    "vectors, all three": {
        "teach.word_vectors": "VECTORS", "task.replace_share": 0.1, "task.delete_share": 0.1, "task.swap_share": 0.1,
    },
}  # fmt: skip
EXAMPLES = "by examples"


def questions(file: Path) -> list[Example]:
    """Texts and their classes."""
    lines = file.read_text(encoding="latin-1").splitlines()
    return [(text, NAMES[int(label)]) for label, _, text in (line.partition(" ") for line in lines)]


def drawn(examples: Sequence[Example], share: float, seed: int) -> list[Example]:
    """So much of every class, one at least."""
    random, found = np.random.default_rng(seed), []
    for name in NAMES:
        own = [example for example in examples if example[1] == name]
        found += [own[at] for at in random.permutation(len(own))[: max(1, round(share * len(own)))]]
    return found


def done(events: Any) -> Event:
    """The end of a job that finished."""
    *_, end = events
    assert isinstance(end, Finished), end
    return end


class Bench:
    """A project with the language model that has read the questions, and the vectors of its words."""

    def __init__(self, folder: Path, learned: Sequence[Example], vectors: Path | None) -> None:
        self.project, self.folder, stop = Project(folder / "project"), folder, Stop()
        (folder / "all.txt").write_text("".join(f"{text}\n" for text, _ in learned), encoding="utf-8")
        done(import_corpus(self.project, [str(folder / "all.txt")], name="all", stop=stop))
        kind = TokenizerConfig(kind="word", vocab_size=5000, lower_case=True, min_frequency=2)
        done(build_tokenizer(self.project, "all", name="words", config=kind, stop=stop))
        shape = GRUConfig(num_layers=1, embed_dim=WIDTH, hidden_dim=128)
        reading = Recipe("gru", shape, TrainingConfig(max_steps=300, batch_size=16, learning_rate=6e-3))
        recipe = recipes.change(reading, ALONE)
        done(train(self.project, corpus="all", tokenizer="words", name="base", recipe=recipe, stop=stop))
        self.base = load(self.project, "base")
        self.vectors = vectors or self._written()

    def _written(self) -> Path:
        table = self.base.model.state_dict()["embed.weight"].numpy()
        lines = [
            f"{word} {' '.join(f'{number:.5f}' for number in table[ids[0]])}"
            for word, ids in whole_words(self.base.tokenizer).items()
        ]
        file = self.folder / "questions.vec"
        file.write_text(f"{len(lines)} {WIDTH}\n" + "\n".join(lines), encoding="utf-8")
        return file

    def labelled(self, examples: Sequence[Example], name: str) -> None:
        """Make a corpus of these examples; all of it is learned from."""
        table = self.folder / f"{name}.tsv"
        table.write_text("text\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in examples), encoding="utf-8")
        config = CorpusConfig(split=SplitConfig(val_share=0.0, test_share=0.0))
        done(import_corpus(self.project, [str(table)], name=name, config=config, stop=Stop()))

    def taught(self, corpus: str, changes: Mapping[str, Any], seed: int) -> Loaded:
        """A model taught with a corpus."""
        given = {path: str(self.vectors) if value == "VECTORS" else value for path, value in changes.items()}
        steps = {"model.embed_dim": WIDTH, "training.max_steps": 300, "training.batch_size": 25, "training.seed": seed}
        recipe = recipes.change(choose("encoder", "classifier").recipe, ALONE | steps | given)
        name = self.project.free_name("model", corpus)
        done(train(self.project, corpus=corpus, tokenizer="words", name=name, recipe=recipe, stop=Stop()))
        return load(self.project, name, which="last")


def right(reader: Any, test: Sequence[Example]) -> float:
    """The share of the test that is told right."""
    found = reader.read([text for text, _ in test])
    return statistics.fmean(told.names == (label,) for told, (_, label) in zip(found, test, strict=True))


def main(words: Sequence[str] | None = None) -> int:
    """Run what was asked for and print a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, metavar="DIR")
    parser.add_argument("--shares", type=float, nargs="+", default=[0.01, 0.1])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=[*WAYS, EXAMPLES], default=[*WAYS, EXAMPLES])
    parser.add_argument("--vectors", type=Path, metavar="FILE", help=f"word vectors of {WIDTH} numbers")
    asked = parser.parse_args(words)
    if asked.data is None or not (asked.data / "train.txt").exists():
        print("There are no questions: name the folder of train.txt and test.txt with --data.")
        return 0
    learned, test = questions(asked.data / "train.txt"), questions(asked.data / "test.txt")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), learned, asked.vectors)
        for share in asked.shares:
            for seed in range(asked.rounds):
                bench.labelled(drawn(learned, share, seed), f"{share:g} {seed}")
            for way in asked.only:
                began, found = time.perf_counter(), []
                for seed in range(asked.rounds):
                    corpus = f"{share:g} {seed}"
                    if way == EXAMPLES:
                        reader, _ = by_examples(bench.project, bench.base, Examples(corpus, 24), seed=seed)
                    else:
                        model = bench.taught(corpus, WAYS[way], seed)
                        reader = Reader(model.model, model.tokenizer)
                    found.append(right(reader, test))
                seconds = (time.perf_counter() - began) / asked.rounds
                middle, least, most = statistics.median(found), min(found), max(found)
                print(f"{share:4.0%}  {way:28} {middle:.1%} ({least:.1%} to {most:.1%})  {seconds:.0f} s each", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
