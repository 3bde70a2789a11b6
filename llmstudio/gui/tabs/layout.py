"""The one layout that all tabs of the journey share: what (left, with the verb at its foot), the picture, and why.

┌──────────┬────────────────────────┐
│ what     │  the picture           │
│          │                        │
│ [ Verb ] │  why ▸                 │
└──────────┴────────────────────────┘
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from llmstudio.gui.label import Label, caption
from llmstudio.gui.problems import MessageBar
from llmstudio.gui.tabs.picture_column import PictureColumn
from llmstudio.gui.tabs.why import Why
from llmstudio.gui.theme import icon, space, theme
from llmstudio.gui.widgets.deaf import Deaf

LEFT, LEFT_MAX = 320, 400  # pixels at scale 1


class TabLayout(QWidget):
    """Three parts and a foot.

    Attributes:
        messages: The tab's `MessageBar`, above the picture.
        verb: The one filled button, None if the tab has none.

    Args:
        left: The item and its few settings; scrolls if it must.
        centre: The picture: a plot, a text, a map; never empty.
        why: What is seen, in two sentences; a `Why`, plain text for one, or any widget.
        verb: The tab's filled button.
        foot: Widgets beside the verb (Pause, Stop), under it.
        left_width: Least width of the left in pixels at scale 1.
    """

    def __init__(
        self,
        left: QWidget,
        centre: QWidget,
        why: QWidget | str | None = None,
        *,
        verb: QPushButton | None = None,
        foot: tuple[QWidget, ...] = (),
        left_width: int = LEFT,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._left_width = left_width
        self.messages = MessageBar()
        self.verb = verb
        self._deaf = Deaf(verb) if verb is not None else None
        self._left = self._pane(left, verb, foot)
        self._fold = QToolButton(checkable=True, checked=False, autoRaise=True)
        self._fold.setAccessibleName(self.tr("Fold the settings away"))
        self._fold.setToolTip(self.tr("Fold the settings away"))
        self._fold.toggled.connect(self.fold_left)
        column = PictureColumn(self.messages, centre, Why(why) if isinstance(why, str) else why)
        self._right = column.column
        right = QWidget()
        strip = QHBoxLayout(right)
        strip.setContentsMargins(0, 0, 0, 0)
        strip.setSpacing(0)
        strip.addWidget(self._fold, 0, Qt.AlignmentFlag.AlignTop)
        strip.addWidget(column, 1)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        self._splitter.addWidget(self._left)
        self._splitter.addWidget(right)
        self._splitter.setStretchFactor(1, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._splitter)
        from llmstudio.gui.form import Form  # Home takes its headings from here and has no form

        for form in left.findChildren(Form):
            form.wrong_asked.connect(self._unfold)
        theme.changed.connect(self._restyle)
        self._restyle()
        # Without a word from us the splitter goes by what the widest line in the pane would like.
        self._splitter.setSizes([round(left_width * theme.scale), 100 * LEFT])

    def _pane(self, left: QWidget, verb: QPushButton | None, foot: tuple[QWidget, ...]) -> QFrame:
        pane = QFrame()
        pane.setProperty("role", "pane")
        scroll = QScrollArea(widgetResizable=True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(left)
        left.setAutoFillBackground(False)
        scroll.viewport().setAutoFillBackground(False)
        self._column = QVBoxLayout(pane)
        self._column.addWidget(scroll, 1)
        if verb is not None:
            verb.setProperty("role", "verb")
            verb.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._column.addWidget(verb)
        if foot:
            row = QHBoxLayout()
            for widget in foot:
                row.addWidget(widget)
            self._column.addLayout(row)
        return pane

    def rest_verb(self) -> None:
        """A job has ended, and the verb takes the place of what stopped it: a press on its way to Stop begins nothing."""
        if self._deaf is not None:
            self._deaf.begin()

    @Slot()
    def _unfold(self) -> None:
        self.fold_left(False)

    @Slot(bool)
    def fold_left(self, fold: bool) -> None:
        """Give the picture the whole width, or bring the settings back."""
        self._left.setVisible(not fold)
        self._fold.setChecked(fold)
        self._restyle()

    @Slot()
    def _restyle(self) -> None:
        self._left.setMinimumWidth(round(self._left_width * theme.scale))
        self._left.setMaximumWidth(round(LEFT_MAX * theme.scale))
        self._column.setContentsMargins(space(2), space(2), space(2), space(2))
        self._column.setSpacing(space(1.5))
        self._right.setContentsMargins(space(), space(2), space(2), space(1.5))
        self._right.setSpacing(space(1.5))
        self._fold.setIcon(icon("unfold" if self._left.isHidden() else "fold", "muted"))
        self._fold.setIconSize(QSize(space(2), space(2)))


class Offer(QWidget):
    """What a tab lacks, offered as one button in the middle of the picture: "No tokenizer yet" [Build one from Tales].

    Signals:
        pressed: The offer was taken.
    """

    pressed = Signal()

    def __init__(self, text: str, button: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = Label(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._button = QPushButton()
        self._button.clicked.connect(self.take)
        column = QVBoxLayout(self)
        column.addStretch(2)
        column.addWidget(self._text)
        column.addSpacing(space(2))
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(3)
        self.set_words(text, button)

    def set_words(self, text: str, button: str) -> None:
        """Offer something else; without a button if it has no text."""
        self._text.setText(text)
        self._button.setText(caption(button))
        self._button.setVisible(bool(button))

    @Slot()
    def take(self) -> None:
        """Take the offer, as a press on its button does."""
        self.pressed.emit()


def heading(text: str, role: str = "title") -> Label:
    """A label with a role of the style sheet: title, figure, muted, unit."""
    label = Label(text, wordWrap=True)
    label.setProperty("role", role)
    return label


def line() -> QFrame:
    """A hairline."""
    result = QFrame()
    result.setProperty("role", "line")
    return result
