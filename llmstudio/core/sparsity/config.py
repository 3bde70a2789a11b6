"""Settings of pruning."""

from __future__ import annotations

from dataclasses import dataclass, replace

from llmstudio.core.settings import setting
from llmstudio.core.sparsity.methods import METHODS
from llmstudio.core.words import Words, words

PATTERNS = {"any": (0, 0), "2:4": (2, 4), "4:8": (4, 8)}
"""Of each pattern how many stay of how many neighbours; of none, zeros."""


@dataclass(frozen=True)
class PruningConfig:
    """Which weights go, and how many."""

    method: str = setting(
        "magnitude",
        label="Method",
        help="Which weights go first. The first two read no text; at random is the yardstick that every method has to beat."
        " Wanda reads a text, and takes what changes least on it. SparseGPT, coordinate descent and ADMM also move the"
        " weights that stay, to make up for those that go; the last two cost least quality.",
        choices={name: method.label for name, method in METHODS.items()},
        source="; ".join(method.source for method in METHODS.values() if "arXiv" in method.source),
    )
    sparsity: float = setting(0.5, label="Sparsity", help="The share of weights that become zero.", ge=0.0, le=0.99)
    scope: str = setting(
        "usual",
        label="Compared",
        help="Which weights compete to stay: all of the model, each layer's, or each row's among themselves. As usual: as"
        " the method's authors have it.",
        choices={"usual": "as usual", "global": "whole model", "layer": "layer by layer", "row": "row by row"},
    )
    keep_embeddings: bool = setting(
        True, label="Keep embeddings and head", help="The tables of tokens are left whole; they are small and matter much."
    )
    seed: int = setting(0, label="Seed", help="Only random pruning uses it.", ge=0, le=2**31, advanced=True)
    pattern: str = setting(
        "any",
        label="Pattern",
        help="Where zeros may lie: anywhere, or evenly, two of every four neighbours or four of every eight. Some graphics"
        " cards multiply even patterns faster; they cost more quality.",
        choices={"any": "anywhere", "2:4": "2 of every 4 stay", "4:8": "4 of every 8 stay"},
        source="Mishra et al. 2021, arXiv:2104.08378",
    )
    number_format: str = setting(
        "fp32",
        label="Numbers kept in",
        help="How wide the numbers are that stay, in the file. 16 bits halve them, and move each by up to a twentieth of a"
        " percent. 8 bits give each row of a matrix 255 steps from its smallest to its largest number, 4 bits every 32"
        " neighbours 15; all but the matrices has 16 bits then. Quantising afterwards, with coordinate descent, costs less.",
        choices={"fp32": "32 bits", "fp16": "16 bits", "int8": "8 bits", "int4": "4 bits"},
        source="IEEE 754-2019, binary32 and binary16; Jacob et al. 2018, arXiv:1712.05877",
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

    layer_shares: str = setting(
        "",
        label="Shares by layer",
        help="How much of each layer goes, as 0.5,0.7,0.6 for the layers in their order or for all their parts, or by name:"
        " 1=0.5, 2.attention=0.8. What is not named, else all, is moved by the same amount until the whole model loses what"
        " is set. Empty: all alike.",
        advanced=True,
    )

    @property
    def compared(self) -> str:
        """`global`, `layer` or `row`: `scope`, or what is usual for the method; where layers have shares, not global."""
        known = METHODS.get(self.method)
        compared = self.scope if self.scope != "usual" or known is None else known.scope
        return "layer" if compared == "global" and self.has_shares else compared

    @property
    def has_shares(self) -> bool:
        """Whether layers lose shares of their own."""
        return bool(self.layer_shares.strip()) and self.pattern == "any"

    @property
    def compares_all(self) -> bool:
        """Whether weights of different matrices compete."""
        return self.compared == "global" and self.pattern == "any"

    @property
    def group(self) -> tuple[int, int]:
        """How many stay of how many neighbours; zeros where zeros may lie anywhere."""
        return PATTERNS[self.pattern]

    @property
    def reads(self) -> bool:
        """Whether the method reads text."""
        return METHODS[self.method].reads

    @property
    def share(self) -> float:
        """The share that goes of what may go: `sparsity`, or what the pattern leaves no choice about."""
        keep, group = self.group
        return 1 - keep / group if group else self.sparsity

    def idle(self) -> dict[str, Words]:
        """Settings that do nothing beside the others, each with the reason."""
        idle: dict[str, Words] = {}
        if self.pattern != "any":
            why = words("the pattern says how many stay")
            idle |= {"sparsity": why, "layer_shares": why, "scope": words("each group is compared by itself")}
        if not self.reads:
            idle |= {name: words("this method reads no text") for name in ("calibration_tokens", "calibration_text")}
        if self.method != "random":
            idle["seed"] = words("nothing is drawn by chance")
        return idle

    def told_idle(self) -> dict[str, Words]:
        """Of these, those that somebody has set."""
        usual = replace(PruningConfig(), method=self.method, pattern=self.pattern)
        return {name: why for name, why in self.idle().items() if getattr(self, name) != getattr(usual, name)}
