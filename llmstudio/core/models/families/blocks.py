"""What the families of Transformers beside the decoder have in common: blocks of a decoder's shape. Arithmetic, no torch."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from llmstudio.core.models.config import ModelConfig
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.words import Words, words


class MadeOfBlocks(ModelConfig):
    """Settings of a family whose blocks are those of a decoder of the same sizes, as far as both have the same settings."""

    context_length: int

    def __post_init__(self) -> None:
        _ = self.blocks  # refuses widths that do not divide

    @property
    def blocks(self) -> DecoderConfig:
        """The shape of its blocks: that of a decoder of these sizes."""
        shared: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(DecoderConfig) if hasattr(self, f.name)}
        return DecoderConfig(**shared)

    @property
    def looks_back(self) -> int:
        """See `ModelConfig`."""
        return self.context_length

    def idle(self) -> dict[str, Words]:
        """See `ModelConfig`: what its blocks say of the settings that both have."""
        return {name: reason for name, reason in self.blocks.idle().items() if hasattr(self, name)}

    def why_not_exportable(self) -> Words | None:
        """None if the shape is one that other programs know, else the reason in words."""
        return words(
            "Other programs open models that write from left to right: to export a model, train the family decoder."
        )
