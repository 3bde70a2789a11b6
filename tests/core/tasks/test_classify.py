from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.encoding import ROWS
from llmstudio.core.dataset.tokens import META, Dataset
from llmstudio.core.dataset.writing import NO_MARK, Marks
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Finished, TrainStep
from llmstudio.core.generation.classes import Reader
from llmstudio.core.models.build import build_model
from llmstudio.core.models.changes.head import head_of, new_head
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.families.recurrent_config import GRUConfig
from llmstudio.core.models.parts.heads.class_head import POOLINGS, ClassHead
from llmstudio.core.models.parts.heads.phrases import Phrases
from llmstudio.core.models.parts.heads.sizes import FEATURES, FILTERS
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.classify import Classify, ClassScore
from llmstudio.core.tasks.settings import ClassifySettings
from llmstudio.core.tokenizer.config import MASK, PAD, SPECIALS
from llmstudio.core.training.start import Start
from llmstudio.core.training.trainer import train
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop

TRAINING = TrainingConfig(max_steps=40, batch_size=16, eval_tokens=400, number_format="fp32", threads=1, learning_rate=1e-2)
SHAPE = GRUConfig(num_layers=1, embed_dim=16, hidden_dim=16, context_length=64)


def task_of(data, **settings) -> Classify:
    recipe = Recipe("gru", SHAPE, task_name="classify", task=ClassifySettings(**settings), training=TRAINING)
    task = recipe.make_task(*data)
    assert isinstance(task, Classify)
    return task


def test_that_every_text_is_marked_at_its_end_with_the_class_it_came_with(classes_data) -> None:
    dataset, _ = classes_data
    assert set(dataset.mark_names) == {"good", "bad", "mixed"}
    for name in ("train", "val"):
        rows = dataset.split(name)
        marks, ends = np.asarray(rows.marks), np.asarray(rows.offsets[1:]) - 1
        assert (marks[ends] >= 0).all()
        assert (np.delete(marks, ends) == NO_MARK).all()


def test_that_marks_of_several_names_are_sets_whatever_their_order() -> None:
    marks = Marks()
    assert [marks.number(mark) for mark in (("b",), ("a", "b"), ("b", "a"), ("b",))] == [0, 1, 1, 0]
    assert marks.facts() == {"names": ["b", "a"], "sets": [[0], [0, 1]]}


@pytest.mark.parametrize("damage", [{"names": ["a"]}, {"names": ["a"], "sets": [[3]]}, {"names": ["a"], "sets": []}, "no"])
def test_that_a_damaged_table_of_marks_is_one_sentence(classes_data, tmp_path, damage) -> None:
    (folder := tmp_path / "dataset").mkdir()
    for file in classes_data[0].folder.rglob("*"):
        if file.is_file():
            (target := folder / file.relative_to(classes_data[0].folder)).parent.mkdir(exist_ok=True)
            target.write_bytes(file.read_bytes())
    meta = json.loads((folder / META).read_text())
    (folder / META).write_text(json.dumps(meta | {"marks": damage}))
    with pytest.raises(StudioError, match="damaged"):
        Dataset.open(folder)


@pytest.mark.parametrize("pooling", [pooling for pooling in POOLINGS if pooling != "each"])
def test_that_padding_changes_nothing_of_what_a_text_is_given(pooling) -> None:
    head = ClassHead(8, 3, pooling, torch.Generator().manual_seed(0))
    if pooling == "attention":
        torch.nn.init.normal_(head.query)
    features = torch.randn(2, 5, 8)
    counted = torch.ones(2, 5, dtype=torch.bool)
    padded = torch.cat([features, torch.randn(2, 3, 8)], 1)
    longer = torch.cat([counted, torch.zeros(2, 3, dtype=torch.bool)], 1)
    assert torch.allclose(head(features, counted), head(padded, longer), atol=1e-5)


