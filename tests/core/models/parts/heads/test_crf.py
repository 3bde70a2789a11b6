"""Laws of the chain: every sum and every best row is that of going through all rows of tags one by one."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

from llmstudio.core.dataset.batches import IGNORED
from llmstudio.core.models.parts.heads.crf import ChainCRF
from llmstudio.core.models.roles import Role, roles_of

SEEDS = range(12)


def chain(seed: int, *, forbids: bool = False, dtype: torch.dtype = torch.float32) -> tuple[ChainCRF, Tensor, Tensor]:
    """A field with random worths, scores (B, T, C) and a mask with gaps; one row has all its places."""
    random = torch.Generator().manual_seed(seed)
    tags, places, rows = (int(torch.randint(low, high, (), generator=random)) for low, high in ((1, 5), (1, 6), (1, 5)))
    forbidden = torch.rand(tags, tags, generator=random) < 0.3
    forbidden.fill_diagonal_(False)
    first = torch.rand(tags, generator=random) < 0.3
    first[0] = False
    field = ChainCRF(tags, forbidden=forbidden, forbidden_first=first) if forbids else ChainCRF(tags)
    with torch.no_grad():
        for parameter in field.parameters():
            parameter.normal_(generator=random)
    mask = torch.rand(rows, places, generator=random) < 0.7
    mask[0] = True
    return field.to(dtype), 2 * torch.randn(rows, places, tags, generator=random).to(dtype), mask


def every_row(field: ChainCRF, emissions: Tensor) -> dict[tuple[int, ...], float]:
    """The score of every allowed row of tags over these places (W, C)."""
    found = {}
    for tags in itertools.product(range(emissions.shape[1]), repeat=len(emissions)):
        steps = list(itertools.pairwise(tags))
        if field.forbidden_first[tags[0]] or any(field.forbidden[a, b] for a, b in steps):
            continue
        score = field.start[tags[0]] + field.end[tags[-1]] + sum(emissions[at, tag] for at, tag in enumerate(tags))
        found[tags] = float(score + sum(field.steps[a, b] for a, b in steps))
    return found


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("forbids", [False, True])
@torch.no_grad()
def test_that_sum_best_row_and_probabilities_are_those_of_all_rows_one_by_one(seed: int, forbids: bool) -> None:
    field, emissions, mask = chain(seed, forbids=forbids, dtype=torch.float64)
    sums, best, shares = (each(emissions, mask) for each in (field.log_partition, field.decode, field.marginals))
    for row in range(len(mask)):
        there = mask[row]
        assert bool((best[row, ~there] == IGNORED).all())
        assert bool((shares[row, ~there] == 0).all())
        if not there.any():
            assert sums[row] == 0
            continue
        scores = every_row(field, emissions[row, there])
        total = torch.tensor(list(scores.values()), dtype=torch.float64).logsumexp(0)
        assert float(sums[row]) == pytest.approx(float(total))
        assert tuple(best[row, there].tolist()) == max(scores, key=scores.__getitem__)
        expected = torch.zeros_like(emissions[row, there])
        for tags, score in scores.items():
            for at, tag in enumerate(tags):
                expected[at, tag] += torch.exp(score - total)
        assert torch.allclose(shares[row, there], expected)
        for tags, score in scores.items():
            given = torch.full(there.shape, IGNORED)
            given[there] = torch.tensor(tags)
            loss = field(emissions[row : row + 1], given[None])
            assert float(loss) == pytest.approx(float(total) - score, abs=1e-9)


@pytest.mark.parametrize("forbids", [False, True])
def test_that_gradients_are_those_of_small_steps(forbids: bool) -> None:
    field, emissions, mask = chain(7, forbids=forbids, dtype=torch.float64)
    tags = field.decode(emissions, mask)

    def loss(scores: Tensor, *_: Tensor) -> Tensor:
        return field(scores, tags)

    assert torch.autograd.gradcheck(loss, (emissions.requires_grad_(), *field.parameters()))


@pytest.mark.parametrize("seed", SEEDS)
def test_that_the_gradient_of_the_sum_is_the_probabilities(seed: int) -> None:
    field, emissions, mask = chain(seed)
    field.log_partition(emissions.requires_grad_(), mask).sum().backward()
    assert torch.allclose(emissions.grad, field.marginals(emissions, mask), atol=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_that_padding_and_gaps_change_nothing_whatever_stands_there(seed: int) -> None:
    field, emissions, mask = chain(seed, forbids=True)
    best = field.decode(emissions, mask)
    emissions[~mask] = torch.nan
    padded = torch.cat([emissions, torch.full_like(emissions, torch.inf)], dim=1).requires_grad_()
    tags = torch.cat([best, torch.full_like(best, IGNORED)], dim=1)
    losses = field(padded, tags)
    losses.sum().backward()
    assert bool(padded.grad.isfinite().all())
    assert bool((padded.grad[tags == IGNORED] == 0).all())
    for row in range(len(mask)):
        there = mask[row : row + 1]
        if not there.any():
            assert losses[row] == 0
            continue
        alone, own = emissions[row][mask[row]][None], best[row][mask[row]][None]
        whole = torch.ones_like(own, dtype=torch.bool)
        assert torch.allclose(losses[row], field(alone, own)[0], atol=1e-6)
        assert torch.equal(field.decode(alone, whole), own)
        assert torch.allclose(
            field.marginals(padded, tags != IGNORED)[row][: mask.shape[1]][mask[row]], field.marginals(alone, whole)[0]
        )


def test_that_all_is_computed_in_32_bits_under_autocast() -> None:
    field, emissions, mask = chain(3)
    tags = field.decode(emissions, mask)
    low = emissions.bfloat16()
    expected = field(low.float(), tags), field.log_partition(low.float(), mask), field.marginals(low.float(), mask)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = field(low, tags), field.log_partition(low, mask), field.marginals(low, mask)
        best = field.decode(low, mask)
    for own, other in zip(found, expected, strict=True):
        assert own.dtype == torch.float32
        assert torch.equal(own, other)
    assert torch.equal(best, field.decode(low.float(), mask))


def test_that_forbidden_steps_are_never_taken_however_loud_the_scores() -> None:
    # O, B, I: I may not begin a row, nor follow O.
    forbidden = torch.tensor([[0, 0, 1], [0, 0, 0], [0, 0, 0]]).bool()
    field = ChainCRF(3, forbidden=forbidden, forbidden_first=torch.tensor([0, 0, 1]).bool())
    emissions = torch.tensor([[[0.0, 0.0, 300.0]] * 4])
    mask = torch.ones(1, 4, dtype=torch.bool)
    assert field.decode(emissions, mask).tolist() == [[1, 2, 2, 2]]
    emissions[0, 1, 0] = 900.0
    assert field.decode(emissions, mask).tolist() in ([[0, 0, 1, 2]], [[1, 0, 1, 2]])
    assert float(field.marginals(emissions, mask)[0, 0, 2]) == 0.0
    assert field(emissions, torch.tensor([[2, 2, 2, 2]])).item() > 9000
    with pytest.raises(AssertionError, match="nothing may follow"):
        ChainCRF(2, forbidden=torch.tensor([[True, True], [False, False]]))


def test_that_an_unlearned_field_judges_each_place_by_itself_and_declares_its_roles() -> None:
    field = ChainCRF(4)
    emissions = torch.randn(3, 5, 4, generator=torch.Generator().manual_seed(0))
    mask = torch.ones(3, 5, dtype=torch.bool)
    assert torch.equal(field.decode(emissions, mask), emissions.argmax(-1))
    assert torch.allclose(field.marginals(emissions, mask), emissions.softmax(-1), atol=1e-6)
    assert torch.allclose(field(emissions, emissions.argmin(-1)), -emissions.log_softmax(-1).amin(-1).sum(1), atol=1e-5)
    assert roles_of(field) == dict.fromkeys(("steps", "start", "end"), Role.BIAS)
    assert set(field.state_dict()) == {"steps", "start", "end"}


def test_that_tags_that_only_their_neighbours_tell_are_learned() -> None:
    random = torch.Generator().manual_seed(1)
    tags = (torch.arange(8) + torch.randint(0, 3, (16, 1), generator=random)) % 3  # a round of three; the first says all
    emissions = torch.zeros(16, 8, 3)
    emissions[:, 0] = 4 * torch.nn.functional.one_hot(tags[:, 0], 3)
    field = ChainCRF(3)
    optimizer = torch.optim.Adam(field.parameters(), 0.2)
    for _ in range(30):
        optimizer.zero_grad()
        field(emissions, tags).mean().backward()
        optimizer.step()
    assert torch.equal(field.decode(emissions, torch.ones_like(tags, dtype=torch.bool)), tags)


def test_that_a_batch_of_nothing_is_nothing() -> None:
    field = ChainCRF(2)
    assert field(torch.zeros(0, 3, 2), torch.zeros(0, 3, dtype=torch.long)).shape == (0,)
    assert field.decode(torch.zeros(2, 3, 2), torch.zeros(2, 3, dtype=torch.bool)).tolist() == [[IGNORED] * 3] * 2


def test_that_a_scale_multiplies_what_steps_are_worth() -> None:
    torch.manual_seed(0)
    plain, scaled = ChainCRF(3), ChainCRF(3, scale=20.0)
    with torch.no_grad():
        for one, other in zip(plain.parameters(), scaled.parameters(), strict=True):
            one.normal_()
            other.copy_(one / 20)
    scores, tags = torch.randn(4, 5, 3), torch.randint(0, 3, (4, 5))
    mask = torch.ones(4, 5, dtype=torch.bool)
    assert torch.allclose(plain(scores, tags), scaled(scores, tags), atol=1e-4)
    assert torch.equal(plain.decode(scores, mask), scaled.decode(scores, mask))
    assert torch.allclose(plain.marginals(scores, mask), scaled.marginals(scores, mask), atol=1e-5)
