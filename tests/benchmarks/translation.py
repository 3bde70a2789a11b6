"""An encoder-decoder and a dictionary translate unseen sentences: `python tests/benchmarks/translation.py`.

    python tests/benchmarks/translation.py [--seconds S] [--pairs N] [--rounds N] [--set PATH=VALUE]...

Both learn from the built-in English and Chinese sentences and translate the test part, in which the first person and the
first value of a sentence never stood together in training. A translation counts if it is the other one to the letter. The
dictionary knows for each English word the run of up to four Chinese signs that goes with it most often (Dice's coefficient),
and puts them down one after the other. Printed are the shares translated right, greedily and with a beam; then one line of
JSON.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from grown_on_sample import grow

from llmstudio.app.items.loaded import load
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.generation.beam import answer_sources, beam_search
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.training_config import TrainingConfig
from llmstudio.store.project import Project

RECIPE = Recipe(
    kind="encoder_decoder",
    model=EncoderDecoderConfig(num_layers=2, embed_dim=128, num_heads=4, context_length=64),
    training=TrainingConfig(
        batch_size=64, learning_rate=3e-3, optimizer="muon", weight_decay=0.0, eval_tokens=4_000, sample_tokens=32
    ),
)
BEAM = 300  # sentences that are also translated with a beam of four
_WORD = re.compile(r"\w+|[^\w\s]")
Pair = tuple[str, str]


class Dictionary:
    """For each English word the Chinese signs that go with it."""

    def __init__(self, pairs: Sequence[Pair], longest: int = 4, least: float = 0.3) -> None:
        words: Counter[str] = Counter()
        runs: Counter[str] = Counter()
        both: dict[str, Counter[str]] = {}
        for english, chinese in pairs:
            found = {chinese[at : at + n] for n in range(1, longest + 1) for at in range(len(chinese) - n + 1)}
            runs.update(found)
            for word in set(_WORD.findall(english)):
                words[word] += 1
                both.setdefault(word, Counter()).update(found)
        self.entries = {}
        for word, together in both.items():
            score, _, run = max((2 * n / (words[word] + runs[run]), len(run), run) for run, n in together.items())
            self.entries[word] = run if score >= least else ""

    def translate(self, english: str) -> str:
        """Word by word, in order."""
        return "".join(self.entries.get(word, "") for word in _WORD.findall(english))


def pairs_of(corpus: Corpus, split: str) -> list[Pair]:
    """Sources and targets of a part."""
    return [(str(record["source"]), str(record["target"])) for record in corpus.records(split)]


def run(seconds: float, count: int, seed: int, changes: dict[str, str]) -> dict[str, float]:
    """Train, translate the test part both ways, and give the figures."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        result = grow(project, "pairs", RECIPE, count=count, seconds=seconds, seed=seed, changes=changes)
        loaded = load(project, "m")
        corpus = Corpus(project.path("corpus", "pairs"))
        train, test = pairs_of(corpus, "train"), pairs_of(corpus, "test")
        assert not set(train) & set(test)
        model, tokenizer = loaded.model, loaded.tokenizer
        sources = tokenizer.encode_batch([english for english, _ in test])
        written = {i: tokenizer.decode(ids) for i, ids in answer_sources(model, sources, max_new_tokens=64)}
        wide = [tokenizer.decode(beam_search(model, source=source)[0].ids) for source in sources[:BEAM]]
        dictionary = Dictionary(train)
    right = [written[i] == chinese for i, (_, chinese) in enumerate(test)]
    return {key: result[key] for key in ("steps", "val_loss", "parameters")} | {
        "exact": statistics.mean(right),
        "exact_beam": statistics.mean(text == chinese for text, (_, chinese) in zip(wide, test[:BEAM], strict=True)),
        "exact_greedy_of_the_same": statistics.mean(right[:BEAM]),
        "dictionary_exact": statistics.mean(dictionary.translate(english) == chinese for english, chinese in test),
        "sentences": len(test),
        "training_s": result["seconds"],
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=240.0, help="of training")
    parser.add_argument("--pairs", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=3, help="runs with different seeds; the median counts")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help="change the recipe")
    chosen = parser.parse_args()
    changes = dict(change.split("=", 1) for change in chosen.set)
    rows = []
    for seed in range(chosen.rounds):
        rows.append(run(chosen.seconds, chosen.pairs, seed, changes))
        r = rows[-1]
        print(
            f"round {seed + 1}: exact {r['exact']:.1%} (of {BEAM} with a beam {r['exact_beam']:.1%}, without "
            f"{r['exact_greedy_of_the_same']:.1%})   dictionary {r['dictionary_exact']:.1%}   "
            f"{r['steps']} steps in {r['training_s']:.0f} s, {r['parameters']:,} parameters",
            flush=True,
        )
    median = {key: statistics.median(row[key] for row in rows) for key in ("exact", "exact_beam", "dictionary_exact")}
    print(json.dumps({"benchmark": "translation", **median, "rounds": rows}))


if __name__ == "__main__":
    main()
