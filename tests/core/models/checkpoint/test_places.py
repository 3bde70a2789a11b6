"""Where numbers are not zero: read back as it was, as large as foretold, near the entropy, and refused if damaged."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from llmstudio.core.models.checkpoint import places
from llmstudio.core.models.checkpoint.codecs import encode
from llmstudio.core.sparsity.rounding import WIDTHS, rounded
from llmstudio.core.sparsity.storage import bound_bits
from llmstudio.store.resources import resource

shapes = st.lists(st.integers(0, 40), max_size=3).map(tuple)


def _drawn(shape: tuple[int, ...], share: float, seed: int = 0) -> places.Kept:
    return np.random.default_rng(seed).random(shape) < share


def _read(data: places.Bytes) -> places.Kept:
    head = places.read_head(data[: places.HEAD_BYTES].tobytes())
    kept = np.full(head.count, head.zeros_marked)
    for found in places.decode(data, head):
        kept[found] = not head.zeros_marked
    return kept.reshape(head.shape)


@settings(deadline=None, max_examples=150)
@given(shape=shapes, share=st.sampled_from([0.0, 0.004, 0.03, 0.2, 0.5, 0.7, 0.97, 1.0]), seed=st.integers(0, 99))
def test_that_places_come_back_and_take_the_bytes_foretold(shape: tuple[int, ...], share: float, seed: int) -> None:
    kept = _drawn(shape, share, seed)
    data = places.encode(kept)
    assert data.size == places.num_bytes(kept)
    assert places.read_head(data[: places.HEAD_BYTES].tobytes()).num_nonzeros == np.count_nonzero(kept)
    assert np.array_equal(_read(data), kept)


@pytest.mark.parametrize("share", [0.5, 0.03, 0.002])
def test_that_places_come_back_where_they_are_read_in_several_blocks(share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_BLOCK_BYTES", 16)
    kept = _drawn((60, 70), share)
    assert np.array_equal(_read(places.encode(kept)), kept)


@pytest.mark.parametrize("share", [0.005, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_that_random_places_take_at_most_a_fortieth_more_than_their_entropy(share: float) -> None:
    kept = _drawn((512, 2048), share)
    entropy = bound_bits(kept.size, int(np.count_nonzero(kept)), 0)
    assert entropy < 8 * places.num_bytes(kept) <= 1.025 * entropy + 8 * places.HEAD_BYTES


def test_that_the_bound_is_what_is_known_of_it() -> None:
    assert bound_bits(8, 4, 16) == 8 + 4 * 16
    assert bound_bits(100, 0, 32) == bound_bits(0, 0, 32) == 0
    assert bound_bits(100, 100, 32) == 3200
    assert bound_bits(1000, 110, 0) == pytest.approx(1000 * 0.4999, rel=1e-3)  # H(0.11) is half a bit


def test_that_a_few_bytes_can_not_promise_a_tensor_without_end() -> None:
    honest = places.encode(np.zeros((4096, 4096), bool))
    assert honest.size < 10_000
    for sizes in ((2**31, 2**31), (4096, 8192)):
        forged = honest.copy()
        forged[2:10] = np.array(sizes, "<u4").view(np.uint8)
        with pytest.raises(ValueError, match="do not cover"):
            places.read_head(forged[: places.HEAD_BYTES].tobytes())


@settings(deadline=None, max_examples=300)
@given(share=st.sampled_from([0.01, 0.3, 0.5, 0.8]), at=st.floats(0, 1), to=st.integers(0, 255), cut=st.integers(-3, 3))
def test_that_damage_gives_other_places_or_a_value_error_and_no_place_outside(
    share: float, at: float, to: int, cut: int
) -> None:
    data = places.encode(_drawn((20, 30), share)).copy()
    data[round(at * (data.size - 1))] = to
    data = data[:cut] if cut < 0 else np.append(data, np.zeros(cut, np.uint8))
    try:
        head = places.read_head(data[: places.HEAD_BYTES].tobytes())
        found = [place for block in places.decode(data, head) for place in block.tolist()]
    except ValueError:
        return
    assert found == sorted(set(found))
    assert len(found) == head.num_marks - 1
    assert all(0 <= place < head.count for place in found)


def test_that_the_program_in_the_help_text_reads_what_is_written_and_its_example_is_one() -> None:
    text = resource("help/sparse_file.md").read_text("utf-8")
    told: dict[str, Any] = {}
    for program in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(program, told)  # our own text
    for share in (0.0, 0.05, 0.5, 0.9, 1.0):
        dense = np.random.default_rng(1).standard_normal((37, 53)).astype(np.float32) * _drawn((37, 53), share)
        assert np.array_equal(told["read"](places.encode(dense != 0), dense[dense != 0]), dense)
    assert places.encode(np.array([0, 0, 5, 0, 0, 0, 7, 0]) != 0).tobytes().hex() == ("0101080000000200000001000000061a")
    for values in ("int8", "int4"):
        for share in (0.3, 1.0):
            drawn = np.random.default_rng(1).standard_normal((37, 153)).astype(np.float32) * _drawn((37, 153), share)
            on_grid = rounded(torch.from_numpy(drawn), WIDTHS[values])
            codec, parts = encode("w", on_grid, sparse=True)
            held = {name.removeprefix("w:"): part.numpy() for name, part in parts.items()}
            back = told["read_integers"](held["integers"], held["scales"], held.get("places"))
            assert (codec, np.array_equal(back, on_grid.numpy())) == ("grid" if share == 1 else "sparse_grid", True)
