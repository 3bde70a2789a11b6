from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch

from llmstudio.core.dataset.encoding import ROWS
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished
from llmstudio.core.generation.tags import Tagger, best_tags, emissions
from llmstudio.core.models.build import build_model
from llmstudio.core.models.changes import CHANGES
from llmstudio.core.models.changes.head import head_of
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.parts.heads.word_vectors import PIECES, word_vectors
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.scores.spans import consistent
from llmstudio.core.tasks.settings import TagSettings
from llmstudio.core.tasks.tag import Tag, TagScore
from llmstudio.core.training.machine.setup import set_up
from llmstudio.core.training.trainer import train
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop

TRAINING = TrainingConfig(max_steps=60, batch_size=16, eval_tokens=400, number_format="fp32", threads=1, learning_rate=1e-2)
SHAPE = EncoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=48)


def recipe_with(**settings) -> Recipe:
    return Recipe("encoder", SHAPE, task_name="tag", task=TagSettings(**settings), training=TRAINING)


def test_that_every_word_is_marked_at_its_first_token_and_the_text_stays_whole(tags_data) -> None:
    dataset, tokenizer = tags_data
    rows = dataset.split("train")
    ids, marks = np.asarray(rows.row(0)), np.asarray(rows.marks[: rows.offsets[1]])
    text = tokenizer.decode(ids.tolist())
    assert text.endswith(".")
    assert int((marks >= 0).sum()) == len(text.replace(".", " .").split())
    names = [dataset.mark_names[dataset.mark_sets[mark][0]] for mark in marks[marks >= 0]]
    assert names[0] == "B-PER"
    assert names[-1] == "O"


def test_that_records_without_tags_are_left_out(tags_data) -> None:
    assert list(ROWS["tags"]([{"text": "no tags here"}], tags_data[1])) == []


@pytest.mark.parametrize("pieces", PIECES)
def test_that_the_vector_of_a_word_is_that_of_its_tokens(pieces) -> None:
    features = torch.arange(16.0).view(1, 8, 2)
    starts = torch.tensor([[1, 0, 0, 1, 1, 0, 0, 0]]).bool()
    inside = torch.tensor([[1, 1, 1, 1, 1, 1, 0, 0]]).bool()
    found = word_vectors(features, starts, inside, pieces)[0, [0, 3, 4]]
    tokens = [[0, 1, 2], [3], [4, 5]]
    expected = {
        "first": [features[0, word[0]] for word in tokens],
        "last": [features[0, word[-1]] for word in tokens],
        "mean": [features[0, word].mean(0) for word in tokens],
    }[pieces]
    assert torch.allclose(found, torch.stack(expected))


@pytest.mark.parametrize(("crf", "spelling"), [(False, False), (True, False), (False, True), (True, True)])
def test_that_names_are_found_and_a_tagger_says_what_the_score_says(tags_data, tmp_path, crf, spelling) -> None:
    recipe = recipe_with(crf=crf, spelling=spelling)
    events = list(train(tmp_path, recipe=recipe, dataset=tags_data[0], tokenizer=tags_data[1], stop=Stop()))
    assert isinstance(events[-1], Finished)
    model = load_model(find_checkpoint(tmp_path)[0])
    assert (model.class_head.crf is not None) == crf
    assert spelling == (model.class_head.spelling is not None and bool(model.class_head.spelling.table.any()))
    *_, score = recipe.make_task(*tags_data).evaluate(model, set_up(TRAINING))
    figures = score.figures()
    assert figures["tag_accuracy"] > 0.9
    assert figures["span_f1"] > 0.8
    rows = tags_data[0].split("val")
    texts = [tags_data[1].decode(rows.row(i).tolist()) for i in range(rows.num_rows)]
    tagged = [[word.tag for word in told] for told in Tagger(model, tags_data[1]).read(texts)]
    pairs = [pair for row, truths in zip(tagged, _truths(tags_data), strict=True) for pair in zip(row, truths, strict=True)]
    right = sum(tag == truth for tag, truth in pairs)
    assert right / figures["words"] == pytest.approx(figures["tag_accuracy"], abs=1e-9)


