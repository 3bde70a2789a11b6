"""Chat: talk to a model, let it continue a text, look at other answers; everything said is kept in the project.

Answers come on the session's lane `talk`, so they stream while another model trains.
"""

from __future__ import annotations

import time
from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from llmstudio.app import chatting
from llmstudio.app.chatting import Outlook, Reader
from llmstudio.app.items.chats import Place, keep_chat, load_chat
from llmstudio.app.verbs.generate import reply
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Event, Failed, Finished, Noted, Piece, Sampled, Stopped
from llmstudio.core.generation.chat import ASSISTANT, USER, Chat
from llmstudio.gui.chat.answer import Answer, tell_kept
from llmstudio.gui.chat.list import ChatList
from llmstudio.gui.chat.page import ChatPage
from llmstudio.gui.chat.reading import Ideas, Reading, models_to_talk_to, speaks, what_was_read, why_not
from llmstudio.gui.chat.silent import Silent
from llmstudio.gui.look.theme import space, theme
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.missing import Missing
from llmstudio.gui.shared.layout.remedies import carry_out
from llmstudio.gui.shared.layout.tab_layout import TabLayout
from llmstudio.gui.shared.pickers.item_actions import ask_delete
from llmstudio.gui.shared.pickers.item_picker import ItemPicker

LANE = "talk"
_LIST = 240  # pixels at scale 1: two panes beside it leave the message little room in large type


