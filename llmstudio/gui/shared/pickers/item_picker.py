"""Which of the project's items is looked at, with a small menu to rename or delete it.

In: the names there are. Out: the name picked, or what is to be done to it; the widget itself changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from llmstudio.gui.look.label import Label, plain
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import space
from llmstudio.gui.shared.pickers.name_box import NameBox


def name_of(item: str, before: str, ids: Mapping[str, str]) -> str:
    """The name that an item of this id has now: that of `before` where it still has, else another; empty if it is gone.

    A folder that was copied by hand has the id of its original.
    """
    if not item:
        return ""
    return before if ids.get(before) == item else next((name for name, other in ids.items() if other == item), "")


class ItemPicker(QWidget):
    """A label, a list of names and a menu.

    Args:
        label: What the names are of.
        none: The first entry, which stands for none.
        has_menu: Whether the one that is picked may be renamed or deleted here.
        above: The label stands above the list, which then has the whole width: for a narrow pane, where names are long.
        holds: Something is made of the one picked, so nothing else takes its place by itself: where it is no longer among
            the names, the list names it in red and has none picked, until the person chooses.

    Signals:
        picked(str): The person chose this one; empty for the first entry, which stands for none.
        rename_asked(str): Rename this one.
        delete_asked(str): Delete this one.
        missed(bool): The one that was picked is no longer there, or another is picked in its place.
    """

    picked = Signal(str)
    rename_asked = Signal(str)
    delete_asked = Signal(str)
    missed = Signal(bool)

    def __init__(
        self,
        label: str,
        *,
        none: str = "",
        has_menu: bool = True,
        above: bool = False,
        holds: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._none, self._holds = none, holds
        self._gone = self._gone_id = ""
        self._ids: dict[str, str] = {}
        self._notes: dict[str, str] = {}
        self._label = Label(label, self)
        self._list = NameBox(self, accessibleName=label)
        self._list.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._list.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._list.setMinimumContentsLength(5)
        self._label.setBuddy(self._list)
        self._menu_button = QToolButton(self, text="⋯", toolTip=self.tr("Rename or delete"))
        self._menu_button.setAccessibleName(self.tr("Rename or delete"))
        self._menu = QMenu(self)
        self.rename_action = self._menu.addAction(self.tr("Rename…"))
        self.delete_action = self._menu.addAction(self.tr("Delete…"))
        self.rename_action.triggered.connect(self._rename)
        self.delete_action.triggered.connect(self._delete)
        self._menu_button.clicked.connect(self._open_menu)
        self._has_menu = has_menu
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: column.setSpacing(space(0.5)))
        if above:
            column.addWidget(self._label)
        else:
            row.addWidget(self._label)
        for widget in (self._list, self._menu_button):
            row.addWidget(widget)
        if above:
            self._list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        else:
            row.addStretch(1)
        column.addLayout(row)
        self._problem = Label(self, wordWrap=True)
        self._problem.setProperty("role", "error")
        column.addWidget(self._problem)
        self._list.activated.connect(self._activated)
        self.set_names([])

    def set_names(self, names: Sequence[str], ids: Mapping[str, str] | None = None) -> None:
        """Offer these, keeping the one that is picked if it is still there: by its id where `ids` tell it, else by its name.

        So it is followed under another name, and one that has taken its name is not mistaken for it.
        """
        now = self.current() or self._gone
        item = self.current_id or self._gone_id
        self._ids = dict(ids or {})
        by_id = name_of(item, now, {name: self._ids.get(name, "") for name in names})
        is_there = bool(by_id) or (now in names and not (item and self._holds))
        now = by_id or now
        is_lost = self._holds and bool(now) and not is_there and bool(names)  # without any there is no choice to be made
        self._list.clear()
        if self._none:
            self._list.addItem(self._none, "")
        for name in names:
            self._list.addItem(name, name)
        if is_lost:
            self._lose(now, item)
        else:
            self.pick(now)
        if self._notes:
            self.set_notes(self._notes)

    def forget(self) -> None:
        """Hold nothing: other items are on offer, as of another project."""
        self.set_names([])
        self._settle()

    def set_notes(self, notes: Mapping[str, str]) -> None:
        """Say of some of them how they stand, where one points at them; of the one that is picked, on the list itself."""
        self._notes = dict(notes)
        for place in range(self._list.count()):
            note = notes.get(str(self._list.itemData(place)), "")
            self._list.setItemData(place, plain(note), Qt.ItemDataRole.ToolTipRole)
        self._list.setToolTip(plain(self.note()))

    def note(self) -> str:
        """What is said of the one that is picked."""
        return self._notes.get(self.current(), "")

    def names(self) -> list[str]:
        """The names on offer."""
        return [name for i in range(self._list.count()) if (name := str(self._list.itemData(i)))]

    def current(self) -> str:
        """The name picked; empty for none."""
        return str(self._list.currentData() or "")

    @property
    def current_id(self) -> str:
        """Id of the one picked, as it was when names were set; empty if it was not given."""
        return self._ids.get(self.current(), "")

    def pick(self, name: str) -> bool:
        """Show this one as picked without saying so; the first if it is not there. True if it is."""
        place = self._list.findData(name)
        self._list.setCurrentIndex(max(0, place))
        self._settle()
        self._menu_button.setVisible(self._has_menu and bool(self.current()))
        if self._notes:
            self._list.setToolTip(plain(self.note()))
        return place >= 0

    def add_action(self, text: str) -> QAction:
        """One more entry of the menu, before the others."""
        action = QAction(text, self._menu)
        self._menu.insertAction(self.rename_action, action)
        return action

    @property
    def gone(self) -> str:
        """Name of the one that was picked and is no longer there; empty once another is, or where none has to be held."""
        return self._gone

    def _lose(self, name: str, item: str) -> None:
        self._gone, self._gone_id = name, item
        self._list.setPlaceholderText(name)
        self._list.setCurrentIndex(-1)
        self._menu_button.hide()
        self._tell()

    def _settle(self) -> None:
        """One is picked by its name, or none is wanted: nothing is missed any more."""
        self._gone = self._gone_id = ""
        self._tell()

    def _tell(self) -> None:
        said = self.tr("“{name}”, which was chosen here, is no longer there: choose again.")
        self._problem.setText(said.format(name=self._gone) if self._gone else "")
        self._problem.setVisible(bool(self._gone))
        if bool(self._list.property("bad")) != bool(self._gone):
            self.missed.emit(bool(self._gone))
            self._list.setProperty("bad", bool(self._gone))
            self._list.style().unpolish(self._list)
            self._list.style().polish(self._list)

    def _activated(self) -> None:
        self._settle()
        self._menu_button.setVisible(self._has_menu and bool(self.current()))
        self.picked.emit(self.current())

    def _open_menu(self) -> None:
        self._menu.popup(self._menu_button.mapToGlobal(self._menu_button.rect().bottomLeft()))

    def _rename(self) -> None:
        self.rename_asked.emit(self.current())

    def _delete(self) -> None:
        self.delete_asked.emit(self.current())
