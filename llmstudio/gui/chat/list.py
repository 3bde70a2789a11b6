"""The saved chats: pick one, begin one, rename it in place, delete it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from llmstudio.gui.look.label import plain
from llmstudio.gui.look.theme import icon, space, theme
from llmstudio.gui.shared.layout.tab_layout import heading

_NAME = Qt.ItemDataRole.UserRole


class ChatList(QWidget):
    """Names of chats, the newest on top.

    Signals:
        picked: (name) look at this one.
        new_asked: Begin another.
        renamed: (name, new name) the person wrote another name.
        delete_asked: (name) delete this one; asking back is the owner's task.
    """

    picked = Signal(str)
    new_asked = Signal()
    renamed = Signal(str, str)
    delete_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._list = QListWidget(accessibleName=self.tr("Saved chats"))
        self._list.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked
        )
        self._list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.currentItemChanged.connect(self._on_current)
        self._list.itemChanged.connect(self._on_written)
        self.new_button = QPushButton(self.tr("New chat"))
        self.new_button.clicked.connect(self.new_asked)
        self._rename = self._button(self.tr("Rename"))
        self._delete = self._button(self.tr("Delete"))
        self._rename.clicked.connect(self._begin_rename)
        self._delete.clicked.connect(self._on_delete)
        row = QHBoxLayout()
        row.addWidget(self.new_button, 1)
        row.addWidget(self._rename)
        row.addWidget(self._delete)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(heading(self.tr("Saved chats"), "muted"))
        self._column.addWidget(self._list, 1)
        self._column.addLayout(row)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.set_names([])

    def _button(self, words: str) -> QToolButton:
        return QToolButton(toolTip=plain(words), accessibleName=words, autoRaise=True)

    def set_names(self, names: Sequence[str], current: str = "") -> None:
        """List these, the shown one marked; says nothing."""
        with QSignalBlocker(self._list):
            if list(names) != self.names():  # a list is not emptied under the hand that presses in it
                self._list.clear()
                for name in names:
                    self._add(name)
            place = list(names).index(current) if current in names else -1
            self._list.setCurrentRow(place)
        for button in (self._rename, self._delete):
            button.setVisible(bool(self.current()))

    def _add(self, name: str) -> None:
        item = QListWidgetItem(name)
        item.setToolTip(plain(name))
        item.setData(_NAME, name)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        self._list.addItem(item)

    def names(self) -> list[str]:
        """What is listed."""
        return [str(self._list.item(i).data(_NAME)) for i in range(self._list.count())]

    def current(self) -> str:
        """The marked one; empty for none."""
        item = self._list.currentItem()
        return "" if item is None else str(item.data(_NAME))

    @Slot()
    def _on_current(self) -> None:
        for button in (self._rename, self._delete):
            button.setVisible(bool(self.current()))
        if self.current():
            self.picked.emit(self.current())

    @Slot(QListWidgetItem)
    def _on_written(self, item: QListWidgetItem) -> None:
        old, new = str(item.data(_NAME)), item.text().strip()
        with QSignalBlocker(self._list):
            item.setText(old)  # until the owner says that it worked
        if new and new != old:
            self.renamed.emit(old, new)

    @Slot()
    def _begin_rename(self) -> None:
        if (item := self._list.currentItem()) is not None:
            self._list.editItem(item)

    @Slot()
    def _on_delete(self) -> None:
        self.delete_asked.emit(self.current())

    @Slot()
    def _restyle(self) -> None:
        self._list.setStyleSheet(
            "QListWidget { background: transparent; border: none; }"
            f"QListWidget::item {{ padding: {space(0.75)}px {space()}px; border-radius: {space(0.75)}px; }}"
            f"QListWidget::item:selected {{ background: {theme.colors.accent_soft}; color: {theme.colors.text}; }}"
        )
        for button, name in ((self._rename, "edit"), (self._delete, "trash")):
            button.setIcon(icon(name, "muted"))
            button.setIconSize(QSize(space(2), space(2)))
        self.new_button.setIcon(icon("plus"))
        self._column.setSpacing(space())
