"""What is seen while a model learns, said of its family."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from llmstudio.core.models.families import MODELS
from llmstudio.gui.shared.layout.why import Why
from llmstudio.store.project import About


def explain_training(why: Why, about: About | None, kind: str) -> None:
    """Say what the model in sight guesses (None: one of the family that is chosen), and what the curves tell."""
    kind = about.model_card.family if about else kind
    tr = QCoreApplication.translate
    tasks = {
        "masked_tokens": tr("TrainTab", "Step by step the model guesses words that were hidden from it"),
        "sequence_pairs": tr(
            "TrainTab", "Step by step the model reads one text of a pair and guesses how the other goes on"
        ),
        "latent_text": tr(
            "TrainTab", "Step by step the model presses sentences into a few numbers and writes them out again"
        ),
    }
    usual = tr("TrainTab", "Step by step the model guesses the next token")
    task = tasks.get(MODELS[kind].objective if kind in MODELS else "", usual)
    said = tr(
        "TrainTab",
        "{task}, and every weight moves a little towards the truth. The curve with the dots is text it never learns "
        "from: while it falls, the model does not only remember.",
    )
    source = tr("TrainTab", "Bits per byte compare across tokenizers: Gao et al. 2020, arXiv:2101.00027")
    why.set_words(said.format(task=task), source=source)
