"""Which column of a table, or key of a JSON object, holds the text: the one with the most prose, names breaking ties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.chats.conversations import (
    conversation,
    holds_turns,
    is_unanswered,
    messages_of,
    read_along,
    spoken_turns,
)
from llmstudio.core.corpus.reading.chats.exports.exports import TURNS
from llmstudio.core.corpus.reading.chats.told import SEVERAL, UNANSWERED, Told
from llmstudio.core.corpus.reading.chats.utterances import are_said
from llmstudio.core.corpus.reading.columns.cells import (
    JOINT,
    NO_LABELS,
    Columns,
    Row,
    cell_text,
    label_text,
    no_such_column,
    parts_of,
)
from llmstudio.core.corpus.reading.columns.choices import nameless_choices, numbered_choices
from llmstudio.core.corpus.reading.columns.histories import turns_with_history, with_history
from llmstudio.core.corpus.reading.columns.marks import is_mark
from llmstudio.core.corpus.reading.columns.names import (
    ANSWERS,
    ASKS,
    BETTER,
    LABELS,
    SCORES,
    TEXTS,
    TITLES,
    UNLABELLING,
    WORSE,
    folded,
    named,
)
from llmstudio.core.corpus.reading.columns.one_hot import label_of, one_hot
from llmstudio.core.corpus.reading.columns.prose import has_tags
from llmstudio.core.corpus.reading.columns.spelled_lists import listed
from llmstudio.core.corpus.reading.columns.triples import (
    alike_without_names,
    answers_by_name,
    label_by_name,
    numbered_texts,
    pairs_by_name,
    twins_by_name,
)
from llmstudio.core.corpus.reading.files.given_parts import part_column
from llmstudio.core.corpus.reading.tagged.tagged_rows import tagged_columns, tagged_record
from llmstudio.core.corpus.records import Record
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.words import words

_ROWS_LOOKED_AT = 200
_LABELLED_SHARE = 0.5  # of the texts: with fewer labels it is a column of remarks
_MANY_ANSWERS = (
    "answers", "answers.text", "targets", "references", "possible_answers", "translations", "pos", "positive", "output",
    "outputs", "response", "responses", "completion", "completions", "answer", "reply", "replies", "human_answers",
    "solutions", "label", "labels",
)  # fmt: skip
_SINGLE_WORDS = ("word", "words", "token", "tokens", "form")
_TWINS_RATIO = 2  # two sentences that are compared; a title and its text differ by more
_LEAST_PROSE = 12  # letters: less are a name
_SHOWN, _SHOWN_CHARACTERS = 3, 20  # entries of a column
KEYS = ("text_key", "source_key", "target_key", "label_key", "turns_key")


def as_row(value: Any) -> Row:
    """A JSON value as a row: an object's keys (nested ones dotted), a list's places "1", "2" ..., or "text" alone."""
    if isinstance(value, Mapping):
        return dict(_flatten(value, "", 3))
    if isinstance(value, list):
        return {str(n): item for n, item in enumerate(value, 1)}
    return {"text": value}


def _flatten(value: Mapping[Any, Any], prefix: str, depth: int) -> Iterable[tuple[str, Any]]:
    for key, item in value.items():
        if isinstance(item, Mapping) and depth:
            yield from _flatten(item, f"{prefix}{key}.", depth - 1)
        else:
            yield f"{prefix}{key}", item


def keys_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """All columns of the rows, in the order they appear."""
    return tuple(dict.fromkeys(key for row in rows for key in row))


def guess(rows: Sequence[Row], config: ReadingConfig, name: str, remarks: list[Remark] | None = None) -> ReadingConfig:
    """`config` with its empty keys filled in where the rows say enough; keys that are set stay and decide the kind.

    Columns that belong together are named with " + " between them. What a person should know of the guess goes to `remarks`.

    Raises:
        StudioError: A chosen column does not exist, or nothing in the rows looks like text.
    """
    rows = rows[:_ROWS_LOOKED_AT]
    keys = keys_of(rows)
    if found := tagged_columns(rows, config, name):
        return replace(config, **found)
    config = replace(config, tags="")
    for key in (part for field in KEYS if (chosen := getattr(config, field)) for part in parts_of(chosen, keys)):
        if key not in keys:
            raise no_such_column(key, name, keys, "reading.text_key")
    if config.turns_key:
        return config
    columns = Columns(rows, keys)
    if config.source_key or config.target_key:
        taken = (*parts_of(config.source_key, keys), *parts_of(config.target_key, keys))
        others = [key for key in columns.with_words() if key not in taken]
        if not (config.source_key and config.target_key) and not others:
            raise _no_text(name, keys)
        source, target = config.source_key or others[0], config.target_key or others[0]
        return replace(config, source_key=source, target_key=target, text_key="", label_key="")
    if config.text_key:
        return config
    if config.label_key:
        rest = Columns(rows, [key for key in keys if key not in parts_of(config.label_key, keys)])
        if not (text := rest.best(TEXTS)):
            raise _no_text(name, keys)
        return replace(config, text_key=text)
    found = _guess_all(rows, keys, remarks if remarks is not None else [])
    if not any(found.values()):
        if any(messages_of(row.get(key), Told(), key) for row in rows for key in keys):
            raise StudioError(
                "In none of the conversations of {name} does anybody answer, so there is nothing to learn from. Export them"
                " with the answers.",
                name=name,
            )
        raise _no_text(name, keys)
    return replace(config, **found)


def _guess_all(rows: Sequence[Row], keys: Sequence[str], remarks: list[Remark]) -> dict[str, str]:
    better, worse = named(keys, BETTER), named(keys, WORSE)
    keys = [key for key in keys if not (better and key == worse)]
    if found := with_history(rows, keys):
        return found
    turns = [key for key in keys if not named([key], WORSE) and any(holds_turns(key, row.get(key)) for row in rows)]
    if talk := named(turns, TURNS) or next((k for k in turns if not _is_list_of_texts(rows, k) or _is_said(rows, k)), ""):
        return {"turns_key": talk}
    if spoken := [key for key in keys if _is_spoken(rows, key)]:
        ask = named(spoken, ASKS)
        answer = named([key for key in keys if key not in spoken], (*BETTER, *ANSWERS))
        return {"turns_key": f"{ask}{JOINT}{answer}" if ask and answer else named(spoken, BETTER) or spoken[0]}
    columns = Columns(rows, keys)
    if found := answers_by_name(columns):
        return found
    if better and worse:
        return {"text_key": better}
    if found := numbered_choices(columns, rows) or nameless_choices(columns, rows):
        return found
    if pieces := numbered_texts(columns):
        label = label_by_name(columns, [key for key in columns.filled() if not columns.is_prose(key)])
        return {"text_key": JOINT.join(pieces)} | ({"label_key": label} if label else {})
    if twins := twins_by_name(columns):
        return _of_twins(columns, twins, remarks)
    if found := pairs_by_name(columns):
        return found
    texts = [key for key in keys if not is_mark(rows, key)]
    text = (columns if len(texts) == len(keys) else Columns(rows, texts)).best(TEXTS)
    if folded(text) in _SINGLE_WORDS and columns.are_single_words(text):
        message = words("Each row holds one word: a text of several rows is cut into its words, each with its own label.")
        remarks.append(Remark(message, "warning"))
    if len(rows) == 1 and (several := _texts_of_one(columns, rows[0], text)):
        return {"text_key": several}
    if not text:
        return {}
    beside = _label_beside(columns, text, remarks)
    found = {"text_key": text} | beside if beside else _counterpart(columns, text, remarks)
    _tell_refused(columns, found, remarks)
    return found


def _tell_refused(columns: Columns, found: Mapping[str, str], remarks: list[Remark]) -> None:
    """Ask about a column that is called like a label and was not taken for one: its cells are all different, or long."""
    names = [name for name in LABELS if name not in SCORES]
    called = [key for key in columns.keys if key not in found.values() and not columns.can_be_label(key)]
    label = named([key for key in called if columns.words_of(key)], names)
    cells = [cell for row in columns.rows if (cell := label_text(row.get(label)))] if label else []
    if not cells or "label_key" in found or set(cells) <= NO_LABELS:
        return
    message = words(
        "{column} was not taken for a label, since its first entries are all different, or long ({some} …): is it a class,"
        " or a name or number of each text?",
        column=label,
        some=", ".join(cell[:_SHOWN_CHARACTERS] for cell in dict.fromkeys(cells[:_SHOWN])),
    )
    remedy = Remedy("set", words("Take it as the label"), "reading.label_key", label)
    remarks.append(Remark(message, "warning", remedies=(remedy,)))


def _texts_of_one(columns: Columns, row: Row, text: str) -> str:
    """The columns with prose of the only row there is: each holds something else, and no other row makes up for it."""
    found: list[str] = []
    for key in columns.with_prose():
        cell = cell_text(row, key)
        is_title = folded(key).rsplit("_", 1)[-1] in TITLES or _is_origin(key.rsplit(".", 1)[-1])
        is_told = any(cell in cell_text(row, each) or cell_text(row, each) in cell for each in found)
        if key == text or not (is_title or is_told or has_tags(cell) or columns.prose_of(key) < _LEAST_PROSE):
            found.append(key)
    return JOINT.join(found) if len(found) > 1 and text in found else ""


def _of_twins(columns: Columns, twins: tuple[str, ...], remarks: list[Remark]) -> dict[str, str]:
    """Two texts that are compared, with their label; where none says how near they are, they are taken for a pair."""
    others = [key for key in columns.filled() if key not in twins and not columns.is_index(key)]
    classes = [key for key in others if columns.is_class(key) and not _is_origin(key)]
    if label := label_by_name(columns, others) or (classes[0] if len(classes) == 1 else ""):
        return {"text_key": JOINT.join(twins), "label_key": label}
    if measure := named(others, SCORES) or named(others, SCORES, by_ending=True):
        message = words("{column} measures how near two texts are: it was not taken for a label.", column=measure)
        remarks.append(
            Remark(message, remedies=(Remedy("set", words("Take it as the label"), "reading.label_key", measure),))
        )
        return {"text_key": JOINT.join(twins)}
    return dict(zip(KEYS[1:3], twins, strict=True))


def _label_beside(columns: Columns, text: str, remarks: list[Remark]) -> dict[str, str]:
    """The label of a text, or the text's counterpart where nothing names either; empty if it stands alone."""
    beside = (text, *part_column(columns.rows, [text]).split(JOINT))
    others = [key for key in columns.keys if key not in beside and columns.words_of(key) and not columns.is_index(key)]
    if label := label_by_name(columns, others):
        if columns.share_filled(label, text) >= _LABELLED_SHARE:
            return {"label_key": label}
        message = words("{column} is empty in most rows, so it was not taken for a label.", column=label)
        remarks.append(Remark(message, remedies=(Remedy("set", words("Take it as the label"), "reading.label_key", label),)))
        return {}
    if label := one_hot(columns, columns.rows, others, remarks):
        return {"label_key": label}
    has_names = not all(key.isdigit() for key in columns.keys)
    classes = [key for key in others if columns.is_class(key) and columns.is_longer(text, key)]
    if len(classes) == 1 and (len(others) == 1 or not has_names) and not _is_origin(classes[0]):
        twins = () if has_names else alike_without_names(columns, _TWINS_RATIO)
        return {"text_key": JOINT.join(twins) or text, "label_key": classes[0]}
    if (has_names and (len(others) > 1 or named([text], TEXTS))) or not (pair := alike_without_names(columns)):
        return {}
    return {"text_key": "", "source_key": pair[0], "target_key": pair[1]}


