"""The one layout that all tabs of the journey share: what (left, with the verb at its foot), the picture, and why.

┌──────────┬────────────────────────┐
│ what     │  the picture           │
│          │                        │
│ [ Verb ] │  why ▸                 │
└──────────┴────────────────────────┘
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QBoxLayout,
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

from llmstudio.gui.look.label import Label, caption, plain
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import icon, space, theme
from llmstudio.gui.shared.layout.deaf import Deaf
from llmstudio.gui.shared.layout.filled import fill
from llmstudio.gui.shared.layout.picture_column import PictureColumn, room_of
from llmstudio.gui.shared.layout.problems import MessageBar
from llmstudio.gui.shared.layout.scroll_down import ScrollDown
from llmstudio.gui.shared.layout.why import Why

LEFT, LEFT_MAX = 320, 400  # pixels at scale 1
_LARGE, _NARROW = 1.3, 1100  # in type larger than this, so many pixels (at scale 1) are too few for settings and picture


class TabLayout(QWidget):
    """Three parts and a foot.

    The settings fold away by themselves where type is large and the window is not, or where the picture would be cut, and
    come back where there is room; not against the person's own choice. The verb and what stands with it then move under
    the picture. Only the picture's side scrolls, so that the verb is always in sight.

    Attributes:
        messages: The tab's `MessageBar`, above the picture.
        verb: The tab's filled button, quiet while a message offers the next step; None if the tab has none.

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
        self._wished = float(left_width)  # of the left, in pixels at scale 1
        self._is_chosen = False  # the person has folded or unfolded it
        self._may_unfold = False
        self._settled = QTimer(self, interval=0, singleShot=True)  # when all parts have found their places
        self._settled.timeout.connect(self._make_room)
        self.messages = MessageBar()
        self.verb = verb
        self._deaf = Deaf(verb) if verb is not None else None
        self._left = self._pane(left, verb, foot)
        self._fold = QToolButton(checkable=True, checked=False, autoRaise=True)
        self._fold.clicked.connect(self.fold_left)
        self._picture = PictureColumn(self.messages, centre, Why(why) if isinstance(why, str) else why)
        self._right = self._picture.column
        right = QWidget()
        above = QHBoxLayout()
        above.setSpacing(0)
        above.addWidget(self._fold, 0, Qt.AlignmentFlag.AlignTop)
        above.addWidget(ScrollDown(self._picture), 1)
        self._strip = QVBoxLayout(right)  # the verb of folded settings stands under what scrolls, always in sight
        self._strip.setContentsMargins(0, 0, 0, 0)
        self._strip.setSpacing(0)
        self._strip.addLayout(above, 1)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        self._splitter.addWidget(self._left)
        self._splitter.addWidget(right)
        self._splitter.setStretchFactor(1, 1)
        fill(self, self._splitter)
        from llmstudio.gui.forms.form import Form  # Home takes its headings from here and has no form

        for form in left.findChildren(Form):
            form.wrong_asked.connect(self._unfold)
        self._splitter.splitterMoved.connect(self._on_moved)
        self.messages.leads.connect(self._on_leads)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _pane(self, left: QWidget, verb: QPushButton | None, foot: tuple[QWidget, ...]) -> QFrame:
        pane = QFrame()
        pane.setProperty("role", "pane")
        scroll = self._scroll = QScrollArea(widgetResizable=True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(left)
        left.setAutoFillBackground(False)
        scroll.viewport().setAutoFillBackground(False)
        self._column = QVBoxLayout(pane)
        self._column.addWidget(scroll, 1)
        self._foot = QWidget()
        self._foot_row = QVBoxLayout(self._foot)
        if verb is not None:
            verb.setProperty("role", "verb")
            verb.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._foot_row.addWidget(verb)
        if foot:
            row = QHBoxLayout()
            for widget in foot:
                row.addWidget(widget)
            self._foot_row.addLayout(row)
        self._has_foot = verb is not None or bool(foot)
        if self._has_foot:
            self._column.addWidget(self._foot)
        return pane

    @property
    def is_folded(self) -> bool:
        """Whether the settings are out of sight."""
        return self._left.isHidden()

    def turn_verb(self, stop: QWidget, *, is_running: bool) -> None:
        """While a job runs, what stops it takes the place of the verb."""
        stop.setVisible(is_running)
        if not is_running:
            self.rest_verb()
        if self.verb is not None:
            self.verb.setVisible(not is_running)

    def rest_verb(self) -> None:
        """A job has ended, and the verb takes the place of what stopped it: a press on its way to Stop begins nothing."""
        if self._deaf is not None:
            self._deaf.begin()

    def lead_to(self, part: QWidget) -> None:
        """Bring a part of the settings into sight, from wherever they are scrolled or folded away."""
        self._unfold()
        # What has just been shown has its place only then.
        QTimer.singleShot(0, part, lambda: self._scroll.ensureWidgetVisible(part))

    def look_again(self) -> None:
        """Another picture is in front: settings that were folded for the one before come back where it leaves room."""
        self._may_unfold = True
        self._settled.start()

    @Slot(bool)
    def _on_leads(self, leads: bool) -> None:
        """Of a tab's buttons only one is filled: the next step, where a message offers it, else the verb."""
        role = "" if leads else "verb"
        if self.verb is not None and self.verb.property("role") != role:
            self.verb.setProperty("role", role)
            self.verb.style().unpolish(self.verb)
            self.verb.style().polish(self.verb)

    @Slot()
    def _unfold(self) -> None:
        self.fold_left(False)

    @Slot(bool)
    def fold_left(self, fold: bool) -> None:
        """Give the picture the whole width, or bring the settings back: a choice that stays."""
        self._is_chosen = True
        self._set_folded(fold)

    def _set_folded(self, fold: bool) -> None:
        if fold != self._left.isHidden():
            self._left.setVisible(not fold)
            if self._has_foot:
                here, there = (self._column, self._strip) if fold else (self._strip, self._column)
                here.removeWidget(self._foot)
                there.addWidget(self._foot)
                self._foot.show()  # a part that moves is hidden until then
            way = QBoxLayout.Direction.LeftToRight if fold else QBoxLayout.Direction.TopToBottom
            self._foot_row.setDirection(way)
        self._fold.setChecked(fold)
        self._restyle()

    def event(self, event: QEvent) -> bool:
        """Whatever changes the room, or what the picture needs, may fold the settings away; only more room unfolds them."""
        answer = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.LayoutRequest):
            self._may_unfold |= event.type() != QEvent.Type.LayoutRequest
            self._settled.start()
        return answer

    @Slot()
    def _make_room(self) -> None:
        may_unfold, self._may_unfold = self._may_unfold, False
        if self._is_chosen or not self.isVisible():
            return
        room = (room_of(self) or self).width()
        needed = round(self._left_width * theme.scale) + self._fold.sizeHint().width() + self._picture.least_width()
        is_short = needed > room or (theme.scale > _LARGE and room < _NARROW * theme.scale)
        if is_short != self._left.isHidden() and (is_short or may_unfold):
            self._set_folded(is_short)

    @Slot()
    def _on_moved(self) -> None:
        self._wished = self._splitter.sizes()[0] / theme.scale

    @Slot()
    def _restyle(self) -> None:
        text = self.tr("Bring the settings back") if self._left.isHidden() else self.tr("Fold the settings away")
        self._fold.setAccessibleName(text)
        self._fold.setToolTip(plain(text))
        self._left.setMinimumWidth(round(self._left_width * theme.scale))
        self._left.setMaximumWidth(round(LEFT_MAX * theme.scale))
        self._column.setContentsMargins(space(2), space(2), space(2), space(2))
        self._column.setSpacing(space(1.5))
        self._foot_row.setSpacing(space(1.5))
        around = (space(2), space(), space(2), space(1.5)) if self._left.isHidden() else (0, 0, 0, 0)
        self._foot_row.setContentsMargins(*around)
        self._right.setContentsMargins(space(), space(2), space(2), space(1.5))
        self._right.setSpacing(space(1.5))
        self._fold.setIcon(icon("unfold" if self._left.isHidden() else "fold", "muted"))
        self._fold.setIconSize(QSize(space(2), space(2)))
        # Without a word from us the splitter goes by what the widest line in the pane would like.
        self._splitter.setSizes([round(self._wished * theme.scale), 100 * LEFT])
        self.look_again()


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
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(3)
        scaled(self, lambda: column.setSpacing(space(2)))
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
