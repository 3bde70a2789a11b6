"""The conversation in sight: where it is kept, how it is opened, shown, saved, renamed and deleted."""

from __future__ import annotations

import time
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from llmstudio.app import chatting
from llmstudio.app.items.ancestry import UNKNOWN
from llmstudio.app.items.chats import Place, keep_chat, load_chat
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Sampled
from llmstudio.core.generation.chat import ASSISTANT, Chat
from llmstudio.gui.chat.answer import LANE, tell_gone, tell_kept
from llmstudio.gui.chat.list import ChatList
from llmstudio.gui.chat.page import ChatPage
from llmstudio.gui.chat.reading import Ideas, Reading, why_not
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.problems import MessageBar
from llmstudio.gui.shared.pickers.item_actions import ask_delete
from llmstudio.gui.shared.pickers.item_picker import ItemPicker


class Conversation(QObject):
    """One chat on the page, and the list of those that are saved.

    Attributes:
        chat: The conversation in sight.
        place: Where it is kept; empty before its first message.

    Signals:
        shown: The page was filled anew.
        renamed: (name, new name) of a saved chat.
        deleted: The name of a saved chat that is no more.
    """

    shown = Signal()
    renamed = Signal(str, str)
    deleted = Signal(str)

    def __init__(
        self,
        session: Session,
        page: ChatPage,
        *,
        chats: ChatList,
        models: ItemPicker,
        messages: MessageBar,
        reading: Reading,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.chat, self.place = Chat(), Place()
        self._session, self._page, self._tab = session, page, parent
        self._chats, self._models, self._messages, self._reading = chats, models, messages, reading
        self._ideas = Ideas(page, reading)
        chats.picked.connect(self.open)
        chats.new_asked.connect(self.begin)
        chats.renamed.connect(self._on_renamed)
        chats.delete_asked.connect(self._on_delete)
        page.settings.mode_chosen.connect(self._on_mode)
        session.job_events.connect(self._on_events)
        session.job_ended.connect(self._on_ended)

    @property
    def model(self) -> str:
        """The model that is talked to."""
        return self._models.current()

    def asked(self, text: str) -> Chat:
        """The chat as it would be if `text` were sent."""
        story = self._page.story.text.strip() if self.chat.mode == "chat" else ""
        if self._page.asks_folder:  # what is found stands where else a story would: the branch goes on as it is
            story = self.chat.story
        return self.chat.ask(text, story=story, time=time.time())

    def offer_ideas(self) -> None:
        """Suggest what may be asked now."""
        self._ideas.offer(self.model, self.chat)

    @Slot()
    def begin(self) -> None:
        """An empty page; it becomes a saved chat with its first message."""
        self.place = Place()
        self.show(Chat(mode=self._reading.reader.mode if self._reading.reader else "chat"))
        self._ideas.begin()
        self.list_all()
        self._page.draft.setFocus()

    @Slot(str)
    def open(self, name: str) -> None:
        """Show a saved chat, and the model it was held with; where that is gone, say so: another one would answer."""
        project = self._session.project
        try:
            about, chat = project.about("chat", name), load_chat(project, name)
        except StudioError as error:
            self._messages.show_error(error)
            return
        self.place = Place(name, about.id)
        held_with = chatting.chat_model(about)
        item = project.by_id("model", held_with)
        if item is not None and item.name not in self._models.names():  # another program has renamed it
            self._session.items_changed.emit("model")
        is_on_offer = item is not None and item.name in self._models.names()
        if item is not None and is_on_offer and item.name != self.model:
            self._models.pick(item.name)
            self._reading.of(self.model)
        self.show(chat)
        if held_with and not is_on_offer:
            name = item.name if item is not None else about.parent("model").name or UNKNOWN
            self._messages.show_message(tell_gone(name, self.model), level="warning")
        self._page.story.setPlainText(chat.story)
        self.list_all()

    def forget(self) -> None:
        """Another project is open."""
        self.chat, self.place = Chat(), Place()

    def show(self, chat: Chat) -> None:
        """Bring a chat, or what it has become, onto the page."""
        self.chat = chat
        self._messages.turn_to((self.model, self.place.id))
        self._page.show_chat(chat, model=self.model, hint=why_not(self._reading.reader, chat.mode))
        self.offer_ideas()
        self.shown.emit()

    def keep(self, chat: Chat, place: Place, model: str = "") -> bool:
        """Save (anew without a place) as a talk with `model` or the one picked, and show if in sight; a refusal is said."""
        is_here = place.id == self.place.id
        model = model or self.model
        model_id = self._models.current_id if model == self.model else ""
        try:
            kept = keep_chat(self._session.project, place, chat, model=model, model_id=model_id)
        except StudioError as error:
            self._messages.show_error(error)
            return False
        self.place = kept.place if is_here else self.place
        if kept.place != place:
            self._session.items_changed.emit("chat")
        if is_here:
            self.show(chat)
        tell_kept(self._messages, chat, kept, is_here=is_here)
        return True

    def list_all(self) -> None:
        """Read anew which chats are saved."""
        self._chats.set_names([item.name for item in self._session.items.of("chat")], self.place.name)

    @Slot(str, str)
    def _on_renamed(self, name: str, new_name: str) -> None:
        try:
            self._session.items.rename("chat", name, new_name)
        except StudioError as error:
            self._messages.show_error(error)
            return
        self.renamed.emit(name, new_name)
        if self.place.name == name:
            self.place = replace(self.place, name=new_name)
        self.list_all()

    @Slot(str)
    def _on_delete(self, name: str) -> None:
        if not ask_delete(self._tab, self._session, "chat", name):
            return
        self.deleted.emit(name)
        if self.place.name == name:
            self.begin()

    @Slot(str)
    def _on_mode(self, mode: str) -> None:
        if mode == self.chat.mode:
            return
        # A tree is of one kind; what was said stays in its own chat.
        self.place = Place()
        self.show(Chat(mode=mode))
        self.list_all()

    @Slot(str, object)
    def _on_events(self, _lane: str, events: list[Event]) -> None:
        """Show what the guided tour asks and is answered, one story after the other."""
        for answer in events:
            if isinstance(answer, Sampled) and answer.path[1:] == ("chat",) and not self.place.id:
                story, _, question = answer.prompt.rpartition("\n")
                asked = Chat().ask(question, story=story)
                self.show(asked.say(ASSISTANT, answer.text, parent=asked.leaf))
                self._page.story.setPlainText(story)

    @Slot(str, object)
    def _on_ended(self, lane: str, _end: Event) -> None:
        """A job that saved a chat of its own, as the tour does, shows it unless a talk is under way."""
        if lane == LANE:
            return
        known = self._chats.names()
        self.list_all()
        if not self.place.id and (new := [name for name in self._chats.names() if name not in known]):
            self.open(new[0])
