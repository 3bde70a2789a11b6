"""The page a conversation happens on: the story on top, what was said, where one writes; settings at the right.

In: a chat and what to say of it. Out: what was written and pressed. It asks nobody and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from llmstudio.app.chatting import Outlook
from llmstudio.app.folder_questions.in_file import InFile
from llmstudio.core.generation.chat import STORY, Chat
from llmstudio.gui.chat.folder.bar import FolderBar
from llmstudio.gui.chat.folder.passage import PassagePage
from llmstudio.gui.chat.settings import ChatSettings
from llmstudio.gui.chat.view import ChatView
from llmstudio.gui.chat.welcome import ChatWelcome
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.theme import icon, say, space, theme
from llmstudio.gui.shared.layout.deaf import Deaf
from llmstudio.gui.shared.layout.scroll_down import ScrollDown
from llmstudio.gui.shared.pickers.marked_edit import DraftEdit, MarkedEdit


class ChatPage(QWidget):
    """Story, conversation, draft, settings.

    Attributes:
        story: The passage that is talked about.
        view: The messages.
        welcome: What stands in their place while there are none.
        draft: What is being written.
        send_button: Sends, or stops an answer.
        folder: Whose texts answer.
        passage: One that an answer comes from, in its file.
        asks_folder: Whether a folder answers.
        can_ask_folder: Whether the model has learned to answer, so that one may.
        settings: The pane at the right.

    Signals:
        sent: Send what is in the draft.
        stopped: Stop the answer.
        typed: Draft, story or a setting is different now.
        asked: (question) a suggested question was pressed.
        another: Another story is wanted.
        source_asked: A passage that an answer comes from, as a message keeps it.
    """

    sent = Signal()
    stopped = Signal()
    typed = Signal()
    asked = Signal(str)
    another = Signal()
    source_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chat = Chat()
        self._busy = self.asks_folder = self.can_ask_folder = False
        self._ideas: tuple[str, list[str], bool] | None = None
        unknown = self.tr("The model has never seen this word in training.")
        self.story = MarkedEdit(name=self.tr("The story"), mark_help=unknown, min_lines=2, max_lines=5)
        self._story_hint = Label()
        self._story_hint.setProperty("role", "muted")
        self.view = ChatView()
        self.welcome = ChatWelcome()
        self._more = Label(wordWrap=True)
        self._more.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self._more.linkActivated.connect(self._on_link)
        self.welcome.pressed.connect(self._press_idea)
        self.folder, self.passage = FolderBar(), PassagePage()
        self._pages = QStackedWidget()
        self._pages.addWidget(self.welcome)
        self._pages.addWidget(self.view)
        self._pages.addWidget(self.passage)
        self.view.source.connect(self.source_asked)
        self.passage.left.connect(lambda: self._pages.setCurrentWidget(self.view))
        self.draft = DraftEdit(name=self.tr("Your message"), mark_help=unknown)
        self.send_button = QPushButton()
        self.send_button.setProperty("role", "verb")
        self._deaf = Deaf(self.send_button)
        self.settings = ChatSettings()
        self._lay_out()
        self.draft.sent.connect(self.sent)
        self.send_button.clicked.connect(self._on_pressed)
        for edit in (self.draft, self.story):
            edit.textChanged.connect(self._on_typed)
        self.settings.changed.connect(self._on_typed)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _lay_out(self) -> None:
        self._story_box = QWidget()
        story = QVBoxLayout(self._story_box)
        story.setContentsMargins(0, 0, 0, 0)
        self._story_label = Label()
        self._story_label.setProperty("role", "muted")
        self._story_label.setBuddy(self.story)
        self._call_story(is_ours=True)
        for widget in (self._story_label, self.story, self._story_hint):
            story.addWidget(widget)
        foot = QHBoxLayout()
        foot.addWidget(self.draft, 1)
        foot.addWidget(self.send_button, 0, Qt.AlignmentFlag.AlignBottom)
        above = QWidget()
        self._above = QVBoxLayout(above)
        self._above.setContentsMargins(0, 0, 0, 0)
        self._above.addWidget(self._story_box)
        self._above.addWidget(self._pages, 1)
        self._above.addWidget(self._more)
        self._talk = QVBoxLayout()
        self._talk.addWidget(ScrollDown(above, wraps=True), 1)
        self._talk.addWidget(self.folder)
        self._talk.addLayout(foot)  # always in sight
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(self._talk, 1)
        row.addWidget(self.settings)

    def show_chat(self, chat: Chat, *, model: str, hint: str = "") -> None:
        """Show the branch of `chat` in front, its newest message in sight."""
        self._chat = chat
        self.view.end_answer()
        self.view.set_chat(chat, model=model)
        self.view.go_to_end()
        is_turn = chat.mode == "chat"
        self._story_box.setVisible(is_turn and not self.asks_folder)
        self.folder.setVisible(is_turn and self.can_ask_folder)
        self.settings.set_mode(chat.mode, hint)
        self.draft.setPlaceholderText(
            self.tr("Say something… (Enter sends)") if is_turn else self.tr("Begin a text… (Enter lets the model write on)")
        )
        is_empty = not any(message.who != STORY for message in chat.path())
        self._pages.setCurrentWidget(self.welcome if is_empty else self.view)
        self._show_more()
        self._on_typed()

    def ask_folder(self, asks: bool) -> None:
        """A folder answers, so that what is found in it stands where else a story would."""
        self.asks_folder, self._ideas = asks, None
        self._story_box.setVisible(self._chat.mode == "chat" and not asks)
        self._show_more()
        self._on_typed()

    def show_passage(self, source: Mapping[str, str], found: InFile | None = None) -> None:
        """Show where an answer comes from."""
        self.passage.show_source(source, found)
        self._pages.setCurrentWidget(self.passage)

    def show_outlook(self, outlook: Outlook) -> None:
        """Say how full the context is and from where on the model sees: both are of one prompt, the one sent next."""
        cut = say(outlook.remark) if outlook.remark is not None else ""
        self.settings.meter.set_tokens(outlook.prompt_tokens, outlook.context_length, cut, room=outlook.room)
        self.view.set_seen(
            outlook.seen_from, num_unseen=outlook.num_unseen, only_end=outlook.sees_some_of_it, alone=outlook.is_alone
        )

    def begin_answer(self, model: str, text: str = "") -> None:
        """An answer begins to be written; `text` is what there is of it."""
        self._pages.setCurrentWidget(self.view)
        self._show_more()
        self.view.begin_answer(model, text)

    def set_ideas(self, model: str, questions: Sequence[str], *, has_more: bool = False) -> None:
        """Offer questions on the story in sight: on the empty page, with how to begin, or below the conversation.

        Args:
            model: Who is asked.
            questions: What the story answers.
            has_more: Whether there are other stories to take; a model that has neither has learned no stories of ours.
        """
        if self._ideas == (ideas := (f"{self._chat.mode} {model}", list(questions), has_more)):
            return
        self._ideas = ideas
        self._show_more()
        if self._chat.mode == "completion":
            title = self.tr("Begin a text, and {model} writes on").format(model=model)
            self.welcome.set_words(title, self.tr("It continues in the manner of what it has read."))
            return
        if self.asks_folder:
            title = self.tr("Ask {model} about the texts of the folder").format(model=model)
            self.welcome.set_words(title, self.tr("The passages that suit best are laid before your question."))
            return
        self._call_story(is_ours=bool(questions) or has_more)
        if not questions and not has_more:
            title = self.tr("Talk to {model}").format(model=model)
            self.welcome.set_words(title, self.tr("Write below what you want to say."))
            return
        title = self.tr("Ask {model} about the story").format(model=model)
        offered = [*questions, *([self.tr("Take another story")] if has_more else [])]
        if questions:
            self.welcome.set_words(title, self.tr("Press a question, or write your own story and ask."), offered)
        elif self.story.text.strip():
            self.welcome.set_words(title, self.tr("Write below what you want to know."), offered)
        else:
            self.welcome.set_words(title, self.tr("Write a short story above, then ask about it."), offered)

    def _call_story(self, *, is_ours: bool) -> None:
        """Name what stands above a conversation: a story where the model learned ours, else mostly a system prompt."""
        if is_ours:
            name = self.tr("The story")
            self.story.setPlaceholderText(self.tr("A story to ask about: a few short sentences."))
            self._story_hint.setText(self.tr("Another story begins another branch; the old one stays."))
        else:
            name = self.tr("System prompt")
            self.story.setPlaceholderText(self.tr("What the model is told beforehand; it may stay empty."))
            self._story_hint.setText(self.tr("Another system prompt begins another branch; the old one stays."))
        self._story_label.setText(name)
        self.story.setAccessibleName(name)

    def _show_more(self) -> None:
        """Below a conversation, what else may be asked."""
        _, questions, has_more = self._ideas or ("", [], False)
        offered = [*questions, *([self.tr("another story")] if has_more else [])]
        # A question stays in one line.
        offered = [] if self.asks_folder else offered
        texts = [escape(text).replace(" ", "&nbsp;") for text in offered]
        links = [f'<a href="{place}">{text}</a>' for place, text in enumerate(texts)]
        said = self.tr("More to ask: {links}") if questions else self.tr("Go on with {links}")
        self._more.set_markup(said.format(links="&nbsp; · ".join(links)))
        is_talk = self._chat.mode == "chat" and self._pages.currentWidget() is self.view
        self._more.setVisible(is_talk and not self._busy and bool(links))

    @property
    def more(self) -> str:
        """What is offered below the conversation; empty if nothing is."""
        return self._more.text() if not self._more.isHidden() else ""

    def set_busy(self, busy: bool) -> None:
        """The button stops while an answer is being written, else it sends."""
        if self._busy and not busy:
            self._deaf.begin()
        self._busy = busy
        self.send_button.setText(self.tr("Stop") if busy else self.tr("Send"))
        self.send_button.setIcon(icon("stop" if busy else "send", "on_accent"))
        self._show_more()

    def set_marks(self, texts: Sequence[str], marks: Sequence[Sequence[tuple[int, int]]]) -> None:
        """Mark strange words in draft and story, each only if it still is the text that was looked at."""
        for edit, text, ranges in zip((self.draft, self.story), texts, marks, strict=True):
            if edit.text == text:
                edit.set_marks(ranges)

    @property
    def texts(self) -> tuple[str, str]:
        """Draft and story as they are written now."""
        return self.draft.text, self.story.text

    @Slot()
    def _on_pressed(self) -> None:
        (self.stopped if self._busy else self.sent).emit()

    @Slot(str)
    def _on_link(self, place: str) -> None:
        self._press_idea(int(place))

    @Slot(int)
    def _press_idea(self, place: int) -> None:
        _, questions, _ = self._ideas or ("", [], False)
        if place < len(questions):
            self.asked.emit(questions[place])
        else:
            self.another.emit()

    @Slot()
    def _on_typed(self) -> None:
        is_other = self._chat.mode == "chat" and self.story.text.strip() != self._chat.story
        self._story_hint.setVisible(bool(self._chat.messages) and is_other)
        self.typed.emit()

    @Slot()
    def _restyle(self) -> None:
        for column in (self._above, self._talk):
            column.setSpacing(space(1.5))
        self.set_busy(self._busy)
