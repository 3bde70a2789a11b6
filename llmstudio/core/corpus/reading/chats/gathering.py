"""Files whose rows are single messages: they are gathered into the conversations that they belong to.

Known are SillyTavern's chats (a header, then a message a line), rows with their own ids and those of their parents, rows
that share the id of a conversation, the logs of programs (messages between records of other things), and a file whose rows
are the messages of one conversation: their speakers are user and assistant, or a few people who take turns.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from llmstudio.core.corpus.reading.chats.chat_rows import LIMIT
from llmstudio.core.corpus.reading.chats.exports import trees
from llmstudio.core.corpus.reading.chats.exports.exports import Row, read_messages
from llmstudio.core.corpus.reading.chats.messages import OWN, WHAT, Message, message_of, role_of_class, unwrapped
from llmstudio.core.corpus.reading.chats.order import TIMES
from llmstudio.core.corpus.reading.chats.parting import talk_columns, unread_columns
from llmstudio.core.corpus.reading.chats.roles import role_of
from llmstudio.core.corpus.reading.chats.speakers import Speakers
from llmstudio.core.corpus.reading.chats.told import ALL_ONE, APART, CUT, HIDDEN, JOINED, PARTED, RECORDS, Told
from llmstudio.core.corpus.reading.columns.cells import as_text
from llmstudio.core.corpus.reading.columns.preferred import preferred
from llmstudio.core.corpus.reading.first_rows import first_rows
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.words import words

_LOOKED_AT = 60
_NAMED = 8  # columns that are named one by one
_IDS = (
    "conversation_id", "conversationid", "conv_id", "convid", "dialogue_id", "dialog_id", "dialogueid", "dialogid",
    "chat_id", "chatid", "thread_id", "session_id", "sessionid", "message_tree_id", "conversation", "dialogue", "dialog",
    "conversation_no", "dialog_no", "dialogue_no",
)  # fmt: skip
_AUTHORS = (  # columns that together are those of one program's messages, and what the speaker is called there
    (("authorid", "author", "content"), "author"), (("author.username", "content", "timestamp"), "author.username"),
    (("author.name", "content", "timestamp"), "author.name"), (("type", "user", "text", "ts"), "user"),
)  # fmt: skip
_KAKAO = {"date", "user", "message"}  # all columns of KakaoTalk's tables
_SPEAKERS = ("role", "from", "speaker", "sender", "sender_name", "who", "from_name", "角色")
_PEOPLE = ("speaker", "sender", "sender_name", "from_name", "authorid")
_DESCRIBED = frozenset(("label", "category", "subject", "title", "to"))
_HELD = 10  # times the longest conversation: so many rows wait for others of their conversations
_MESSAGE_CHARACTERS = 400  # on average: longer ones are speeches or letters
Items = Iterator[Row | Skipped]


def gathered(rows: Items, told: Told, *, is_guessed: bool = True) -> Items:
    """The rows of a file, joined into conversations if they are single messages; else as they are.

    `is_guessed`: False if a person chose the columns, which then keep their names.
    """
    first, rest = first_rows(preferred(rows, told) if is_guessed else rows, _LOOKED_AT)
    seen = [row for row in first if not isinstance(row, Skipped)]
    if not seen:
        return rest
    if _is_tavern(seen):
        return _conversations(rest, told, lambda row: "", _tavern_messages)
    if trees.are_rows(seen) and _hold_words(seen):
        return _trees(rest, told)
    names = {name.casefold(): name for row in seen for name in row}
    if (ids := _id_keys(seen, names)) and _hold_words(seen):
        told.add(words(PARTED.template, column=" + ".join(ids)))
        return _conversations(rest, told, lambda row: "\0".join(str(row.get(key, "")) for key in ids), read_messages)
    own = [*_AUTHORS, (tuple(names), "user")] if set(names) == _KAKAO else _AUTHORS
    if author := next((author for keys, author in own if all(key in names for key in keys)), ""):
        speaker = names[author]
        return _conversations(rest, told, None, lambda rows, told: read_messages(_named(rows, speaker, told), told))
    if _is_log(seen):
        return _conversations(rest, told, _session, _log_messages)
    if _is_one_conversation(seen, names) or _is_told_by_type(seen):
        if unread := unread_columns(seen, _speaker_key(names)):
            told.add(words(ALL_ONE.template, names=", ".join(map(str, unread[:_NAMED]))))
        return _conversations(rest, told, None, read_messages)
    return rest


def _conversations(
    rows: Items, told: Told, id_of: Callable[[Row], str] | None, read: Callable[[Iterable[Any], Told], list[Message]]
) -> Items:
    """Rows of one id become a conversation, wherever they stand; without ids, each system message begins a new one."""
    speakers: dict[str, Speakers] = {}
    held: dict[str, list[Row]] = {}
    given: set[str] = set()
    here, num_held = "", 0

    def joined(key: str) -> Iterator[Row]:
        known = speakers.get(key)
        told.add(APART, known is None and key in given)
        given.add(key)
        speaking = speakers.setdefault(key, Speakers(told))
        if turns := speaking.turns(read(held.pop(key), told)):
            told.add(JOINED, known is None)
            yield {"turns": turns}

    for row in rows:
        if isinstance(row, Skipped):
            yield row
            continue
        following = id_of(row) if id_of else here
        if id_of is None and _is_prompt(row) and held and not all(map(_is_prompt, held[here])):
            yield from joined(here)
            speakers.clear()
        elif num_held >= _HELD * LIMIT or len(held.get(following, ())) >= LIMIT:
            full = [key for key in held if key != following or len(held[key]) >= LIMIT]
            told.add(CUT, following in full and following not in speakers)
            for key in full:
                yield from joined(key)
            speakers = {key: each for key, each in speakers.items() if key == following}
            num_held = sum(map(len, held.values()))
        here = following
        held.setdefault(here, []).append(row)
        num_held += 1
    for key in list(held):
        yield from joined(key)


def _named(rows: Iterable[Row], speaker: str, told: Told) -> list[Row]:
    """The rows with their speaker's name where every reader finds it: their own, or what stands beside the messages."""
    rows = list(rows)
    for row in rows:
        if isinstance(name := row.get("user_profile.real_name"), str) and name.strip():
            told.names.setdefault(str(row.get(speaker)), name)
    return [row | {"who": told.names.get(str(row.get(speaker)), row.get(speaker))} for row in rows]


