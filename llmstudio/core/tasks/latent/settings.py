"""Settings of keeping a sentence in a few numbers (no torch)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.models.config import Look
from llmstudio.core.settings import setting
from llmstudio.core.tasks.settings import TaskSettings
from llmstudio.core.words import words

# So much of a run must count the whole KL, or what comes out is no bound on anything.
FULL_SHARE = 0.1


@dataclass(frozen=True)
class LatentSettings(TaskSettings):
    """What using a latent space costs, and when."""

    free_bits: float = setting(
        7.5,
        label="Free nats",
        help="So much of a sentence may pass through the latent units without a price, an equal part through each."
        " More of it keeps the units in use; too much leaves the space between sentences empty.",
        ge=0.0,
        le=1000.0,
        unit="nats",
        source="Kingma et al. 2016, arXiv:1606.04934",
        symbol="λ",
    )
    warm_start_share: float = setting(
        0.15,
        label="Warm start",
        help="Share of the steps as a plain autoencoder, which only rebuilds. Then the writer begins anew and the reader"
        " stays, so that the latent units are worth reading from the first step on.",
        ge=0.0,
        le=0.9,
        source="Li et al. 2019, arXiv:1909.00868",
    )
    kl_schedule: str = setting(
        "linear",
        label="KL schedule",
        help="How the price of using the latent units comes in after the warm start: along a line, up and down four times"
        " before it stays, or at once.",
        choices={"linear": "linear", "cyclical": "cyclical", "constant": "at once"},
        advanced=True,
        source="Bowman et al. 2016, arXiv:1511.06349; Fu et al. 2019, arXiv:1903.10145",
    )
    kl_warmup_share: float = setting(
        0.25,
        label="KL warm-up",
        help="Share of the steps in which that price rises to its full height.",
        ge=0.0,
        le=0.9,
        advanced=True,
        symbol="β",
    )

    def __post_init__(self) -> None:
        if self.warm_start_share + self.kl_warmup_share > 1 - FULL_SHARE + 1e-9:
            left = max(0.0, round(1 - FULL_SHARE - self.warm_start_share, 2))
            raise StudioError(
                "Warm start and KL warm-up take {taken:.0%} of the steps, but at least {least:.0%} must be left for the full"
                " KL: shorten one of them.",
                taken=self.warm_start_share + self.kl_warmup_share,
                least=FULL_SHARE,
                remedies=(
                    Remedy("set", words("Use a KL warm-up of {share}", share=left), "task.kl_warmup_share", str(left)),
                ),
                paths=("kl_warmup_share", "warm_start_share"),
            )

    @property
    def look(self) -> Look:
        """So many sentences, however long."""
        return Look(rows=128, tokens=None)

    def without_phases(self) -> LatentSettings:
        """The KL counts in full from the first step on."""
        return replace(self, warm_start_share=0.0, kl_schedule="constant", kl_warmup_share=0.0)
