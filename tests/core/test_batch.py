"""A batch moves as a whole, whatever a kind of rows adds to it."""

from __future__ import annotations

from dataclasses import dataclass

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