def _truths(data) -> list[list[str]]:
    rows, names = data[0].split("val"), data[0].mark_names
    marks = [np.asarray(rows.marks[a:b]) for a, b in zip(rows.offsets[:-1], rows.offsets[1:], strict=True)]
    return [[names[data[0].mark_sets[mark][0]] for mark in row[row >= 0]] for row in marks]


@pytest.mark.parametrize("spelling", [False, True])
def test_that_rows_of_tags_never_break_bio_where_no_row_that_was_learned_does(tags_data, spelling) -> None:
    task = recipe_with(crf=True, spelling=spelling).make_task(*tags_data)
    assert isinstance(task, Tag)
    changes = task.changes(())
    model = build_model("encoder", SHAPE, tags_data[1].vocab_size, changes=changes).eval()
    torch.nn.init.normal_(model.class_head.out.weight, std=5)  # it says anything at all
    *_, score = task.evaluate(model, set_up(TRAINING))
    assert isinstance(score, TagScore)
    for row in score.told:
        for before, tag in zip(["O", *row], row, strict=False):
            assert not tag.startswith("I") or before[1:] == tag[1:], row
    size = SHAPE.num_parameters(tags_data[1].vocab_size)
    for change in changes:
        size = CHANGES[change["change"]].num_parameters(size, change)
    assert size == sum(p.numel() for p in model.parameters())


def test_that_a_step_that_was_learned_is_not_forbidden(tags_data) -> None:
    task = recipe_with(crf=True).make_task(*tags_data)
    marks = np.array(task.train_rows.marks)
    first = int(np.flatnonzero(marks >= 0)[0])
    marks[first] = task.names.index("I-LOC")  # a row that begins inside a span, as some corpora write it
    task.train_rows = replace(task.train_rows, marks=marks)
    begins_inside = (len(task.names), task.names.index("I-LOC"))
    assert begins_inside not in task.changes(())[0]["forbidden"]
    assert (len(task.names), task.names.index("I-PER")) in task.changes(())[0]["forbidden"]


def test_that_a_sentence_is_tagged_alike_alone_in_company_and_longer_than_the_context(tags_data) -> None:
    task = recipe_with().make_task(*tags_data)
    model = build_model("encoder", SHAPE, tags_data[1].vocab_size, changes=task.changes(())).eval()
    tagger = Tagger(model, tags_data[1])
    texts = ["Anna lives in Rome.", "", "Tom sleeps in New York. " * 40]
    together = list(tagger.read(texts))
    assert together[1] == []
    assert [len(words) for words in together] == [len(tagger.words_in(text)) for text in texts]
    for text, words in zip(texts, together, strict=True):
        alone = next(iter(tagger.read([text])))
        assert [word.tag for word in alone] == [word.tag for word in words]
        assert [text[word.start : word.end] for word in words] == [text[a:b] for a, b in tagger.words_in(text)]


def test_that_words_are_told_apart_as_corpora_do(tags_data) -> None:
    task = recipe_with().make_task(*tags_data)
    tagger = Tagger(build_model("encoder", SHAPE, tags_data[1].vocab_size, changes=task.changes(())), tags_data[1])
    text = "Don't go (Mr. Smith's well-known dog), 3.5 km!"
    found = [text[start:end] for start, end in tagger.words_in(text)]
    assert found == ["Do", "n't", "go", "(", "Mr", ".", "Smith", "'s", "well-known", "dog", ")", ",", "3.5", "km", "!"]


def test_that_padding_is_no_word(tags_data) -> None:
    task = recipe_with().make_task(*tags_data)
    model = build_model("encoder", SHAPE, tags_data[1].vocab_size, changes=task.changes(())).eval()
    batch = task.batches().batch(0)
    starts = batch.labels >= 0
    scores = emissions(model, batch.ids, starts, "mean")
    alone = emissions(model, batch.ids[:1], starts[:1], "mean")
    assert torch.allclose(scores[0][starts[0]], alone[0][starts[0]], atol=1e-5)