@pytest.mark.parametrize(("kind", "wording"), [*((kind, False) for kind in MODELS), ("encoder", True)])
def test_that_a_text_is_told_alike_alone_and_in_company(classes_data, kind, wording) -> None:
    shape = replace(MODELS[kind].config(), context_length=32)
    settings = ClassifySettings(wording=wording)
    task = Recipe(kind, shape, task_name="classify", task=settings, training=TRAINING).make_task(*classes_data)
    model = build_model(kind, shape, classes_data[1].vocab_size, changes=task.changes(())).eval()
    if wording:
        torch.nn.init.normal_(model.class_head.spelling.table, std=0.01)
    reader = Reader(model, classes_data[1])
    texts = ["good", "this was a very bad book , said the old man", "the film was long"]
    together = [dict(told.chances) for told in reader.read(texts)]
    for text, beside in zip(texts, together, strict=True):
        assert dict(next(iter(reader.read([text]))).chances) == pytest.approx(beside, abs=1e-5)


def test_that_rare_and_known_classes_are_learned_and_told(classes_data, tmp_path) -> None:
    recipe = Recipe("gru", SHAPE, task_name="classify", training=replace(TRAINING, max_steps=120))
    events = list(train(tmp_path, recipe=recipe, dataset=classes_data[0], tokenizer=classes_data[1], stop=Stop()))
    assert isinstance(events[-1], Finished)
    model = load_model(find_checkpoint(tmp_path)[0])
    assert head_of(model.changes)["names"] == classes_data[0].mark_names
    *_, score = recipe.make_task(*classes_data).evaluate(model, _Plain())
    figures = score.figures()
    assert figures["accuracy"] > 0.8
    assert figures["texts"] == classes_data[0].split("val").num_rows
    rows = classes_data[0].split("val")
    texts = [classes_data[1].decode(rows.row(i).tolist()) for i in range(rows.num_rows)]
    names = [classes_data[0].mark_names[int(rows.marks[rows.offsets[i + 1] - 1])] for i in range(rows.num_rows)]
    right = [told.names == (name,) for told, name in zip(Reader(model, classes_data[1]).read(texts), names, strict=True)]
    assert sum(right) / len(right) == pytest.approx(figures["accuracy"], abs=1e-9)


def test_that_teaching_begins_with_the_weights_of_a_model_that_read_and_leaves_that_one_as_it_was(
    classes_data, tmp_path
) -> None:
    for name in ("parent", "child", "grandchild"):
        (tmp_path / name).mkdir()
    shape = DecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=48)
    parts = {"dataset": classes_data[0], "tokenizer": classes_data[1], "stop": Stop()}
    recipe = Recipe("decoder", shape, training=replace(TRAINING, max_steps=5))
    assert isinstance([*train(tmp_path / "parent", recipe=recipe, **parts)][-1], Finished)
    before = {file.name: file.read_bytes() for file in find_checkpoint(tmp_path / "parent")[0].path.iterdir()}
    start = Start(find_checkpoint(tmp_path / "parent")[0])
    taught = Recipe("decoder", shape, task_name="classify", training=replace(TRAINING, learning_rate=1e-7, max_steps=2))
    assert isinstance([*train(tmp_path / "child", recipe=taught, start=start, **parts)][-1], Finished)
    parent, child = (load_model(find_checkpoint(tmp_path / name, "last")[0]) for name in ("parent", "child"))
    for name, weight in parent.state_dict().items():
        assert torch.allclose(weight, child.state_dict()[name], atol=1e-4), name
    assert before == {file.name: file.read_bytes() for file in find_checkpoint(tmp_path / "parent")[0].path.iterdir()}
    onward = Start(find_checkpoint(tmp_path / "child", "last")[0])
    assert isinstance([*train(tmp_path / "grandchild", recipe=taught, start=onward, **parts)][-1], Finished)
    assert load_model(find_checkpoint(tmp_path / "grandchild", "last")[0]).changes == child.changes, "the same head goes on"


@pytest.mark.parametrize("pooling", ["attention", "phrases"])
def test_that_another_set_of_classes_gets_a_head_of_its_own(pooling) -> None:
    first = new_head((), width=4, names=["a", "b"], pooling="mean", seed=1)
    assert new_head(first, width=4, names=["a", "b"], pooling="mean", seed=7) == []
    second = new_head(first, width=4, names=["c", "d", "e"], pooling=pooling, seed=1)
    shape = DecoderConfig(num_layers=1, embed_dim=4, num_heads=1, context_length=16)
    model = build_model("decoder", shape, 20, changes=[*first, *second])
    assert model.class_head.out.weight.shape == (3, FEATURES if pooling == "phrases" else 4)
    from llmstudio.core.models.changes import CHANGES

    count = shape.num_parameters(20)
    for recorded in (*first, *second):
        count = CHANGES[recorded["change"]].num_parameters(count, recorded)
    assert sum(p.numel() for p in model.parameters()) == count


