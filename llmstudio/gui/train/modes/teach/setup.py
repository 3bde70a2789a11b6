"""What is taught to which model: its weights or random ones, the text that teaches, the few settings that matter, a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from llmstudio.app.computer.hardware import Machine, Probe
from llmstudio.app.computer.past_runs import PastRun
from llmstudio.app.presets.by_name import PRESETS, choose, preset, presets_of
from llmstudio.app.presets.preset import Preset
from llmstudio.app.presets.sizes import SIZES
from llmstudio.app.runs.starting import for_task
from llmstudio.core.models.families import MODELS, family
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks import TASKS
from llmstudio.gui.forms.form import Form
from llmstudio.gui.look.label import Label, caption
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import space
from llmstudio.gui.shared.pickers.item_picker import ItemPicker
from llmstudio.gui.shared.pickers.name_field import NameField
from llmstudio.gui.train.fields.family_list import FamilyList
from llmstudio.gui.train.fields.run_length import RunLength
from llmstudio.gui.train.fields.size_slider import Size, SizeSlider, sizes_of
from llmstudio.gui.train.forecast.forecast import EstimateCard, Text
from llmstudio.gui.train.forecast.forecaster import Forecaster
from llmstudio.gui.train.rows.preview import rows_button

IMPORTANT = (
    "training.max_steps",
    "training.max_seconds",
    "teach.weights",
    "teach.parent_loss",
    "training.learning_rate",
    "training.batch_size",
    "task.imbalance",
    "task.pooling",
)
_OF_WEIGHTS = (
    "teach.weights",
    "teach.last_layers",
    "teach.layer_decay",
    "teach.unfreeze_share",
    "teach.rehearsal_share",
    "teach.parent_loss",
)
"""Settings that say something of weights which have learned already: hidden for random ones."""
_OF_NEW = ("teach.word_vectors", "teach.freeze_vectors")
"""Settings that say something of random weights."""
_GENTLE = 1 / 3
"""A model that has read is taught with this part of the learning rate that it read with, so that it forgets less."""
_USUAL = {"classify": "classifier", "tag": "gru:micro", "pairs": "encoder_decoder:micro", "next_token": "decoder:micro"}
"""The preset that random weights begin as, by the task."""
_PASSES, _FEWEST_STEPS, _MOST_STEPS = 5, 100, 2_000


class TeachSetup(QWidget):
    """The left side of the tab while a model is taught. It is told what there is, and starts nothing.

    Signals:
        changed: Something is different now.
        way_out_asked: Where there is no text to teach with: one should be imported.
    """

    changed = Signal()
    way_out_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.start = ItemPicker(
            self.tr("Begin with"), none=self.tr("random weights"), has_menu=False, above=True, holds=True
        )
        self.kind, self.size = FamilyList(), SizeSlider()
        self.tokenizer = ItemPicker(
            self.tr("Tokenizer"), none=self.tr("no tokenizer"), has_menu=False, above=True, holds=True
        )
        self.corpus = ItemPicker(self.tr("Text to teach with"), has_menu=False, above=True, holds=True)
        self.rows = rows_button()
        self.remark = Label(wordWrap=True, visible=False)
        self.way_out = QPushButton(visible=False)
        self.way_out.setProperty("role", "link")
        self.way_out.clicked.connect(self.way_out_asked)
        self.task = Label(wordWrap=True)
        for label in (self.remark, self.task):
            label.setProperty("role", "muted")
        self._proposed = 0  # steps
        self._task = "classify"
        self._began = preset(_USUAL[self._task]).recipe
        self.form = Form(self._taught(self._began), paths=IMPORTANT, exclude=("training.sample_prompt",))
        self.length = RunLength(self.form)
        self.name_field = NameField()
        self.card = EstimateCard(is_of_writing=False)
        self.forecaster = Forecaster(self.size, self.card)
        self.changed.connect(self._forecast)
        self._place()
        self.kind.offer(_families(self._task))
        self._show_preset(preset(_USUAL[self._task]))
        self.kind.activated.connect(self._on_kind)
        self.size.chosen.connect(self._on_size)
        self.form.changed.connect(self.changed)
        self.length.chosen.connect(self.changed)
        self.name_field.changed.connect(self.changed)

    @property
    def recipe(self) -> Recipe:
        """How the model learns."""
        recipe: Recipe = self.form.config
        return recipe

    @property
    def begins_with(self) -> str:
        """The model whose weights it begins with; empty for random ones."""
        return self.start.current()

    @property
    def task_name(self) -> str:
        """What is taught, a name in `TASKS`."""
        return self._task

    @property
    def preset(self) -> Preset:
        """The size that was chosen for random weights."""
        return PRESETS.get(f"{self.kind.currentData()}:{self.size.current}") or choose(str(self.kind.currentData()), None)

    @property
    def is_blocked(self) -> bool:
        """Something that was chosen is no longer there, which is said where it was chosen."""
        return bool(self.start.gone or self.corpus.gone or (not self.begins_with and self.tokenizer.gone))

    def begin_with(self, recipe: Recipe | None) -> None:
        """Take the shape of a model with this recipe; None for random weights, whose family and size are chosen here."""
        self._began = recipe or self.preset.recipe
        taught = self._taught(self._began)
        if recipe is not None:
            rate = max(1e-6, recipe.training.learning_rate * _GENTLE)
            taught = replace(taught, training=replace(taught.training, learning_rate=float(f"{rate:.2g}")))
        self.form.config = taught
        self._proposed = taught.training.max_steps
        self.form.set_defaults(taught)
        self.length.show_recipe()
        for widget in (self.kind, self.size, self.tokenizer):
            widget.setVisible(recipe is None)
        for path in _OF_WEIGHTS:
            self.form.row(path).setVisible(recipe is not None)
        for path in _OF_NEW:
            self.form.row(path).setVisible(recipe is None)
        self.changed.emit()

    def use_task(self, task: str) -> None:
        """Teach this, a name in `TASKS`; random weights are of a family that can learn it."""
        if task != self._task:
            self._task = task
            self.kind.offer(_families(task))
            self._show_preset(preset(_USUAL[task]), began=self._began if self.begins_with else None)

    def suggest_steps(self, num_texts: int) -> None:
        """Propose some passes over the texts, within reason, unless the person or a preset tuned for the task did."""
        training = self.recipe.training
        if not self.begins_with and self._began.task_facts is TASKS[self._task]:
            return
        if training.max_seconds == 0 and training.max_steps == self._proposed:
            steps = _PASSES * num_texts // max(1, training.step_rows)
            self._proposed = min(_MOST_STEPS, max(_FEWEST_STEPS, round(steps, -1)))
            self.form.put({"training.max_steps": self._proposed})
            self.form.set_defaults(self.recipe)
            self.changed.emit()

    def set_text(self, text: Text | None) -> None:
        """What is known of the text and of the tokenizer that reads it; None while one is missing."""
        self.forecaster.text = text
        self._forecast()

    @Slot(object)
    def set_computer(self, found: tuple[Machine, Probe | None, Sequence[PastRun]]) -> None:
        """What this computer is, how fast if that has been measured, and what runs took on it."""
        self.forecaster.set_computer(*found)
        self._forecast()

    def say(self, remark: str, way_out: str = "") -> None:
        """Say something of the text, with a way out as a button; nothing if both are empty."""
        self.remark.setText(remark)
        self.remark.setVisible(bool(remark))
        self.way_out.setText(caption(way_out))
        self.way_out.setVisible(bool(way_out))

    def _place(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: column.setSpacing(space(1.5)))
        for widget in (
            self.corpus, self.rows, self.task, self.start, self.remark, self.way_out, self.kind, self.size, self.tokenizer,
            self.length, self.form, self.name_field, self.card,
        ):  # fmt: skip
            column.addWidget(widget)
        column.addStretch(1)

    def _show_preset(self, chosen: Preset, began: Recipe | None = None) -> None:
        """Have this size chosen for random weights, and begin with them unless with the weights of a model (`began`)."""
        self.kind.show_kind(chosen.recipe.kind)
        self.size.set_sizes(self._sizes(chosen.recipe.kind))
        self.size.show_current(chosen.name)
        self.begin_with(began)

    def _sizes(self, kind: str) -> list[Size]:
        """The sizes of a family, and what was made for the task; what a size is good for in writing helps no other task."""
        sizes = sizes_of([entry for entry in presets_of(kind) if entry.name in SIZES or self._is_made_for(entry)])
        if self._task in ("classify", "tag"):
            sizes = [size if size.is_special else replace(size, help="") for size in sizes]
        return sizes

    def _is_made_for(self, entry: Preset) -> bool:
        """Whether a preset was tuned for the task that is taught."""
        return entry.recipe.task_name == self._task

    @Slot()
    def _forecast(self) -> None:
        self.forecaster.show(self.recipe)

    @Slot(int)
    def _on_kind(self, index: int) -> None:
        kind = str(self.kind.itemData(index))
        usual = preset(_USUAL[self._task])
        near = self.size.current if f"{kind}:{self.size.current}" in PRESETS else None
        self._show_preset(usual if kind == usual.recipe.kind else choose(kind, near))

    @Slot(str)
    def _on_size(self, name: str) -> None:
        self._show_preset(choose(str(self.kind.currentData()), name))

    def _taught(self, recipe: Recipe) -> Recipe:
        """The recipe for the task, beginning with no text of another one."""
        taught = for_task(recipe, self._task)
        return replace(taught, training=replace(taught.training, sample_prompt="", max_seconds=0.0))


def _families(task: str) -> list[str]:
    return [kind for kind in MODELS if suits(kind, task)]


def suits(kind: str, task: str) -> bool:
    """Whether a family of models can learn a task."""
    return family(kind).reading in TASKS[task].readings
