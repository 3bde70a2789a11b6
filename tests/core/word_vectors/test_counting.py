"""Vectors that are counted: what stands among the same neighbours is alike, whatever else the text holds."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
import torch

from llmstudio.core.corpus.config import CorpusConfig, SplitConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Noted
from llmstudio.core.tokenizer.config import SPECIALS, UNKNOWN, TokenizerConfig
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.tokenizer.training import build_tokenizer
from llmstudio.core.word_vectors.counting import _directions, _information, count_word_vectors
from llmstudio.core.word_vectors.kept import WordVectors
from llmstudio.core.work import Stop

ANIMALS, TOOLS = ("cat", "dog", "fox"), ("saw", "axe", "nail")
FOODS, PLACES = ("meat", "fish"), ("yard", "wood")
BOXES, STUFFS = ("chest", "shelf"), ("steel", "oak")
TEXTS = [
    *(f"the {animal} eats the {food} in the {place}" for animal in ANIMALS for food in FOODS for place in PLACES),
    *(f"she takes a {tool} from a {box} of {stuff}" for tool in TOOLS for box in BOXES for stuff in STUFFS),
    "the Cat eats the fish in the wood again and again",
    "nobody sleeps here once",
]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    folder = tmp_path_factory.mktemp("counting")
    (folder / "a.txt").write_text("\n".join(TEXTS), "utf-8")
    (folder / "corpus").mkdir()
    list(write_corpus([str(folder / "a.txt")], CorpusConfig(split=SplitConfig(0.0, 0.0)), folder / "corpus", stop=Stop()))
    config = TokenizerConfig(kind="word", vocab_size=200, min_frequency=1)
    list(build_tokenizer(Corpus(folder / "corpus"), config, folder / "cut", stop=Stop()))
    return Tokenizer.load(folder / "cut")


def counted(tokenizer: Tokenizer, texts=TEXTS, width: int = 8) -> tuple[dict[str, np.ndarray], list]:
    events, job = [], count_word_vectors(texts, tokenizer, width, name="Tiny", job="train", stop=Stop())
    while True:
        try:
            events.append(next(job))
        except StopIteration as end:
            vectors: WordVectors = end.value
            break
    spelled = {tokenizer.decode([id]).strip(): row for id, row in zip(vectors.ids.tolist(), vectors.numbers, strict=True)}
    assert vectors.ids.tolist() == [UNKNOWN, *range(len(SPECIALS), tokenizer.vocab_size)]
    return spelled, events


def alike(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def test_that_words_among_the_same_neighbours_are_alike_and_others_are_not(tokenizer: Tokenizer) -> None:
    vectors, _ = counted(tokenizer)
    same = [alike(vectors[a], vectors[b]) for group in (ANIMALS, TOOLS) for a in group for b in group]
    apart = [alike(vectors[a], vectors[b]) for a in ANIMALS for b in TOOLS]
    assert min(same) > 0.9
    assert max(apart) < 0.3


def test_that_capitals_share_a_vector_and_rare_words_have_none(tokenizer: Tokenizer) -> None:
    vectors, events = counted(tokenizer)
    assert np.array_equal(vectors["Cat"], vectors["cat"])
    assert not vectors["once"].any()
    assert any("begin with a vector" in str(event.message) for event in events if isinstance(event, Noted))


def test_that_the_order_of_texts_does_not_matter_for_neighbours_stay_in_their_text(tokenizer: Tokenizer) -> None:
    forward, _ = counted(tokenizer)
    backward, _ = counted(tokenizer, TEXTS[::-1])
    gram = {name: np.array([alike(found["cat"], found[word]) for word in (*ANIMALS, *TOOLS, "eats", "a")]) for name, found in
            (("forward", forward), ("backward", backward))}  # fmt: skip
    assert gram["forward"] == pytest.approx(gram["backward"], abs=1e-3)


def test_that_information_is_what_a_naive_count_gives() -> None:
    draws, size = np.random.default_rng(0), len(SPECIALS) + 12
    rows = [draws.integers(len(SPECIALS), size, draws.integers(1, 9)) for _ in range(30)]
    frequency = np.bincount(np.concatenate(rows), minlength=size)
    known = np.flatnonzero(frequency >= 2)
    found = _information(rows, frequency, known).to_dense().numpy()
    pairs: Counter[tuple[int, int, int]] = Counter()
    for row in rows:
        line = [-1, -1, *row.tolist(), -1, -1]
        for at in range(2, len(line) - 2):
            pairs.update((line[at], place, line[at + step]) for place, step in enumerate((-2, -1, 1, 2)))
    pairs = Counter({pair: n for pair, n in pairs.items() if pair[0] in known})
    total = sum(pairs.values())
    by_token, by_column = Counter(), Counter()
    for (token, place, other), n in pairs.items():
        by_token[token] += n
        by_column[place, other] += n
    smooth = sum(n**0.75 for n in by_column.values())
    wanted = []
    for (token, place, other), n in pairs.items():
        chance = by_token[token] / total * by_column[place, other] ** 0.75 / smooth
        wanted.append(max(0.0, math.log(n / total / chance)))
    assert sorted(found[found > 0]) == pytest.approx(sorted(value for value in wanted if value > 0), rel=1e-4)


def test_that_directions_keep_what_a_table_of_few_directions_holds() -> None:
    draws = torch.Generator().manual_seed(0)
    table = torch.randn(40, 5, generator=draws) @ torch.randn(5, 60, generator=draws)
    *_, last = _directions(table.to_sparse(), 5)
    found = torch.from_numpy(last)
    u, s, _ = torch.linalg.svd(table, full_matrices=False)
    wanted = u[:, :5] * s[:5].sqrt()
    assert torch.allclose(found @ found.t(), wanted @ wanted.t(), atol=1e-2)


def test_that_too_few_words_for_a_width_are_refused_with_a_way_out(tokenizer: Tokenizer) -> None:
    with pytest.raises(StudioError, match="smaller width") as caught:
        counted(tokenizer, width=64)
    assert "model.embed_dim" in caught.value.paths


def test_that_a_stop_ends_it_without_vectors(tokenizer: Tokenizer) -> None:
    stop = Stop()
    stop.request()
    job = count_word_vectors(TEXTS, tokenizer, 8, name="Tiny", job="train", stop=stop)
    with pytest.raises(StopIteration) as end:
        next(job)
    assert end.value.value is None