def _counterpart(columns: Columns, text: str, remarks: list[Remark]) -> dict[str, str]:
    """The text alone, or a pair with the only other column; more columns with as much prose are spoken of."""
    others = [key for key in columns.with_prose() if key != text and _is_as_much(columns, key, text)]
    if not others or not all(map(str.strip, columns.keys)) or all(key.isdigit() for key in columns.keys):
        return {"text_key": text}
    other = max(others, key=columns.prose_of)
    source, target = sorted((text, other), key=columns.keys.index)
    are_alone = [key for key in columns.keys if columns.words_of(key) and not columns.is_index(key)] == [source, target]
    is_title = folded(source).rsplit("_", 1)[-1] == "title" or _is_origin(source) or _is_origin(target)
    if are_alone and not is_title:
        message = words(
            "{target} holds about as many words as {source}: they are read as pairs.", source=source, target=target
        )
        remedy = Remedy("set", words("Read {column} alone", column=text), "reading.text_key", text)
        remarks.append(Remark(message, remedies=(remedy,)))
        return {"source_key": source, "target_key": target}
    message = words("{column} was not read, though it holds about as many words as {text}.", column=other, text=text)
    pairs = Remedy("set", words("Read them as pairs"), "reading.source_key", source)
    both = Remedy("set", words("Read both as one text"), "reading.text_key", f"{source}{JOINT}{target}")
    remarks.append(Remark(message, "warning", remedies=(pairs, both)))
    return {"text_key": text}


