"""The sources of an import: files, folders, archives and built-in samples, added by button or by dropping them.

In: what the system or the person gives. Out: the list. Nothing is opened here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from llmstudio.core.corpus.config import SAMPLE
from llmstudio.gui.forms import file_dialog
from llmstudio.gui.look.label import Label, plain

_IS_TEST = Qt.ItemDataRole.UserRole + 1  # of an item: whether its source is the test part


class SourceList(QFrame):
    """What is to be read, in order.

    Signals:
        changed(object): The list of sources (paths, or `sample:NAME`).
        selected(str): The source that is pointed at; empty for none.
    """

    changed = Signal(object)
    selected = Signal(str)

    def __init__(self, samples: Mapping[str, tuple[str, str]], parent: QWidget | None = None) -> None:
        """`samples`: label and help by name."""
        super().__init__(parent, acceptDrops=True)
        self.setProperty("role", "drop")
        self._labels = {f"{SAMPLE}{name}": label for name, (label, _) in samples.items()}
        self.list = QListWidget(self, accessibleName=self.tr("Sources"))
        self.list.setSelectionMode(QListWidget.SelectionMode.SingleSelection)
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.hint = Label(
            self.tr("Drop files, folders or archives here, or press a button."),
            self,
            wordWrap=True,
            alignment=Qt.AlignmentFlag.AlignCenter,
        )
        self.hint.setProperty("role", "muted")
        self.add_files = QPushButton(self.tr("Add files…"), self)
        self.add_folder = QPushButton(self.tr("Add folder…"), self)
        self.add_sample = QPushButton(self.tr("Samples"), self, toolTip=self.tr("Texts that come with the program"))
        self.remove = QPushButton(self.tr("Remove"), self, toolTip=self.tr("Take the chosen source off the list"))
        self.for_test = QPushButton(
            self.tr("Only for the test"),
            self,
            checkable=True,
            toolTip=self.tr("All of the chosen source is the test part of the corpus: nothing of it is learned from"),
        )
        menu = QMenu(self.add_sample)
        menu.setToolTipsVisible(True)
        for name, (label, help_text) in samples.items():
            action = menu.addAction(label)
            action.setToolTip(plain(help_text))
            action.setData(f"{SAMPLE}{name}")
        menu.triggered.connect(lambda action: self.add([action.data()]))
        self.add_sample.setMenu(menu)
        buttons = QGridLayout()
        buttons.addWidget(self.add_files, 0, 0)
        buttons.addWidget(self.add_folder, 0, 1)
        buttons.addWidget(self.add_sample, 1, 0)
        buttons.addWidget(self.remove, 1, 1)
        buttons.addWidget(self.for_test, 2, 0, 1, 2)
        column = QVBoxLayout(self)
        column.addWidget(self.hint)
        column.addWidget(self.list, 1)
        column.addLayout(buttons)
        self.add_files.clicked.connect(self._pick_files)
        self.add_folder.clicked.connect(self._pick_folder)
        self.remove.clicked.connect(self.remove_selected)
        self.for_test.clicked.connect(lambda is_test: self.mark([self.current()], is_test))
        self.list.currentItemChanged.connect(self._select)
        self._show()

    def sources(self) -> list[str]:
        """Everything on the list, in order."""
        return [self.list.item(i).data(Qt.ItemDataRole.UserRole) for i in range(self.list.count())]

    def tests(self) -> list[str]:
        """Those that are the test part, and never learned from."""
        items = (self.list.item(i) for i in range(self.list.count()))
        return [item.data(Qt.ItemDataRole.UserRole) for item in items if item.data(_IS_TEST)]

    def learned(self) -> list[str]:
        """Those that are learned from."""
        tests = self.tests()
        return [source for source in self.sources() if source not in tests]

    def mark(self, sources: Sequence[str], is_test: bool) -> None:
        """Keep sources on the list for the test alone, or not."""
        for i in range(self.list.count()):
            if (item := self.list.item(i)).data(Qt.ItemDataRole.UserRole) in sources:
                item.setData(_IS_TEST, is_test)
        self._show()
        self.changed.emit(self.sources())

    def current(self) -> str:
        """The source pointed at; empty for none."""
        item = self.list.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole)) if item else ""

    def add(self, sources: Sequence[str | Path]) -> None:
        """Put these at the end, without those that are there already, and point at the first new one."""
        fresh = [s for s in dict.fromkeys(map(str, sources)) if s not in self.sources()]
        for source in fresh:
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.UserRole, source)
            item.setToolTip(plain(self._labels.get(source, source)))
            self.list.addItem(item)
        if fresh:
            self._show()
            self.list.setCurrentRow(self.list.count() - len(fresh))
            self.changed.emit(self.sources())

    def clear(self) -> None:
        """Take everything off the list."""
        if self.list.count():
            self.list.clear()
            self._show()
            self.changed.emit([])

    def remove_selected(self) -> None:
        """Take the source pointed at off the list."""
        if (row := self.list.currentRow()) >= 0:
            self.list.takeItem(row)
            self._show()
            self.changed.emit(self.sources())

    def label(self, source: str) -> str:
        """How a source is called: a sample's title, or a file's name."""
        return self._labels.get(source) or Path(source).name or source

    def _show(self) -> None:
        for i, source in enumerate(self.sources()):
            item = self.list.item(i)
            label = self.label(source)
            item.setText(self.tr("{source} (only for the test)").format(source=label) if item.data(_IS_TEST) else label)
        has_any = self.list.count() > 0
        self.list.setVisible(has_any)
        self.hint.setVisible(not has_any)
        self.remove.setVisible(has_any)
        self._show_mark()
        height = self.list.sizeHintForRow(0) if has_any else 0
        self.list.setFixedHeight(min(6, self.list.count()) * height + 8 if has_any else 0)

    def _select(self) -> None:
        self._show_mark()
        self.selected.emit(self.current())

    def _show_mark(self) -> None:
        """The button for the chosen source; a sample brings a test part of its own."""
        source = self.current()
        self.for_test.setVisible(self.list.count() > 0)
        self.for_test.setEnabled(bool(source) and not source.startswith(SAMPLE))
        self.for_test.setChecked(source in self.tests())

    def _pick_files(self) -> None:
        self.add(file_dialog.open_files(self, self.tr("Add files")))

    def _pick_folder(self) -> None:
        if path := file_dialog.open_folder(self, self.tr("Add a folder")):
            self.add([path])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes the chosen source off the list."""
        if event.matches(QKeySequence.StandardKey.Delete) or event.key() == Qt.Key.Key_Backspace:
            self.remove_selected()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files are welcome, and it shows."""
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()
            _glow(self, True)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """They may be let go anywhere."""
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They went elsewhere."""
        _glow(self, False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Add what was let go."""
        _glow(self, False)
        self.add(dropped_paths(event.mimeData()))
        event.acceptProposedAction()


def dropped_paths(data: QMimeData) -> list[str]:
    """The local files and folders in what is dragged."""
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]


def _glow(widget: QWidget, on: bool) -> None:
    """Show that files would be taken if they were let go."""
    widget.setProperty("hot", on)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
