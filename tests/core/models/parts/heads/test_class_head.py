from __future__ import annotations

import torch

from llmstudio.core.models.parts.heads.class_head import ClassHead


def test_that_a_text_of_which_nothing_is_known_gets_the_offsets_of_the_classes() -> None:
    head = ClassHead(4, 3, "mean", torch.Generator().manual_seed(0))
    with torch.no_grad():
        head.out.bias.copy_(torch.tensor([1.0, -2.0, 0.5]))
    assert head(torch.zeros(2, 5, 4), torch.ones(2, 5, dtype=torch.bool)).tolist() == [[1.0, -2.0, 0.5]] * 2
