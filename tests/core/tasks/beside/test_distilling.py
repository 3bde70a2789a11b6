"""A run with a teacher learns from the right answers and from the teacher's, and is measured by the right ones alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Event, Finished, Stopped, TrainStep
from llmstudio.core.memory.breakdown import TEACHER
from llmstudio.core.memory.estimate import estimate
from llmstudio.core.models.build import build_model
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.models.checkpoint.write import save_checkpoint
from llmstudio.core.models.families import MODELS
from llmstudio.core.recipe import Recipe, change
from llmstudio.core.tasks.beside.distilling import TARGETS, Distilling
from llmstudio.core.tasks.beside.distilling import TEACHER as PART
from llmstudio.core.teaching_config import TeachingConfig
from llmstudio.core.training.machine.setup import set_up
from llmstudio.core.training.run import Run, RunInputs, new_run
from llmstudio.core.training.start import Start
from llmstudio.core.training.teaching.teacher import Teacher, refuse_teacher
from llmstudio.core.training.teaching.weights import idle_teaching
from llmstudio.core.training.trainer import resume, train
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop

TRAINING = TrainingConfig(
    max_steps=6, batch_size=2, grad_accumulation_steps=2, eval_steps=3, eval_tokens=200, sample_tokens=2, threads=1,
    number_format="fp32", learning_rate=1e-2, grad_clip=0.0,
)  # fmt: skip
SMALL: dict[str, Any] = {"num_layers": 1, "embed_dim": 16, "hidden_dim": 24, "num_heads": 2, "context_length": 32}
WIDE = SMALL | {"embed_dim": 24, "hidden_dim": 40, "num_layers": 2}
CASES = [
    ("decoder", "next_token", "text_data"),
    ("lstm", "next_token", "text_data"),
    ("encoder", "masked", "text_data"),
    ("encoder_decoder", "pairs", "pairs_data"),
    ("gru", "classify", "classes_data"),
]
Begun = Callable[..., tuple[Run, dict[str, Any]]]


def shape_of(kind: str, changes: dict[str, Any]) -> Any:
    made = MODELS[kind].config()
    known = {entry.name for entry in fields(made)}
    return replace(made, **{name: value for name, value in changes.items() if name in known})


@pytest.fixture
def begun(tmp_path: Path, request: pytest.FixtureRequest) -> Begun:
    """Makes a run with a teacher, and what `train` and `resume` are called with to make the same."""

    def make(
        kind: str, task: str, rows: str, teach: TeachingConfig, *, by: str = "", of: dict[str, Any] = SMALL
    ) -> tuple[Run, dict[str, Any]]:
        dataset, tokenizer = request.getfixturevalue(rows)
        recipe = Recipe(kind, shape_of(kind, SMALL), TRAINING, task_name=task, teach=teach)
        if task == "classify":
            recipe = change(recipe, {"task.head_dropout": "0"})
        taught = replace(recipe, kind=by or kind, model=shape_of(by or kind, of), teach=TeachingConfig())
        changes = taught.make_task(dataset, tokenizer).changes(())
        teacher = build_model(taught.kind, taught.model, tokenizer.vocab_size, seed=5, changes=changes)
        save_checkpoint(tmp_path / "elder", 7, model=teacher, kind=taught.kind, facts={})
        held = find_checkpoint(tmp_path / "elder")[0]
        start = Start(held) if of is SMALL and not by else Start()
        parts = {"recipe": recipe, "dataset": dataset, "tokenizer": tokenizer, "start": start}
        parts |= {"teacher": Teacher(held, taught)}
        inputs = RunInputs(**{name: value for name, value in parts.items() if name != "recipe"}, folder=tmp_path,
                           setup=set_up(TRAINING), base_bytes=0)  # fmt: skip
        return new_run(inputs, recipe), parts

    return make


def gradients(run: Run) -> tuple[TrainStep, dict[str, torch.Tensor]]:
    """Of the first step, which the optimizer does not take."""
    kept: dict[str, torch.Tensor] = {}

    def note(*_: Any) -> None:
        kept.update({name: p.grad.clone() for name, p in run.model.named_parameters() if p.grad is not None})

    handles = [optimizer.register_step_pre_hook(note) for optimizer in run.optimizers.parts]
    step = run.take_step()
    for handle in handles:
        handle.remove()
    return step, kept


def last(folder: Path) -> dict[str, torch.Tensor]:
    return load_model(find_checkpoint(folder, "last")[0]).state_dict()


def trained(folder: Path, parts: dict[str, Any], stop_at: int = 0) -> list[Event]:
    folder.mkdir()
    events, stop = [], Stop()
    for event in train(folder, **parts, stop=stop):
        events.append(event)
        if isinstance(event, TrainStep) and event.step == stop_at:
            stop.request()
    return events


@pytest.mark.parametrize(("kind", "task", "rows"), CASES)
def test_that_a_teacher_that_is_the_model_itself_adds_nothing_to_the_gradient(kind, task, rows, begun) -> None:
    run, parts = begun(kind, task, rows, TeachingConfig(teacher="Elder", distil_share=0.5))
    assert isinstance(run.task, Distilling)
    found, mixed = gradients(run)
    assert found.parts[PART] == pytest.approx(0, abs=1e-6)
    plain, _ = begun(kind, task, rows, TeachingConfig())
    alone, ordinary = gradients(plain)
    assert found.parts[TARGETS] == pytest.approx(alone.loss)
    assert found.loss == pytest.approx(0.5 * alone.loss)
    for name, gradient in ordinary.items():
        torch.testing.assert_close(mixed[name], 0.5 * gradient, rtol=1e-3, atol=1e-6)
    assert all(p.grad is None and not p.requires_grad for p in parts["teacher"].model.parameters())


@pytest.mark.parametrize(("kind", "task", "rows"), CASES)
def test_that_a_run_with_a_wider_teacher_is_resumed_to_the_last_bit_and_measured_by_right_answers(
    kind, task, rows, begun, tmp_path
) -> None:
    run, parts = begun(kind, task, rows, TeachingConfig(teacher="Elder"), of=WIDE)
    elder = {name: weight.clone() for name, weight in parts["teacher"].model.state_dict().items()}
    events = trained(tmp_path / "whole", parts)
    assert isinstance(events[-1], Finished)
    step = next(event for event in events if isinstance(event, TrainStep))
    assert step.parts[PART] > 0
    assert step.loss == pytest.approx(0.5 * step.parts[TARGETS] + 0.5 * step.parts[PART], rel=1e-5)
    assert isinstance(trained(tmp_path / "halves", parts, stop_at=3)[-1], Stopped)
    again = {name: value for name, value in parts.items() if name != "start"}
    assert isinstance([*resume(tmp_path / "halves", **again, stop=Stop())][-1], Finished)
    whole, halves = last(tmp_path / "whole"), last(tmp_path / "halves")
    assert all(torch.equal(whole[name], halves[name]) for name in whole)
    assert all(torch.equal(elder[name], weight) for name, weight in parts["teacher"].model.state_dict().items())
    look = [event for event in events if isinstance(event, Evaluated)][-1]
    own = list(run.task.own.evaluate(load_model(find_checkpoint(tmp_path / "whole")[0]), run.setup, None))[-1]
    assert look.figures["loss"] == pytest.approx(own.figures()["loss"], rel=1e-4)


def test_that_a_teacher_of_whom_nothing_is_learned_changes_no_bit(begun, tmp_path) -> None:
    for name, teach in (("with", TeachingConfig(teacher="Elder", distil_share=0.0)), ("without", TeachingConfig())):
        run, parts = begun(*CASES[0], teach)
        assert not isinstance(run.task, Distilling)
        trained(tmp_path / name, parts if name == "with" else parts | {"teacher": None})
    left, right = last(tmp_path / "with"), last(tmp_path / "without")
    assert all(torch.equal(left[name], right[name]) for name in left)
    assert "teach.teacher" in idle_teaching(Recipe(teach=TeachingConfig(teacher="Elder", distil_share=0.0)))
    assert "teach.distil_temperature" in idle_teaching(Recipe())
    assert "teach.distil_share" not in idle_teaching(Recipe(teach=TeachingConfig(teacher="Elder")))


@pytest.mark.parametrize(("kind", "by"), [("lstm", "decoder"), ("decoder", "gru")])
def test_that_a_model_of_another_family_teaches_the_same_places(kind: str, by: str, begun) -> None:
    run, parts = begun(kind, "next_token", "text_data", TeachingConfig(teacher="Elder", distil_share=1.0), by=by)
    batch = run.batches.batch(0).split(2)[0]
    with torch.no_grad():
        run.model.eval()
        ours = run.model.head(run.task.own.guesses(run.model, batch).hidden)
        theirs = parts["teacher"].model.head(run.task.beside.guesses(parts["teacher"].model, batch).hidden)
        run.task.own.load_state({})
        run.task.beside.load_state({})
        found = run.task.loss(run.model, batch, run.task.weight(batch))
    wanted = torch.nn.functional.kl_div(
        (ours / 2).log_softmax(-1), (theirs / 2).log_softmax(-1), reduction="sum", log_target=True
    )
    assert found.item() == pytest.approx(4 * wanted.item() / batch.targets.numel(), rel=1e-4)


def test_that_logits_which_are_made_piece_by_piece_teach_alike(begun, monkeypatch) -> None:
    whole, _ = begun(*CASES[0], TeachingConfig(teacher="Elder"), of=WIDE)
    monkeypatch.setattr("llmstudio.core.tasks.guessing.LOGITS_AT_ONCE", 5 * whole.model.vocab_size)
    pieces, _ = begun(*CASES[0], TeachingConfig(teacher="Elder"), of=WIDE)
    (one, left), (other, right) = gradients(pieces), gradients(whole)
    assert one.loss == pytest.approx(other.loss)
    for name, gradient in left.items():
        torch.testing.assert_close(gradient, right[name], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    ("recipe", "teacher", "told"),
    [
        (Recipe("vae"), Recipe("vae"), "where tokens or classes are guessed"),
        (Recipe("encoder", MODELS["encoder"].config(), task_name="masked"), Recipe(), "another task"),
        (Recipe(), Recipe(model=shape_of("decoder", {"context_length": 64})), "whose context is as long"),
        (Recipe(teach=TeachingConfig(new_tokens=5)), Recipe(), "another tokenizer"),
    ],
)
def test_that_who_can_be_no_teacher_is_told(recipe: Recipe, teacher: Recipe, told: str) -> None:
    with pytest.raises(StudioError, match=told):
        refuse_teacher(recipe, teacher, "Elder")


def test_that_a_teacher_of_other_classes_is_told(begun) -> None:
    run, parts = begun("gru", "classify", "classes_data", TeachingConfig(teacher="Elder"))
    teacher = parts["teacher"]
    card = teacher.checkpoint.card
    other = [{**change, "names": ["good", "bad", "odd"]} for change in card.changes]
    wrong = Teacher(replace(teacher.checkpoint, card=replace(card, changes=tuple(other))), teacher.recipe)
    inputs = RunInputs(folder=run.folder, dataset=parts["dataset"], tokenizer=parts["tokenizer"], setup=run.setup,
                       base_bytes=0, teacher=wrong)  # fmt: skip
    with pytest.raises(StudioError, match="tells other classes"):
        new_run(inputs, parts["recipe"])


def test_that_the_plan_counts_a_teacher_in_its_own_size() -> None:
    recipe, wide = Recipe(model=shape_of("decoder", SMALL)), Recipe(model=shape_of("decoder", WIDE))
    taught = replace(recipe, teach=TeachingConfig(teacher="Elder"))
    alone, alike, larger = (
        estimate(one, 300, context=32, teacher=teacher) for one, teacher in ((recipe, wide), (taught, None), (taught, wide))
    )
    assert TEACHER not in alone.by_part()
    assert alike.by_kind()["weights"] == 2 * alone.by_kind()["weights"]
    model = build_model("decoder", wide.model, 300)
    assert larger.by_kind()["weights"] - alone.by_kind()["weights"] == 4 * sum(p.numel() for p in model.parameters())
    for kind in ("gradients", "optimizer"):
        assert larger.by_kind()[kind] == alone.by_kind()[kind]
