"""Words of encyclopedia articles: an LSTM and a decoder against counting, on a small text.

    python tests/benchmarks/words.py --data DIR [--kinds lstm decoder] [--seconds S] [--rounds N] [--tune]
                                     [--set PATH=VALUE]...

DIR holds wikitext2-valid.txt, the training text, and wikitext2-test.txt, which is scored: every word and every line's end,
unknown words (those that the training text holds fewer than twice) as one token of the vocabulary. The yardstick counts:
interpolated Kneser-Ney over five tokens, with the same tokens. `--tune` uses the training text alone and measures on its
last tenth, so that settings can be tried without a look at the test text.
"""

from __future__ import annotations

import argparse
import collections
import json
import math
import statistics
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer as Backend
from tokenizers import models, pre_tokenizers

from llmstudio.core import recipe
from llmstudio.core.dataset.tokens import Dataset, Rows
from llmstudio.core.events import Finished
from llmstudio.core.generation.counting.kneser_ney import fit
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.recurrent_config import LSTMConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer.config import END, SPECIALS, UNKNOWN
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop

BYTES = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
TRAINING = TrainingConfig(rows="running", eval_tokens=25_000, weight_decay=0.0, sample_tokens=1, max_steps=1000)
RECIPES = {
    "lstm": Recipe(
        "lstm",
        LSTMConfig(num_layers=1, embed_dim=256, hidden_dim=320, dropout=0.5, context_length=35),
        replace(TRAINING, batch_size=20, learning_rate=4e-3),
    ),
    "decoder": Recipe(
        "decoder",
        DecoderConfig(num_layers=2, embed_dim=192, num_heads=4, context_length=64, dropout=0.3),
        replace(TRAINING, batch_size=16, learning_rate=3e-3, weight_decay=0.1),
    ),
}


def lines_of(text: str) -> list[list[str]]:
    """Words of each line that holds any."""
    return [words for line in text.splitlines() if (words := line.split())]


def closed(lines: list[list[str]]) -> Tokenizer:
    """A tokenizer of the words that stand there at least twice; everything else is unknown."""
    counts = collections.Counter(word for words in lines for word in words)
    kept = [*SPECIALS, *sorted(spelled(word) for word, count in counts.items() if count > 1)]
    ids = {word: id for id, word in enumerate(kept)}
    backend = Backend(models.WordLevel(ids, unk_token=SPECIALS[UNKNOWN]))
    backend.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), BYTES])
    return Tokenizer(backend)


def spelled(word: str) -> str:
    """A word in the alphabet of bytes, as tokenizers keep it."""
    return BYTES.pre_tokenize_str(word)[0][0]


def rows_of(tokenizer: Tokenizer, lines: list[list[str]]) -> list[list[int]]:
    """Ids of each line's words and of its end."""
    vocabulary = tokenizer.backend.get_vocab()
    return [[*(vocabulary.get(spelled(word), UNKNOWN) for word in words), END] for words in lines]


def running(rows: list[list[int]]) -> Rows:
    """All lines as one text; the first token only begins it."""
    ids = np.array([END, *(id for row in rows for id in row)], dtype=np.uint32)
    none = np.zeros(1, np.int64)
    return Rows(ids, np.array([0, len(ids)]), None, none, none)


def grown(chosen: Recipe, tokenizer: Tokenizer, train_rows: Rows, folder: Path) -> tuple[object, dict]:
    """The last weights of a run, and its result."""
    from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
    from llmstudio.core.training.trainer import train

    folder.mkdir(parents=True)
    data = Dataset(Path("."), {}, {"train": train_rows})
    *_, end = train(folder, recipe=chosen, dataset=data, tokenizer=tokenizer, stop=Stop())
    assert isinstance(end, Finished), end
    return load_model(find_checkpoint(folder, "last")[0]).eval(), dict(end.result)


def perplexity(model: object, tokenizer: Tokenizer, rows: Rows, training: TrainingConfig) -> float:
    """Over every token but the first, state carried or half a window of context at least."""
    from llmstudio.core.tasks.evaluation import score_rows
    from llmstudio.core.training.machine.setup import set_up

    *_, score = score_rows(model, rows, tokenizer, set_up(training), whole_documents=False)
    assert score.tokens == rows.num_tokens - 1
    return math.exp(score.nats / score.tokens)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--kinds", nargs="+", default=list(RECIPES), choices=RECIPES)
    parser.add_argument("--seconds", type=float, default=180.0, help="of training")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--set", dest="wishes", action="append", default=[], metavar="PATH=VALUE")
    chosen = parser.parse_args()
    files = [chosen.data / f"wikitext2-{name}.txt" for name in ("valid", "test")] if chosen.data else []
    if not files or not all(file.is_file() for file in files):
        sys.exit("Skipped: --data must name a folder with wikitext2-valid.txt and wikitext2-test.txt.")
    lines = lines_of(files[0].read_text(encoding="utf-8"))
    if chosen.tune:
        cut = int(0.9 * len(lines))
        lines, asked = lines[:cut], lines[cut:]
    else:
        asked = lines_of(files[1].read_text(encoding="utf-8"))
    tokenizer = closed(lines)
    train_rows, test_rows = rows_of(tokenizer, lines), rows_of(tokenizer, asked)
    counted = fit(train_rows, vocab_size=tokenizer.vocab_size).perplexity(test_rows)
    print(f"5-gram Kneser-Ney: {counted:.1f}   ({tokenizer.vocab_size:,} words)", flush=True)
    found: dict[str, list[float]] = {kind: [] for kind in chosen.kinds}
    changes = dict(wish.split("=", 1) for wish in chosen.wishes)
    for seed in range(chosen.rounds):
        for kind in chosen.kinds:
            wanted = recipe.change(RECIPES[kind], {"training.max_seconds": chosen.seconds, "training.seed": seed} | changes)
            with tempfile.TemporaryDirectory() as work:
                model, result = grown(wanted, tokenizer, running(train_rows), Path(work) / kind)
            found[kind].append(perplexity(model, tokenizer, running(test_rows), wanted.training))
            print(
                f"round {seed + 1}: {kind} {found[kind][-1]:.1f}   {result['steps']:,} steps in {result['seconds']:.0f} s,"
                f" loss {result['train_loss']:.2f}, {result['tokens_per_second']:,.0f} tokens a second,"
                f" {result['parameters']:,} parameters",
                flush=True,
            )
    medians = {kind: statistics.median(values) for kind, values in found.items()}
    print(json.dumps({"benchmark": "words", "kneser_ney": counted, "median_perplexity": medians, "rounds": found}))


if __name__ == "__main__":
    main()
