"""A conversation: one widget a message, the shown branch of the tree from top to bottom, following an answer as it grows.

In: a `Chat` and who is called what. Out: what the person wants of a message; the view itself changes no chat.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from llmstudio.core.generation.chat import ASSISTANT, STORY, Chat, Message
from llmstudio.gui.chat.facts import details, facts, pace
from llmstudio.gui.chat.folder.sources import SourcesLine
from llmstudio.gui.chat.following import FollowedEnd
from llmstudio.gui.chat.message import MessageView
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.theme import space, theme

# A person reads the end of a long talk; what came before is one press away.
SHOWN = 100


class ChatView(QScrollArea):
    """The shown branch of a chat.

    Signals:
        regenerate: (message id) answer anew what this message answers.
        edited: (message id, text) say this instead.
        shown: (message id) show the branch of this version.
        source: A passage that an answer comes from, as its message keeps it.
    """

    regenerate = Signal(int)
    edited = Signal(int, str)
    shown = Signal(int)
    source = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, widgetResizable=True, accessibleName=self.tr("Conversation"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._chat = Chat()
        self._views: dict[int, MessageView] = {}
        self._live: MessageView | None = None
        self._limit = SHOWN
        self._model = ""
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._earlier = QPushButton(self.tr("Show earlier messages"))
        self._earlier.setProperty("role", "link")
        self._earlier.clicked.connect(self._show_more)
        self._edge = _Edge()
        self._seen: tuple[int | None, int, bool] = (None, 0, False)
        self._column.addWidget(self._earlier, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addStretch(1)
        self._edge.setParent(body)
        self._edge.hide()
        self.setWidget(body)
        body.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self._end = FollowedEnd(self)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_chat(self, chat: Chat, *, model: str = "") -> None:
        """Show the branch of `chat` that is in front. Widgets of messages that stay are kept."""
        self._chat, self._model = chat, model
        path = [message for message in chat.path() if message.who != STORY]
        shown = path[-self._limit :]
        self._earlier.setVisible(len(path) > len(shown))
        wanted = [message.id for message in shown]
        for message_id in [known for known in self._views if known not in wanted]:
            self._drop(self._views.pop(message_id))
        self._column.removeWidget(self._edge)
        for place, message in enumerate(shown):
            view = self._views.get(message.id)
            if view is None:
                view = self._views[message.id] = self._make(message)
            self._column.removeWidget(view)
            self._column.insertWidget(place + 1, view)
            view.show()
            versions = chat.siblings(message.id)
            view.set_versions(versions.index(message) + 1, len(versions))
        self._mark_edge()

    def set_seen(self, first: int | None, *, num_unseen: int = 0, only_end: bool = False, alone: bool = False) -> None:
        """Draw a line above the first message that the model would see now.

        Args:
            first: Its id, which may be that of one not said yet; None if every message is seen.
            num_unseen: Messages before it.
            only_end: Whether of this one only the end is seen.
            alone: Whether the model reads each message by itself.
        """
        self._seen, self._edge.is_alone = (first, num_unseen, only_end), alone
        self._mark_edge()

    @property
    def messages(self) -> list[MessageView]:
        """The widgets in sight, from top to bottom."""
        found = [self._column.itemAt(i).widget() for i in range(self._column.count())]
        return [widget for widget in found if isinstance(widget, MessageView)]

    def message(self, message_id: int) -> MessageView:
        """The widget of a message in sight. Raises KeyError if it is not."""
        return self._views[message_id]

    # an answer that is being written

    def begin_answer(self, model: str, text: str = "") -> None:
        """An answer begins; `text` is what there is of it."""
        self.end_answer()
        self._live = MessageView(model, is_person=False)
        self._live.set_busy(True)
        self._live.set_text(text)
        self._live.set_facts(self.tr("reading…"))
        self._column.insertWidget(self._column.count() - 1, self._live)
        for view in self._views.values():
            view.set_busy(True)
        self._end.go_to()

    def grow_answer(self, text: str, *, tokens: int, tokens_per_second: float) -> None:
        """More of the answer has come."""
        if self._live is not None:
            self._live.append_text(text)
            self._live.set_facts(pace(tokens, tokens_per_second))

    def tell_answer(self, far: str) -> None:
        """How far it is with what comes before an answer."""
        if self._live is not None:
            self._live.set_facts(far)

    def end_answer(self) -> None:
        """The answer is whole (`set_chat` shows it), or was given up."""
        if self._live is not None:
            self._drop(self._live)
            self._live = None
        for view in self._views.values():
            view.set_busy(False)

    @property
    def answer(self) -> str | None:
        """What there is of the answer being written; None if none is."""
        return None if self._live is None else self._live.text

    def go_to_end(self) -> None:
        """Bring the end into sight and follow it."""
        self._end.go_to()

    # inside

    def _make(self, message: Message) -> MessageView:
        is_model = message.who == ASSISTANT
        who = (message.model or self._model) if is_model else self.tr("You")
        view = MessageView(who, is_person=not is_model, can_regenerate=is_model)
        view.set_text(message.text)
        view.set_facts(facts(message), details(message))
        view.regenerate.connect(self._on_regenerate)
        view.edited.connect(self._on_edited)
        view.version.connect(self._on_version)
        view.setProperty("message_id", message.id)
        if message.sources:
            line = SourcesLine(message.sources)
            line.pressed.connect(self.source)
            view.layout().addWidget(line)
        return view

    def _drop(self, view: MessageView) -> None:
        # It goes later: it may be the very widget whose button is being pressed.
        self._column.removeWidget(view)
        view.hide()
        view.deleteLater()

    def _mark_edge(self) -> None:
        first, num_unseen, only_end = self._seen
        below = self._views.get(first) if first is not None else None
        is_above_all = first is not None and all(known < first for known in self._views)  # what is typed comes below all
        self._column.removeWidget(self._edge)
        if below is not None:
            self._edge.say(bool(num_unseen), only_end)
            self._column.insertWidget(self._column.indexOf(below), self._edge)
        elif is_above_all and num_unseen and self._views:
            self._edge.say(True, False)
            self._column.insertWidget(1 + max(self._column.indexOf(view) for view in self._views.values()), self._edge)
        self._edge.setVisible(below is not None or bool(is_above_all and num_unseen and self._views))

    def _sender_id(self) -> int:
        return int(self.sender().property("message_id"))

    @Slot()
    def _on_regenerate(self) -> None:
        self.regenerate.emit(self._sender_id())

    @Slot(str)
    def _on_edited(self, text: str) -> None:
        self.edited.emit(self._sender_id(), text)

    @Slot(int)
    def _on_version(self, step: int) -> None:
        message_id = self._sender_id()
        versions = [message.id for message in self._chat.siblings(message_id)]
        place = versions.index(message_id) + step
        if 0 <= place < len(versions):
            self.shown.emit(versions[place])

    @Slot()
    def _show_more(self) -> None:
        self._limit += SHOWN
        self.set_chat(self._chat, model=self._model)

    @Slot()
    def _restyle(self) -> None:
        self._column.setContentsMargins(0, 0, space(), space())
        self._column.setSpacing(space(1.5))


class _Edge(QWidget):
    """The line above which the model no longer sees.

    Attributes:
        is_alone: Whether it never does: it reads each message by itself.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_alone = False
        label = self._label = Label()
        label.setProperty("role", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for place in range(2):
            hairline = QFrame()
            hairline.setProperty("role", "line")
            row.addWidget(hairline, 1)
            if place == 0:
                row.addWidget(label)

    def say(self, is_above: bool, only_end: bool) -> None:
        """Say that nothing above is seen, and of the message below only the end; at least one of them."""
        said = self.tr("the model no longer sees what is above")
        if self.is_alone:
            said = self.tr("each text is judged alone: the model reads nothing of what is above")
        if only_end:
            said = self.tr("the model sees only the end of the message below")
            if is_above and not self.is_alone:
                said = self.tr("the model no longer sees what is above, and only the end of the message below")
        self._label.setText(said)
