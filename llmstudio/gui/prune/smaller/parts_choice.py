"""Which kinds of units go: a box to tick for each; those that a model cannot lose say why not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from llmstudio.core.models.shrinking.shapes import PARTS
from llmstudio.core.words import Words
from llmstudio.gui.look.label import Label, caption, plain
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import say, space


class PartsChoice(QWidget):
    """A box for each of `PARTS`.

    Attributes:
        boxes: By the kind.

    Signals:
        changed: Other kinds are ticked.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: column.setSpacing(space(0.5)))
        head = Label(self.tr("What goes"))
        column.addWidget(head)
        self.boxes: dict[str, QCheckBox] = {}
        for part, about in PARTS.items():
            box = self.boxes[part] = QCheckBox(caption(say(about.label)), toolTip=plain(say(about.help)))
            box.toggled.connect(self.changed)
            column.addWidget(box)
        self._reasons = Label(wordWrap=True, visible=False)
        self._reasons.setProperty("role", "muted")
        column.addWidget(self._reasons)

    @property
    def parts(self) -> tuple[str, ...]:
        """The kinds that are ticked."""
        return tuple(part for part, box in self.boxes.items() if box.isChecked() and box.isEnabled())

    @property
    def reasons(self) -> str:
        """What is said of those that cannot go."""
        return self._reasons.text()

    def tick(self, parts: Iterable[str]) -> None:
        """Tick these, telling nobody."""
        wanted = set(parts)
        for part, box in self.boxes.items():
            with QSignalBlocker(box):
                box.setChecked(part in wanted)

    def refuse(self, refused: Mapping[str, Words], absent: Collection[str] = ()) -> None:
        """These cannot go, and why not; of those that are `absent` from the family that stands on hover alone."""
        told = []
        for part, box in self.boxes.items():
            reason = refused.get(part)
            box.setEnabled(reason is None)
            box.setToolTip(plain(say(PARTS[part].help if reason is None else reason)))
            if reason is not None and part not in absent:
                told.append(say(reason))
        self._reasons.setText("\n".join(told))
        self._reasons.setVisible(bool(told))
