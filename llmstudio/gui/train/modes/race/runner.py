"""One runner of a race as it is chosen: its recipe from a list by family, its tokenizer, and its settings in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from llmstudio.app.presets.by_name import PRESETS, choose, preset_of, presets_of
from llmstudio.app.presets.preset import Preset
from llmstudio.core.errors import Remedy
from llmstudio.core.models.families import MODELS
from llmstudio.core.recipe import Recipe
from llmstudio.core.settings import settings_of
from llmstudio.core.teaching_config import TeachingConfig
from llmstudio.gui.forms.form import Form
from llmstudio.gui.look.label import Label, plain
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import icon, say, space, theme
from llmstudio.gui.shared.pickers.item_picker import name_of
from llmstudio.gui.shared.pickers.name_box import NameBox
from llmstudio.gui.train.modes.race.leaderboard import swatch

IMPORTANT = ("training.learning_rate", "training.batch_size", "model.context_length", "training.max_steps")
# What the race sets for all of them.
_SHARED = ("training.sample_prompt", "training.max_seconds")
# All begin with random weights, of which none is to be kept.
_LEFT_OUT = (*_SHARED, *(about.path for about in settings_of(TeachingConfig, "teach")))


class RunnerLine(QFrame):
    """A runner.

    Signals:
        changed: Another recipe or tokenizer.
        remove_asked: It should not take part.
    """

    changed = Signal()
    remove_asked = Signal()

    def __init__(self, number: int, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.form: Form | None = None
        self.recipe: Recipe = PRESETS[key].recipe
        self._number = number
        self._swatch = Label()
        self.presets = NameBox(accessibleName=self.tr("Recipe"))
        self.tokenizers = NameBox(
            accessibleName=self.tr("Tokenizer"),
            toolTip=self.tr("Runners may read with different tokenizers: bits per byte compare."),
        )
        self.tokenizers.setPlaceholderText(self.tr("choose a tokenizer"))
        for box in (self.presets, self.tokenizers):
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.settings = QToolButton(text=self.tr("settings…"), checkable=True)
        self.remove = QToolButton(accessibleName=self.tr("Take this runner out"), toolTip=self.tr("Take this runner out"))
        self._tokenizer_ids: dict[str, str] = {}
        self._fill_presets(key)
        self._place()
        self.presets.activated.connect(self._on_preset)
        self.tokenizers.activated.connect(self._on_tokenizer)
        self.settings.toggled.connect(self.show_settings)
        self.remove.clicked.connect(self.remove_asked)
        theme.changed.connect(self._dress)
        self._dress()

    @property
    def preset(self) -> Preset:
        """The preset that the recipe began as."""
        return PRESETS[str(self.presets.currentData())]

    @property
    def tokenizer(self) -> str:
        """What it reads with; empty if there is none yet."""
        return str(self.tokenizers.currentData() or "")

    def set_number(self, number: int) -> None:
        """Its place in the list decides its colour."""
        self._number = number
        self._dress()

    def set_tokenizers(self, names: Sequence[str], wish: str = "", ids: Mapping[str, str] | None = None) -> None:
        """Offer these, keeping the one that is picked, by its id, under whatever name; where none was, `wish` is taken.

        One that is gone is followed by none, in red: what a runner reads with is the person's choice.
        """
        now, item = self.tokenizer, self._tokenizer_ids.get(self.tokenizer, "")
        self._tokenizer_ids = dict(ids or {})
        was_gone = bool(self.tokenizers.property("bad"))
        if item:
            now = name_of(item, now, {name: self._tokenizer_ids.get(name, "") for name in names})
        elif not was_gone:
            now = now if now in names else wish
        self.tokenizers.clear()
        for name in names:
            self.tokenizers.addItem(self.tr("reads {tokenizer}").format(tokenizer=name), name)
        self.pick_tokenizer(now)
        self._mark(was_gone or bool(item and not now))

    def pick_tokenizer(self, name: str) -> None:
        """Read with this one; with none if there is none of that name: another text's is only taken by hand."""
        self.tokenizers.setCurrentIndex(self.tokenizers.findData(name))
        self._mark(False)

    @Slot()
    def _on_tokenizer(self) -> None:
        self._mark(False)
        self.changed.emit()

    def _mark(self, is_gone: bool) -> None:
        self.tokenizers.setProperty("bad", is_gone)
        self.tokenizers.style().unpolish(self.tokenizers)
        self.tokenizers.style().polish(self.tokenizers)

    def pick_recipe(self, recipe: Recipe) -> None:
        """Take this recipe, which began as one of the list."""
        began = preset_of(recipe) or choose(recipe.kind, None)
        self.presets.setCurrentIndex(self.presets.findData(began.key))
        self._on_preset()
        self.set_recipe(recipe)

    def set_recipe(self, recipe: Recipe) -> None:
        """Put a recipe in as it is."""
        self.recipe = recipe
        if self.form is not None:
            self.form.config = recipe

    def apply(self, remedy: Remedy) -> bool:
        """Carry out a way out that sets one of its settings, and show them; False if it is none of its own."""
        self.settings.setChecked(True)
        return self.form is not None and self.form.apply(remedy)

    def settle(self) -> bool:
        """Whether its settings are what they show; else they are unfolded at the one that does not fit."""
        if self.form is None or self.form.is_valid:
            return self.form is None or self.form.settle()
        self.settings.setChecked(True)
        return self.form.settle()

    @Slot(bool)
    def show_settings(self, is_open: bool) -> None:
        """Unfold the recipe's settings under the line, or fold them away."""
        if is_open and self.form is None:
            self.form = Form(self.recipe, paths=IMPORTANT, exclude=_LEFT_OUT, defaults=self.preset.recipe)
            self.form.changed.connect(self._on_form)
            self._column.addWidget(self.form)
        if self.form is not None:
            self.form.setVisible(is_open)

    def _fill_presets(self, first: str) -> None:
        model = self.presets.model()
        assert isinstance(model, QStandardItemModel)
        for kind, family in MODELS.items():
            self.presets.addItem(say(family.label))
            model.item(self.presets.count() - 1).setFlags(Qt.ItemFlag.NoItemFlags)
            for entry in presets_of(kind):
                self.presets.addItem(f"{say(family.label)}, {say(entry.label)}", entry.key)
                self.presets.setItemData(self.presets.count() - 1, plain(say(entry.help)), Qt.ItemDataRole.ToolTipRole)
        self.presets.setCurrentIndex(self.presets.findData(first))

    def _place(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self._swatch)
        first.addWidget(self.presets, 1)  # all of the line: a family's name and a size are long
        second.addWidget(self.tokenizers, 1)
        second.addWidget(self.settings)
        second.addWidget(self.remove)
        self._column = QVBoxLayout(self)
        scaled(self, lambda: self._column.setContentsMargins(space(), space(), space(), space()))
        scaled(self, lambda: self._column.setSpacing(space(0.5)))
        self._column.addLayout(first)
        self._column.addLayout(second)

    @Slot()
    def _on_preset(self) -> None:
        self.recipe = self.preset.recipe
        if self.form is not None:
            self.form.config = self.recipe
            self.form.set_defaults(self.recipe)
        self.changed.emit()

    @Slot(object)
    def _on_form(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.changed.emit()

    @Slot()
    def _dress(self) -> None:
        self._swatch.setPixmap(swatch(self._number))
        self.remove.setIcon(icon("close", "muted"))
        self.remove.setIconSize(QSize(space(1.75), space(1.75)))
