"""English captions translated into German: `python tests/benchmarks/multi30k.py --data DIR`, DIR holding multi30k/.

    python tests/benchmarks/multi30k.py --data DIR [--seconds S] [--rounds N] [--pieces V] [--beam N] [--tuning]
                                        [--set PATH=VALUE]...

An encoder-decoder and one table of word pieces for both languages learn from the 29,000 training pairs but the last 1,000,
on which the best weights are chosen; then all of test_2016_flickr is translated, with a beam and greedily. The figure is
BLEU by sacrebleu (13a), with capitals and without splitting words beforehand, so that it compares with the literature's
detokenised one. `--tuning` translates the last 1,000 training pairs instead: whoever changes the recipe looks at those only.
Printed are the curve, a line for each round, and one line of JSON.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from llmstudio.app.items.loaded import forget, load
from llmstudio.app.rewriting.rewriter import Rewriter
from llmstudio.app.rewriting.sources import Source
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.core import recipe as recipes
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.events import Evaluated, Finished
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.scores.texts import bleu, chrf
from llmstudio.core.tasks.settings import PairsSettings
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

RECIPE = Recipe(
    kind="encoder_decoder",
    model=EncoderDecoderConfig(
        num_layers=3, embed_dim=192, num_heads=4, context_length=64, dropout=0.2, tie_embeddings=True
    ),
    task=PairsSettings(label_smoothing=0.1),
    training=TrainingConfig(
        batch_size=64, learning_rate=3e-3, optimizer="muon", weight_decay=0.05, eval_tokens=6_000, sample_tokens=32
    ),
)
HELD_OUT = 1000
Pair = tuple[str, str]


def pairs_of(data: Path, part: str) -> list[Pair]:
    """English and German captions of a part."""
    both = []
    for language in ("en", "de"):
        with gzip.open(data / "multi30k" / f"{part}.{language}.gz", "rt", encoding="utf-8") as lines:
            both.append([line.strip() for line in lines])
    return list(zip(*both, strict=True))


def learn(project: Project, pairs: list[Pair], folder: Path, recipe: Recipe, pieces: int) -> Finished:
    """Import, build the table of pieces, train; the curve is printed on the way."""
    stop, file = Stop(), folder / "captions.jsonl"
    with open(file, "w", encoding="utf-8") as out:
        for place, (english, german) in enumerate(pairs):
            part = "validation" if place >= len(pairs) - HELD_OUT else "train"
            out.write(json.dumps({"source": english, "target": german, "split": part}, ensure_ascii=False) + "\n")
    *_, end = import_corpus(project, [str(file)], name="captions", config=CorpusConfig(), stop=stop)
    assert isinstance(end, Finished), end
    config = TokenizerConfig(kind="bpe", vocab_size=pieces)
    *_, end = build_tokenizer(project, "captions", name="pieces", config=config, stop=stop)
    assert isinstance(end, Finished), end
    began = time.perf_counter()
    for end in train(project, corpus="captions", tokenizer="pieces", name="m", recipe=recipe, stop=stop):
        if isinstance(end, Evaluated):
            spent, figures = time.perf_counter() - began, end.figures
            scored = f"  BLEU {figures['bleu']:.1f}" if "bleu" in figures else ""
            print(f"  {spent:5.0f} s  step {end.step:6,}  validation loss {figures['loss']:.3f}{scored}", flush=True)
    assert isinstance(end, Finished), end
    return end


def translated(project: Project, english: list[str], beam: int) -> tuple[list[str], float]:
    """The translations, and the seconds they took."""
    rewriter, began = Rewriter(load(project, "m"), CorpusConfig(), beam_width=beam), time.perf_counter()
    texts = [made.text for made in rewriter.results(map(Source, english), Stop())]
    return texts, time.perf_counter() - began


def run(data: Path, seconds: float, seed: int, chosen: argparse.Namespace) -> dict[str, float]:
    """Train and translate; the figures."""
    learned = pairs_of(data, "train")
    tested = learned[-HELD_OUT:] if chosen.tuning else pairs_of(data, "test_2016_flickr")
    changes = {"training.max_seconds": seconds, "training.seed": seed}
    recipe = recipes.change(RECIPE, changes | dict(change.split("=", 1) for change in chosen.set))
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder) / "project")
        result = learn(project, learned, Path(folder), recipe, chosen.pieces).result
        english, german = ([pair[side] for pair in tested] for side in (0, 1))
        greedy, greedy_s = translated(project, english, 1)
        wide, wide_s = translated(project, english, chosen.beam)
        forget()
    return {key: result[key] for key in ("steps", "val_loss", "parameters", "tokens_per_second")} | {
        "bleu": bleu(german, wide, tokenization="13a").value,
        "bleu_greedy": bleu(german, greedy, tokenization="13a").value,
        "chrf": chrf(german, wide).value,
        "training_s": result["seconds"],
        "beam_s": wide_s,
        "greedy_s": greedy_s,
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="the folder that holds multi30k/")
    parser.add_argument("--seconds", type=float, default=1500.0, help="of training")
    parser.add_argument("--rounds", type=int, default=3, help="runs with different seeds; the median counts")
    parser.add_argument("--pieces", type=int, default=6000, help="word pieces of both languages together")
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--tuning", action="store_true", help="translate the end of the training part")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help="change the recipe")
    chosen = parser.parse_args()
    if chosen.data is None or not (chosen.data / "multi30k").is_dir():
        sys.exit("This needs the captions of Multi30k: name the folder that holds multi30k/ with --data.")
    rows = []
    for seed in range(chosen.rounds):
        rows.append(run(chosen.data, chosen.seconds, seed, chosen))
        r = rows[-1]
        print(
            f"round {seed + 1}: BLEU {r['bleu']:.1f} (greedily {r['bleu_greedy']:.1f}), chrF {r['chrf']:.1f};"
            f" {r['steps']:,} steps in {r['training_s']:.0f} s, {r['parameters']:,} parameters",
            flush=True,
        )
    median = {key: statistics.median(row[key] for row in rows) for key in ("bleu", "bleu_greedy", "chrf")}
    print(json.dumps({"benchmark": "multi30k", **median, "rounds": rows}))


if __name__ == "__main__":
    main()
