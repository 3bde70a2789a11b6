"""The feed-forward part of a Transformer's layer."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.weights.dense import Matrix


class FeedForward(nn.Module):
    """Two layers at each position: wide, bent, narrow again. SwiGLU gates one half of the wide layer with the other."""

    matrices = "feed_forward"

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.activation = config.activation
        hidden = config.feed_forward_dim
        self.up = Matrix(config.embed_dim, hidden * (2 if self.activation == "swiglu" else 1))
        self.down = Matrix(hidden, config.embed_dim, writes=True)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, D) -> (B, T, D)."""
        wide = self.up(x)
        match self.activation:
            case "swiglu":
                gate, value = wide.chunk(2, dim=-1)
                bent = F.silu(gate) * value
            case "relu2":
                bent = F.relu(wide).square()
            case _:
                bent = F.gelu(wide)
        narrow: Tensor = self.down(bent)
        return narrow
