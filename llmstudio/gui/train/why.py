"""What is seen while a model learns, said of its task."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from llmstudio.app.items.abilities import task_of_model
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks import TASKS
from llmstudio.gui.look.theme import say
from llmstudio.gui.shared.layout.why import Why
from llmstudio.store.project import About


def explain_training(why: Why, about: About | None, recipe: Recipe) -> None:
    """Say what the model in sight guesses (None: one of the recipe in the form), and what the curves tell."""
    facts = (task_of_model(about) if about else recipe.task_facts) or TASKS["next_token"]
    tr = QCoreApplication.translate
    said = tr("TrainTab", "{task}, and every weight moves a little towards the truth. {dots}")
    if facts.headline.name == "bits_per_byte":
        dots = tr(
            "TrainTab",
            "The curve with the dots is text it never learns from: while it falls, the model does not only remember.",
        )
        source = tr("TrainTab", "Bits per byte compare across tokenizers: Gao et al. 2020, arXiv:2101.00027")
    else:
        dots = tr(
            "TrainTab",
            "Curves with dots are of text it never learns from: while its loss falls and the share that is right rises, the"
            " model does not only remember.",
        )
        source = tr("TrainTab", "What counts is the share {unit}, on text that was held out.")
        source = source.format(unit=say(facts.headline.unit))
    why.set_words(said.format(task=say(facts.doing), dots=dots), source=source)