def test_that_the_loss_is_cross_entropy_of_the_true_class(classes_data) -> None:
    task = task_of(classes_data)
    model = build_model("gru", SHAPE, classes_data[1].vocab_size, changes=task.changes(())).eval()
    batch = task.batches().batch(0)
    features = model.features(batch)
    counted = (batch.ids != PAD)[..., None]
    logits = model.class_head.out((features * counted).sum(1) / counted.sum(1))
    truth = torch.tensor([task.names.index(_name(classes_data[0], int(mark))) for mark in batch.labels])
    expected = torch.nn.functional.cross_entropy(logits, truth)
    assert task.loss(model, batch, task.weight(batch)).item() == pytest.approx(expected.item(), rel=1e-5)


def test_that_tokens_are_hidden_while_learning_alone_and_signs_never_are(classes_data) -> None:
    task = task_of(classes_data, word_dropout=0.5)
    seen = []

    class Summed:
        spelling = None

        def __call__(self, features, counted, dropout):
            return features.sum((1, 2))[:, None].expand(-1, 3)

    class Watched:
        class_head, training = Summed(), True

        def features(self, batch):
            seen.append(batch.ids)
            return torch.zeros(*batch.ids.shape, 4, requires_grad=True)

    batch = task.batches().batch(0)
    torch.manual_seed(0)
    task.loss(Watched(), batch, task.weight(batch))
    hidden = seen[0] == MASK
    words = batch.ids >= len(SPECIALS)
    assert 0.35 < (hidden & words).sum() / words.sum() < 0.65
    assert torch.equal(torch.where(hidden, batch.ids, seen[0]), batch.ids), "the others stay as they were"
    assert not (hidden & ~words).any()
    plain = task_of(classes_data)
    plain.loss(Watched(), batch, plain.weight(batch))
    assert torch.equal(seen[1], batch.ids)


@torch.no_grad()
def test_that_a_phrase_is_found_wherever_it_stands_and_a_filter_keeps_its_loudest_answer() -> None:
    phrases = Phrases(4, torch.Generator().manual_seed(0))
    words = torch.randn(9, 4)
    early, late = torch.zeros(1, 12, 4), torch.zeros(1, 12, 4)
    early[0, 3:6], late[0, 6:9] = words[:3], words[:3]
    counted = torch.ones(1, 12, dtype=torch.bool)
    assert torch.allclose(phrases(early, counted), phrases(late, counted), atol=1e-6)
    text = torch.randn(1, 12, 4)
    found = phrases(text, counted)
    assert found.shape == (1, FEATURES)
    matrix = phrases.filters[1]
    by_hand = max(
        float(
            torch.relu(
                matrix.weight[5] @ torch.cat((text[0, at - 1] if at else torch.zeros(4), text[0, at])) + matrix.bias[5]
            )
        )
        for at in range(12)
    )
    assert float(found[0, FILTERS + 5]) == pytest.approx(by_hand, abs=1e-5)


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_that_phrases_alone_without_a_layer_tell_classes(classes_data, tmp_path, optimizer) -> None:
    shape = EncoderConfig(num_layers=0, embed_dim=16, num_heads=1, context_length=64)
    training = replace(TRAINING, max_steps=80, optimizer=optimizer)
    recipe = Recipe("encoder", shape, task_name="classify", task=ClassifySettings(pooling="phrases"), training=training)
    events = list(train(tmp_path, recipe=recipe, dataset=classes_data[0], tokenizer=classes_data[1], stop=Stop()))
    assert isinstance(events[-1], Finished)
    assert [event for event in events if isinstance(event, Evaluated)][-1].figures["accuracy"] > 0.7


def test_that_half_a_batch_and_twice_the_accumulation_are_the_same_rows(classes_data) -> None:
    whole = task_of(classes_data).batches().batch(3)
    halves = whole.split(2)
    assert torch.equal(torch.cat([half.labels for half in halves]), whole.labels)
    assert isinstance(whole, Batch)