def test_that_one_single_tag_and_a_model_that_was_not_taught_are_sentences(tags_data) -> None:
    dataset, tokenizer = tags_data
    rows = dataset.split("train")
    same = replace(rows, marks=np.minimum(np.asarray(rows.marks), 0).astype(np.int32) - 100 * (np.asarray(rows.marks) < 0))
    alike = replace(dataset, _splits={"train": same})
    with pytest.raises(StudioError, match="have the same tag"):
        recipe_with().make_task(alike, tokenizer)
    with pytest.raises(StudioError, match="was not taught to tag words"):
        Tagger(build_model("encoder", SHAPE, tokenizer.vocab_size), tokenizer)


def test_that_spelling_is_added_to_a_model_that_tags_without_and_taken_from_it(tags_data) -> None:
    plain, spelled = recipe_with().make_task(*tags_data), recipe_with(spelling=True).make_task(*tags_data)
    before = plain.changes(())
    assert plain.changes(before) == []
    assert spelled.changes(before)[0]["spelling"]
    assert plain.changes([*before, *spelled.changes(before)])[0]["spelling"] is None
    assert "task.spelling_dropout" in plain.idle()
    assert "task.spelling_dropout" not in spelled.idle()


def test_that_without_learned_steps_too_no_inside_is_without_its_beginning(tags_data, made_run) -> None:
    run = made_run(recipe_with(), tags_data)
    names = run.task.names
    never = head_of(run.model.changes)["never"]
    assert {(names[tag], "start" if before == len(names) else names[before]) for before, tag in never} >= {
        ("I-PER", "O"), ("I-PER", "start"), ("I-PER", "B-LOC"), ("I-LOC", "I-PER"),
    }  # fmt: skip
    scores = torch.randn(64, 9, len(names), generator=torch.Generator().manual_seed(0))
    starts = torch.rand(64, 9, generator=torch.Generator().manual_seed(1)) < 0.8
    alone = scores.argmax(-1)
    for rules in (run.model.changes, [{k: v for k, v in c.items() if k != "never"} for c in run.model.changes]):
        run.model.changes = rules  # the second as of an earlier version
        told = best_tags(run.model, scores, starts)
        num_mended = 0
        for row in range(64):
            found = [names[tag] for tag in told[row][starts[row]]]
            plain = [names[tag] for tag in alone[row][starts[row]]]
            assert found == consistent(found)
            assert found == plain or plain != consistent(plain), "a row that was consistent is another now"
            num_mended += found != plain
        assert num_mended > 10


def test_that_the_best_consistent_row_is_found(tags_data, made_run) -> None:
    run = made_run(recipe_with(), tags_data)
    names = run.task.names
    scores = torch.randn(1, 4, len(names), generator=torch.Generator().manual_seed(3))
    starts = torch.ones(1, 4, dtype=torch.bool)
    rows = [row for row in product(range(len(names)), repeat=4) if (tags := [names[t] for t in row]) == consistent(tags)]
    best = max(rows, key=lambda row: float(scores[0, torch.arange(4), list(row)].sum()))
    assert best_tags(run.model, scores, starts)[0].tolist() == list(best)


def test_that_tags_of_another_habit_stay_as_they_were_learned(tags_data, made_run, monkeypatch) -> None:
    """Where spans begin with an inside in the rows to learn from, such steps are allowed."""
    run = made_run(recipe_with(), tags_data)
    task = run.task
    marks = np.asarray(task.train_rows.marks).copy()
    inside, begins = task.names.index("I-PER"), task.names.index("B-PER")
    marks[marks == begins] = inside
    monkeypatch.setattr(task, "train_rows", replace(task.train_rows, marks=marks))
    (recorded,) = task.changes(())
    assert [len(task.names), inside] not in recorded["never"]
    assert [task.names.index("O"), task.names.index("I-LOC")] in recorded["never"]
