"""What methods promise of one matrix whose inputs hang together."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import torch
from sklearn.linear_model import Lasso

from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.methods import METHODS, coordinate_descent, functions
from llmstudio.core.sparsity.methods.coordinate_descent import Descent, lasso, on_path
from llmstudio.core.sparsity.methods.gram import damped, objective, solved_on
from llmstudio.core.sparsity.methods.layer import Layer
from llmstudio.core.sparsity.patterns import Pattern
from llmstudio.core.work import Stop, WasStopped

FITTING = [name for name, method in METHODS.items() if method.moves]
PATTERNS = [Pattern(700), Pattern(700, by_row=True), Pattern(0, keep=2, group=4), Pattern(0, keep=4, group=8)]


def layer(rows: int = 25, width: int = 40, seed: int = 0, texts: int = 400) -> Layer:
    generator = torch.Generator().manual_seed(seed)
    hidden = torch.randn(texts, 12, generator=generator) @ torch.randn(12, width, generator=generator)
    inputs = hidden + 0.3 * torch.randn(texts, width, generator=generator)
    weight = torch.randn(rows, width, generator=generator)
    return Layer(weight, generator, inputs.T @ inputs / texts, weight)


def test_that_the_table_the_settings_and_the_modules_agree():
    choices = PruningConfig.__dataclass_fields__["method"].metadata
    (fact,) = choices.values()
    assert list(fact.choices) == list(METHODS)
    assert all(hasattr(functions(name), "fit") == method.moves for name, method in METHODS.items())
    assert all(callable(functions(name).scores) for name in METHODS)


@pytest.mark.parametrize("pattern", PATTERNS, ids=str)
@pytest.mark.parametrize("name", FITTING)
def test_that_a_method_leaves_exactly_the_places_it_says_and_as_many_as_asked_for(name, pattern):
    one = layer()
    weight, kept = functions(name).fit(one, pattern)
    assert torch.equal(weight != 0, kept)
    assert int((~kept).sum()) == (pattern.zeros or kept.numel() // 2)
    if pattern.group:
        assert (kept.view(25, -1, pattern.group).sum(2) == pattern.keep).all()


@pytest.mark.parametrize("pattern", PATTERNS, ids=str)
def test_that_moving_weights_beats_leaving_them_and_reading_beats_guessing(pattern):
    one = layer()
    cost = {"random": objective(one.weight * pattern.kept(functions("random").scores(one)), one.weight, one.gram)}
    for name in ("magnitude", "wanda"):
        cost[name] = objective(one.weight * pattern.kept(functions(name).scores(one)), one.weight, one.gram)
    for name in FITTING:
        cost[name] = objective(functions(name).fit(one, pattern)[0], one.weight, one.gram)
    assert cost["magnitude"] < cost["random"]
    assert cost["sparsegpt"] < min(cost["magnitude"], cost["wanda"])
    assert max(cost["coordinate_descent"], cost["admm"]) < 0.8 * cost["sparsegpt"]


@pytest.mark.parametrize("name", FITTING)
def test_that_a_weight_that_is_gone_already_stays_gone(name):
    one = layer()
    thin = one.weight * Pattern(500).kept(one.weight.abs())
    weight, kept = functions(name).fit(Layer(thin, one.generator, one.gram, thin), Pattern(700))
    assert int((~kept).sum()) == 700
    assert not bool((weight[thin == 0] != 0).any())


@pytest.mark.parametrize("name", FITTING)
def test_that_an_input_that_is_always_zero_breaks_nothing(name):
    one = layer()
    gram = one.gram.clone()
    gram[3] = gram[:, 3] = 0
    weight, kept = functions(name).fit(Layer(one.weight, one.generator, gram, one.weight), Pattern(10))
    assert torch.isfinite(weight).all()
    assert torch.equal(weight != 0, kept)
    assert int((~kept).sum()) == 10


def test_that_the_columns_at_the_right_make_up_for_one_weight_as_known_in_closed_form():
    gram = torch.tensor([[2.0, 1.2], [1.2, 1.0]])
    weight = torch.tensor([[0.5, 3.0]])
    found, kept = functions("sparsegpt").fit(Layer(weight, torch.Generator(), gram, weight), Pattern(1))
    strong = damped(gram).float()
    assert kept.tolist() == [[False, True]]
    assert found[0, 1].item() == pytest.approx((3.0 + 0.5 * strong[0, 1] / strong[1, 1]).item(), rel=1e-5)


def test_that_weights_in_given_places_are_those_of_least_squares():
    one = layer(rows=4, width=12)
    strong = damped(one.gram)
    kept = Pattern(24, by_row=True).kept(one.weight.abs())
    target = one.weight.double()
    found = solved_on(target, strong, kept, target * kept, steps=200)
    for row in range(4):
        places = kept[row]
        expected = torch.linalg.solve(strong[places][:, places], strong[places] @ target[row])
        assert torch.allclose(found[row, places], expected, rtol=1e-6)
    assert not bool(found[~kept].any())


def test_that_the_objective_falls_with_every_sweep_and_is_the_one_that_is_told():
    one = layer()
    strong = damped(one.gram)
    steps = []
    for descent, kept in on_path(one, Descent.begin(one.weight.double(), strong, one.weight.double()), Pattern(700)):
        told = objective(descent.weight, one.weight.double(), strong)
        assert descent.objective == pytest.approx(told, rel=1e-6, abs=1e-9)
        steps.append((int(kept.sum()), told))
    falls = [after <= before * (1 + 1e-9) for (k, before), (n, after) in itertools.pairwise(steps) if k == n]
    assert len(falls) >= 5
    assert all(falls)


def test_that_a_lasso_on_a_path_is_that_of_another_library():
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(200, 10, generator=generator, dtype=torch.float64)
    inputs[:, 1] = inputs[:, 0] + 0.5 * inputs[:, 1]
    truth = torch.randn(3, 10, generator=generator, dtype=torch.float64)
    gram, penalties = inputs.T @ inputs / 200, [1.0, 0.3, 0.05]
    for penalty, found in zip(penalties, lasso(truth, gram, penalties), strict=True):
        for row in range(3):
            peer = Lasso(alpha=penalty, fit_intercept=False, tol=1e-12, max_iter=100_000)
            peer.fit(inputs.numpy(), (inputs @ truth[row]).numpy())
            assert torch.allclose(found[row], torch.from_numpy(peer.coef_), atol=1e-6)
            assert torch.equal(found[row] != 0, torch.from_numpy(peer.coef_ != 0))


def test_that_sweeps_to_the_end_give_what_conjugate_gradients_give():
    one = layer(rows=5, width=20)
    strong, target = damped(one.gram), one.weight.double()
    kept = Pattern(50).kept(one.weight.abs())
    descent = coordinate_descent.Descent.begin(target, strong, target * kept)
    for _ in range(400):
        descent.sweep(lambda z, column: z * kept[:, column])
    assert torch.allclose(descent.weight, solved_on(target, strong, kept, target * kept, steps=400), atol=1e-6)


@pytest.mark.parametrize("name", FITTING)
def test_that_a_fit_stops_between_its_steps_when_asked(name):
    one, stop = layer(), Stop()
    stop.request()
    with pytest.raises(WasStopped):
        functions(name).fit(replace(one, stop=stop), Pattern(700))
