"""An encoder and a 5-gram model fill in hidden content words of the built-in tales: `python tests/benchmarks/filling.py`.

    python tests/benchmarks/filling.py [--seconds S] [--tales N] [--questions N] [--rounds N] [--set PATH=VALUE]...

Both learn from the same tokens, words. Asked are content words (no stop words, no signs) of tales that neither has read, one
hidden at a time and drawn in two ways: evenly among all places where one stands, and evenly among all different words, then
a place of each. The second is harder for both: most rare words are chance ("a purple whistle") and can be known by nobody.
The 5-gram model counts what stands between up to four neighbours, on both sides in every way (2 + 2, 1 + 3, 0 + 4 ...), and
falls back smoothly from four neighbours to three, two, one and none. Printed are the shares filled right; then one line of
JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from grown_on_sample import grow

from llmstudio.app.items.loaded import Loaded, load
from llmstudio.app.presets.by_name import PRESETS
from llmstudio.core.corpus.cleaning.stop_words import ENGLISH
from llmstudio.core.dataset.tokens import Dataset
from llmstudio.core.generation.fill import fill_masks
from llmstudio.core.tokenizer.config import MASK
from llmstudio.store.project import Project

PRESET = PRESETS["encoder:micro"].recipe
RECIPE = replace(
    PRESET,
    model=replace(PRESET.model, context_length=160),  # the longest tale
    training=replace(PRESET.training, rows="documents", eval_tokens=6_000),
)
Question = tuple[Sequence[int], int]  # ids of a tale, and the place that is hidden


class BothSides:
    """Counts of what stands between neighbours: for every number of them on the left and right, up to four together."""

    def __init__(self, ids: np.ndarray, vocab_size: int, strength: float = 3.0) -> None:
        self.vocab_size, self.strength = vocab_size, strength
        self.patterns = [(left, n - left) for n in range(5) for left in range(n + 1)]
        middle = ids[4:-4].astype(np.int64)
        self.tables = {}
        for left, right in self.patterns:
            around = [ids[4 + at : len(ids) - 4 + at] for at in (*range(-left, 0), *range(1, right + 1))]
            keys = self._keys(around, len(middle)) * vocab_size + middle
            self.tables[left, right] = np.unique(keys, return_counts=True)

    def likeliest(self, ids: Sequence[int], place: int) -> int:
        """The token most likely to stand at `place`, by its neighbours."""
        shares = np.full(self.vocab_size, 1 / self.vocab_size)
        for n in range(5):
            counts = np.zeros(self.vocab_size)
            for left, right in self.patterns:
                if left + right != n or place < left or place + right >= len(ids):
                    continue
                around = [np.array([ids[place + at]]) for at in (*range(-left, 0), *range(1, right + 1))]
                key = int(self._keys(around, 1)[0]) * self.vocab_size
                keys, seen = self.tables[left, right]
                found = slice(*np.searchsorted(keys, (key, key + self.vocab_size)))
                counts[keys[found] - key] += seen[found]
            shares = (counts + self.strength * shares) / (counts.sum() + self.strength)
        return int(shares.argmax())

    def _keys(self, around: Sequence[np.ndarray], length: int) -> np.ndarray:
        keys = np.zeros(length, np.int64)
        for ids in around:
            keys = keys * self.vocab_size + ids
        return keys


def questions(loaded: Loaded, data: Dataset, count: int, seed: int) -> dict[str, list[Question]]:
    """Content words of tales of the test part, drawn evenly over places and over different words."""
    rows = data.split("test")
    assert rows is not None
    limit = loaded.model.config.context_length
    places: dict[str, list[Question]] = {}
    for index in range(rows.num_rows):
        ids = rows.row(index)[:-1][:limit].tolist()
        for place, id in enumerate(ids):
            word = loaded.tokenizer.token(id).strip().lower()
            if word.isalpha() and word not in ENGLISH:
                places.setdefault(word, []).append((ids, place))
    dice, words = random.Random(seed), sorted(places)
    everywhere = [place for word in words for place in places[word]]
    return {
        "places": dice.sample(everywhere, count),
        "words": [dice.choice(places[dice.choice(words)]) for _ in range(count)],
    }


def run(seconds: float, tales: int, count: int, seed: int, changes: dict[str, str]) -> dict[str, float]:
    """Train, ask both models, and give the figures."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        result = grow(project, "tales", RECIPE, count=tales, seconds=seconds, seed=seed, changes=changes)
        loaded, (made,) = load(project, "m"), project.items("dataset")
        data = Dataset.open(made.path)
        asked = questions(loaded, data, count, seed)
        train_rows = data.split("train")
        assert train_rows is not None
        counted = BothSides(np.asarray(train_rows.ids), loaded.tokenizer.vocab_size)
        right: dict[str, float] = {}
        for drawn, drawn_places in asked.items():
            by_encoder = sum(filled(loaded, ids, place) == ids[place] for ids, place in drawn_places)
            by_counting = sum(counted.likeliest(ids, place) == ids[place] for ids, place in drawn_places)
            right |= {f"encoder_{drawn}": by_encoder / count, f"five_gram_{drawn}": by_counting / count}
    keys = ("steps", "val_loss", "tokens_per_second", "parameters", "seconds")
    return {key: result[key] for key in keys} | right


def filled(loaded: Loaded, ids: Sequence[int], place: int) -> int:
    """What the encoder puts into one place."""
    hidden = [MASK if at == place else id for at, id in enumerate(ids)]
    return fill_masks(loaded.model, hidden, num_choices=1)[place][0][0]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=180.0, help="of training")
    parser.add_argument("--tales", type=int, default=20_000)
    parser.add_argument("--questions", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3, help="runs with different seeds; the median counts")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help="change the recipe")
    chosen = parser.parse_args()
    changes = dict(change.split("=", 1) for change in chosen.set)
    rows = []
    for seed in range(chosen.rounds):
        rows.append(run(chosen.seconds, chosen.tales, chosen.questions, seed, changes))
        r = rows[-1]
        print(
            f"round {seed + 1}: places: encoder {r['encoder_places']:.1%}, 5-gram {r['five_gram_places']:.1%};"
            f" words: encoder {r['encoder_words']:.1%}, 5-gram {r['five_gram_words']:.1%};"
            f" {r['steps']} steps in {r['seconds']:.0f} s, {r['parameters']:,} parameters",
            flush=True,
        )
    gains = {
        drawn: 100 * statistics.median(row[f"encoder_{drawn}"] - row[f"five_gram_{drawn}"] for row in rows)
        for drawn in ("places", "words")
    }
    print(json.dumps({"benchmark": "filling", "points_above": gains, "rounds": rows}))


if __name__ == "__main__":
    main()
