"""Messages become turns: everybody who speaks is told by role, and by name where there are more than two."""

from __future__ import annotations

from collections.abc import Sequence

from llmstudio.core.corpus.reading.chats.messages import Message
from llmstudio.core.corpus.reading.chats.told import GROUPS, OUTSIDERS, STRANGERS, UNANSWERED, WORDLESS, Told

Turn = dict[str, str]
_OTHER = {"user": "assistant", "assistant": "user"}


class Speakers:
    """Who is who in one conversation, which may come in several parts.

    People of unknown role speak as user and assistant in the order they appear, where nobody has a known role. Where one
    side is known they are the other, and where both are they are the story. As soon as there are three or more people,
    their turns begin with their names.
    """

    def __init__(self, told: Told) -> None:
        self._told = told
        self._sides: dict[str, str] = {}
        self._people: set[str] = set()
        self._is_group = self._are_strangers = False

    def turns(self, messages: Sequence[Message]) -> list[Turn]:
        """The turns of the next messages; those without words are left out, and all where they were the only answers."""
        silent = [message for message in messages if not message.what.strip()]
        self._told.add(WORDLESS, sum(not (message.is_notice or message.is_unlearned) for message in silent))
        spoken = _answering_system([message for message in messages if message.what.strip()])
        if spoken and self._is_unanswered(messages, spoken):
            self._told.add(UNANSWERED)
            return []
        known = {message.role for message in spoken} - {"", "story"}
        self._meet(spoken, known)
        turns = []
        for message in spoken:
            role = message.role or self._sides[message.name]
            is_named = self._is_group and message.name and role != "story"
            turns.append({"who": role, "what": f"{message.name}: {message.what}" if is_named else message.what})
        return turns

    def _is_unanswered(self, messages: Sequence[Message], spoken: Sequence[Message]) -> bool:
        """True if somebody should have answered, and every answer is empty: a question alone teaches nothing."""
        if any(message.role == "assistant" or (not message.role and message.name) for message in spoken) or self._people:
            return False
        return any(message.role == "assistant" and not message.is_notice for message in messages)

    def _meet(self, spoken: Sequence[Message], known: set[str]) -> None:
        for message in spoken:
            if message.role != "story":
                self._people.add(message.name or message.role)
            if message.role or message.name in self._sides:
                self._told.add(OUTSIDERS, not message.role and self._sides[message.name] == "story")
                continue
            if len(known) == 1:
                self._sides[message.name] = _OTHER[next(iter(known))]
            elif known:
                self._sides[message.name] = "story"
                self._told.add(OUTSIDERS)
            else:
                self._sides[message.name] = ("user", "assistant")[len(self._sides) % 2]
                self._told.add(STRANGERS, not self._are_strangers)
                self._are_strangers = True
        names = {person for person in self._people if self._sides.get(person) != "story"}
        is_group = len(names) > 2 and any(message.name for message in spoken)
        self._told.add(GROUPS, is_group and not self._is_group)
        self._is_group = self._is_group or is_group


def _answering_system(spoken: list[Message]) -> list[Message]:
    """Where "system" speaks after a user and nobody else does, it is the side that answers (task-oriented dialogues)."""
    if any(message.role == "assistant" or (not message.role and message.name) for message in spoken):
        return spoken
    first = next((n for n, message in enumerate(spoken) if message.role == "user"), len(spoken))
    if not any(message.is_prompt for message in spoken[first:]):
        return spoken
    return [
        Message(message.name, "assistant", message.what) if message.is_prompt and n > first else message
        for n, message in enumerate(spoken)
    ]
