"""Settings of quantising."""

from __future__ import annotations

from dataclasses import dataclass

from llmstudio.core.settings import setting
from llmstudio.core.words import Words, words


@dataclass(frozen=True)
class QuantizingConfig:
    """How few bits a matrix's numbers take, and how they are rounded."""

    bits: int = setting(
        8,
        label="Bits",
        help="How wide a number of a matrix is kept. 8 bits give 255 steps and change next to nothing; 4 bits give 15, take"
        " half as much, and cost quality.",
        choices={8: "8 bits", 4: "4 bits"},
        source="Jacob et al. 2018, arXiv:1712.05877",
    )
    group: str = setting(
        "auto",
        label="Scale for",
        help="How many numbers share a scale, of 16 bits: the fewer, the finer the steps. As usual: a row in 8 bits; in 4"
        " as many neighbours as hold about 32 numbers that are not zero.",
        choices={
            "auto": "as usual",
            "row": "a row",
            "32": "32 neighbours",
            "64": "64 neighbours",
            "128": "128 neighbours",
        },
    )
    method: str = setting(
        "coordinate_descent",
        label="Rounding",
        help="To the nearest each, which reads no text; or by coordinate descent, which reads a text and rounds so that"
        " errors make up for each other in what every matrix gives on it.",
        choices={"coordinate_descent": "coordinate descent", "nearest": "to the nearest"},
        source="Frantar et al. 2022, arXiv:2210.17323; Nair and Suggala 2024, arXiv:2406.17542",
    )
    keep_embeddings: bool = setting(
        True,
        label="Keep embeddings and head",
        help="The tables of tokens keep 16 bits. Otherwise each token's row has a scale, and is rounded to the nearest.",
    )
    calibration_tokens: int = setting(
        16_384,
        label="Text that is read",
        help="So many tokens are read at every matrix, to see what enters it. More tell more, and take longer.",
        ge=256,
        le=10_000_000,
        unit="tokens",
        advanced=True,
    )
    calibration_text: str = setting(
        "",
        label="Text of one's own",
        help="A text file to read. By default it is what the model has learned from.",
        advanced=True,
        is_file=True,
    )

    @property
    def reads(self) -> bool:
        """Whether the method reads text."""
        return self.method != "nearest"

    def told_idle(self) -> dict[str, Words]:
        """Settings that somebody has set and that do nothing beside the others, each with the reason."""
        usual = QuantizingConfig()
        idle = () if self.reads else ("calibration_tokens", "calibration_text")
        why = words("this method reads no text")
        return {name: why for name in idle if getattr(self, name) != getattr(usual, name)}
