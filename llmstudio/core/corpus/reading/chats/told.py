"""What reading conversations left out or decided, counted, so that it can be said once for each file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from llmstudio.core.words import Words, words

SERVICE = words("Notices that nobody wrote (calls, joinings, pins) left out: {n:,}.")
HIDDEN = words("Hidden messages left out: {n:,}.")
PARTS = words("Pictures, files and other parts without words left out: {n:,}.")
THOUGHTS = words("Hidden thinking left out: {n:,}.")
WORDLESS = words("Messages without words left out: {n:,}.")
TOOLS = words("Messages to and from tools left out: {n:,}.")
BRANCHES = words("Messages on branches that were given up left out: {n:,}.")
RANKED = words("Replies that were ranked behind a better one left out: {n:,}.")
CHANNELS = words("Channels and saved messages, which are no conversations, left out: {n:,}.")
EMPTY = words("Conversations without words left out: {n:,}.")
FAILED = words("Records that are damaged, or of a form that could not be read, left out: {n:,}.")
ORPHANS = words("Messages whose beginning is missing begin a conversation of their own: {n:,}.")
CIRCLES = words("Circles of messages that answer one another, whose first message begins a conversation of its own: {n:,}.")
DELETED = words("Deleted messages left out: {n:,}.")
BELOW_DELETED = words("Answers to deleted messages left out: {n:,}.")
REPAIRED = words("Messages whose letters were spelled wrongly (UTF-8 as Latin-1) and are mended: {n:,}.")
CUT = words("Conversations of more than 10,000 messages come in several parts: {n:,}.")
STRANGERS = words("Conversations whose speakers have no known role, so that the first to speak is the user: {n:,}.")
GROUPS = words("Conversations of three or more people, whose turns begin with the speaker's name: {n:,}.")
OUTSIDERS = words("Messages by others than user and assistant taken as system messages: {n:,}.")
RECORDS = words("Records of a program's work that hold no message left out: {n:,}.")
JOINED = words("Rows that are single messages were joined to conversations: {n:,}.")
PARTED = words("Rows with the same {column} were read as one conversation.")
ALL_ONE = words("All rows were read as one conversation, as no column says where another begins. Not read: {names}.")
REORDERED = words("Conversations whose messages were put in the order of their numbers, times or replies: {n:,}.")
APART = words("Conversations whose rows lie far apart in the file come in several parts: {n:,}.")
UNREAD = words("Texts inside messages that were not read: {names}.")
PREFERRED = words("Pairs of answers of which the better one was taken, as the file says: {n:,}.")
BOTH_BAD = words("Pairs of answers of which neither is said to be good left out: {n:,}.")
REJECTED = words("Texts that the annotator rejected or ignored left out: {n:,}.")
SEVERAL = words("Questions with several answers, of which the first was taken: {n:,}.")
RATED = words("Questions with several answers, of which the accepted or best rated one was taken: {n:,}.")
UNLEARNED = words("Answers marked as not to be learned (weight 0) left out: {n:,}.")
CITATIONS = words("Marks of sources inside answers left out: {n:,}.")
UNANSWERED = words("Conversations without any answer left out: {n:,}.")
TWICE = words("Of the first records, those that have one name twice, so that only the last text under it is read: {n:,}.")
ABOVE = words("Lines above the first speaker left out: {n:,}.")
REACTIONS = words("Reactions to messages left out: {n:,}.")
_TAKEN_DOWN = frozenset(("[deleted]", "[removed]", "[deleted by user]", "[removed by reddit]", "[ removed by reddit ]"))
_NAMED = 8  # keys inside messages that are named one by one


def is_deleted(text: str) -> bool:
    """True for what forums show where a text was taken down."""
    return text.strip().casefold() in _TAKEN_DOWN


class Told:
    """Counts of the sentences above for one file.

    Attributes:
        names: Of people and channels by the ids that messages call them by, as far as they are known.
    """

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        self.names = dict(names or {})
        self._counts: Counter[str] = Counter()
        self._sentences: dict[str, Words] = {}
        self._unread: dict[str, None] = {}

    def add(self, sentence: Words, count: int = 1) -> None:
        """Something that `sentence` speaks of has happened `count` times."""
        if count:
            self._counts[sentence.template] += count
            self._sentences[sentence.template] = sentence

    def has(self, sentence: Words) -> bool:
        """True if what `sentence` speaks of has happened."""
        return sentence.template in self._counts

    def unread(self, key: str) -> None:
        """A text under `key` of a message was not read."""
        self._unread[key] = None

    def merge(self, other: Told) -> None:
        """Count what another has counted as well."""
        for template, count in other._counts.items():
            self.add(other._sentences[template], count)
        self._unread |= other._unread

    def sentences(self) -> list[Words]:
        """What there is to say, in the order it came up."""
        said = [
            words(template, **dict(self._sentences[template].values), n=count) for template, count in self._counts.items()
        ]
        if self._unread:
            names = [*list(self._unread)[:_NAMED], *(["…"] if len(self._unread) > _NAMED else [])]
            said.append(words(UNREAD.template, names=", ".join(names)))
        return said
