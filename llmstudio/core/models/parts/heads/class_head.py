"""A head that tells classes: of a whole text, or of each of its tokens."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from llmstudio.core.models.parts.dropout import drop
from llmstudio.core.models.parts.heads.crf import ChainCRF
from llmstudio.core.models.parts.heads.phrases import Phrases
from llmstudio.core.models.parts.heads.sizes import FEATURES, HIDDEN
from llmstudio.core.models.parts.heads.spelling_table import SpellingTable
from llmstudio.core.models.parts.heads.word_windows import WordWindows
from llmstudio.core.models.roles import Role, declare
from llmstudio.core.models.weights.dense import Matrix

POOLINGS = ("mean", "last", "first", "attention", "phrases", "each")
"""How a text's vectors become one: their mean, that of the last or first token, a learned weighing, or what filters find in
its phrases; or one a token.
"""


class ClassHead(nn.Module):
    """Scores of classes from the vectors of a text that was read.

    Attributes:
        pooling: One of `POOLINGS`.
        crf: Which class follows which, where each token has one and this is learned; else None.
        spelling: What words' spelling says of their class, where this is learned; else None.
        windows: What reads words together with those beside them; else None.
        offsets: (C,) what each logit is moved by before a class is chosen, where this is looked for; else None.
    """

    def __init__(
        self,
        width: int,
        num_classes: int,
        pooling: str,
        generator: torch.Generator,
        crf: ChainCRF | None = None,
        spelling: SpellingTable | None = None,
        windows: WordWindows | None = None,
        is_moved: bool = False,
    ) -> None:
        super().__init__()
        self.pooling, self.crf, self.spelling, self.windows = pooling, crf, spelling, windows
        self.offsets: Tensor | None
        self.register_buffer("offsets", torch.zeros(num_classes) if is_moved else None)
        read = FEATURES if pooling == "phrases" else width if windows is None else HIDDEN
        self.out = Matrix(read, num_classes, bias=True, role=Role.HEAD)
        if pooling == "attention":  # zeros look at all tokens alike, which is the mean
            self.query = nn.Parameter(torch.zeros(width))
            declare(self, query=Role.GAIN)
        if pooling == "phrases":
            self.phrases = Phrases(width, generator)
        with torch.no_grad():
            self.out.weight.normal_(0, 0.02, generator=generator)
            self.out.bias.zero_()

    def forward(self, features: Tensor, counted: Tensor, dropout: float = 0.0) -> Tensor:
        """Logits (B, C) of the texts, or (B, T, C) of their tokens.

        Args:
            features: (B, T, D) vectors of tokens, or (B, 1, D) of whole texts.
            counted: (B, T) bool, False for padding.
            dropout: Share of the vectors' numbers that are silenced while it learns.
        """
        pooled = features if self.pooling == "each" else self.pool(features, counted)
        logits: Tensor = self.out(drop(pooled, dropout, self.training))
        return logits.float()

    def moved(self, logits: Tensor) -> Tensor:
        """Logits (B, C) by which a class is chosen: with the line between classes where it was moved to."""
        return logits if self.offsets is None else logits + self.offsets

    def pool(self, features: Tensor, counted: Tensor) -> Tensor:
        """(B, D), one vector a text; of phrases (B, FEATURES)."""
        if self.pooling == "phrases":
            found: Tensor = self.phrases(features, counted if features.shape[1] == counted.shape[1] else counted[:, :1])
            return found
        if features.shape[1] == 1:
            return features[:, 0]
        if self.pooling == "first":
            return features[:, 0]
        if self.pooling == "last":
            last = counted.sum(1).sub(1).clamp_min(0)
            return features[torch.arange(len(features), device=features.device), last]
        if self.pooling == "attention":
            scores = (features.float() @ self.query).masked_fill(~counted, -30_000.0)
            weights = scores.softmax(-1)
        else:
            weights = counted / counted.sum(1, keepdim=True).clamp_min(1)
        return torch.einsum("bt,btd->bd", weights.to(features.dtype), features)