def _is_prompt(row: Row) -> bool:
    message = message_of(row, Told())
    return message is not None and message.is_prompt


def _trees(rows: Items, told: Told) -> Items:
    """Messages with ids and parents: many at a time, and if they name their trees, none is torn apart."""
    held: list[Row] = []

    def grown() -> Iterator[Row]:
        for root in trees.nested(held, told):
            yield from ({"turns": turns} for path in trees.paths(root, told) if (turns := Speakers(told).turns(path)))
        held.clear()

    for row in rows:
        if isinstance(row, Skipped):
            yield row
            continue
        tree = row.get("message_tree_id")
        is_full = len(held) >= 2 * LIMIT
        if is_full and (not tree or tree != held[-1].get("message_tree_id")):
            yield from grown()
        held.append(row)
    yield from grown()


def _is_tavern(rows: Sequence[Row]) -> bool:
    header = rows[0]
    return all("mes" in row and "name" in row for row in rows[1:]) and (
        ({"user_name", "character_name"} <= header.keys() and "mes" not in header) or {"mes", "is_user"} <= header.keys()
    )


def _tavern_messages(rows: Iterable[Mapping[str, Any]], told: Told) -> list[Message]:
    """The lines behind the header, in the version that was shown; what was hidden is left out."""
    found = []
    for row in rows:
        if "mes" not in row:
            continue
        if row.get("is_system") is True:
            told.add(HIDDEN)
            continue
        swipes, chosen = row.get("swipes"), row.get("swipe_id")
        what = str(row.get("mes") or "")
        if not what.strip() and isinstance(swipes, list) and isinstance(chosen, int) and 0 <= chosen < len(swipes):
            what = str(swipes[chosen])
        is_user = row.get("is_user") is True or str(row.get("is_user")).casefold() == "true"
        if row.get("extra.type") == "narrator":
            found.append(Message("", "story", what))
        else:
            found.append(Message(str(row.get("name") or ""), "user" if is_user else "assistant", what))
    return found


def _hold_words(rows: Sequence[Row]) -> bool:
    unheard = Told()
    return all(message_of(row, unheard) for row in rows)


