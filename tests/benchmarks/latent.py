"""Text VAE: is the latent space in use, what does it cost against a language model, and what lies between two sentences?

    python tests/benchmarks/latent.py [--data DIR] [--seconds 480] [--rounds 3]

Twice 20,000 sentences: of the sample world, and (if DIR holds multi30k/) English captions of at most 20 words and signs. On
each a VAE and an LSTM language model of as many weights are grown in as many seconds, evaluations included, each keeping the
best weights by its validation sentences; then sentences that neither has seen are scored: KL and active units of 32, the
importance-weighted bound on nats a sentence, the LSTM's nats of the same sentences, all words and the end counted. In the
sample world the sentences along interpolations between unseen ones are read by the grammar that wrote the corpus.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
import re
import statistics
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from llmstudio.core.corpus import samples
from llmstudio.core.dataset.tokens import Dataset, Rows
from llmstudio.core.events import Evaluated, Finished, Noted
from llmstudio.core.models.families.recurrent_config import LSTMConfig
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer import kinds
from llmstudio.core.tokenizer.config import END, TokenizerConfig
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop

TRAINING = TrainingConfig(batch_size=128, learning_rate=4e-3, weight_decay=0.01, rows="documents", eval_tokens=6_000)
DROPOUT = {"world": 0.1, "captions": 0.3}  # captions are seen often enough to be learned by heart
COUNTS = {"train": 20_000, "val": 1000, "test": 500}
PLACES, IW_SAMPLES = 9, 500


def world(split: str, count: int) -> list[str]:
    """The first sentences of the sample world's tales."""
    tales = samples.records("tales", count=count, split=split)
    return list(itertools.islice((s for tale in tales for s in samples.sentences(str(tale["text"]))), count))


def captions(data: Path, name: str, count: int) -> list[str]:
    """The first captions of at most 20 words and signs."""
    with gzip.open(data / "multi30k" / f"{name}.en.gz", "rt", encoding="utf-8") as lines:
        short = (line.strip() for line in lines if 0 < len(re.findall(r"\w+|[^\w\s]", line)) <= 20)
        return list(itertools.islice(short, count))


def tokens(texts: dict[str, list[str]], min_frequency: int) -> tuple[Tokenizer, Dataset]:
    """Words, and rows of END sentence END."""
    config = TokenizerConfig(kind="word", vocab_size=20_000, min_frequency=min_frequency)
    backend = kinds.blank(config)
    backend.train_from_iterator(texts["train"], kinds.trainer_for(config))
    tokenizer = Tokenizer(kinds.finished(backend, config))
    splits = {}
    for name, sentences in texts.items():
        ids = [[END, *row, END] for row in tokenizer.encode_batch(sentences)]
        sizes = np.array([len(s.encode()) for s in sentences])
        hidden = np.array([tokenizer.hidden_bytes(s) for s in sentences])
        splits[name] = Rows(np.concatenate(ids), np.cumsum([0, *map(len, ids)]), None, sizes, hidden)
    return tokenizer, Dataset(Path("."), {}, splits)


def grown(folder: Path, kind: str, config: Any, training: TrainingConfig, tokenizer: Tokenizer, data: Dataset) -> Any:
    """The best model of a run, with the run's result."""
    from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
    from llmstudio.core.training.trainer import train

    folder.mkdir(parents=True)
    result: dict[str, Any] = {}
    run = train(folder, recipe=Recipe(kind, config, training), dataset=data, tokenizer=tokenizer, stop=Stop())
    for event in run:
        match event:
            case Evaluated():
                shown = {name: round(value, 3) for name, value in event.figures.items()}
                print(f"  {kind} step {event.step}: {shown}", flush=True)
            case Noted():
                print(f"  {kind}: {event.message}", flush=True)
            case Finished():
                result = dict(event.result)
    return load_model(find_checkpoint(folder, "best")[0]).eval(), result


