"""Optimizers against torch's and against their definitions: steps, decay, orthogonality, clipping."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch
from torch import nn

from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.roles import Role, declare, roles_of
from llmstudio.core.optimizers import OPTIMIZERS, settings_of_others, state_bytes
from llmstudio.core.optimizers.base import Optimizer
from llmstudio.core.optimizers.muon import orthogonalized, step_alike
from llmstudio.core.optimizers.stepping import Stepping
from llmstudio.core.recipe import Recipe
from llmstudio.core.training.optimizers import Optimizers
from llmstudio.core.training_config import TrainingConfig

CONFIG = TrainingConfig(learning_rate=0.01, weight_decay=0.1, beta1=0.8, beta2=0.95, number_format="fp32", threads=1)
MODEL = DecoderConfig(num_layers=1, embed_dim=32, num_heads=2, context_length=32)


class Small(nn.Module):
    """A table, a matrix, a convolution and two vectors."""

    def __init__(self) -> None:
        super().__init__()
        draw = torch.Generator().manual_seed(0)
        self.embed = nn.Parameter(torch.randn(7, 4, generator=draw))
        self.up = nn.Parameter(torch.randn(6, 4, generator=draw))
        self.convolution = nn.Parameter(torch.randn(4, 3, generator=draw))
        self.norm = nn.Parameter(torch.randn(4, generator=draw))
        self.bias = nn.Parameter(torch.randn(6, generator=draw))
        declare(self, embed=Role.EMBEDDING, up=Role.MATRIX, convolution=Role.CONVOLUTION, norm=Role.GAIN, bias=Role.BIAS)


def give_gradients(model: nn.Module, seed: int, scale: float = 1.0) -> None:
    draw = torch.Generator().manual_seed(seed)
    for parameter in model.parameters():
        parameter.grad = scale * torch.randn(parameter.shape, generator=draw)


@pytest.fixture
def plain_descent(monkeypatch: pytest.MonkeyPatch) -> str:
    """An optimizer in the table that steps everything and reads no setting but the rate."""

    def make(groups: Any, config: TrainingConfig, _: torch.dtype) -> torch.optim.Optimizer:
        return torch.optim.SGD(groups, lr=config.learning_rate)

    made = Optimizer("Plain descent", frozenset(Role), (), lambda shapes: 0, make)
    monkeypatch.setitem(OPTIMIZERS, "descent", made)
    return "descent"


def test_that_a_setting_of_optimizers_changes_a_step_exactly_where_it_is_not_said_to_be_idle(plain_descent: str) -> None:
    def stepped(config: TrainingConfig) -> list[torch.Tensor]:
        model = Small()
        optimizers = Optimizers(model, config)
        for seed in (1, 2, 3):
            give_gradients(model, seed)
            optimizers.step()
        return [parameter.detach().clone() for parameter in model.parameters()]

    others = {"beta1": 0.5, "beta2": 0.5, "muon_learning_rate": 0.5}
    assert set(others) == {name for optimizer in OPTIMIZERS.values() for name in optimizer.settings}
    for optimizer in OPTIMIZERS:
        config = replace(CONFIG, optimizer=optimizer)
        for name, value in others.items():
            pairs = zip(stepped(config), stepped(replace(config, **{name: value})), strict=True)
            is_idle = all(torch.equal(one, other) for one, other in pairs)
            assert (name in settings_of_others(optimizer)) == is_idle, (optimizer, name)
    assert settings_of_others(plain_descent) == set(others)


def test_that_adamw_takes_the_steps_of_its_definition() -> None:
    model = Small()
    optimizers = Optimizers(model, CONFIG)
    weights = {name: p.detach().double().clone() for name, p in model.named_parameters()}
    first = {name: torch.zeros_like(w) for name, w in weights.items()}
    second = {name: torch.zeros_like(w) for name, w in weights.items()}
    for step in range(1, 6):
        give_gradients(model, step)
        optimizers.step()
        for name, parameter in model.named_parameters():
            gradient, decay = parameter.grad.double(), 0.1 if parameter.dim() >= 2 else 0.0
            first[name] = 0.8 * first[name] + 0.2 * gradient
            second[name] = 0.95 * second[name] + 0.05 * gradient**2
            moved = (first[name] / (1 - 0.8**step)) / ((second[name] / (1 - 0.95**step)).sqrt() + 1e-8)
            weights[name] = weights[name] * (1 - 0.01 * decay) - 0.01 * moved
            torch.testing.assert_close(parameter.double(), weights[name], rtol=1e-5, atol=1e-6)


def test_that_adamw_is_torchs_own_step_for_step() -> None:
    ours, theirs = Small(), Small()
    optimizers = Optimizers(ours, CONFIG)
    tables = [p for p in theirs.parameters() if p.dim() >= 2]
    vectors = [p for p in theirs.parameters() if p.dim() < 2]
    groups = [{"params": tables, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    reference = torch.optim.AdamW(groups, lr=0.01, betas=(0.8, 0.95), fused=False, foreach=False)
    for step in range(20):
        give_gradients(ours, step, scale=10.0 ** (step % 5 - 2))
        give_gradients(theirs, step, scale=10.0 ** (step % 5 - 2))
        optimizers.step()
        reference.step()
        for left, right in zip(ours.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(left, right, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_that_what_gets_no_gradient_decays_if_it_is_a_matrix_and_stays_if_it_is_a_vector(optimizer: str) -> None:
    model = Small()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    Optimizers(model, replace(CONFIG, optimizer=optimizer, muon_learning_rate=0.03)).step()
    for name, parameter in model.named_parameters():
        rate = 0.03 if optimizer == "muon" and name == "up" else 0.01
        kept = 1 - rate * 0.1 if parameter.dim() >= 2 else 1.0
        torch.testing.assert_close(parameter.detach(), kept * before[name], rtol=1e-6, atol=1e-7)


def test_that_muon_has_the_matrices_and_adamw_tables_convolutions_and_vectors() -> None:
    model = Small()
    adamw, muon = Optimizers(model, replace(CONFIG, optimizer="muon")).parts
    names = {id(p): name for name, p in model.named_parameters()}
    assert isinstance(muon, Stepping)
    assert [names[id(p)] for group in muon.param_groups for p in group["params"]] == ["up"]
    assert {names[id(p)] for group in adamw.param_groups for p in group["params"]} == {
        "embed", "convolution", "norm", "bias"
    }  # fmt: skip
    real = build_model("decoder", MODEL, 50)
    parts = Optimizers(real, replace(CONFIG, optimizer="muon")).parts
    owned = [id(p) for part in parts for group in part.param_groups for p in group["params"]]
    assert sorted(owned) == sorted(id(p) for p in real.parameters()), "each one once"


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_that_an_optimizer_keeps_the_state_that_it_foretells_under_the_names_that_it_tells(name: str) -> None:
    model = build_model("decoder", MODEL, 50)
    optimizers = Optimizers(model, replace(CONFIG, optimizer=name))
    give_gradients(model, 0)
    optimizers.step()
    roles, counters = roles_of(model), 0
    for parameter, role in roles.items():
        keys = {key.rpartition(":")[2] for key in optimizers.state() if key.startswith(f"{parameter}:")}
        assert keys == set(OPTIMIZERS[name if role in OPTIMIZERS[name].roles else "adamw"].state)
        counters += 4 * ("step" in keys)
    shapes = [(roles[parameter], tuple(p.shape)) for parameter, p in model.named_parameters()]
    assert optimizers.num_bytes() - counters == state_bytes(name, shapes) > 0


@pytest.mark.parametrize("shape", [(16, 16), (32, 16), (16, 48), (24, 16)])
def test_that_a_step_of_muon_is_the_nearest_orthogonal_matrix_to_its_momentum(shape: tuple[int, int]) -> None:
    matrix = nn.Parameter(torch.randn(*shape, generator=torch.Generator().manual_seed(1)))
    before, momentum = matrix.detach().clone(), torch.zeros(shape)
    rule = partial(step_alike, dtype=torch.float32)
    muon = Stepping([{"params": [matrix], "weight_decay": 0.0}], rule, lr=0.1, momentum=0.9)
    for step in range(3):
        gradient = torch.randn(*shape, generator=torch.Generator().manual_seed(10 + step))
        matrix.grad = gradient
        muon.step()
        momentum = 0.9 * momentum + 0.1 * gradient
        ahead = 0.1 * gradient + 0.9 * momentum
        parts = -(-shape[0] // shape[1]) if shape[0] % shape[1] == 0 else 1
        rows = shape[0] // parts
        for taken, wished in zip((before - matrix.detach()).split(rows), ahead.split(rows), strict=True):
            taken = taken / (0.1 * max(1.0, rows / shape[1]) ** 0.5)
            left, lengths, right = torch.linalg.svd(wished, full_matrices=False)
            clear = lengths > 0.05 * lengths.max()  # five rounds do not lift what is next to nothing
            assert int(clear.sum()) > len(lengths) // 2
            # Its own directions are those of the momentum, each moved by about 1, and none turns into another.
            turned = left.T @ taken @ right.T
            along = torch.diagonal(turned)[clear]
            assert 0.6 < along.min() <= along.max() < 1.3, along
            assert float((turned - torch.diag(torch.diagonal(turned))).abs().max()) < 1e-4
        before = matrix.detach().clone()


def test_that_the_size_of_a_gradient_does_not_change_a_step_of_muon() -> None:
    gradient = torch.randn(3, 12, 8, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(orthogonalized(gradient, torch.float32), orthogonalized(1e4 * gradient, torch.float32))
    assert bool(torch.isfinite(orthogonalized(torch.zeros(1, 4, 4), torch.float32)).all())


def test_that_the_factor_of_a_schedule_reaches_every_group_at_its_own_peak() -> None:
    optimizers = Optimizers(Small(), replace(CONFIG, optimizer="muon", muon_learning_rate=0.03))
    assert optimizers.set_factor(0.5) == pytest.approx(0.005)
    rates = [group["lr"] for part in optimizers.parts for group in part.param_groups]
    assert rates == pytest.approx([0.005, 0.005, 0.015])
    optimizers.set_factor(1.0)
    assert [group["lr"] for part in optimizers.parts for group in part.param_groups] == pytest.approx([0.01, 0.01, 0.03])


@pytest.mark.parametrize(("limit", "length"), [(1.0, 1.0), (0.25, 0.25), (0.0, 8.0), (100.0, 8.0)])
def test_that_clipping_shortens_the_whole_gradient_to_the_limit_and_never_touches_a_shorter_one(
    made_run, text_data, limit, length
) -> None:
    training = replace(CONFIG, grad_clip=limit, batch_size=4)
    run = made_run(Recipe("decoder", MODEL, training), text_data)
    give_gradients(run.model, 3)
    whole = torch.cat([p.grad.flatten() for p in run.parameters])
    for parameter in run.parameters:
        parameter.grad *= 8.0 / whole.norm()
    before = torch.cat([p.grad.flatten().clone() for p in run.parameters])
    assert run._clip() == pytest.approx(8.0, rel=1e-4), "the norm is told as it was"
    after = torch.cat([p.grad.flatten() for p in run.parameters])
    assert float(after.norm()) == pytest.approx(length, rel=1e-4)
    torch.testing.assert_close(after / after.norm(), before / before.norm())
    if length == 8.0:
        assert torch.equal(after, before)