def _id_keys(rows: Sequence[Row], names: Mapping[str, str]) -> list[str]:
    """The columns that several rows share because they belong to one conversation; none if there are none."""
    speaker = _speaker_key(names, "author", "user", "user_id")
    if not speaker:
        return []
    for key in (names[key] for key in _IDS if key in names):
        ids = [row.get(key) for row in rows]
        if all(isinstance(each, str | int) for each in ids) and len(set(ids)) < len(ids):
            return [key]
    found = talk_columns(rows, speaker)
    return found if found and _take_turns(rows, speaker, found) else []


def _speaker_key(names: Mapping[str, str], *others: str) -> str:
    return next((names[key] for key in (*_SPEAKERS, *others, "is_user", *OWN) if key in names), "")


def _take_turns(rows: Sequence[Row], speaker: str, ids: Sequence[str]) -> bool:
    """True if in the conversations that `ids` part people speak in turn, in short messages, or all speakers have roles."""
    talks: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        talks.setdefault(tuple(str(row[key]) for key in ids), []).append(str(row.get(speaker, "")).strip())
    if {role_of(name) for said in talks.values() for name in said} in (
        {"user", "assistant"},
        {"story", "user", "assistant"},
    ):
        return True
    if speaker.casefold() not in (*_PEOPLE, *OWN) or {str(key).casefold() for key in rows[0]} & _DESCRIBED:
        return False
    pairs = [pair for said in talks.values() for pair in itertools.pairwise(said)]
    turning = sum(one != other for one, other in pairs)
    return bool(pairs) and 3 * turning >= len(pairs) and _are_short(rows, speaker)


def _are_short(rows: Sequence[Row], speaker: str) -> bool:
    """True if what is said is no speech and no letter."""
    texts = [as_text(row[key]) for row in rows for key in row if str(key).casefold() in WHAT and key != speaker]
    return sum(map(len, texts)) <= _MESSAGE_CHARACTERS * len(rows)


def _is_log(rows: Sequence[Row]) -> bool:
    """True for records of several types, some of which hold a message with its role in an object of their own."""
    if not all(isinstance(row.get("type"), str) for row in rows):
        return False
    inner = [key for key in ("message", "payload") if any(f"{key}.role" in row and f"{key}.content" in row for row in rows)]
    return bool(inner) and {role_of(str(row.get(f"{inner[0]}.role", ""))) for row in rows} >= {"user", "assistant"}


def _session(row: Row) -> str:
    """What parts the conversations of a log: the session, and in it what helpers of the assistant were told."""
    return f"{row.get('sessionId', '')} {row.get('isSidechain', '') is True}"


def _log_messages(rows: Iterable[Row], told: Told) -> list[Message]:
    """The messages of a log; what the program itself wrote into it is counted."""
    found = []
    for row in rows:
        if not any(f"{key}.role" in row for key in ("message", "payload")):
            told.add(RECORDS)
        elif row.get("isMeta") is True:
            told.add(HIDDEN)
        elif message := message_of(row, told):
            found.append(message)
    return found


def _is_told_by_type(rows: Sequence[Row]) -> bool:
    """True for messages whose type is who speaks, human or ai, and which bear a time or have an object for their words.

    Without either it may be a table of texts by people and by machines, whose type is a label.
    """
    roles = [role_of(str(row.get("type", ""))) or role_of_class(row.get("id")) for row in rows]
    if not all(roles) or not set(roles) >= {"user", "assistant"} or not _hold_words(rows):
        return False
    return all(unwrapped(row, Told()) is not None or any(str(key).casefold() in TIMES for key in row) for row in rows)


def _is_one_conversation(rows: Sequence[Row], names: Mapping[str, str]) -> bool:
    """True for rows that are said by user and assistant, or by a few people who take turns in short messages."""
    key = _speaker_key(names)
    if not key or len(rows) < 2 or names.keys() & _DESCRIBED or not _hold_words(rows):
        return False
    said = [str(row.get(key, "")).strip() for row in rows]
    if {role_of(name) for name in said} >= {"user", "assistant"} and all(map(role_of, said)):
        return True
    turning = sum(one != other for one, other in itertools.pairwise(said))
    return (
        key.casefold() in (*_PEOPLE, *OWN)
        and len(said) >= 4
        and len(set(said)) <= max(2, len(said) / 3)
        and 3 * turning >= len(said)
        and _are_short(rows, key)
    )
