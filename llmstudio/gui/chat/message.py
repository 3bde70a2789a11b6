"""One message of a chat: who spoke, the text (selectable, growing while it is written), what may be done with it."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from llmstudio.gui.look.label import Label, plain
from llmstudio.gui.look.theme import BODY, font, icon, space, theme


class FlowingText(QTextEdit):
    """Plain text as tall as it needs to be, without a scroll bar of its own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, readOnly=True, acceptRichText=False, tabChangesFocus=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    def append_text(self, text: str) -> None:
        """Write on at the end; what is selected stays selected."""
        # A cursor of its own: only the last paragraph is laid out anew, however long the text is.
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text)

    @Slot()
    def _fit(self) -> None:
        margins = self.contentsMargins()
        extra = margins.top() + margins.bottom() + (self.height() - self.viewport().height())
        self.setFixedHeight(max(1, math.ceil(self.document().size().height()) + max(extra, 0)))


class MessageView(QFrame):
    """A message.

    Signals:
        regenerate: Answer anew.
        edited: (text) say this instead.
        version: (step) show the version before (-1) or after (+1) this one.
    """

    regenerate = Signal()
    edited = Signal(str)
    version = Signal(int)

    def __init__(self, who: str, *, is_person: bool, can_regenerate: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_person = is_person
        self._can_regenerate = can_regenerate
        self.setProperty("role", "card" if is_person else "plain")
        self._who = Label(who)
        self._who.setProperty("role", "accent")
        self._back = self._button(self.tr("The version before"), self._go_back)
        self._on = self._button(self.tr("The next version"), self._go_on)
        self._back.setText("‹")
        self._on.setText("›")
        self._count = Label()
        self._count.setProperty("role", "muted")
        self._text = FlowingText()
        self._text.setAccessibleName(who)
        self._facts = Label()
        self._facts.setProperty("role", "muted")
        self._facts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._buttons = {
            "reset": self._button(self.tr("Answer anew"), self.regenerate.emit),
            "edit": self._button(self.tr("Edit"), self._begin_edit),
            "copy": self._button(self.tr("Copy"), self._copy),
        }
        self._send = QPushButton(self.tr("Send as a new version"))
        self._cancel = QPushButton(self.tr("Leave it"))
        self._send.clicked.connect(self._end_edit)
        self._cancel.clicked.connect(self._leave_edit)
        self._before = ""
        self._layout_parts()
        self.set_versions(1, 1)
        self._show_editing(False)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _button(self, words: str, slot: object) -> QToolButton:
        button = QToolButton(toolTip=plain(words), accessibleName=words, autoRaise=True)
        button.clicked.connect(slot)
        return button

    def _layout_parts(self) -> None:
        self._head = QHBoxLayout()
        self._head.addWidget(self._who)
        self._head.addStretch(1)
        for widget in (self._back, self._count, self._on):
            self._head.addWidget(widget)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self._facts, 1)
        for button in self._buttons.values():
            self._foot.addWidget(button)
        ways = QHBoxLayout()
        ways.addWidget(self._send)
        ways.addWidget(self._cancel)
        ways.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._head)
        self._column.addWidget(self._text)
        self._column.addLayout(ways)
        self._column.addLayout(self._foot)

    # what it shows

    @property
    def text(self) -> str:
        """The words."""
        return self._text.toPlainText()

    @property
    def facts(self) -> str:
        """The small line under it."""
        return self._facts.text()

    @property
    def versions_text(self) -> str:
        """Which version it is, `2/3`; empty if there is only one."""
        return self._count.text()

    def set_text(self, text: str) -> None:
        """Show this text."""
        if text != self.text:
            self._text.setPlainText(text)

    def append_text(self, text: str) -> None:
        """Write on at the end."""
        self._text.append_text(text)

    def set_facts(self, text: str, help: str = "") -> None:
        """Say something small under the text, more on hover."""
        self._facts.setText(text)
        self._facts.setToolTip(plain(help))

    def set_versions(self, number: int, total: int) -> None:
        """This is version `number` of `total`, counted from one."""
        for widget in (self._back, self._count, self._on):
            widget.setVisible(total > 1)
        self._count.setText(f"{number}/{total}" if total > 1 else "")
        self._back.setEnabled(number > 1)
        self._on.setEnabled(number < total)

    def set_busy(self, busy: bool) -> None:
        """While an answer is being written nothing can be done with messages but copying them."""
        self._buttons["reset"].setVisible(self._can_regenerate and not busy)
        self._buttons["edit"].setVisible(not busy)
        self._send.setEnabled(not busy)

    # what is done with it

    def press(self, name: str) -> None:
        """Press one of its buttons: reset, edit or copy."""
        self._buttons[name].click()

    @Slot()
    def _go_back(self) -> None:
        self.version.emit(-1)

    @Slot()
    def _go_on(self) -> None:
        self.version.emit(1)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text)

    @Slot()
    def _begin_edit(self) -> None:
        self._before = self.text
        self._show_editing(True)
        self._text.moveCursor(QTextCursor.MoveOperation.End)
        self._text.setFocus()

    @Slot()
    def _end_edit(self) -> None:
        text = self.text
        self._leave_edit()
        if text != self._before and text.strip():
            self.edited.emit(text)

    @Slot()
    def _leave_edit(self) -> None:
        self._text.setPlainText(self._before)
        self._show_editing(False)

    def _show_editing(self, editing: bool) -> None:
        self._text.setReadOnly(not editing)
        self._text.setProperty("editing", editing)
        for widget in (self._send, self._cancel):
            widget.setVisible(editing)
        for name, button in self._buttons.items():
            button.setVisible(not editing and (name != "reset" or self._can_regenerate))
        self._restyle()

    @Slot()
    def _restyle(self) -> None:
        editing = not self._text.isReadOnly()
        edge = f"border-bottom: 1px solid {theme.colors.accent}" if editing else "border: none"
        self._text.setStyleSheet(f"QTextEdit {{ background: transparent; {edge}; border-radius: 0; padding: 0; }}")
        self._text.setFont(font(BODY + 0.5))
        for name, button in self._buttons.items():
            button.setIcon(icon(name, "muted"))
            button.setIconSize(QSize(space(1.75), space(1.75)))
        self._facts.setFont(font(BODY - 1, tabular=True))
        self._column.setContentsMargins(space(1.5), space(), space(1.5), space(0.5))
        self._column.setSpacing(space(0.5))
        self._head.setSpacing(space(0.25))
        self._foot.setSpacing(0)
