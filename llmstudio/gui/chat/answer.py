"""An answer that is being written, which may belong to another chat than the one in sight."""

from __future__ import annotations

from dataclasses import dataclass

from llmstudio.app.items.chats import Kept, Place
from llmstudio.core.events import Failed, Noted
from llmstudio.core.generation.chat import Chat
from llmstudio.core.words import Words, words
from llmstudio.gui.shared.layout.problems import MessageBar

LANE = "talk"
"""The session's lane on which answers come."""


def tell_kept(bar: MessageBar, shown: Chat, kept: Kept, *, is_here: bool) -> None:
    """Say what another program did to a chat: it has another place now, or holds more than is in sight."""
    if kept.told is not None:
        bar.show_message(kept.told, level="warning")
    elif is_here and len(kept.chat.messages) > len(shown.messages):
        bar.show_message(
            words("Another window has added to this chat. Both parts are kept: open the chat again to see them together.")
        )


def tell_gone(model: str, instead: str) -> Words:
    """That the model a chat was held with cannot be talked to any more, and who would answer now; `instead` may be empty."""
    if not instead:
        return words("This chat was held with {model}, which is gone or cannot be read.", model=model)
    return words(
        "This chat was held with {model}, which is gone or cannot be read: {instead} would answer now.",
        model=model,
        instead=instead,
    )


@dataclass
class Answer:
    """An answer that is being written: for which chat, where that is kept, and what there is of it."""

    place: Place
    chat: Chat
    model: str
    text: str = ""

    def tell(self, bar: MessageBar, event: Noted | Failed, *, is_here: bool) -> None:
        """Say what was remarked on this answer, or why there is none.

        Where another chat is in sight, this one is named, and there is no button: it would change the settings of the other.
        """
        if is_here and isinstance(event, Failed):
            bar.show_failed(event)
            return
        told = event.message if is_here else words("In “{chat}”: {message}", chat=self.place.name, message=event.message)
        bar.show_message(told, level="error" if isinstance(event, Failed) else event.level)
