"""What is trained and how: corpus and tokenizer, size, the few settings that matter, a name, and what it will take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from llmstudio.app.computer.hardware import Machine, Probe
from llmstudio.app.computer.past_runs import PastRun
from llmstudio.app.presets.by_name import PRESETS, choose, preset_of, presets_of
from llmstudio.app.presets.preset import Preset
from llmstudio.core.recipe import Recipe
from llmstudio.gui.forms.form import Form
from llmstudio.gui.look.label import Label, plain
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import space
from llmstudio.gui.shared.pickers.item_picker import ItemPicker
from llmstudio.gui.shared.pickers.name_field import NameField
from llmstudio.gui.train.advice import TokenizerAdvice
from llmstudio.gui.train.fields.family_list import FamilyList
from llmstudio.gui.train.fields.run_length import RunLength
from llmstudio.gui.train.fields.size_slider import SizeSlider, sizes_of
from llmstudio.gui.train.forecast.forecast import EstimateCard, Text
from llmstudio.gui.train.forecast.forecaster import Forecaster
from llmstudio.gui.train.rows.preview import rows_button
from llmstudio.gui.train.start import TrainStart

IMPORTANT = (
    "training.max_steps",
    "training.max_seconds",
    "training.learning_rate",
    "training.batch_size",
    "model.context_length",
    "training.sample_prompt",
)


class TrainSetup(QWidget):
    """The left side of the tab. It knows names and facts that it is given, and computes the forecast; it starts nothing.

    Signals:
        changed: Recipe, text or name are different now.
        tokenizer_asked: The tokenizer that the chosen size was made for should be built.
    """

    changed = Signal()
    tokenizer_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.corpus = ItemPicker("", has_menu=False, holds=True)
        self.tokenizer = ItemPicker("", none=self.tr("no tokenizer"), has_menu=False, holds=True)
        for picker, name in ((self.corpus, self.tr("Corpus")), (self.tokenizer, self.tr("Tokenizer"))):
            for field in picker.findChildren(QComboBox):
                field.setAccessibleName(name)
                field.setToolTip(plain(name))
            for label in picker.findChildren(QLabel):
                label.hide()
        self.start, self.rows = TrainStart(), rows_button()
        self.start.cleared.connect(self.begin_anew)
        self.size = SizeSlider()
        self.form = Form(choose(None, None).recipe, paths=IMPORTANT, defaults=choose(None, None).recipe)
        self.kind = FamilyList()
        self.name_field = NameField()
        self.card = EstimateCard()
        self.forecaster = Forecaster(self.size, self.card)
        self.advice = TokenizerAdvice()
        self.advice.linkActivated.connect(self.tokenizer_asked)
        self.length = RunLength(self.form)
        self._place()
        self.size.set_sizes(sizes_of(presets_of(self.recipe.kind)))
        self.size.show_current(self.recipe.preset)
        self.kind.show_kind(self.recipe.kind)
        self.kind.activated.connect(self._on_kind)
        self.size.chosen.connect(self._on_size)
        self.form.changed.connect(self._on_form)
        self.length.chosen.connect(self._forecast)

    @property
    def recipe(self) -> Recipe:
        """What is to be grown."""
        recipe: Recipe = self.form.config
        return recipe

    @property
    def preset(self) -> Preset | None:
        """The size that is chosen; None if the form holds none as it is."""
        return PRESETS.get(f"{self.recipe.kind}:{self.size.current}")

    def set_recipe(self, recipe: Recipe) -> None:
        """Put a recipe into the form, as that of an earlier run."""
        self.form.config = recipe
        self.kind.show_kind(self.recipe.kind)
        self._offer_sizes()
        self.size.show_current(recipe.preset if _is_as_preset(recipe) else "")
        self.length.show_recipe()
        self._forecast()

    def begin_from(self, model: str, recipe: Recipe, item: str) -> None:
        """Let the next run begin with a model's weights, whose family, shape and tokenizer stay; `recipe` is its own.

        `item` is the model's id.
        """
        self.start.set_model(model, item)
        self.set_recipe(recipe)
        self._hold_shape(True)

    @Slot()
    def begin_anew(self) -> None:
        """Let the next run begin with random weights."""
        self._hold_shape(False)

    def _hold_shape(self, is_held: bool) -> None:
        of_new = map(self.form.row, ("model.context_length", "teach.word_vectors", "teach.freeze_vectors"))
        for field in (self.kind, self.size, self.tokenizer, *of_new):
            field.setEnabled(not is_held)
        self.changed.emit()

    def set_text(self, text: Text | None) -> None:
        """What is known of corpus and tokenizer; None while one is missing."""
        self.forecaster.text = text
        self._offer_sizes()
        self._forecast()

    def set_computer(self, machine: Machine, probe: Probe | None, past: Sequence[PastRun] = ()) -> None:
        """What this computer is, how fast if that has been measured, and what runs took on it."""
        self.forecaster.set_computer(machine, probe, past)
        self._offer_sizes()
        self._forecast()

    @property
    def what(self) -> str:
        """What would be grown, in a word or two: a model's name says more than its text's."""
        if self.start.model:
            return self.tr("from {model}").format(model=self.start.model)
        kind, size = self.recipe.kind, self.recipe.preset.replace("_", " ")
        family = "" if kind == "decoder" and size else kind.replace("_", "-")
        return " ".join(filter(None, (family, size)))

    def advise(self, tokenizer_kind: str | None, *, is_foreign: bool = False) -> None:
        """Say so if there is no tokenizer of this text (None), or the chosen size was made with another kind in mind."""
        if tokenizer_kind is None or is_foreign:
            self.advice.show_missing(is_foreign=is_foreign)
            self.advice.setVisible(bool(self.corpus.current()))
        else:
            self.advice.show_fit(tokenizer_kind, self.preset)

    def _place(self) -> None:
        text = QHBoxLayout()
        text.addWidget(self.corpus, 1)
        text.addWidget(Label("→"))
        text.addWidget(self.tokenizer, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: column.setSpacing(space(1.5)))
        column.addWidget(self.start)
        column.addLayout(text)
        column.addWidget(self.rows)
        column.addWidget(self.kind)
        column.addWidget(self.kind.help)
        column.addWidget(self.size)
        column.addWidget(self.advice)
        column.addWidget(self.length)
        column.addWidget(self.form)
        column.addWidget(self.name_field)
        column.addWidget(self.card)
        column.addStretch(1)

    def _offer_sizes(self) -> None:
        all_sizes = presets_of(self.recipe.kind)
        sizes = self.forecaster.affordable(all_sizes)
        limit = self.tr("Larger sizes would train all night here.")
        self.size.set_sizes(sizes_of(sizes), limit=limit if len(sizes) < len(all_sizes) else "")

    def _forecast(self) -> None:
        self.forecaster.show(self.recipe)
        self.changed.emit()

    @Slot(int)
    def _on_kind(self, index: int) -> None:
        kind = str(self.kind.itemData(index))
        if kind == self.recipe.kind:
            return
        # The same size of the other family, so that the two compare; what has no such name begins at the usual one.
        near = self.size.current if f"{kind}:{self.size.current}" in PRESETS else None
        chosen = choose(kind, near)
        self._put(chosen)
        self.kind.show_kind(self.recipe.kind)
        self._offer_sizes()
        self.size.show_current(chosen.name)
        self.length.show_recipe()
        self.size.chosen.emit(chosen.name)

    @Slot(str)
    def _on_size(self, name: str) -> None:
        self._put(choose(self.recipe.kind, name))

    def _put(self, preset: Preset) -> None:
        chosen, own = preset.recipe, self.recipe.training
        # What was written for the person's own text stays when another size is tried.
        training = replace(chosen.training, sample_prompt=own.sample_prompt, max_seconds=own.max_seconds)
        self.form.config = replace(chosen, training=training)
        self.form.set_defaults(chosen)
        self._forecast()

    @Slot(object)
    def _on_form(self, _recipe: Recipe) -> None:
        self._forecast()


def _is_as_preset(recipe: Recipe) -> bool:
    began = preset_of(recipe)
    return began is not None and began.recipe.model == recipe.model
