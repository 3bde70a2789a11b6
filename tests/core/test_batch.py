"""A batch moves as a whole, whatever a kind of rows adds to it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.tokenizer.config import PAD


@dataclass(frozen=True)
class _Labelled(Batch):
    labels: Tensor | None = None
    group: int = 0


def test_that_every_tensor_goes_along_to_a_device_and_nothing_else_changes() -> None:
    batch = _Labelled(torch.tensor([[7, 8]]), source=torch.tensor([[9]]), labels=torch.tensor([1]), group=3)
    moved = batch.to("meta")
    assert {moved.ids.device.type, moved.source.device.type, moved.labels.device.type} == {"meta"}
    assert isinstance(moved, _Labelled)
    assert (moved.group, moved.targets, moved.weights) == (3, None, None)


def test_that_padding_is_not_counted_as_read() -> None:
    assert Batch(torch.tensor([[7, 8, PAD], [9, PAD, PAD]]), source=torch.tensor([[7, PAD], [8, 9]])).num_tokens == 6


@pytest.mark.parametrize(("n", "sizes"), [(1, [5]), (2, [3, 2]), (5, [1] * 5), (7, [1] * 5)])
def test_that_the_parts_of_a_batch_are_its_rows_in_order_and_none_is_empty(n: int, sizes: list[int]) -> None:
    batch = _Labelled(torch.arange(15).view(5, 3), source=torch.arange(5).view(5, 1), labels=torch.arange(5), group=3)
    parts = batch.split(n)
    assert [len(part.ids) for part in parts] == sizes
    for name in ("ids", "source", "labels"):
        assert torch.equal(torch.cat([getattr(part, name) for part in parts]), getattr(batch, name))
    assert all(part.group == 3 and part.targets is None for part in parts)
