"""Ends of words are learned beside their beginnings, and the same words are told."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from llmstudio.core.generation.tags import Tagger, best_tags, emissions
from llmstudio.core.models.build import build_model
from llmstudio.core.models.changes.head import head_of, new_head, told_names
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.scores.spans import spans_of
from llmstudio.core.tasks.settings import TagSettings
from llmstudio.core.tasks.tag import Tag
from llmstudio.core.tasks.word_ends import WordEnds, are_words

SHAPE = EncoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=48)


@pytest.mark.parametrize("names", [["B", "I"], ["I", "B"]])
def test_that_all_rows_of_words_are_learned_without_a_forbidden_step_and_tell_the_same_words(names: list[str]) -> None:
    ends = WordEnds(names)
    for row in itertools.product(names, repeat=6):
        if row[0] == "I":  # no word was begun
            continue
        learned = ends.learned(np.array([names.index(tag) for tag in row])).tolist()
        assert [names[ends.told[number]] for number in learned] == list(row)
        assert spans_of([ends.names[number] for number in learned]) == spans_of(row)
        assert not any(ends.never[step] for step in itertools.pairwise([len(ends.names), *learned]))


def test_that_only_tags_of_words_have_ends() -> None:
    assert are_words(["I", "B"])
    assert not any(map(are_words, (["B"], ["B", "I", "O"], ["B-PER", "I-PER"], ["NOUN", "VERB"])))


@pytest.mark.parametrize("crf", [20.0, False])
def test_that_what_is_told_is_consistent_and_its_probabilities_are_sums(crf, tags_data) -> None:
    ends, tokenizer = WordEnds(["B", "I"]), tags_data[1]
    rules = {"forbidden" if crf else "never": np.argwhere(ends.never).tolist()}
    changes = new_head(
        (), width=16, names=ends.names, pooling="each", seed=0, pieces="mean", crf=crf, told=ends.told, **rules
    )
    model = build_model("encoder", SHAPE, tokenizer.vocab_size, changes=changes).eval()
    torch.nn.init.normal_(model.class_head.out.weight, std=5)
    tagger = Tagger(model, tokenizer)
    assert tagger.names == ["B", "I"] == told_names(head_of(model.changes))
    assert tagger.parts_words
    for found in tagger.read(["Anna lives in Rome.", "Tom"]):
        assert found[0].tag == "B"
        assert {word.tag for word in found} <= {"B", "I"}
        assert all(0 < word.probability <= 1 + 1e-6 for word in found)
    ids = torch.tensor([tokenizer.encode("Anna lives in Rome.")])
    starts = torch.ones_like(ids, dtype=torch.bool)
    scores = emissions(model, ids, starts, "mean")
    finer = (model.class_head.crf.marginals(scores, starts) if crf else scores.softmax(-1))[0]
    told = best_tags(model, scores, starts)[0]
    spans = [(at, at + 1) for at in range(ids.shape[1])]
    assert told.max() <= 1
    assert len(spans) == len(told)
    sums = torch.stack([finer[:, 0] + finer[:, 2], finer[:, 1] + finer[:, 3]], 1)
    assert torch.allclose(sums.sum(1), torch.ones(len(told)), atol=1e-5)


@pytest.mark.parametrize("begins", ["B", "I"])
def test_that_a_row_may_begin_inside_a_word_only_where_one_to_learn_from_does(begins: str, tags_data) -> None:
    task = Recipe("encoder", SHAPE, task_name="tag", task=TagSettings(crf=True)).make_task(*tags_data)
    assert isinstance(task, Tag)
    task.names, task._ends = ["B", "I"], WordEnds(["B", "I"])
    marks = np.array(task.train_rows.marks)
    marks[marks >= 0] = 0
    marks[np.flatnonzero(marks >= 0)[0]] = "BI".index(begins)
    task.train_rows = replace(task.train_rows, marks=marks)
    forbidden = task.changes(())[0]["forbidden"]
    assert forbidden == ([(4, 1), (4, 3)] if begins == "B" else [(4, 1)])
