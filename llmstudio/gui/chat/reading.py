"""What the chat knows of its model: what it has read, how full its context is, which words are strange, what to ask it.

Asked off the window's thread; a pause in typing is waited for, and only the newest answer counts.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from llmstudio.app import chatting
from llmstudio.app.chatting import Outlook, Reader
from llmstudio.app.items.abilities import writes
from llmstudio.core.corpus.records import ANSWERED
from llmstudio.core.generation.chat import Chat
from llmstudio.gui.chat.page import ChatPage
from llmstudio.gui.look.figures import bytes_text, rounded
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import say
from llmstudio.gui.session.session import Session
from llmstudio.gui.session.weights_seen import WeightsSeen
from llmstudio.store.project import About

LOOK_MS = 150  # a pause in typing after which the words are looked at


class Reading(QObject):
    """Looks things up about one model, while the tab is in sight.

    Attributes:
        reader: What the model has read; None until it is known.

    Signals:
        known: The `Reader` of the model asked about.
        looked: (texts, Outlook) of the texts asked about.
        refused: The `Failed` that says why nothing can be known.
    """

    known = Signal(object)
    looked = Signal(object, object)
    refused = Signal(object)

    def __init__(self, session: Session, tab: QWidget) -> None:
        super().__init__(tab)
        self._tab = tab
        self.reader: Reader | None = None
        self._session = session
        self._weights = WeightsSeen(session)
        self._wanted: tuple[Chat, tuple[str, str], int] | None = None
        self._pause = QTimer(self, interval=LOOK_MS, singleShot=True)
        self._pause.timeout.connect(self._look)

    @Slot(str)
    def of(self, model: str) -> None:
        """Find out about this model; nothing is known until `known` says so."""
        self.reader = None
        self._weights.note(model)
        project = self._session.project
        if model:
            self._session.ask(lambda: chatting.reader(project, model), self._on_reader, owner=self, failed=self.refused.emit)

    def is_stale(self, model: str) -> bool:
        """Whether what is known is not of this model's weights as they are now."""
        return self.reader is None or self._weights.have_changed(model)

    def forget(self) -> None:
        """Nothing is known any more."""
        self.reader, self._wanted = None, None
        self._pause.stop()

    def look_soon(self, chat: Chat, texts: tuple[str, str], *, room: int) -> None:
        """Count the prompt of `chat` and look for strange words in `texts`, once the person pauses."""
        self._wanted = (chat, texts, room)
        self._pause.start()

    @Slot()
    def _look(self) -> None:
        if self.reader is None or self._wanted is None or not self._tab.isVisible():
            return
        project, reader, (chat, texts, room) = self._session.project, self.reader, self._wanted
        self._session.ask(
            lambda: (texts, chatting.outlook(project, reader, chat, texts, room=room)),
            self._on_outlook,
            owner=self,
            failed=lambda _: None,  # an answer is refused for the same reason, and that is said once
        )

    def _on_reader(self, reader: Reader) -> None:
        self.reader = reader
        self.known.emit(reader)

    def _on_outlook(self, answer: tuple[tuple[str, str], Outlook]) -> None:
        self.looked.emit(*answer)


class Ideas(QObject):
    """Suggests on the page what the story in sight answers, and stories to take."""

    def __init__(self, page: ChatPage, reading: Reading) -> None:
        super().__init__(page)
        self._page, self._reading = page, reading
        page.another.connect(self.take_another)

    def offer(self, model: str, chat: Chat) -> None:
        """Suggest what was not asked yet, and another story if there is one."""
        reader, questions, has_more = self._reading.reader, (), False
        if reader is not None and chat.mode == "chat":
            questions = chatting.left_to_ask(reader, chat, self._page.story.text.strip())
            has_more = bool(chatting.next_story(reader))
        self._page.set_ideas(model, questions, has_more=has_more)

    def begin(self) -> None:
        """Put the first story there, nothing where the model has read none of ours."""
        reader = self._reading.reader
        self._page.story.setPlainText(chatting.next_story(reader) if reader is not None else "")

    @Slot()
    def take_another(self) -> None:
        """The story after the one in sight."""
        if self._reading.reader is not None:
            self._page.story.setPlainText(chatting.next_story(self._reading.reader, self._page.story.text.strip()))


def what_was_read(reader: Reader) -> str:
    """A sentence on the model's reading: how much of which corpus, how often, and how many words it could learn from it."""
    passes = reader.passes
    if not reader.corpus:
        said = _tr("What {model} has read is no longer in this project.")
    elif passes is not None and passes < 1 and not reader.is_in_order:
        said = _tr(
            "{model} has read about {size} of {corpus}, as much as {share} of its text, but some of it more than once."
        )
    elif passes is not None and passes < 1:
        said = _tr("{model} has read about {size} of {corpus}, {share} of its text.")
    elif reader.num_words is not None:
        said = _tr("{model} has read {size} of {corpus}: {n} different words{times}.")
    else:
        said = _tr("{model} has read {size} of {corpus}{times}.")
    times = plural(_tr(", {n|time|times} over"), n=rounded(passes)) if passes is not None and passes >= 1.5 else ""
    percent = 100 * (passes or 0.0)
    read = said.format(
        model=reader.model,
        size=bytes_text(reader.num_bytes * min(1.0, passes if passes is not None else 1.0)),
        corpus=reader.corpus,
        n=f"{reader.num_words or 0:,}",
        times=times,
        share=_tr("{n} %").format(n=rounded(percent)),
    )
    if before := _before(reader):
        read = f"{read} {before}"
    if reader.remark is not None:
        read = f"{read} {say(reader.remark)}"
    if reader.best_step is None:
        return read
    best = _tr("These are its best weights, of step {step}: no later look found better ones.").format(
        step=f"{reader.best_step:,}"
    )
    return f"{read} {best}"


def _before(reader: Reader) -> str:
    """What it read as another model; empty if it began with random weights, or read nothing but the same text."""
    before = ", ".join(reader.before)
    if reader.gone and before:
        said = _tr(
            "Before that it read {before}. What it read still earlier, as {gone}, is not known: it is gone or damaged."
        )
    elif reader.gone:
        said = _tr("What it had read before, as {gone}, is not known: that model is gone or damaged.")
    else:
        said = _tr("Before that it read {before}.") if before else ""
    return said.format(before=before, gone=reader.gone)


def models_to_talk_to(session: Session) -> list[str]:
    """The project's models, those first that answer, then those that write, whole ones before pruned ones."""
    answered = {text.id for text in session.items.of("corpus") if text.corpus_card.record_kind in ANSWERED}

    def rank(model: About) -> tuple[bool, bool, bool]:
        answers = model.parent("corpus").id in answered
        return not writes(model), not answers, model.model_card.is_pruned

    return [model.name for model in sorted(session.items.models(), key=rank)]


def speaks(session: Session, name: str) -> bool:
    """Whether a model writes texts; one that cannot is nobody to talk to."""
    return any(model.name == name and writes(model) for model in session.items.of("model"))


def why_not(reader: Reader | None, mode: str) -> str:
    """Why a way of talking does not suit a model; empty if it does, or if nothing is known."""
    if reader is None or mode == reader.mode or mode == "completion":
        return ""
    said = _tr("{model} has never read a conversation, so it will not answer: let it continue a text.")
    return said.format(model=reader.model)


def _tr(text: str) -> str:
    return QCoreApplication.translate("chat_reading", text)
