"""Distilling: a model learns a task from the right answers and, beside them, from those of a teacher.

The teacher is a model that has learned the task: a larger one or, for a model that has lost weights, the one that it was
before. It reads what the model reads, learns nothing, and its text is not its own affair: of whichever width or family, all
that is asked of it is its logits. Looks measure by the right answers alone, so that their figures compare with those of any
run. Source: Hinton, Vinyals and Dean 2015, arXiv:1503.02531.
"""

from __future__ import annotations

import torch
from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.tasks.beside.around import Around
from llmstudio.core.tasks.guessing import Guessing

TARGETS, TEACHER = "targets", "teacher"
"""Parts of the loss: by the right answers, and by the teacher's (the divergence, times the square of the temperature)."""


class Distilling(Around):
    """A task that a teacher has learned, too.

    Attributes:
        teacher: The model that is asked, in evaluation mode.
        share: How much of the loss is by the teacher's answers.
        temperature: What both models' scores are divided by.
    """

    _BESIDE = "teacher:"
    own: Guessing
    beside: Guessing

    def __init__(self, own: Guessing, theirs: Guessing, teacher: LanguageModel, share: float, temperature: float) -> None:
        """`theirs` is the same task on the same rows for the teacher, which remembers of its text what it needs itself."""
        super().__init__(own, theirs)
        self.teacher, self.share, self.temperature = teacher, share, temperature

    def loss(self, model: LanguageModel, batch: Batch, total_weight: float) -> Tensor:
        """The batch's share of a step's loss, by both."""
        with torch.no_grad():
            theirs = self.beside.guesses(self.teacher, batch)
        mixed, targets, teacher = self.own.guesses(model, batch).distilled(theirs, self.share, self.temperature)
        self.note_part(TARGETS, targets / total_weight)
        self.note_part(TEACHER, teacher / total_weight)
        return mixed / total_weight
