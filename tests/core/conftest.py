"""A tiny real corpus as tokens: enough to train on in a second."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.dataset.config import DatasetConfig
from llmstudio.core.dataset.encoding import ROWS, encode_corpus
from llmstudio.core.dataset.tokens import FORMAT, META, Dataset
from llmstudio.core.dataset.writing import Marks, RowWriter
from llmstudio.core.events import Finished
from llmstudio.core.models.weights.sparse.building import KERNELS, Kernels
from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.tokenizer.training import build_tokenizer
from llmstudio.core.training.machine.setup import set_up
from llmstudio.core.training.run import Run, RunInputs, new_run
from llmstudio.core.work import Stop
from llmstudio.store.files import write_json


def _made(folder: Path, source: str, kind: str, rows: str = "records") -> tuple[Dataset, Tokenizer]:
    for name in ("corpus", "tokenizer", "dataset"):
        (folder / name).mkdir()
    stop = Stop()
    config = CorpusConfig(sample_count=300)
    *_, end = write_corpus([source], config, folder / "corpus", stop=stop)
    assert isinstance(end, Finished)
    corpus = Corpus(folder / "corpus")
    *_, end = build_tokenizer(corpus, TokenizerConfig(kind=kind), folder / "tokenizer", stop=stop)
    assert isinstance(end, Finished)
    tokenizer = Tokenizer.load(folder / "tokenizer")
    *_, end = encode_corpus(corpus, tokenizer, folder / "dataset", config=DatasetConfig(rows=rows), stop=stop)
    assert isinstance(end, Finished)
    return Dataset.open(folder / "dataset"), tokenizer


@pytest.fixture(scope="session")
def text_data(tmp_path_factory) -> tuple[Dataset, Tokenizer]:
    """Running text in characters."""
    folder = tmp_path_factory.mktemp("text")
    words = itertools.islice(
        itertools.cycle(["the", "fox", "saw", "a", "red", "kite", "and", "the", "dog", "saw", "it", "."]), 4000
    )
    (folder / "a.txt").write_text(" ".join(words))
    return _made(folder, str(folder / "a.txt"), "char")


@pytest.fixture(scope="session")
def turns_data(tmp_path_factory) -> tuple[Dataset, Tokenizer]:
    """Stories with questions, in words."""
    return _made(tmp_path_factory.mktemp("turns"), "sample:tour", "word")


@pytest.fixture(scope="session")
def pairs_data(tmp_path_factory) -> tuple[Dataset, Tokenizer]:
    """Sentences in English and Chinese, in words."""
    return _made(tmp_path_factory.mktemp("pairs"), "sample:pairs", "word")


@pytest.fixture(scope="session")
def classes_data(tmp_path_factory) -> tuple[Dataset, Tokenizer]:
    """Reviews in words, each marked good, bad or mixed."""
    return _made(tmp_path_factory.mktemp("classes"), "sample:reviews", "word", "classes")


@pytest.fixture(scope="session")
def tags_data(tmp_path_factory) -> tuple[Dataset, Tokenizer]:
    """Sentences whose names are tagged in BIO: PER before a verb, LOC behind `in`. In pieces of words."""
    folder = tmp_path_factory.mktemp("tags")
    draw = random.Random(0)
    people, places = ["Anna Berg", "Tom", "Mia Lund", "Paul"], ["Rome", "New York", "Paris", "Bad Ems"]
    records: list[dict[str, list[str]]] = []
    for _ in range(240):
        person, place = draw.choice(people).split(), draw.choice(places).split()
        words = [*person, draw.choice(["lives", "sleeps"]), "in", *place, "."]
        tags = [*("B-PER", "I-PER")[: len(person)], "O", "O", *("B-LOC", "I-LOC")[: len(place)], "O"]
        records.append({"words": words, "tags": tags, "spaces": [*[True] * (len(words) - 2), False, False]})
    (folder / "a.txt").write_text("\n".join(" ".join(record["words"]) for record in records))
    for name in ("corpus", "tokenizer"):
        (folder / name).mkdir()
    list(write_corpus([str(folder / "a.txt")], CorpusConfig(), folder / "corpus", stop=Stop()))
    config = TokenizerConfig(kind="bpe", vocab_size=300)
    list(build_tokenizer(Corpus(folder / "corpus"), config, folder / "tokenizer", stop=Stop()))
    tokenizer, marks, splits = Tokenizer.load(folder / "tokenizer"), Marks(), {}
    for name, part in (("train", records[:200]), ("val", records[200:])):
        with RowWriter(folder / "dataset" / name, tokenizer, False, marks) as rows:
            rows.write(list(ROWS["tags"](part, tokenizer)))
        splits[name] = rows.facts()
    meta = {"format": FORMAT, "vocab_size": tokenizer.vocab_size, "dtype": "uint16", "splits": splits}
    write_json(folder / "dataset" / META, meta | {"marks": marks.facts()})
    return Dataset.open(folder / "dataset"), tokenizer


@pytest.fixture
def made_run(tmp_path: Path) -> Callable[..., Run]:
    """Makes a run of a recipe and data (dataset, tokenizer), before its first step, in `tmp_path`."""

    def make(recipe: Recipe, data: tuple[Dataset, Tokenizer]) -> Run:
        setup = set_up(recipe.training)
        inputs = RunInputs(folder=tmp_path, dataset=data[0], tokenizer=data[1], setup=setup, base_bytes=0)
        return new_run(inputs, recipe)

    return make


@pytest.fixture(scope="session")
def kernels() -> Kernels:
    """The kernels of sparse products, kept in the user's cache folder, which no test may move while they are built."""
    reason = KERNELS.why_not(600)
    assert reason is None, str(reason)
    return KERNELS