def _is_as_much(columns: Columns, key: str, text: str) -> bool:
    """True if a column holds half as many letters of prose as the text, or more, and is no page of the same."""
    is_page = any(has_tags(cell_text(row, key)) for row in columns.rows)
    return columns.prose_of(key) >= max(_LEAST_PROSE, columns.prose_of(text) / 2) and not is_page


def _is_origin(key: str) -> bool:
    """True for a column that says where a text is from, and not what it is."""
    return key.casefold().startswith("meta") or bool(UNLABELLING & {folded(key), folded(key).rsplit("_", 1)[-1]})


def to_record(row: Row, config: ReadingConfig, told: Told | None = None) -> Record | None:
    """The record that a row holds, or None if something is missing. A text without a label is a text all the same.

    `told` counts what is left out of conversations.
    """
    if config.tags:
        return tagged_record(row, config)
    if key := config.turns_key:
        spoken = cell_text(row, key) if JOINT in key or isinstance(row.get(key), str) else ""
        told = told or Told()
        if JOINT in key and key not in row and (turns := turns_with_history(row, key, told)):
            return {"turns": turns}
        if (turns := spoken_turns(spoken, told)) and is_unanswered(spoken, turns):
            told.add(UNANSWERED)
            return None
        turns = turns or conversation(row, key, told)
        return {"turns": turns} if turns else None
    if config.source_key:
        source, target = cell_text(row, config.source_key), _answer(row, config.target_key, told)
        return {"source": source, "target": target} if source.strip() and target.strip() else None
    key = config.text_key or "text"
    text = "" if isinstance(row.get(key), int | float) else cell_text(row, key)  # a bare number in JSON is no document
    if not text.strip():
        return None
    label = label_of(row, config.label_key) if config.label_key else ""
    return {"text": text, "label": label} if label or isinstance(label, list) else {"text": text}


