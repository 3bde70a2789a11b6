"""Lists of objects inside rows that hold the words while the rows have none: pieces of a recording, posts of a thread.

In: rows of JSON. Out: rows whose columns hold the words, and a remark on what was done:

    {"title", "segments": [{"start", "text"}]}      the pieces are joined to one text
    {"thread", "posts": [{"by", "msg"}]}            each post is a row, beside what the thread says of itself
    {"title", "qa": [{"q", "a"}]}                   each question with its answer is a row
    {"source", "conversation": [{"input", "output"}]}, {"place", "dialogue": [{"character", "line"}]}     turns
    {"question", "answers": [{"body", "votes"}]}    the best answer

A list is opened only if it holds more prose than the title beside it, or many times that of a text; what lies deeper is
opened after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llmstudio.core.corpus.reading.chats.conversations import holds_turns
from llmstudio.core.corpus.reading.chats.exports.exports import TURNS
from llmstudio.core.corpus.reading.chats.exports.streaming import BESIDE as PEOPLE_AND_TOOLS
from llmstudio.core.corpus.reading.chats.messages import WHO
from llmstudio.core.corpus.reading.chats.order import in_order
from llmstudio.core.corpus.reading.chats.roles import role_of
from llmstudio.core.corpus.reading.chats.told import Told
from llmstudio.core.corpus.reading.columns.cells import Columns, Row, as_text
from llmstudio.core.corpus.reading.columns.columns import keys_of
from llmstudio.core.corpus.reading.columns.names import (
    ANSWERS,
    ASKS,
    BESIDE,
    TEXTS,
    TITLES,
    UNLABELLING,
    folded,
    named,
    names_worse,
)
from llmstudio.core.corpus.reading.columns.triples import answers_by_name, label_by_name, pairs_by_name
from llmstudio.core.corpus.reading.first_rows import first_rows
from llmstudio.core.corpus.reading.json.inner_texts import (
    are_pieces,
    best_answer,
    in_place_of,
    is_judged,
    joined,
    objects_in,
)
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.words import words

_LOOKED_AT = 60
_DEPTH = 4  # lists inside lists
_MORE = 3  # times the prose beside it, so that a list is what the file is about
_MUCH_MORE = 10  # the same where a text stands beside it
_TITLE = 40  # letters of prose in a row: more are a text
_PROSE = 8  # letters in a row: less are no text
_ANSWERS = ("answers", "answer", "responses", "replies", "solutions", "answer_list", "回答", "答案")
_SPEAKERS = ("speaker", "spk", "character", "role", "sender", "from", "who", "speaker_name", "spkr")
_SENT_BY = ("sender", "sender_id", "author", "speaker", "from")  # objects of their own
_LETTER = ("to", "subject", "recipient", "recipients")
_WEAK_SPEAKERS = (*WHO, "by", "person", "actor", "poster", "user_name")
_TALKS = (*TURNS, "lines", "exchanges", "rounds")
_TIMED = frozenset(
    ("start", "end", "start_time", "end_time", "begin", "offset", "start_ms", "end_ms", "starttime", "endtime")
)
_ASKED = ("patterns", "questions", "instructions", "prompts", "queries", "inputs")
_ANSWERED = ("responses", "answers", "replies", "outputs", "completions")
_STATES = ("context", "context_set", "context_filter")  # of a chatbot's dialogue, beside its patterns
Items = Iterator[Row | Skipped]


@dataclass(frozen=True)
class _Opening:
    """How the list under `key` is read: answer, pairs, turns, joined, rows, or sides (two lists of texts)."""

    key: str
    way: str
    who: str = ""
    what: str = ""


def opened(rows: Items, told: Told, remarks: list[Remark], chosen: Sequence[str] = ()) -> Items:
    """The rows, with the words of inner lists in their columns. `chosen` are the columns that a person named."""
    for _ in range(_DEPTH):
        first, rows = first_rows(rows, _LOOKED_AT)
        seen = [row for row in first if not isinstance(row, Skipped)]
        opening = _opening(seen, remarks) if seen else None
        if opening is None or (opening.way in ("rows", "sides") and chosen and set(chosen) <= set(keys_of(seen))):
            break
        remarks.append(_remark(opening))
        rows = _each(rows, opening, told)
    return rows


def _each(rows: Items, opening: _Opening, told: Told) -> Items:
    for row in rows:
        if isinstance(row, Skipped):
            yield row
        else:
            yield from _of_row(row, opening, told)


def _of_row(row: Row, opening: _Opening, told: Told) -> Iterator[Row]:
    key = opening.key
    if opening.way == "sides":
        yield from _sides(row, opening)
        return
    items = objects_in(row.get(key))
    if not items:
        yield row
        return
    match opening.way:
        case "answer":
            yield in_place_of(row, {key: best_answer(items, opening.what, told)})
        case "joined":
            yield in_place_of(row, {key: joined(items, opening.what)})
        case "turns":
            said = in_order(items, told)
            turns = [{"who": as_text(item.get(opening.who)), "what": as_text(item.get(opening.what))} for item in said]
            yield in_place_of(row, {key: turns})
        case "exchanges":
            sides = (("user", opening.who), ("assistant", opening.what))
            turns = [{"who": role, "what": as_text(item.get(name))} for item in items for role, name in sides]
            yield in_place_of(row, {key: turns})
        case _:
            beside = {name: value for name, value in row.items() if name != key}
            for item in items:
                own = {f"{key}.{name}" if name in beside else name: value for name, value in item.items()}
                yield in_place_of(row, {**beside, **own}, whole=True)


def _sides(row: Row, opening: _Opening) -> Iterator[Row]:
    """A row for each question of a list, with the answers in turn."""
    asked, answered = row.get(opening.who), row.get(opening.what)
    others = {k: v for k, v in row.items() if k not in (opening.who, opening.what)}
    if opening.who == _ASKED[0]:
        others = {k: v for k, v in others.items() if k not in _STATES}
    answers = answered if isinstance(answered, list) else [answered]
    for n, question in enumerate(asked if isinstance(asked, list) else ()):
        own = {"question": question, "answer": answers[n % len(answers)] if answers else ""}
        yield in_place_of(row, {**others, **own}, whole=True)


def _opening(rows: Sequence[Row], remarks: list[Remark]) -> _Opening | None:
    """What to open in rows like these; None if they can be read as they are."""
    keys = keys_of(rows)
    if sides := _two_sides(rows, keys):
        return sides
    lists = {key: found for key in keys if (found := _objects(rows, key))}
    if not lists or any(holds_turns(key, row.get(key)) for key in keys for row in rows[:5]):
        return None
    beside = Columns(rows, [key for key in keys if key not in lists])
    if talk := next((key for key, items in lists.items() if _told_by_role(items)), ""):
        return _way(talk, lists[talk], [len(objects_in(row.get(talk))) for row in rows])
    asked = named(beside.with_prose(), (*ASKS, *TITLES))
    answer = named(lists, _ANSWERS)
    if answer and asked and not named(beside.filled(), ANSWERS) and (what := _columns(lists[answer]).best(TEXTS)):
        return _Opening(answer, "answer", what=what)
    key = max(lists, key=lambda key: _prose_below(lists[key]))
    most, own = _prose_below(lists[key]) / len(rows), max(map(beside.prose_of, beside.keys), default=0.0)
    is_whole = _is_read_without(beside, own)
    if most < _PROSE or most < (_MORE if is_whole else 1) * own:
        return None
    if is_whole and not (most >= _MUCH_MORE * own and not _has_counterpart(beside)):
        message = words(
            "{list} holds {n:,} times as many letters as what was read, and was not read.", list=key, n=round(most / own)
        )
        remarks.append(Remark(message, "warning"))
        return None
    return _way(key, lists[key], [len(objects_in(row.get(key))) for row in rows])


def _way(key: str, items: Sequence[Row], lengths: Sequence[int]) -> _Opening:
    """How a list is read, by what its objects hold."""
    columns = _columns(items)
    deeper = sum(_prose_below(found) for name in keys_of(items) if (found := _objects(items, name)))
    own = max(map(columns.prose_of, columns.keys), default=0.0) * len(items)
    if deeper > own:
        return _Opening(key, "rows")
    if pair := answers_by_name(columns) or pairs_by_name(columns):
        if named([key], _TALKS):
            return _Opening(key, "exchanges", who=pair["source_key"].split(" + ")[0], what=pair["target_key"])
        return _Opening(key, "rows")
    what = columns.best(TEXTS)
    if (who := _speaker(key, columns, items, lengths, what)) and who != what:
        return _Opening(key, "turns", who=who, what=what)
    if are_pieces(key) or any(folded(each) in _TIMED for each in columns.keys):
        return _Opening(key, "joined", what=what)
    return _Opening(key, "rows")


def _speaker(key: str, columns: Columns, items: Sequence[Row], lengths: Sequence[int], what: str) -> str:
    """The column that names who speaks; empty if the objects are texts with authors, or no texts of people at all."""
    others = [name for name in columns.filled() if name != what]
    if named(others, _LETTER):
        return ""
    if who := _told_by_role(items):
        return who
    is_talk = bool(named([key], _TALKS))
    if who := named(others, _WEAK_SPEAKERS if is_talk else _SPEAKERS):
        return who
    if who := next((name for name in others if _is_of_sender(name)), ""):
        return who
    if is_talk:
        return next((name for name in others if columns.is_class(name)), "")
    who, repeated, start = named(others, _WEAK_SPEAKERS), 0, 0
    for length in lengths:
        names = [as_text(item.get(who)) for item in items[start : start + length]]
        repeated += length > 2 and len(set(names)) <= length / 2
        start += length
    return who if who and 2 * repeated > len(lengths) and not is_judged(columns.keys) else ""


def _is_of_sender(name: str) -> bool:
    """True for what an object tells of who sent it: sender.name, sender_id."""
    first, _, rest = name.casefold().partition(".")
    return first in _SENT_BY and (bool(rest) or first.endswith("id"))


def _told_by_role(items: Sequence[Row]) -> str:
    """The column of objects that says of each whether user or assistant speaks; empty if there is none."""
    for name in keys_of(items):
        if {role_of(as_text(item.get(name))) for item in items} - {"story"} == {"user", "assistant"}:
            return name
    return ""


def _two_sides(rows: Sequence[Row], keys: Sequence[str]) -> _Opening | None:
    """Two lists of texts in each row: many ways to ask, and what is answered."""
    lists = [key for key in keys if all(isinstance(row.get(key), list) for row in rows)]
    lists = [key for key in lists if all(isinstance(item, str) for row in rows for item in row[key])]
    asked, answered = named(lists, _ASKED), named(lists, _ANSWERED)
    if not asked or not answered or not any(row[asked] for row in rows):
        return None
    are_even = all(len(row[asked]) == len(row[answered]) for row in rows) and any(len(row[asked]) > 1 for row in rows)
    return _Opening(asked, "sides", who=asked, what=answered) if are_even or folded(asked) == _ASKED[0] else None


def _is_read_without(beside: Columns, own: float) -> bool:
    """True if what stands beside a list is a text of its own, and no title, name or origin."""
    if own < _PROSE:
        return False
    if _has_counterpart(beside):
        return True
    main = beside.best(TEXTS)
    name = folded(main).rsplit("_", 1)[-1]
    return own >= _TITLE and name not in (*TITLES, "name", "topic", "thread") and name not in UNLABELLING


def _has_counterpart(beside: Columns) -> bool:
    """True for a pair or a text with a label, which is whole without a list beside it."""
    pair = answers_by_name(beside) or pairs_by_name(beside)
    main = beside.best(TEXTS)
    named_text = bool(named([main], (*TEXTS, *BESIDE, *ASKS)))
    return bool(pair) or (named_text and bool(label_by_name(beside, [key for key in beside.filled() if key != main])))


def _objects(rows: Sequence[Row], key: str) -> list[Row]:
    """All objects in the lists under a key, if it holds such lists and what they hold may be read."""
    if names_worse(key) or folded(key) in PEOPLE_AND_TOOLS:
        return []
    values = [row.get(key) for row in rows]
    if any(value is not None and not isinstance(value, list) for value in values):
        return []
    return [item for value in values for item in objects_in(value)]


def _columns(items: Sequence[Row]) -> Columns:
    return Columns(items, keys_of(items))


def _prose_below(items: Sequence[Row], depth: int = _DEPTH) -> float:
    """Letters of prose in the column of some objects that has the most, and in the lists inside them."""
    columns = _columns(items)
    own = max(map(columns.prose_of, columns.keys), default=0.0) * len(items)
    inner = [found for key in columns.keys if depth and (found := _objects(items, key))]
    return own + sum(_prose_below(found, depth - 1) for found in inner)


def _remark(opening: _Opening) -> Remark:
    """What was done, as a sentence."""
    names = {"list": opening.key, "who": opening.who, "what": opening.what}
    match opening.way:
        case "answer":
            return Remark(words("Of the {list} to each question one was taken.", **names), key="answer")
        case "joined":
            return Remark(words("The pieces in {list} were joined to one text.", **names))
        case "turns":
            message = words("In {list}, {who} tells who speaks and {what} what is said.", **names)
            return Remark(message)
        case "exchanges":
            message = words("In {list}, {who} was taken as asked and {what} as answered.", **names)
            return Remark(message)
        case "sides":
            return Remark(words("Each of the {who} was paired with one of the {what}, in turn.", **names))
    return Remark(words("Each entry of {list} was read as a record of its own.", **names))
