"""Laws of the recurrent families: cells equal torch's, a carried state equals one long pass, counts are exact."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import torch
from torch import nn

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.constraints import Constraints
from llmstudio.core.generation.generate import answer_greedily, decode
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.families.recurrent import Recurrent, RecurrentState
from llmstudio.core.models.families.recurrent_config import GRUConfig, LSTMConfig, RNNConfig
from llmstudio.core.models.parts.step_by_step import dropped_through_time, step_by_step
from llmstudio.core.models.parts.through_time import LayerWeights, through_time
from llmstudio.core.models.taps import Tap

VOCAB = 40
KINDS = {"rnn": RNNConfig, "lstm": LSTMConfig, "gru": GRUConfig}
TORCH = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
SMALL = {"num_layers": 2, "embed_dim": 12, "hidden_dim": 20, "context_length": 16}
CHANGES = [{}, {"layer_norm": True}, {"residual": True, "embed_dim": 20}, {"tie_embeddings": False, "num_layers": 1}]
SHAPES = [(kind, KINDS[kind](**(SMALL | change))) for kind in KINDS for change in CHANGES]


def _model(kind, config):
    return build_model(kind, config, VOCAB, seed=3).eval()


def _ids(rows, length):
    return torch.randint(0, VOCAB, (rows, length), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("kind", KINDS)
def test_that_the_predicted_parameter_count_is_exact_for_every_setting(kind):
    for layers, width, hidden, tied, norm, residual in itertools.product(
        (1, 3), (6, 10), (6, 9), (True, False), (True, False), (True, False)
    ):
        config = KINDS[kind](
            num_layers=layers, embed_dim=width, hidden_dim=hidden, tie_embeddings=tied, layer_norm=norm, residual=residual
        )
        model = build_model(kind, config, VOCAB)
        assert sum(p.numel() for p in model.parameters()) == config.num_parameters(VOCAB)
        tables = model.embed.weight.numel() + (0 if tied else model.unembed.weight.numel())
        assert tables == config.table_parameters(VOCAB)


@pytest.mark.parametrize("kind", KINDS)
def test_that_the_layers_equal_those_of_torch(kind):
    model, ids = _model(kind, KINDS[kind](**SMALL)), _ids(3, 11)
    torchs = TORCH[kind](12, 20, 2)
    torchs.load_state_dict(model.cells[0].state_dict())
    with torch.inference_mode():
        expected, _ = torchs(model.embed(ids.t()))
        expected = model.project(expected).transpose(0, 1)
        torch.testing.assert_close(model(Batch(ids)).hidden, expected, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("kind", ["rnn", "gru"])
@pytest.mark.parametrize("rows", [1, 5])
@pytest.mark.parametrize("product", [torch.float32, torch.bfloat16])
def test_that_our_way_through_time_gives_torchs_states_and_gradients(kind, rows, product):
    generator = torch.Generator().manual_seed(0)
    torchs = TORCH[kind](6, 9)
    x, hidden = (torch.randn(s, generator=generator).requires_grad_() for s in ((7, rows, 6), (1, rows, 9)))
    pull = torch.randn(7, rows, 9, generator=generator)
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")

    def gradients(states):
        (states.float() * pull).sum().backward()
        leaves = [x, hidden, *(getattr(torchs, name) for name in names)]
        found = [leaf.grad.clone() for leaf in leaves]
        for leaf in leaves:
            leaf.grad = None
        return [states.detach().float(), *found]

    theirs = gradients(torchs(x, hidden)[0])
    with torch.autocast("cpu", product, enabled=product != torch.float32):
        states = through_time(x, hidden[0], LayerWeights(*(getattr(torchs, name) for name in names)))
    bound = 1e-5 if product == torch.float32 else 2e-2
    for ours, expected in zip(gradients(states), theirs, strict=True):
        assert (ours - expected).norm() <= bound * expected.norm()


@pytest.mark.parametrize(("kind", "config"), SHAPES)
def test_that_a_carried_state_equals_one_long_pass_however_the_text_is_cut(kind, config):
    model, ids = _model(kind, config), _ids(2, 40)
    with torch.inference_mode():
        whole = model.head(model(Batch(ids)).hidden)
        state, parts = model.init_state(2, 40), []
        for piece in (ids[:, :16], ids[:, 16:17], ids[:, 17:32], *ids[:, 32:].split(1, dim=1)):
            output = model(Batch(piece), state)
            state = output.state
            parts.append(model.head(output.hidden))
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, atol=2e-6, rtol=1e-5)


@pytest.mark.parametrize(("kind", "config"), SHAPES)
@pytest.mark.parametrize("learning", [False, True])
def test_that_a_later_token_leaves_earlier_logits_bit_equal(kind, config, learning):
    model, ids = _model(kind, config), _ids(2, 20)
    other = ids.clone()
    other[:, 12] = (other[:, 12] + 1) % VOCAB
    with torch.set_grad_enabled(learning):
        before, after = (model.head(model(Batch(x)).hidden) for x in (ids, other))
    assert torch.equal(before[:, :12], after[:, :12])
    assert not torch.equal(before[:, 12:], after[:, 12:])


@pytest.mark.parametrize(("kind", "config"), SHAPES)
def test_that_every_weight_learns_and_a_row_of_one_token_is_enough(kind, config):
    model = build_model(kind, config, VOCAB, seed=1).train()
    for rows, length in ((1, 1), (3, 9)):
        model.zero_grad()
        output = model(Batch(_ids(rows, length)), model.init_state(rows, length))
        assert output.hidden.shape[:2] == (rows, length)
        model.head(output.hidden).square().mean().backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum()] == []


@pytest.mark.parametrize("kind", KINDS)
def test_that_decoding_with_a_state_equals_reading_everything_again_far_beyond_the_window_of_training(kind):
    config = KINDS[kind](**(SMALL | {"context_length": 8}))
    model, ids = _model(kind, config), [9, 8, 7]
    greedy = GenerationConfig(temperature=0, max_new_tokens=40)
    for token in decode(model, list(ids), greedy):
        with torch.inference_mode():
            logits = model.head(model(Batch(torch.tensor([ids]))).hidden[0, -1])
        assert token == int(Constraints(greedy).apply(logits).argmax())
        ids.append(token)
    assert dict(answer_greedily(model, [[9, 8, 7]], max_new_tokens=40, stop_ids=())) == {0: ids[3:]}


@pytest.mark.parametrize("kind", KINDS)
def test_that_a_memory_of_another_model_or_of_other_rows_is_refused_in_words(kind):
    model = _model(kind, KINDS[kind](**SMALL))
    wider = _model(kind, KINDS[kind](**(SMALL | {"hidden_dim": 21}))).init_state(2, 4)
    other = "gru" if kind == "lstm" else "lstm"
    of_other = _model(other, KINDS[other](**SMALL)).init_state(2, 4)
    cache = build_model("decoder", MODELS["decoder"].config(), VOCAB).init_state(2, 4)
    for state in (wider, of_other, cache):
        with pytest.raises(StudioError, match="not of this model"):
            model(Batch(_ids(2, 4)), state)
    with pytest.raises(StudioError, match="of 2 rows of text, but 3 are to be read on"):
        model(Batch(_ids(3, 4)), model.init_state(2, 4))


@pytest.mark.parametrize(("kind", "config"), SHAPES)
def test_that_the_same_seed_gives_the_same_weights_and_the_forget_gate_begins_open(kind, config):
    first, second, other = (build_model(kind, config, VOCAB, seed=seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["embed.weight"], other["embed.weight"])
    if kind == "lstm":
        bias, width = first["cells.0.bias_ih_l0"] + first["cells.0.bias_hh_l0"], config.hidden_dim
        assert bias[width : 2 * width].eq(1).all()
        assert bias.sum() == width


def test_that_dropout_silences_between_layers_only_while_learning():
    config = GRUConfig(**(SMALL | {"dropout": 0.5}))
    model, ids = build_model("gru", config, VOCAB), _ids(2, 10)
    twice = [model.train()(Batch(ids)).hidden for _ in range(2)]
    assert not torch.equal(*twice)
    assert torch.equal(*(model.eval()(Batch(ids)).hidden for _ in range(2)))


def test_that_a_state_goes_through_its_tensors_unchanged():
    for config in (LSTMConfig(**SMALL), GRUConfig(**SMALL)):
        model = build_model("lstm" if isinstance(config, LSTMConfig) else "gru", config, VOCAB)
        state = model(Batch(_ids(2, 5)), model.init_state(2, 5)).state
        again = RecurrentState.of(state.detach().tensors())
        assert torch.equal(state.hidden, again.hidden)
        assert (state.cell is None) == (again.cell is None) == (not model.has_cell)


@pytest.mark.parametrize("kind", KINDS)
def test_that_other_settings_change_what_is_computed(kind):
    plain = KINDS[kind](**(SMALL | {"embed_dim": 20}))
    ids = _ids(2, 10)
    outputs = [
        _model(kind, replace(plain, **change))(Batch(ids)).hidden
        for change in ({}, {"residual": True}, {"layer_norm": True})
    ]
    assert not torch.equal(outputs[0], outputs[1])
    assert not torch.equal(outputs[0], outputs[2])
    assert isinstance(_model(kind, plain), Recurrent)


def _loss(model, ids):
    return model.head(model(Batch(ids)).hidden).float().square().mean()


@pytest.mark.parametrize("kind", KINDS)
def test_that_a_mask_of_ones_equals_the_fast_layers_in_value_and_gradient(kind):
    model, ids = build_model(kind, KINDS[kind](**SMALL), VOCAB, seed=3), _ids(3, 11)
    x = torch.randn(11, 3, 12, generator=torch.Generator().manual_seed(2))
    hidden = torch.randn(3, 20, generator=torch.Generator().manual_seed(4))
    cell = hidden.flip(0) if model.has_cell else None
    weights = next(model.layers())
    states, left = dropped_through_time(x, hidden, cell, weights, torch.ones(3, 20))
    expected, expected_left = step_by_step(x, hidden, cell, weights, Tap(lambda _, tensor: tensor))
    torch.testing.assert_close(states, expected)
    if cell is not None:
        torch.testing.assert_close(left, expected_left)
    gradients = []
    for share in (0.0, 1e-9):  # so small a share silences nothing, and takes the slow way
        model.config = replace(model.config, recurrent_dropout=share)
        model.train().zero_grad()
        _loss(model, ids).backward()
        gradients.append({name: p.grad.clone() for name, p in model.named_parameters()})
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], gradient, atol=1e-6, rtol=1e-4, msg=name)


@pytest.mark.parametrize("kind", KINDS)
def test_that_the_same_part_of_the_state_is_silenced_at_every_token_and_only_for_the_recurrent_matrix(kind):
    """As if the columns of its recurrent matrix were zero where the state is masked, and doubled where it is not."""
    width = 6
    gates = {"rnn": 1, "lstm": 4, "gru": 3}[kind]
    draw = torch.Generator().manual_seed(0)
    weights = LayerWeights(
        torch.randn(gates * width, 3, generator=draw),
        torch.randn(gates * width, width, generator=draw),
        torch.zeros(gates * width),
        torch.zeros(gates * width),
    )
    x, hidden = torch.randn(5, 2, 3, generator=draw), torch.zeros(2, width)
    cell = torch.zeros(2, width) if kind == "lstm" else None
    mask = torch.tensor([[0.0, 2.0, 0.0, 2.0, 2.0, 0.0], [2.0, 0.0, 2.0, 2.0, 0.0, 0.0]])
    states, _ = dropped_through_time(x, hidden, cell, weights, mask)
    for row in range(2):
        own = replace(weights, recurrent=weights.recurrent * mask[row])
        start = None if cell is None else cell[row : row + 1]
        expected, _ = step_by_step(x[:, row : row + 1], hidden[:1], start, own, Tap(lambda _, tensor: tensor))
        torch.testing.assert_close(states[:, row : row + 1], expected)


@pytest.mark.parametrize("kind", KINDS)
def test_that_recurrent_dropout_is_for_learning_alone_and_follows_from_the_seed(kind):
    model, ids = build_model(kind, KINDS[kind](**SMALL, recurrent_dropout=0.4), VOCAB, seed=3), _ids(3, 11)
    plain = build_model(kind, KINDS[kind](**SMALL), VOCAB, seed=3)
    with torch.inference_mode():
        assert torch.equal(model.eval()(Batch(ids)).hidden, plain.eval()(Batch(ids)).hidden)
        model.train()
        found = []
        for seed in (1, 1, 2):
            torch.manual_seed(seed)
            found.append(model(Batch(ids)).hidden)
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])
