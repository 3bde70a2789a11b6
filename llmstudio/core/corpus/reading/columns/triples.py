"""Which columns make a pair: question and answer with all that the answer needs, a sentence and its translation.

In: the columns of a table, with how much prose each holds. Out: the settings of the reading that take them, or none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from llmstudio.core.corpus.reading.columns.cells import JOINT, Columns
from llmstudio.core.corpus.reading.columns.names import (
    ANSWERS,
    ASKS,
    BEFORE,
    BESIDE,
    BETTER,
    EITHER_WAY,
    LABELS,
    PAIRS,
    SUMMARIES,
    TEXTS,
    TITLES,
    TWINS,
    folded,
    language_of,
    lettered,
    named,
    twin_stem,
)

_PIECES = 3
_ONE_OF_MANY = frozenset((
    "answer", "answers", "option", "choice", "ending", "candidate", "response", "reply", "output", "completion", "reference",
    "ref", "translation", "paraphrase", "question", "positive", "negative", "distractor", "hypothesis", "summary", "ctx",
))  # fmt: skip
"""What is numbered because there are several of a kind, each for itself."""
_TITLED = (*TITLES, *(f"question_{part}" for part in ("title", "body", "content")))


def answers_by_name(columns: Columns) -> dict[str, str]:
    """A question or instruction, what stands beside it, and the answer: instruction + input -> output."""
    answer = named(columns.filled(), (*BETTER, *ANSWERS))
    if not answer:
        return {}
    others = [key for key in columns.filled() if key != answer]
    ask = named([key for key in others if columns.prose_of(key)], ASKS)
    if not ask:
        return _answer_to_a_post(columns, answer, others)
    if (folded(ask) in ("input", "inputs") or folded(answer) in LABELS) and columns.is_class(answer):
        return {}  # a class and no answer
    beside = [key for name in BESIDE if (key := named(others, (name,))) and key not in (ask, answer)]
    beside = [key for key in dict.fromkeys(beside) if columns.words_of(key)]
    before = [key for key in beside if folded(key) in BEFORE or (folded(ask).startswith("q") and not _is_choice(key))]
    source = [*before, ask, *(key for key in beside if key not in before)]
    source += [key for key in lettered(others) if key not in source]
    return {"source_key": JOINT.join(source), "target_key": answer}


def _answer_to_a_post(columns: Columns, answer: str, others: Sequence[str]) -> dict[str, str]:
    """An answer to a title and its text, as people ask in forums; "target" and "output" alone are too little."""
    if folded(answer).rsplit("_", 1)[-1] not in ("answer", "answers", "text", "reply", "回答", "答案", "chosen", "j"):
        return {}
    title = named(others, _TITLED)
    body = named(
        [key for key in others if key != title],
        ("body", "selftext", "content", "text", "question_body", "desc", "description", "detail", "details"),
    )
    if not title or not columns.prose_of(answer):
        return {}
    return {"source_key": JOINT.join(key for key in (title, body) if key), "target_key": answer}


def _is_choice(key: str) -> bool:
    return folded(key) in ("choices", "options", "choices_text", "input", "inputs", "输入")


def pairs_by_name(columns: Columns) -> dict[str, str]:
    """Two columns whose names belong together, or that are named after two languages."""
    has_label = bool(label_by_name(columns, [key for key in columns.filled() if not columns.is_prose(key)]))
    for source, target in (*PAIRS, *(() if has_label else SUMMARIES)):
        s, t = named(columns.with_words(), (source,)), named(columns.with_words(), (target,))
        if s and t and s != t and not (columns.is_class(t) or (has_label and target == "target")):
            is_turned = (source, target) in EITHER_WAY and columns.keys.index(t) < columns.keys.index(s)
            return {"source_key": t, "target_key": s} if is_turned else {"source_key": s, "target_key": t}
    if (
        (answer := _answers_as_labels(columns))
        and (text := named(columns.with_prose(), ("data", *TEXTS)))
        and text != answer
    ):
        return {"source_key": text, "target_key": answer}
    spoken = [(key, found) for key in columns.with_prose() if (found := language_of(key))]
    for (one, (stem, first)), (other, (other_stem, second)) in combinations(spoken, 2):
        if stem == other_stem and first != second:
            return {"source_key": one, "target_key": other}
    return {}


def _answers_as_labels(columns: Columns) -> str:
    """The column of labels if these are lists of texts, as programs for annotation write answers; else empty."""
    label = named(columns.with_prose(), ("label", "labels"))
    is_list = bool(label) and all(isinstance(row.get(label), list) for row in columns.rows)
    return label if is_list and not columns.can_be_label(label) else ""


def numbered_texts(columns: Columns) -> list[str]:
    """Columns numbered from 1 on, three at least, that hold one text in pieces: sentence1, sentence2, sentence3."""
    found: dict[str, dict[int, str]] = {}
    for key in columns.with_prose():
        if numbered := re.fullmatch(r"(.*[^\W\d_])[_ ]?([1-9]\d?)", key.strip().casefold()):
            found.setdefault(numbered[1], {})[int(numbered[2])] = key
    for stem, own in found.items():
        if (
            len(own) >= _PIECES
            and sorted(own) == list(range(1, len(own) + 1))
            and not _ONE_OF_MANY & set(re.split(r"[_ ]", stem))
        ):
            return [own[n] for n in sorted(own)]
    return []


def twins_by_name(columns: Columns) -> tuple[str, ...]:
    """Two columns that a label speaks of: premise and hypothesis, question1 and question2; empty if there are none."""
    for one, other in TWINS:
        if (a := named(columns.with_prose(), (one,))) and (b := named(columns.with_prose(), (other,))):
            return a, b
    stems = {found: key for key in columns.with_prose() if (found := twin_stem(key))}  # also "#1 String", "#2 String"
    for (stem, end), key in stems.items():
        other_end = {"1": "2", "a": "b"}.get(end, "")
        if (other := stems.get((stem, other_end), "")) and stem.rsplit("_", 1)[-1] not in ("answer", "option", "choice"):
            return key, other
    return ()


def label_by_name(columns: Columns, keys: Sequence[str]) -> str:
    """The column of `keys` that is named like a label and holds some; empty if there is none."""
    keys = [key for key in keys if columns.can_be_label(key)]
    begins = [key for key in keys if folded(key).startswith(("label_", "class_"))]
    asks = [key for key in keys if folded(key).startswith(("is_", "has_")) and columns.is_yes_or_no(key)]
    return named(keys, LABELS) or named(keys, LABELS, by_ending=True) or next(iter([*begins, *asks]), "")


def alike_without_names(columns: Columns, ratio: float = 4) -> tuple[str, ...]:
    """The only two columns with prose, if the texts of one are at most `ratio` times as long; empty otherwise."""
    texts = columns.with_prose()
    return tuple(texts) if len(texts) == 2 and columns.are_alike(texts[0], texts[1], ratio) else ()
