"""Settings of training."""

from __future__ import annotations

from dataclasses import dataclass, replace

from llmstudio.core.optimizers import OPTIMIZERS, muon
from llmstudio.core.settings import setting

LOOKS = 20
"""Looks at the held-out text in a run whose settings do not say how often."""


@dataclass(frozen=True)
class TrainingConfig:
    """How a model learns. A run is a number of steps; `max_seconds` is turned into steps once, after a timed warm-up."""

    max_steps: int = setting(
        1000, label="Steps", help="How many times the weights are changed.", ge=1, le=100_000_000, unit="steps"
    )
    max_seconds: float = setting(
        0.0,
        label="Time",
        help="If not 0, the number of steps is chosen so that training takes about this long.",
        ge=0.0,
        le=10_000_000.0,
        unit="s",
    )
    learning_rate: float = setting(
        3e-3,
        label="Learning rate",
        help="Step size. Too high and the loss climbs; too low and nothing is learned.",
        ge=1e-7,
        le=100.0,
    )
    batch_size: int = setting(
        16, label="Batch", help="How many rows of text are looked at in one step.", ge=1, le=65536, unit="rows", symbol="B"
    )
    rows: str = setting(
        "auto",
        label="Rows",
        help="Running text cut anywhere, or whole documents or single sentences side by side, similar lengths together; or"
        " several documents packed into a row, without seeing each other.",
        choices={
            "auto": "automatic",
            "running": "running text",
            "documents": "whole documents",
            "packed": "documents, packed",
            "sentences": "single sentences",
        },
    )
    context_weight: float = setting(
        0.1,
        label="Weight of the rest",
        help="Where rows have answers: how much every other token counts. Stories are mostly chance; answers teach looking."
        " At 0 only answers are learned, and measured.",
        ge=0.0,
        le=1.0,
        advanced=True,
    )
    optimizer: str = setting(
        "adamw",
        label="Optimizer",
        help="The rule that turns gradients into steps.",
        choices={name: optimizer.label for name, optimizer in OPTIMIZERS.items()},
        advanced=True,
        source="Loshchilov and Hutter 2019, arXiv:1711.05101; Jordan et al. 2024",
    )
    muon_learning_rate: float = muon.learning_rate()
    schedule: str = setting(
        "trapezoid",
        label="Schedule",
        help="How the learning rate moves: up, level and down to zero, or along a cosine.",
        choices={"trapezoid": "trapezoid", "cosine": "cosine", "constant": "constant"},
        advanced=True,
        source="Hägele et al. 2024, arXiv:2405.18392; Loshchilov and Hutter 2017, arXiv:1608.03983",
    )
    warmup_share: float = setting(
        0.02, label="Warm-up", help="Share of the steps in which the rate rises.", ge=0.0, le=0.5, advanced=True
    )
    cooldown_share: float = setting(
        0.5,
        label="Cool-down",
        help="Share of the steps in which a trapezoid's rate falls to zero.",
        ge=0.0,
        le=1.0,
        advanced=True,
    )
    weight_decay: float = setting(
        0.05, label="Weight decay", help="Pulls weights gently to zero.", ge=0.0, le=1.0, advanced=True
    )
    beta1: float = setting(
        0.9, label="Beta 1", help="How long AdamW remembers the direction.", ge=0.0, le=0.9999, advanced=True
    )
    beta2: float = setting(
        0.99, label="Beta 2", help="How long AdamW remembers the size of gradients.", ge=0.0, le=0.99999, advanced=True
    )
    grad_clip: float = setting(
        1.0, label="Gradient clipping", help="Longest allowed gradient; 0 for no limit.", ge=0.0, le=1000.0, advanced=True
    )
    grad_accumulation_steps: int = setting(
        1,
        label="Accumulation",
        help="Adds up the gradients of several small batches before one step: saves memory.",
        ge=1,
        le=4096,
        advanced=True,
    )
    number_format: str = setting(
        "auto",
        label="Number format",
        help="How numbers are kept while multiplying. Automatic takes what is fastest on this computer.",
        choices={"auto": "automatic", "fp32": "32-bit", "bf16": "bfloat16", "fp16": "16-bit (GPU)"},
        advanced=True,
        source="Micikevicius et al. 2018, arXiv:1710.03740",
    )
    device: str = setting(
        "auto",
        label="Device",
        help="Where to compute.",
        choices={"auto": "automatic", "cpu": "processor", "cuda": "GPU"},
        advanced=True,
    )
    threads: int = setting(
        0, label="Threads", help="Processor threads; 0 takes what is fastest on this computer.", ge=0, le=1024, advanced=True
    )
    eval_steps: int = setting(
        0,
        label="Check every",
        help="Steps between looks at the validation text; 0 for about 20 looks a run.",
        ge=0,
        le=10_000_000,
        unit="steps",
    )
    eval_tokens: int = setting(
        50_000,
        label="Tokens a check",
        help="How much validation text a look in between reads; the last one reads all.",
        ge=100,
        le=1_000_000_000,
        advanced=True,
    )
    sample_steps: int = setting(
        0,
        label="Sample every",
        help="Steps between sample texts; 0 for as often as checks.",
        ge=0,
        le=10_000_000,
        unit="steps",
    )
    sample_prompt: str = setting("", label="Sample prompt", help="What the sample texts begin with.")
    sample_tokens: int = setting(64, label="Sample length", help="Tokens a sample.", ge=1, le=4096, advanced=True)
    checkpoint_steps: int = setting(
        0,
        label="Save every",
        help="Steps between checkpoints; 0 saves with every check.",
        ge=0,
        le=10_000_000,
        unit="steps",
        advanced=True,
    )
    keep_checkpoints: int = setting(
        2, label="Checkpoints kept", help="The newest ones, beside the best.", ge=2, le=1000, advanced=True
    )
    early_stopping: int = setting(
        0,
        label="Early stopping",
        help="Ends after this many checks without progress; 0 for never.",
        ge=0,
        le=1000,
        advanced=True,
    )
    seed: int = setting(0, label="Seed", help="The same seed grows the same model.", ge=0, le=2**31)

    @property
    def step_rows(self) -> int:
        """Rows of a step: those of all batches whose gradients are added up."""
        return self.batch_size * self.grad_accumulation_steps

    def with_rows(self, most: int) -> TrainingConfig:
        """The same with the batches that are left of it where a step can hold `most` rows: a text has no more."""
        rows = min(self.step_rows, max(1, most))
        if rows == self.step_rows:
            return self
        parts = min(self.grad_accumulation_steps, rows)
        return replace(self, batch_size=-(-rows // parts), grad_accumulation_steps=parts)

    def keeps_documents(self, *, have_answers: bool) -> bool:
        """Whether each row stands alone, where a task leaves the choice: running text else.

        Automatic takes whole documents where rows have answers, so that a question stands beside its story.
        """
        return self.rows in {"documents", "packed", "sentences"} or (self.rows == "auto" and have_answers)

    @property
    def look_interval(self) -> int:
        """Steps between two looks at the held-out text."""
        return self.eval_steps or max(1, self.max_steps // LOOKS)
