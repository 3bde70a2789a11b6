"""Chat: talk to a model, let it continue a text, look at other answers; everything said is kept in the project.

Answers come on the session's lane `talk`, so they stream while another model trains. Here the parts are joined, and the
model is chosen; the chat in sight is in `conversation`, the answer that is written in `answering`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QMimeData, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from llmstudio.app.chatting import Outlook, Reader
from llmstudio.app.folder_questions.in_file import InFile, passage_in_file
from llmstudio.core.errors import Remedy
from llmstudio.gui.chat.answer import LANE
from llmstudio.gui.chat.answering import Answering
from llmstudio.gui.chat.conversation import Conversation
from llmstudio.gui.chat.folder.asking import AskedFolder
from llmstudio.gui.chat.list import ChatList
from llmstudio.gui.chat.page import ChatPage
from llmstudio.gui.chat.reading import Reading, models_to_talk_to, speaks, what_was_read
from llmstudio.gui.chat.silent import Silent
from llmstudio.gui.look.theme import space, theme
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.filled import fill
from llmstudio.gui.shared.layout.missing import Missing
from llmstudio.gui.shared.layout.remedies import carry_out
from llmstudio.gui.shared.layout.tab_layout import TabLayout
from llmstudio.gui.shared.pickers.item_picker import ItemPicker

_LIST = 240  # pixels at scale 1: two panes beside it leave the message little room in large type


class ChatTab(QWidget):
    """The conversation, the saved ones at its left, how to hold it at its right."""

    name = "chat"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.tr("Chat")
        self._session = session
        self.setAcceptDrops(True)
        self._build()
        self._reading = Reading(session, self)
        self.talk = Conversation(
            session,
            self.page,
            chats=self.chats,
            models=self.models,
            messages=self.messages,
            reading=self._reading,
            parent=self,
        )
        self.folder = AskedFolder(session, self.page.folder, self.messages, self, lane=LANE)
        self.answering = Answering(session, self.page, self.talk, self.folder, self.messages, self)
        self._connect()
        self._on_project()
        self._restyle()

    def _build(self) -> None:
        self.models = ItemPicker(self.tr("Model"), has_menu=False, above=True, holds=True)
        self.chats = ChatList()
        left = QWidget()
        self._left = QVBoxLayout(left)
        self._left.setContentsMargins(0, 0, 0, 0)
        self._left.addWidget(self.models)
        self._left.addWidget(self.chats, 1)
        self.page = ChatPage()
        self.offer = Missing(self._session, "model", self.tr("There is no model to talk to yet."), self.tr("Train one"))
        self._centre = QStackedWidget()
        self.silent = Silent(self._session)
        for widget in (self.offer, self.page, self.silent):
            self._centre.addWidget(widget)
        self._layout = TabLayout(left, self._centre, left_width=_LIST)
        self.messages = self._layout.messages
        fill(self, self._layout)
        self.setFocusProxy(self.page.draft)

    def _connect(self) -> None:
        session = self._session
        session.project_changed.connect(self._on_project)
        session.items_changed.connect(self._on_items)
        session.chosen.connect(self._on_chosen)
        session.talk_asked.connect(self._on_talk_asked)
        self.models.picked.connect(self._reading.of)
        page = self.page
        page.asked.connect(self._on_idea)
        page.typed.connect(self._look)
        self._reading.known.connect(self._on_reader)
        self._reading.looked.connect(self._on_outlook)
        self._reading.refused.connect(self.messages.show_failed)
        page.sent.connect(self.run_verb)
        page.stopped.connect(self.answering.stop)
        page.source_asked.connect(self._show_source)
        self.folder.changed.connect(self._on_folder)
        self.messages.remedy.connect(self._on_remedy)
        theme.changed.connect(self._restyle)

    # what the window asks of a tab

    @Slot()
    def run_verb(self) -> None:
        """Send what is written; in completion also an empty draft, which lets the model go on."""
        chat = self.talk.chat
        is_turn = chat.mode == "chat"
        text = self.page.draft.text.strip() if is_turn else self.page.draft.text
        is_here = self._centre.currentWidget() is self.page
        has_words = is_here and (bool(text) or (not is_turn and bool(chat.messages)))
        if self._reading.reader is None or self.answering.is_busy or not has_words:
            return
        if self.answering.begin(self.talk.asked(text)):
            self.page.draft.clear()

    @Slot()
    def stop_verb(self) -> None:
        """Stop the answer; what there is of it stays."""
        self.answering.stop()

    # models, and what they have read

    @Slot(object)
    def _on_reader(self, reader: Reader) -> None:
        self._centre.setCurrentWidget(self.silent if self.silent.takes(reader.model) else self.page)
        self.page.can_ask_folder = reader.record_kind in ("turns", "pairs")
        self.page.settings.set_read(what_was_read(reader))
        if self.talk.place.id or self.talk.chat.messages:
            self.talk.show(self.talk.chat)
        else:
            self.talk.begin()

    @Slot(str)
    def _on_idea(self, question: str) -> None:
        self.page.draft.setPlainText(question)
        self.run_verb()

    # a folder that answers

    @Slot()
    def _on_folder(self) -> None:
        self.page.ask_folder(self.folder.source is not None)

    @Slot(object)
    def _show_source(self, source: Mapping[str, str]) -> None:
        def found(there: InFile) -> None:
            self.page.show_passage(source, there)

        self._session.ask(lambda: passage_in_file(source["path"], source["passage"]), found, owner=self.page)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A folder that is let go here is asked; anything else is the window's."""
        event.setAccepted(_folder_in(event.mimeData()) is not None and not self.page.folder.isHidden())

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask the folder."""
        folder = _folder_in(event.mimeData())
        if folder is not None and not self.answering.is_busy:
            event.acceptProposedAction()
            self.folder.take(folder)

    @Slot()
    def _look(self) -> None:
        self.talk.offer_ideas()
        self._reading.look_soon(
            self.talk.asked(self.page.draft.text), self.page.texts, room=self.page.settings.config.max_new_tokens
        )

    @Slot(object, object)
    def _on_outlook(self, texts: tuple[str, str], outlook: Outlook) -> None:
        self.page.show_outlook(outlook)
        self.page.set_marks(texts, outlook.unseen)

    # the session

    @Slot()
    def _on_project(self) -> None:
        self.models.forget()
        self.folder.leave()
        self._reading.forget()
        self.talk.forget()
        self._on_items("model")
        self.talk.list_all()
        self.talk.show(self.talk.chat)

    @Slot(str)
    def _on_items(self, kind: str) -> None:
        if kind == "model":
            before = self.models.current()
            self.models.set_names(models_to_talk_to(self._session), self._session.items.ids("model"))
            self._centre.setCurrentIndex(max(1, self._centre.currentIndex()) if self.models.names() else 0)
            if self.models.current() != before or self._reading.is_stale(before):
                self._reading.of(self.models.current())
        elif kind == "chat":
            self.talk.list_all()

    @Slot(str, str)
    def _on_chosen(self, kind: str, name: str) -> None:
        # A model just made is what one wants to talk to, unless a talk is under way.
        is_new = kind == "model" and name in self.models.names() and self.models.current() != name
        if is_new and not self.talk.chat.messages and speaks(self._session, name):
            self.models.pick(name)
            self._reading.of(self.models.current())

    @Slot(str)
    def _on_talk_asked(self, name: str) -> None:
        # A button promised a talk with this very model: one with another, which is kept, makes room for it.
        if name != self.models.current() and self.models.pick(name):
            self._reading.of(name)
            self.talk.begin()

    @Slot(object)
    def _on_remedy(self, remedy: Remedy) -> None:
        carry_out(remedy, self._session, apply=self.page.settings.form.apply)

    def showEvent(self, event: QShowEvent) -> None:
        """Words are only looked up for someone who looks."""
        super().showEvent(event)
        self._look()

    @Slot()
    def _restyle(self) -> None:
        self._left.setSpacing(space(2))


def _folder_in(data: QMimeData) -> Path | None:
    """The folder that is dragged; None where it is something else, or more."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return paths[0] if len(paths) == 1 and paths[0].is_dir() else None