class ChatTab(QWidget):
    """The conversation, the saved ones at its left, how to hold it at its right.

    Attributes:
        chat: The conversation in sight.
    """

    name = "chat"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.tr("Chat")
        self._session = session
        self.chat = Chat()
        self._file = Place()
        self._answer: Answer | None = None
        self._build()
        self._reading = Reading(session, self)
        self._ideas = Ideas(self.page, self._reading)
        self._connect()
        self._on_project()
        self._restyle()

    def _build(self) -> None:
        self.models = ItemPicker(self.tr("Model"), has_menu=False, above=True)
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
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._layout)
        self.setFocusProxy(self.page.draft)

    def _connect(self) -> None:
        session = self._session
        session.project_changed.connect(self._on_project)
        session.items_changed.connect(self._on_items)
        session.job_started.connect(self._on_lanes)
        session.job_events.connect(self._on_events)
        session.job_ended.connect(self._on_ended)
        session.chosen.connect(self._on_chosen)
        session.talk_asked.connect(self._on_talk_asked)
        self.models.picked.connect(self._reading.of)
        self.chats.picked.connect(self.open_chat)
        self.chats.new_asked.connect(self.new_chat)
        self.chats.renamed.connect(self._on_renamed)
        self.chats.delete_asked.connect(self._on_delete)
        page = self.page
        page.view.regenerate.connect(self._on_regenerate)
        page.view.edited.connect(self._on_edited)
        page.view.shown.connect(self._on_version)
        page.asked.connect(self._on_idea)
        page.settings.mode_chosen.connect(self._on_mode)
        page.typed.connect(self._look)
        self._reading.known.connect(self._on_reader)
        self._reading.looked.connect(self._on_outlook)
        self._reading.refused.connect(self.messages.show_failed)
        page.sent.connect(self.run_verb)
        page.stopped.connect(self.stop_verb)
        self.messages.remedy.connect(self._on_remedy)
        theme.changed.connect(self._restyle)

    # what the window asks of a tab

    @Slot()
    def run_verb(self) -> None:
        """Send what is written; in completion also an empty draft, which lets the model go on."""
        is_turn = self.chat.mode == "chat"
        text = self.page.draft.text.strip() if is_turn else self.page.draft.text
        is_here = self._centre.currentWidget() is self.page
        has_words = is_here and (bool(text) or (not is_turn and bool(self.chat.messages)))
        if self._reading.reader is None or self._session.is_running(LANE) or not has_words:
            return
        if self._begin(self._asked(text)):
            self.page.draft.clear()

    @Slot()
    def stop_verb(self) -> None:
        """Stop the answer; what there is of it stays."""
        self._session.stop(LANE)

    # chats

    @Slot()
    def new_chat(self) -> None:
        """An empty page; it becomes a saved chat with its first message."""
        self._file = Place()
        self._show(Chat(mode=self._reading.reader.mode if self._reading.reader else "chat"))
        self._ideas.begin()
        self._list_chats()
        self.page.draft.setFocus()

    @Slot(str)
    def open_chat(self, name: str) -> None:
        """Show a saved chat, and the model it was held with if that is still there."""
        project = self._session.project
        try:
            about, chat = project.about("chat", name), load_chat(project, name)
        except StudioError as error:
            self.messages.show_error(error)
            return
        self._file = Place(name, about.id)
        item = project.by_id("model", chatting.chat_model(about))
        if item is not None and item.name != self.models.current() and self.models.pick(item.name):
            self._reading.of(self.models.current())
        self._show(chat)
        self.page.story.setPlainText(chat.story)
        self._list_chats()

    def _show(self, chat: Chat) -> None:
        self.chat = chat
        model = self.models.current()
        self.messages.turn_to((model, self._file.id))
        self.page.show_chat(chat, model=model, hint=why_not(self._reading.reader, chat.mode))
        self._ideas.offer(model, self.chat)
        if self._answer is not None and self._answer.place.id == self._file.id:
            self.page.begin_answer(self._answer.model, self._answer.text)

    def _keep(self, chat: Chat, place: Place, model: str = "") -> bool:
        """Save (anew without a place) as a talk with `model` or the one picked, and show if in sight; a refusal is said."""
        is_here = place.id == self._file.id
        try:
            kept = keep_chat(self._session.project, place, chat, model=model or self.models.current())
        except StudioError as error:
            self.messages.show_error(error)
            return False
        self._file = kept.place if is_here else self._file
        if kept.place != place:
            self._session.items_changed.emit("chat")
        if is_here:
            self._show(chat)
        tell_kept(self.messages, chat, kept, is_here=is_here)
        return True

    @Slot(str, str)
    def _on_renamed(self, name: str, new_name: str) -> None:
        try:
            self._session.items.rename("chat", name, new_name)
        except StudioError as error:
            self.messages.show_error(error)
            return
        if self._answer is not None and self._answer.place.name == name:
            self._answer.place = replace(self._answer.place, name=new_name)
        if self._file.name == name:
            self._file = replace(self._file, name=new_name)
        self._list_chats()

    @Slot(str)
    def _on_delete(self, name: str) -> None:
        if not ask_delete(self, self._session, "chat", name):
            return
        if self._answer is not None and self._answer.place.name == name:
            self._answer = None
            self.stop_verb()
        if self._file.name == name:
            self.new_chat()

    # answers

    def _asked(self, text: str) -> Chat:
        """The chat as it would be if the draft were sent."""
        story = self.page.story.text.strip() if self.chat.mode == "chat" else ""
        return self.chat.ask(text, story=story, time=time.time())

    def _begin(self, chat: Chat) -> bool:
        """Keep `chat` and have its newest message answered."""
        if not self.page.settings.form.settle():
            return False
        self.messages.clear()
        if not self._keep(chat, self._file):
            return False
        versions = sum(message.who == ASSISTANT for message in chat.children(chat.leaf))
        config = self.page.settings.next_config(versions)
        project, model = self._session.project, self.models.current()
        title = self.tr("{model} answers").format(model=model)
        if self._session.start(
            lambda stop: reply(project, model, chat=chat, config=config, stop=stop), tab=self.name, title=title, lane=LANE
        ):
            self._answer = Answer(self._file, chat, model)
        self._show(chat)
        return True

    @Slot(str, object)
    def _on_events(self, lane: str, events: list[Event]) -> None:
        if lane != LANE or self._answer is None:
            self._rehearse([e for e in events if isinstance(e, Sampled) and e.path[1:] == ("chat",)])
            return
        pieces = [event for event in events if isinstance(event, Piece)]
        text = "".join(piece.text for piece in pieces)
        self._answer.text += text
        if pieces and self._is_answering_here:
            self.page.view.grow_answer(text, tokens=pieces[-1].tokens, tokens_per_second=pieces[-1].tokens_per_second)
        for event in events:
            if isinstance(event, Noted):
                self._answer.tell(self.messages, event, is_here=self._is_answering_here)

    @Slot(str, object)
    def _on_ended(self, lane: str, end: Event) -> None:
        if lane != LANE:
            self._open_newest()
            return
        self._on_lanes()
        answer, self._answer = self._answer, None
        if answer is None:
            return
        if is_here := answer.place.id == self._file.id:
            self.page.view.end_answer()
        if isinstance(end, Failed):
            answer.tell(self.messages, end, is_here=is_here)
            return
        assert isinstance(end, Finished | Stopped)
        message = end.result.get("message", {})
        if not message.get("tokens") and isinstance(end, Stopped):
            return
        chat = answer.chat.say(ASSISTANT, parent=answer.chat.leaf, **message)
        if not self._keep(chat, answer.place, answer.model) and is_here:
            self._show(chat)  # not on the disk, but not out of sight either

    def _rehearse(self, answers: list[Sampled]) -> None:
        """Show what the guided tour asks and is answered, one story after the other."""
        for answer in answers:
            if not self._file.id:
                story, _, question = answer.prompt.rpartition("\n")
                asked = Chat().ask(question, story=story)
                self._show(asked.say(ASSISTANT, answer.text, parent=asked.leaf))
                self.page.story.setPlainText(story)

    def _open_newest(self) -> None:
        """A job that saved a chat of its own, as the tour does, shows it unless a talk is under way."""
        known = self.chats.names()
        self._list_chats()
        if not self._file.id and (new := [name for name in self.chats.names() if name not in known]):
            self.open_chat(new[0])

    @Slot(int)
    def _on_regenerate(self, message_id: int) -> None:
        if not self._session.is_running(LANE):
            self._begin(replace(self.chat, leaf=self.chat.messages[message_id].parent))

    @Slot(int, str)
    def _on_edited(self, message_id: int, text: str) -> None:
        if self._session.is_running(LANE):
            return
        if self.chat.messages[message_id].who == USER:
            self._begin(self.chat.edit(message_id, text, time=time.time()))
        else:
            self._keep(self.chat.edit(message_id, text, stop_reason="edited", time=time.time()), self._file)

    @Slot(int)
    def _on_version(self, message_id: int) -> None:
        if not self._is_answering_here:
            self._keep(self.chat.show(message_id), self._file)

    @property
    def _is_answering_here(self) -> bool:
        return self._answer is not None and self._answer.place.id == self._file.id

    # models, and what they have read

    @Slot(object)
    def _on_reader(self, reader: Reader) -> None:
        self._centre.setCurrentWidget(self.silent if self.silent.takes(reader.model) else self.page)
        self.page.settings.set_read(what_was_read(reader))
        if self._file.id or self.chat.messages:
            self._show(self.chat)
        else:
            self.new_chat()

    @Slot(str)
    def _on_idea(self, question: str) -> None:
        self.page.draft.setPlainText(question)
        self.run_verb()

    @Slot(str)
    def _on_mode(self, mode: str) -> None:
        if mode == self.chat.mode:
            return
        # A tree is of one kind; what was said stays in its own chat.
        self._file = Place()
        self._show(Chat(mode=mode))
        self._list_chats()

    @Slot()
    def _look(self) -> None:
        self._ideas.offer(self.models.current(), self.chat)
        self._reading.look_soon(
            self._asked(self.page.draft.text), self.page.texts, room=self.page.settings.config.max_new_tokens
        )

    @Slot(object, object)
    def _on_outlook(self, texts: tuple[str, str], outlook: Outlook) -> None:
        self.page.show_outlook(outlook)
        self.page.set_marks(texts, outlook.unseen)

    # the session

    @Slot()
    def _on_project(self) -> None:
        self._reading.forget()
        self._file, self.chat = Place(), Chat()
        self._on_items("model")
        self._list_chats()
        self._show(self.chat)

    @Slot(str)
    def _on_items(self, kind: str) -> None:
        if kind == "model":
            before = self.models.current()
            self.models.set_names(models_to_talk_to(self._session), self._session.items.ids("model"))
            self._centre.setCurrentIndex(max(1, self._centre.currentIndex()) if self.models.names() else 0)
            if self.models.current() != before or self._reading.is_stale(before):
                self._reading.of(self.models.current())
        elif kind == "chat":
            self._list_chats()

    @Slot(str, str)
    def _on_chosen(self, kind: str, name: str) -> None:
        # A model just made is what one wants to talk to, unless a talk is under way.
        is_new = kind == "model" and name in self.models.names() and self.models.current() != name
        if is_new and not self.chat.messages and speaks(self._session, name):
            self.models.pick(name)
            self._reading.of(self.models.current())

    @Slot(str)
    def _on_talk_asked(self, name: str) -> None:
        # A button promised a talk with this very model: one with another, which is kept, makes room for it.
        if name != self.models.current() and self.models.pick(name):
            self._reading.of(name)
            self.new_chat()

    def _list_chats(self) -> None:
        self.chats.set_names([item.name for item in self._session.items.of("chat")], self._file.name)

    @Slot()
    def _on_lanes(self) -> None:
        self.page.set_busy(self._session.is_running(LANE))

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