def _answer(row: Row, key: str, told: Told | None) -> str:
    """The text of an answer; of several the first, which is as right as the others or the best of them."""
    value = row.get(key)
    if isinstance(value, list) and value and isinstance(value[0], str) and named([key], _MANY_ANSWERS):
        if told and len(value) > 1:
            told.add(SEVERAL)
        return value[0]
    return cell_text(row, key)


def kind_of_config(config: ReadingConfig) -> str:
    """The kind of record that filled-in keys make."""
    if config.tags:
        return "tagged"
    if config.turns_key:
        return "turns"
    return "pairs" if config.source_key else "labelled" if config.label_key else "text"


def roles_of_config(config: ReadingConfig, keys: Iterable[str] = ()) -> dict[str, tuple[str, ...]]:
    """Which of the columns `keys` filled-in settings take for which part of a record."""
    if config.tags:
        return {"words": (config.text_key,), "tags": (config.tags,)}
    if config.turns_key:
        return {"turns": tuple(dict.fromkeys((*parts_of(config.turns_key, ()), *read_along(keys, config.turns_key))))}
    fields = {
        "pairs": ("source_key", "target_key"),
        "labelled": ("text_key", "label_key"),
        "text": ("text_key",),
    }[kind_of_config(config)]
    return {field.removesuffix("_key"): parts_of(key, ()) for field in fields if (key := getattr(config, field))}


def _is_list_of_texts(rows: Sequence[Row], key: str) -> bool:
    cells = [listed(cell) or cell for row in rows if (cell := row.get(key))]
    return any(isinstance(cell, list) and isinstance(cell[0], str) for cell in cells)


def _is_said(rows: Sequence[Row], key: str) -> bool:
    """True if lists of texts under the name "data" are questions and answers in turn: none ends with a question."""
    lists = [row[key] for row in rows if isinstance(row.get(key), list) and row[key]]
    return folded(key) == "data" and not any(len(each) % 2 for each in lists) and are_said(lists)


def _is_spoken(rows: Sequence[Row], key: str) -> bool:
    """True if the texts of a column name their speakers: "Human: ... Assistant: ..."."""
    cells = [value for row in rows if isinstance(value := row.get(key), str) and value.strip()]
    return bool(cells) and all(spoken_turns(cell) for cell in cells[:20])


def _no_text(name: str, keys: Sequence[str]) -> StudioError:
    return StudioError("No column of {name} holds text. There are: {keys}.", name=name, keys=", ".join(keys) or "–")
