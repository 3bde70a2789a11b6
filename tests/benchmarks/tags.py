"""Tagging words: a small model against a CRF of features, on parts of speech, on names, and on Chinese words.

    python tests/benchmarks/tags.py --data DIR [--only pos names words] [--rounds N] [--tune] [--set PATH=VALUE]...

DIR holds `tags/` (files of Universal Dependencies and of WNUT-17), and texts in which the vectors of words are counted
before anything is taught: wikitext2-valid.txt, wikitext2-test.txt, multi30k/train.en.gz and trec/train.txt, or
thucnews/dev.txt and test.txt. No text of a test part is read by then. What is taught is small: each word's vector and
those of its neighbours through a hidden layer, its spelling, and which tag follows which.

The yardstick for tags is a linear-chain CRF (python-crfsuite) with a word's letters, shape, beginnings and ends, and its
neighbours' letters and shapes; for Chinese words it is jieba as it comes. `--tune` learns from the first 85 % of what is
learned from and asks the rest, so that settings can be tried without a look at the test part; `--set` changes the
run. Time is that of a processor, counting included.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import jieba
import pycrfsuite

from llmstudio.app.items import loaded
from llmstudio.app.items.loaded import load
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.core import recipe
from llmstudio.core.corpus.config import CleaningConfig, CorpusConfig, ReadingConfig, SplitConfig
from llmstudio.core.corpus.reading.tagged.boundaries import word_boundaries
from llmstudio.core.corpus.reading.tagged.layouts import BOUNDARIES, find_layout
from llmstudio.core.corpus.reading.tagged.sentences import Sentences
from llmstudio.core.corpus.records import tagged_text
from llmstudio.core.events import Event, Finished
from llmstudio.core.generation.spelling import shape_of
from llmstudio.core.generation.tags import Tagger
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.scores.spans import score_spans, score_words, words_of
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

ALONE = {"training.threads": 1, "training.number_format": "fp32", "training.sample_steps": 10**6}
Sentence = dict  # words, tags, spaces
Told = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Plan:
    """How a set of sentences is learned.

    Attributes:
        figure: What is measured: accuracy, span_f1 or word_f1.
        tokenizer: What its text is cut into.
        shape: The encoder.
        training: Settings of its run.
    """

    figure: str
    tokenizer: TokenizerConfig
    shape: EncoderConfig
    training: dict


POS = Plan(
    figure="accuracy",
    tokenizer=TokenizerConfig(kind="word", vocab_size=60_000, min_frequency=1),
    shape=EncoderConfig(
        num_layers=0, embed_dim=128, num_heads=4, context_length=160, dropout=0.0
    ),
    training={
        "training.max_steps": 1000, "training.batch_size": 16, "training.learning_rate": 1.5e-3,
        "training.warmup_share": 0.05, "training.cooldown_share": 0.8, "training.optimizer": "adamw",
        "training.weight_decay": 0.01, "training.beta2": 0.99,
        "task.spelling": True, "task.spelling_dropout": 0.3, "task.head_dropout": 0.4, "task.crf": True, "task.window": 2,
        "teach.freeze_vectors": True,
    },
)  # fmt: skip
NAMES = replace(
    POS,
    figure="span_f1",
    training=POS.training | {"training.max_steps": 1440, "training.learning_rate": 2.5e-3, "task.spelling_dropout": 0.0},
)
WORDS = replace(
    POS,
    figure="word_f1",
    tokenizer=TokenizerConfig(kind="char", vocab_size=5000, min_frequency=1),
    shape=replace(POS.shape, embed_dim=64, context_length=256),
    training=POS.training | {"training.max_steps": 250, "training.learning_rate": 2e-3, "task.spelling_least": 1},
)
PLANS = {"pos": POS, "names": NAMES, "words": WORDS}


def sentences(path: Path) -> list[Sentence]:
    """The sentences of a file of tagged words, read as an import reads them."""
    text = gzip.decompress(path.read_bytes()).decode("utf-8")
    layout = find_layout(path.stem, text[:100_000], is_sure=True)
    assert layout is not None
    return [record for record in Sentences(layout, path.name).read(text.split("\n")) if isinstance(record, dict)]


def parts(data: Path, name: str) -> tuple[list[Sentence], list[Sentence]]:
    """What is learned from, and what is asked."""
    folder = data / "tags"
    if name == "pos":
        return sentences(folder / "ud-english-ewt-dev.conllu.gz"), sentences(folder / "ud-english-ewt-test.conllu.gz")
    if name == "names":
        return sentences(folder / "wnut17-train.conll.gz"), sentences(folder / "wnut17-dev.conll.gz")
    parted = sentences(folder / "ud-chinese-gsdsimp-dev.conllu.gz")
    cut = 2 * len(parted) // 3
    return parted[:cut], parted[cut:]


def english(data: Path, learn: Sequence[Sentence]) -> list[str]:
    """Sentences to count in: articles, captions, questions, and what the tags are learned from."""
    found = [tagged_text(record)[0] for record in learn]
    for name in ("wikitext2-valid.txt", "wikitext2-test.txt"):
        for line in (data / name).read_text(encoding="utf-8").split("\n"):
            if line.strip() and not line.strip().startswith("="):
                found += re.split(r"(?<=[.!?]) (?=[A-Z\"])", spelled_usually(line.strip()))
    found += gzip.decompress((data / "multi30k" / "train.en.gz").read_bytes()).decode("utf-8").split("\n")[:10_000]
    found += [line.partition(" ")[2] for line in (data / "trec" / "train.txt").read_text("latin-1").split("\n")]
    return [line.strip() for line in found if line.strip()]


def chinese(data: Path, learn: Sequence[Sentence]) -> list[str]:
    """Titles of news, and what words are learned from."""
    files = [data / "thucnews" / name for name in ("dev.txt", "test.txt")]
    titles = [line for file in files for line in file.read_text(encoding="utf-8").split("\n")]
    return [tagged_text(record)[0] for record in learn] + [line.rpartition("\t")[0] for line in titles if line.strip()]


def spelled_usually(line: str) -> str:
    """A line of an article without the spaces that part its words from signs."""
    line = re.sub(r" @(.)@ ", r"\1", line).replace("<unk>", "").replace(" n't", "n't")
    line = re.sub(r" ([,.;:!?%)\]])", r"\1", line)
    line = re.sub(r"([(\[$]) ", r"\1", line)
    line = re.sub(r'" ([^"]*) "', r'"\1"', line)
    return re.sub(r"\s+", " ", re.sub(r" ('(?:s|re|ve|ll|d|m)?)\b", r"\1", line))


def learned(
    plan: Plan, learn: Sequence[Sentence], texts: Sequence[str], ask: Sequence[Sentence], seed: int, changes: dict
) -> tuple[list[list[str]], dict]:
    """The tags that a model gives, which was taught as a person would, and what its training took."""
    with tempfile.TemporaryDirectory() as folder:
        project, file = Project(Path(folder) / "p"), Path(folder) / "a"
        is_parted = plan.figure == "word_f1"
        corpus = CorpusConfig(
            ReadingConfig(tags=BOUNDARIES if is_parted else ""),
            CleaningConfig(exact_duplicates=False),
            SplitConfig(0.0, 0.0),
        )
        file = file.with_suffix(".conllu")
        file.write_text(as_conllu(learn), encoding="utf-8")
        finished(import_corpus(project, [str(file)], name="tagged", config=corpus, stop=Stop()))
        base = {"training.seed": seed, "teach.word_vectors": "corpus:read"} | ALONE
        began = time.process_time()
        (read := Path(folder) / "a.txt").write_text("\n".join(random.Random(seed).sample(texts, len(texts))) + "\n")
        own = CorpusConfig(split=SplitConfig(0.01, 0.0))
        finished(import_corpus(project, [str(read)], name="read", config=own, stop=Stop()))
        finished(build_tokenizer(project, "read", name="cut", config=plan.tokenizer, stop=Stop()))
        wanted = recipe.change(Recipe("encoder", plan.shape, task_name="tag"), base | plan.training | changes)
        end = finished(train(project, corpus="tagged", tokenizer="cut", name="m", recipe=wanted, stop=Stop()))
        took = {"processor_s": time.process_time() - began, "steps": end["steps"], "parameters": end["parameters"]}
        held = load(project, "m", which="last")
        tagger, given = Tagger(held.model, held.tokenizer), []
        for record in ask:
            text, spans = tagged_text(word_boundaries(record) if is_parted else record)
            given.append((text, [(start, stop) for start, stop, _ in spans]))
        told = [[word.tag for word in row] for row in tagger.read_words(given)]
        loaded.forget()
        return told, took


def as_conllu(records: Sequence[Sentence]) -> str:
    """A file that says where spaces stand."""
    rows = []
    for record in records:
        for number, (word, tag, space) in enumerate(
            zip(*(record[key] for key in ("words", "tags", "spaces")), strict=True), 1
        ):
            rows.append(f"{number}\t{word}\t_\t{tag}\t_\t_\t_\t_\t_\t{'_' if space else 'SpaceAfter=No'}")
        rows.append("")
    return "\n".join(rows) + "\n"


def finished(events: Iterator[Event]) -> dict:
    """What a job ends with."""
    *_, end = events
    assert isinstance(end, Finished), end
    return dict(end.result)


def features(words: Sequence[str]) -> list[list[str]]:
    """What the CRF knows of each word."""
    rows = []
    for at, word in enumerate(words):
        small = word.lower()
        row = [
            "always",
            f"w={small}",
            f"s={shape_of(word)}",
            f"T={word.istitle()}",
            f"U={word.isupper()}",
            f"D={word.isdigit()}",
        ]
        row += [f"{kind}{n}={part}" for n in range(1, 5) for kind, part in (("p", small[:n]), ("e", small[-n:]))]
        for step in (-2, -1, 1, 2):
            is_there = 0 <= at + step < len(words)
            other = words[at + step] if is_there else ""
            row += [f"{step}w={other.lower()}", f"{step}s={shape_of(other)}"] if is_there else [f"{step}none"]
        rows.append(row)
    return rows


def by_features(learn: Sequence[Sentence], ask: Sequence[Sentence]) -> Told:
    """The tags that a CRF of features gives."""
    with tempfile.TemporaryDirectory() as folder:
        trainer = pycrfsuite.Trainer(verbose=False)
        trainer.set_params({"c1": 0.1, "c2": 0.01, "max_iterations": 120})
        for record in learn:
            trainer.append(features(record["words"]), record["tags"])
        trainer.train(f"{folder}/crf")
        tagger = pycrfsuite.Tagger()
        tagger.open(f"{folder}/crf")
        told = [tagger.tag(features(record["words"])) for record in ask]
        tagger.close()
        return told


def by_jieba(learn: Sequence[Sentence], ask: Sequence[Sentence]) -> Told:
    """The tags of characters that the words of jieba make."""
    jieba.setLogLevel(60)
    found = []
    for record in ask:
        signs = "".join(word_boundaries(record)["words"])
        found.append([tag for word in jieba.lcut(signs, HMM=True) for tag in ("B", *"I" * (len(word) - 1))])
    return found


def scored(figure: str, ask: Sequence[Sentence], told: Told) -> float:
    """The figure, 0 to 1."""
    if figure == "word_f1":
        signs = [word_boundaries(record) for record in ask]
        parted = [words_of("".join(each["words"]), tags) for each, tags in zip(signs, told, strict=True)]
        return score_words([words_of("".join(each["words"]), each["tags"]) for each in signs], parted).f1
    truth = [record["tags"] for record in ask]
    if figure == "span_f1":
        return score_spans(truth, told).overall.f1
    pairs = [pair for row, other in zip(truth, told, strict=True) for pair in zip(row, other, strict=True)]
    return statistics.mean(one == other for one, other in pairs)


def compare(name: str, plan: Plan, chosen: argparse.Namespace) -> dict:
    """Both sides on one set of sentences; the model with several seeds."""
    learn, ask = parts(chosen.data, name)
    if chosen.tune:
        cut = int(0.85 * len(learn))
        learn, ask = learn[:cut], learn[cut:]
    rival: Callable[[Sequence[Sentence], Sequence[Sentence]], Told] = by_jieba if name == "words" else by_features
    peer = scored(plan.figure, ask, rival(learn, ask))
    print(f"{name}: {rival.__name__} {plan.figure} {peer:.4f} on {len(ask):,} sentences", flush=True)
    texts = (chinese if name == "words" else english)(chosen.data, learn)
    rounds = []
    for seed in range(chosen.rounds):
        told, took = learned(plan, learn, texts, ask, seed, chosen.changes)
        rounds.append({plan.figure: scored(plan.figure, ask, told)} | took)
        print(
            f"{name}, round {seed + 1}: {plan.figure} {rounds[-1][plan.figure]:.4f}   {took['processor_s']:.0f} s of a"
            f" processor, {took['steps']:,} steps of teaching, {took['parameters']:,} parameters",
            flush=True,
        )
    median = statistics.median(row[plan.figure] for row in rounds)
    print(f"{name}, median: {plan.figure} {median:.4f}, {100 * (median - peer):+.1f} points", flush=True)
    return {"peer": peer, "median": median, "rounds": rounds}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--only", nargs="+", default=[*PLANS], choices=[*PLANS])
    parser.add_argument("--rounds", type=int, default=3, help="runs with different seeds; the median counts")
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--set", dest="wishes", action="append", default=[], metavar="PATH=VALUE")
    chosen = parser.parse_args()
    chosen.changes = dict(wish.split("=", 1) for wish in chosen.wishes)
    if not chosen.data or not (chosen.data / "tags").is_dir():
        sys.exit("Skipped: --data must name a folder with tags.")
    print(json.dumps({"benchmark": "tags", **{name: compare(name, PLANS[name], chosen) for name in chosen.only}}))


if __name__ == "__main__":
    main()