def test_that_figures_of_known_answers_are_as_by_hand() -> None:
    truth = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], bool)
    told = np.array([[0.9, 0.1, 0], [0.2, 0.8, 0], [0.1, 0.9, 0], [0.6, 0.3, 0.1]], np.float32)
    score = ClassScore(nats=2.0, tokens=9, truths=[truth[:2], truth[2:]], scores=[told[:2], told[2:]])
    figures = score.figures()
    assert figures["loss"] == 0.5
    assert figures["accuracy"] == 0.5
    assert figures["macro_f1"] == pytest.approx((0.5 + 2 / 3 + 0) / 3)


def test_that_one_single_class_and_a_text_without_labels_are_sentences(classes_data, tmp_path) -> None:
    dataset, tokenizer = classes_data
    alike = replace(dataset, meta=dict(dataset.meta) | {"marks": {"names": ["good"], "sets": [[0], [0], [0]]}})
    with pytest.raises(StudioError, match="All texts to learn from have the same label, good"):
        Recipe("gru", SHAPE, task_name="classify", training=TRAINING).make_task(alike, tokenizer)
    model = build_model("gru", SHAPE, tokenizer.vocab_size)
    with pytest.raises(StudioError, match="was not taught to sort texts into classes"):
        Reader(model, tokenizer)


def test_that_a_run_names_its_losses_a_text(classes_data, tmp_path) -> None:
    recipe = Recipe("gru", SHAPE, task_name="classify", training=replace(TRAINING, max_steps=2))
    events = list(train(tmp_path, recipe=recipe, dataset=classes_data[0], tokenizer=classes_data[1], stop=Stop()))
    losses = [event.loss for event in events if isinstance(event, TrainStep)]
    assert losses[0] == pytest.approx(np.log(3), abs=0.2)


def _name(dataset: Dataset, mark: int) -> str:
    (only,) = dataset.mark_sets[mark]
    return dataset.mark_names[only]


class _Plain:
    device = "cpu"

    def autocast(self):
        import contextlib

        return contextlib.nullcontext()


def test_that_texts_of_several_classes_and_of_none_are_all_learned(classes_data) -> None:
    records = [{"text": "a", "label": ["x", "y"]}, {"text": "b", "label": []}, {"text": "c", "label": ["x"]}, {"text": "d"}]
    marks = [segment.mark for segment in ROWS["classes"](records, classes_data[1]) if segment.ends_row]
    assert marks == [("x", "y"), (), ("x",)]
    table = Marks()
    assert [table.number(mark) for mark in marks] == [0, 1, 2]
    assert table.facts()["sets"] == [[0, 1], [], [0]]
    meta = dict(classes_data[0].meta) | {"marks": {"names": ["x", "y"], "sets": [[0, 1], [], [0]]}}
    task = Recipe("gru", SHAPE, task_name="classify", training=TRAINING).make_task(
        replace(classes_data[0], meta=meta), classes_data[1]
    )
    assert isinstance(task, Classify)
    assert task.several
    assert [chosen.tolist() for chosen in task.classes_of] == [[0, 1], [], [0]]
    model = build_model("gru", SHAPE, classes_data[1].vocab_size, changes=task.changes(()))
    loss = task.loss(model, task.batches().batch(0), 16.0)
    assert torch.isfinite(loss)


def test_that_cut_texts_and_classes_that_only_others_have_are_told_before_the_first_step(classes_data) -> None:
    dataset, tokenizer = classes_data
    meta = dict(dataset.meta) | {"marks": {"names": [*dataset.mark_names, "odd"], "sets": [*dataset.mark_sets, [3]]}}
    short = replace(SHAPE, context_length=8)
    task = Recipe("gru", short, task_name="classify", training=TRAINING).make_task(replace(dataset, meta=meta), tokenizer)
    rows = dataset.split("train")
    num_cut = int((np.diff(rows.offsets) > 8).sum())
    said = [str(note.message) for note in task.notes()]
    assert f"{num_cut:,} of {rows.num_rows:,} texts are longer than the context of 8 tokens" in said[0]
    assert said[1].startswith("Nothing is learned of odd:")
    assert task.notes({"loss": 1.0}) == []
    assert not [note for note in task_of(classes_data).notes() if "longer" in str(note.message)]