def lstm_of(parameters: int, vocab_size: int, config: VAEConfig) -> LSTMConfig:
    """One layer, as wide as the weights of the VAE allow."""
    plain = LSTMConfig(
        num_layers=1, embed_dim=config.embed_dim, dropout=config.dropout, context_length=config.context_length
    )
    widths = (replace(plain, hidden_dim=width) for width in range(32, 2048, 8))
    return min(widths, key=lambda wide: abs(wide.num_parameters(vocab_size) - parameters))


def between_held_out(model: Any, tokenizer: Tokenizer, sentences: list[str], pairs: int, seed: int) -> float:
    """Share of the sentences along interpolations that the grammar reads."""
    from llmstudio.core.generation.latent import interpolate

    chosen = random.Random(seed)
    limit = model.config.context_length - 1
    short = [s for s in sentences if len(tokenizer.encode(s)) <= limit]
    read = []
    for _ in range(pairs):
        first, second = chosen.sample(short, 2)
        read += [samples.is_grammatical(w.text) for w in interpolate(model, tokenizer, first, second, PLACES)]
    return sum(read) / len(read)


def one_round(name: str, texts: dict[str, list[str]], seconds: float, seed: int, work: Path) -> dict[str, float]:
    """Both models on one corpus, and what they make of the test sentences."""
    from llmstudio.core.tasks.evaluation import score_rows
    from llmstudio.core.tasks.latent.score import score_sentences
    from llmstudio.core.training.machine.setup import set_up

    tokenizer, data = tokens(texts, 1 if name == "world" else 2)
    config = VAEConfig(dropout=DROPOUT[name])
    training = replace(TRAINING, max_seconds=seconds, seed=seed)
    vae, found = grown(work / "vae", "vae", config, training, tokenizer, data)
    plain = lstm_of(found["parameters"], tokenizer.vocab_size, config)
    lstm, told = grown(work / "lstm", "lstm", plain, training, tokenizer, data)
    setup, test = set_up(training), data.split("test")
    assert test is not None
    *_, score = score_sentences(vae, test, setup, iw_samples=IW_SAMPLES, iw_sentences=test.num_rows)
    *_, plain_score = score_rows(lstm, test, tokenizer, setup, whole_documents=True)
    figures = score.figures()
    row = {key: figures[key] for key in ("kl", "active_units", "mutual_information", "elbo", "iw_nll")}
    row |= {"lstm_nll": plain_score.nats / test.num_rows, "seconds": found["seconds"], "lstm_seconds": told["seconds"]}
    row |= {"parameters": found["parameters"], "lstm_parameters": told["parameters"]}
    row |= {"steps": found["steps"], "lstm_steps": told["steps"], "bits_per_byte": figures["bits_per_byte"]}
    row |= {"lstm_bits_per_byte": plain_score.figures()["bits_per_byte"]}
    if name == "world":
        row["grammatical"] = between_held_out(vae, tokenizer, texts["test"], 200, seed)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder with multi30k/; without it only the sample world")
    parser.add_argument("--seconds", type=float, default=480)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    corpora = {"world": {split: world(split, count) for split, count in COUNTS.items()}}
    if chosen.data and (chosen.data / "multi30k").is_dir():
        files = {"train": "train", "val": "val", "test": "test_2016_flickr"}
        corpora["captions"] = {split: captions(chosen.data, files[split], count) for split, count in COUNTS.items()}
    else:
        print("Captions skipped: --data must name a folder with multi30k/.", file=sys.stderr)
    medians = {}
    for name, texts in corpora.items():
        rows = []
        for seed in range(chosen.rounds):
            with tempfile.TemporaryDirectory() as work:
                rows.append(one_round(name, texts, chosen.seconds, seed, Path(work)))
            print(f"{name}, round {seed + 1}: {json.dumps(rows[-1])}", flush=True)
        medians[name] = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
    print(json.dumps(medians))


if __name__ == "__main__":
    main()
