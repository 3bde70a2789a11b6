"""Having a chat's newest message answered: asked for, written as it comes, kept, written again, edited."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtCore import QObject, Slot

from llmstudio.app.verbs.ask import reply_from
from llmstudio.app.verbs.generate import reply
from llmstudio.core.events import Event, Failed, Finished, Noted, Piece, Progress, Stopped
from llmstudio.core.generation.chat import ASSISTANT, USER, Chat
from llmstudio.core.work import Stop
from llmstudio.gui.chat.answer import LANE, Answer
from llmstudio.gui.chat.conversation import Conversation
from llmstudio.gui.chat.folder.asking import AskedFolder
from llmstudio.gui.chat.page import ChatPage
from llmstudio.gui.look.theme import say
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.problems import MessageBar


class Answering(QObject):
    """Writes one answer at a time, which may belong to another chat than the one in sight.

    Attributes:
        answer: The one that is being written; None if there is none.
    """

    def __init__(
        self,
        session: Session,
        page: ChatPage,
        talk: Conversation,
        folder: AskedFolder,
        messages: MessageBar,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.answer: Answer | None = None
        self._session, self._page, self._talk, self._messages = session, page, talk, messages
        self._folder = folder
        talk.shown.connect(self._on_shown)
        talk.renamed.connect(self._on_renamed)
        talk.deleted.connect(self._on_deleted)
        page.view.regenerate.connect(self._on_regenerate)
        page.view.edited.connect(self._on_edited)
        page.view.shown.connect(self._on_version)
        session.job_started.connect(self._on_lanes)
        session.job_events.connect(self._on_events)
        session.job_ended.connect(self._on_ended)

    @property
    def is_busy(self) -> bool:
        """True while an answer is written."""
        return self._session.is_running(LANE)

    @property
    def is_here(self) -> bool:
        """True while the answer that is written belongs to the chat in sight."""
        return self.answer is not None and self.answer.place.id == self._talk.place.id

    @Slot()
    def stop(self) -> None:
        """Stop the answer; what there is of it stays."""
        self._session.stop(LANE)

    def begin(self, chat: Chat) -> bool:
        """Keep `chat` and have its newest message answered."""
        if not self._page.settings.form.settle():
            return False
        self._messages.clear()
        if not self._talk.keep(chat, self._talk.place):
            return False
        versions = sum(message.who == ASSISTANT for message in chat.children(chat.leaf))
        config = self._page.settings.next_config(versions)
        project, model = self._session.project, self._talk.model
        title = self.tr("{model} answers").format(model=model)
        source = self._folder.source if chat.mode == "chat" else None

        def job(stop: Stop) -> Iterator[Event]:
            if source is None:
                return reply(project, model, chat=chat, config=config, stop=stop)
            return reply_from(project, model, source, chat=chat, config=config, stop=stop)

        if self._session.start(job, tab="chat", title=title, lane=LANE):
            self.answer = Answer(self._talk.place, chat, model)
        self._talk.show(chat)
        return True

    @Slot()
    def _on_lanes(self) -> None:
        self._page.set_busy(self.is_busy)

    @Slot()
    def _on_shown(self) -> None:
        if self.answer is not None and self.is_here:
            self._page.begin_answer(self.answer.model, self.answer.text)

    @Slot(str, str)
    def _on_renamed(self, name: str, new_name: str) -> None:
        if self.answer is not None and self.answer.place.name == name:
            self.answer.place = replace(self.answer.place, name=new_name)

    @Slot(str)
    def _on_deleted(self, name: str) -> None:
        if self.answer is not None and self.answer.place.name == name:
            self.answer = None
            self.stop()

    @Slot(str, object)
    def _on_events(self, lane: str, events: list[Event]) -> None:
        if lane != LANE or self.answer is None:
            return
        pieces = [event for event in events if isinstance(event, Piece)]
        text = "".join(piece.text for piece in pieces)
        self.answer.text += text
        if pieces and self.is_here:
            self._page.view.grow_answer(text, tokens=pieces[-1].tokens, tokens_per_second=pieces[-1].tokens_per_second)
        for event in events:
            if isinstance(event, Progress) and not pieces and self.is_here:
                self._page.view.tell_answer(say(event.what))
            if isinstance(event, Noted):
                self.answer.tell(self._messages, event, is_here=self.is_here)

    @Slot(str, object)
    def _on_ended(self, lane: str, end: Event) -> None:
        if lane != LANE:
            return
        self._on_lanes()
        is_here = self.is_here
        answer, self.answer = self.answer, None
        if answer is None:
            return
        if is_here:
            self._page.view.end_answer()
        if isinstance(end, Failed):
            answer.tell(self._messages, end, is_here=is_here)
            return
        assert isinstance(end, Finished | Stopped)
        message = end.result.get("message", {})
        if not message.get("tokens") and isinstance(end, Stopped):
            return
        chat = answer.chat.say(ASSISTANT, parent=answer.chat.leaf, **message)
        if not self._talk.keep(chat, answer.place, answer.model) and is_here:
            self._talk.show(chat)  # not on the disk, but not out of sight either

    @Slot(int)
    def _on_regenerate(self, message_id: int) -> None:
        if not self.is_busy:
            chat = self._talk.chat
            self.begin(replace(chat, leaf=chat.messages[message_id].parent))

    @Slot(int, str)
    def _on_edited(self, message_id: int, text: str) -> None:
        if self.is_busy:
            return
        chat = self._talk.chat
        if chat.messages[message_id].who == USER:
            self.begin(chat.edit(message_id, text, time=time.time()))
        else:
            self._talk.keep(chat.edit(message_id, text, stop_reason="edited", time=time.time()), self._talk.place)

    @Slot(int)
    def _on_version(self, message_id: int) -> None:
        if not self.is_here:
            self._talk.keep(self._talk.chat.show(message_id), self._talk.place)
