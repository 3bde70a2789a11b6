"""Who races, on which text, and what all have alike: time, text, or size and time. And a name for the race."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from llmstudio.app.inspecting.latent_rival import Match
from llmstudio.app.race.board import Runner
from llmstudio.app.race.racing import Budget, check, fair
from llmstudio.core.errors import StudioError
from llmstudio.core.recipe import Recipe
from llmstudio.gui.forms.number_boxes import WholeBox
from llmstudio.gui.forms.number_note import NumberNote
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.scaled import indent, scaled
from llmstudio.gui.look.theme import say, space
from llmstudio.gui.shared.pickers.item_picker import ItemPicker
from llmstudio.gui.shared.pickers.name_field import NameField
from llmstudio.gui.train.modes.race.runner import RunnerLine

_FIRST, _NEXT = ("decoder:nano", "lstm:nano"), ("gru:nano", "rnn:nano", "decoder:micro", "lstm:micro")
MOST = 6
_SECONDS, _TOKENS, _PARAMETERS = 60, 500_000, 500_000


class RaceSetup(QWidget):
    """The left side of the tab while a race is prepared. It is told what there is, and starts nothing.

    Signals:
        changed: Something is different now.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.corpus = ItemPicker(self.tr("Text"), has_menu=False, holds=True)
        self.lines: list[RunnerLine] = []
        self._tokenizers: list[str] = []
        self._tokenizer_ids: Mapping[str, str] = {}
        self.add = QPushButton(self.tr("Add a runner"))
        self.by_seconds = QRadioButton(self.tr("Time"), toolTip=self.tr("Each learns for as long, by its own stopwatch"))
        self.by_tokens = QRadioButton(self.tr("Text"), toolTip=self.tr("Each reads as many tokens"))
        self.by_size = QRadioButton(self.tr("Size"), toolTip=self.tr("Each is made as large, and learns for the time above"))
        self.seconds = _number(_SECONDS, 1, 7 * 86_400, self.tr(" s"), self.tr("Seconds for each"))
        self.tokens = _number(_TOKENS, 100, 2_000_000_000, self.tr(" tokens"), self.tr("Tokens that each reads"))
        self.parameters = _number(
            _PARAMETERS, 1_000, 2_000_000_000, self.tr(" parameters"), self.tr("Parameters that each is brought to")
        )
        self.prompt = QLineEdit(accessibleName=self.tr("Sample prompt"))
        self.prompt.setPlaceholderText(self.tr("the text's own beginning"))
        self.prompt.setToolTip(self.tr("What every sample text begins with; each runner goes on from there."))
        self.name_field = NameField()
        self.problem = Label(wordWrap=True)
        self.problem.setProperty("role", "error")
        self.problem.hide()
        numbers = (self.seconds, self.tokens, self.parameters)
        self.note = NumberNote(numbers)
        self._budgets = QButtonGroup(self)
        self._place()
        self.add.clicked.connect(self.add_runner)
        self._budgets.buttonClicked.connect(self._on_budget)
        for number in numbers:
            number.valueChanged.connect(self._changed)
        self.name_field.changed.connect(self._changed)
        for name in _FIRST:
            self._append(name)
        self.by_seconds.setChecked(True)
        self._on_budget()

    def settle(self) -> bool:
        """Take what is still being typed. False if a runner's settings are not what they show, and it is led to."""
        for number in (self.seconds, self.tokens, self.parameters):
            number.interpretText()
        return all(line.settle() for line in self.lines)

    @property
    def budget(self) -> Budget:
        """What all have alike."""
        if self.by_tokens.isChecked():
            return Budget(tokens=self.tokens.value())
        size = self.parameters.value() if self.by_size.isChecked() else 0
        return Budget(seconds=float(self.seconds.value()), parameters=size)

    def runners(self, race: str) -> list[Runner]:
        """Who takes part, each with a name for its model."""
        return [
            Runner(f"{race} {number} {line.preset.key.replace(':', ' ')}", self._recipe(line), line.tokenizer)
            for number, line in enumerate(self.lines, 1)
        ]

    def entries(self, race: str, vocab_sizes: Mapping[str, int]) -> list[tuple[str, Recipe, int]]:
        """What is to be raced: each model's name, its recipe under the budget, and its parameters.

        Raises:
            StudioError: This is no race, or a recipe cannot be brought to the budget.
        """
        runners, budget = self.runners(race), self.budget
        check(runners, budget)
        if not all(runner.tokenizer for runner in runners):
            raise StudioError(
                "Not every runner has a tokenizer, since none was learned from this text: build one in the Tokenizer tab, or"
                " choose one of another text."
            )
        ready = []
        for runner in runners:
            size = vocab_sizes.get(runner.tokenizer, 0)
            recipe = fair(runner.recipe, budget, size)
            ready.append((runner.name, recipe, recipe.num_parameters(size)))
        return ready

    def say_problem(self, problem: StudioError | str | None) -> None:
        """Say in place what is wrong; nothing if there is nothing."""
        text = say(problem.words) if isinstance(problem, StudioError) else (problem or "")
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def propose(self, match: Match) -> None:
        """Prepare a race of two that was thought out elsewhere."""
        self.corpus.pick(match.corpus)
        while len(self.lines) > len(match.recipes):
            self._drop(self.lines[-1])
        while len(self.lines) < len(match.recipes):
            self._append(_FIRST[0])
        for line, recipe in zip(self.lines, match.recipes, strict=True):
            line.pick_recipe(recipe)
            line.pick_tokenizer(match.tokenizer)
        self.seconds.setValue(round(match.seconds))
        self.parameters.setValue(match.parameters)
        self.by_size.setChecked(True)
        self._on_budget()

    def set_tokenizers(
        self, names: Sequence[str], own: Sequence[str], ids: Mapping[str, str], *, is_new_text: bool = False
    ) -> None:
        """Offer these to every runner; who has none takes the first of the text's `own`, after a change of text all do."""
        self._tokenizers, self._tokenizer_ids, first = list(names), ids, own[0] if own else ""
        for line in self.lines:
            line.set_tokenizers(names, first, ids)
            if is_new_text:
                line.pick_tokenizer(first)

    @Slot()
    def add_runner(self) -> None:
        """One more, unless there are as many as a race takes."""
        if len(self.lines) >= MOST:
            self.say_problem(self.tr("A race takes at most {n} runners.").format(n=MOST))
            return
        used = {line.preset.key for line in self.lines}
        self._append(next((name for name in (*_FIRST, *_NEXT) if name not in used), _FIRST[0]))
        self._changed()

    def _append(self, key: str) -> None:
        line = RunnerLine(len(self.lines), key)
        line.set_tokenizers(self._tokenizers, self.lines[-1].tokenizer if self.lines else "", self._tokenizer_ids)
        line.changed.connect(self._changed)
        line.remove_asked.connect(self._remove)
        self.lines.append(line)
        self._runners.addWidget(line)

    @Slot()
    def _remove(self) -> None:
        line = self.sender()
        assert isinstance(line, RunnerLine)
        self._drop(line)

    def _drop(self, line: RunnerLine) -> None:
        self.lines.remove(line)
        line.hide()
        line.deleteLater()
        for number, other in enumerate(self.lines):
            other.set_number(number)
        self._changed()

    def _recipe(self, line: RunnerLine) -> Recipe:
        # The same beginning for all, so that what they write stands side by side.
        return replace(line.recipe, training=replace(line.recipe.training, sample_prompt=self.prompt.text()))

    def _place(self) -> None:
        self._runners = QVBoxLayout()
        scaled(self, lambda: self._runners.setSpacing(space()))
        budget = QGridLayout()
        scaled(self, lambda: budget.setVerticalSpacing(space(0.5)))
        rows = ((self.by_seconds, self.seconds), (self.by_tokens, self.tokens), (self.by_size, self.parameters))
        for row, (button, number) in enumerate(rows):
            self._budgets.addButton(button)
            budget.addWidget(button, row, 0)
            budget.addWidget(number, row, 1)
        budget.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: column.setSpacing(space(1.25)))
        column.addWidget(self.corpus)
        column.addLayout(self._runners)
        column.addWidget(self.add)
        column.addWidget(self.problem)
        column.addWidget(Label(self.tr("What is equal for all")))
        column.addLayout(budget)
        column.addWidget(self.note)
        label = Label(self.tr("Each writes on from"))
        label.setBuddy(self.prompt)
        column.addWidget(label)
        column.addWidget(self.prompt)
        column.addWidget(self.name_field)
        column.addStretch(1)

    @Slot()
    def _on_budget(self) -> None:
        self.seconds.setEnabled(not self.by_tokens.isChecked())
        self.tokens.setEnabled(self.by_tokens.isChecked())
        self.parameters.setEnabled(self.by_size.isChecked())
        self._changed()

    @Slot()
    def _changed(self) -> None:
        self.say_problem(None)
        self.changed.emit()


def _number(value: int, low: int, high: int, suffix: str, name: str) -> WholeBox:
    box = WholeBox(low, high)
    box.setAccessibleName(name)
    box.setSuffix(suffix)
    indent(box)
    box.setValue(value)
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # the pane's width decides
    return box
