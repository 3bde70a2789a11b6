"""What can be done to any of the project's items from a tab: is its name free, rename it, delete it.

A dialog appears only where something would be lost, or where a name must be written.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QInputDialog, QLineEdit, QMessageBox, QWidget

from llmstudio.core.corpus.config import SAMPLE
from llmstudio.core.corpus.samples import SLICES
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Failed
from llmstudio.core.words import words
from llmstudio.gui.look.label import plain
from llmstudio.gui.look.theme import say
from llmstudio.gui.session.session import Session
from llmstudio.store.project import Project, safe_name


def _tr(text: str) -> str:
    return QCoreApplication.translate("item_actions", text)


def sample_texts() -> dict[str, tuple[str, str]]:
    """Label and help of each built-in sample, by name."""
    return {name: (say(words(part.label)), say(words(part.help))) for name, part in SLICES.items()}


def default_sample() -> str:
    """The built-in sample to begin with, as a source: the tales in English if there are any."""
    tales = [name for name, part in SLICES.items() if "tales" in name and part.language == "en"]
    return f"{SAMPLE}{(tales or list(SLICES))[0]}"


def name_problem(project: Project, kind: str, name: str) -> tuple[str, str]:
    """What is wrong with a name for a new item, and one that is free; two empty texts if it can be used."""
    if not name:
        return _tr("It needs a name."), ""
    try:
        safe_name(name)
    except StudioError as error:
        return say(error.words), ""
    if holder := project.taken_by(kind, name):
        return _tr("“{name}” exists already.").format(name=holder), project.free_name(kind, name)
    return "", ""


def ask_rename(parent: QWidget, session: Session, kind: str, name: str) -> str:
    """Let the person write another name; returns it once it is in force, else an empty text."""
    new, given = QInputDialog.getText(
        parent, _tr("Rename"), plain(_tr("Another name for “{name}”:").format(name=name)), QLineEdit.EchoMode.Normal, name
    )
    new = new.strip()
    if not given or new == name:
        return ""
    try:
        session.items.rename(kind, name, new)
    except StudioError as error:
        session.problem.emit(Failed(message=error.words, remedies=error.remedies))
        return ""
    return new


def ask_delete(parent: QWidget, session: Session, kind: str, name: str) -> bool:
    """Delete an item after the person agreed; True if it is gone."""
    box = QMessageBox(
        QMessageBox.Icon.Question, _tr("Delete"), plain(_tr("Delete “{name}” for good?").format(name=name)), parent=parent
    )
    box.setInformativeText(_tr("What was made from it stays. This cannot be undone."))
    delete = box.addButton(_tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
    keep = box.addButton(_tr("Keep"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)  # Enter deletes nothing for good
    box.exec()
    if box.clickedButton() is not delete:
        return False
    try:
        session.items.delete(kind, name)
    except StudioError as error:
        session.problem.emit(Failed(message=error.words, remedies=error.remedies))
        return False
    return True
