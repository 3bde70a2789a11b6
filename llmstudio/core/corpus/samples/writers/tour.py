"""The tour's slice: 24 people, each with a thing, a place, a feeling, an animal; about a hundred words in all.

A document is a story of three to five short sentences and a few questions on it. Facts are drawn afresh for each
document, so nothing but the passage answers the question; only how a fact may be put, and how it is asked for, is there
to be learned by heart. Made to be learned by a decoder of half a million parameters in two minutes: lower case, spaces
around punctuation, one relation a kind, few ways to say it, and an answer that is a copy of words in the story.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from llmstudio.core.corpus.samples.grammar import Grammar
from llmstudio.core.corpus.samples.world import split_of
from llmstudio.core.corpus.samples.writers.questions import Question

# fmt: off
PEOPLE = (
    "anna", "ben", "clara", "david", "emma", "felix", "grace", "henry", "iris", "jack", "kate", "leo",
    "mia", "noah", "olive", "peter", "ruby", "sam", "tess", "victor", "wendy", "max", "lily", "oscar",
)
VALUES = {
    "thing": ("ball", "bell", "book", "crown", "drum", "hat", "key", "kite", "lamp", "map", "mask", "ring", "robot", "rope",
              "scarf", "whistle"),
    "place": ("attic", "barn", "boat", "cave", "forest", "garden", "kitchen", "market", "meadow", "school", "tower",
              "valley"),
    "feeling": ("angry", "bored", "brave", "calm", "happy", "hungry", "lonely", "proud", "sad", "scared", "sleepy", "tired"),
    "animal": ("cat", "cow", "dog", "duck", "fox", "goat", "hen", "horse", "mouse", "owl", "pig", "rabbit"),
}
# fmt: on
# One fact, one sentence; what belongs together is at most four words apart. Name first, ...
STATE = {
    "thing": ("{who} has the {thing} .", "{who} holds the {thing} ."),
    "place": ("{who} is in the {place} .", "{who} sits in the {place} ."),
    "feeling": ("{who} is {feeling} .", "{who} feels {feeling} ."),
    "animal": ("{who} feeds the {animal} .", "{who} leads the {animal} ."),
}
# ... or value first.
TURNED = {
    "thing": ("the {thing} belongs to {who} .",),
    "place": ("in the {place} is {who} .",),
    "animal": ("the {animal} follows {who} .",),
}
# A question for what its sentence ends with is a copy of what follows; one for what it begins with asks to look back,
# which takes a small model several times as long to learn: at 0.3 M parameters the first kind was all right after 24,000
# documents, the second still at chance after 32,000. So of five questions one is of the second kind.
_LOOKING_BACK = 0.2
ASK_VALUE = {
    "thing": ("what does {who} have ?",),
    "place": ("where is {who} ?",),
    "feeling": ("how is {who} ?",),
    "animal": ("which animal is with {who} ?",),
}
ASK_PERSON = {
    "thing": ("who has the {thing} ?",),
    "place": ("who is in the {place} ?",),
    "feeling": ("who is {feeling} ?",),
    "animal": ("who is with the {animal} ?",),
}
ANSWER = {"thing": "the {thing}", "place": "in the {place}", "feeling": "{feeling}", "animal": "the {animal}"}


@dataclass(frozen=True)
class Fact:
    """One thing a passage says: of whom, of which kind, which value; ``turned`` if it names the value first."""

    who: str
    kind: str
    value: str
    turned: bool = False

    @property
    def statement(self) -> str:
        """The group of forms that say it."""
        return f"{self.kind} turned" if self.turned else self.kind


@cache
def tour_grammar() -> Grammar:
    """The forms of this slice as one grammar."""
    forms: dict[str, list[str]] = {}
    for kind, statements in STATE.items():
        forms[kind] = list(statements)
        forms[f"{kind} turned"] = list(TURNED.get(kind, ()))
        forms[f"value of {kind}"] = list(ASK_VALUE[kind])
        forms[f"person of {kind}"] = list(ASK_PERSON[kind])
        forms[f"answer {kind}"] = [ANSWER[kind]]
    forms["answer who"] = ["{who}"]
    lexicon = {kind: {word: {"": word} for word in words} for kind, words in {**VALUES, "who": PEOPLE}.items()}
    return Grammar(forms, lexicon, {}, capitals=False)


@cache
def _pairs(kind: str, split: str) -> tuple[tuple[str, str], ...]:
    return tuple((who, value) for who in PEOPLE for value in VALUES[kind] if split_of(who, value) == split)


def _draw(rng: random.Random, split: str, kinds: list[str], num_people: int) -> tuple[list[list[Fact]], Fact]:
    """For each of ``kinds``, one fact for each person, no value twice; and the key, a fact of the split's own.

    The key is of the first kind. But for the key, any person of the document and any value in it are a training pair,
    even if the document gives the value to somebody else: were a held-out value among those one might answer, ruling it
    out would pay in training.
    """
    while True:
        hero, treasure = rng.choice(_pairs(kinds[0], split))
        people = rng.sample([who for who in PEOPLE if who != hero], num_people - 1)
        if any(split_of(who, treasure) != "train" for who in people):
            continue
        people.insert(rng.randrange(num_people), hero)
        facts: list[list[Fact]] = []
        for kind in kinds:
            known = [value for value in VALUES[kind] if all(split_of(who, value) == "train" for who in people)]
            known = [value for value in known if value != treasure]
            if len(known) < num_people:
                break
            values = rng.sample(known, num_people)
            if kind == kinds[0]:
                values[people.index(hero)] = treasure
            facts.append([Fact(who, kind, value) for who, value in zip(people, values, strict=True)])
        else:
            return facts, Fact(hero, kinds[0], treasure)


def _write(rng: random.Random, group: str, fact: Fact) -> str:
    return tour_grammar().write(group, {"who": {"": fact.who}, fact.kind: {"": fact.value}}, rng)


def _story(rng: random.Random, split: str) -> tuple[str, list[list[Fact]], Fact]:
    """A passage, its facts by kind, and its key fact; each person has a fact of the first kind."""
    kinds = rng.sample(list(VALUES), 2)
    if rng.random() < 0.3:  # one kind, three or four people
        drawn, key = _draw(rng, split, kinds[:1], rng.choice((3, 3, 4)))
    else:  # a second kind, said of two of the three
        drawn, key = _draw(rng, split, kinds, 3)
        drawn[1].pop(rng.randrange(3))
    facts = [[replace(fact, turned=fact.kind in TURNED and rng.random() < 0.5) for fact in row] for row in drawn]
    key = facts[0][drawn[0].index(key)]
    told = [fact for row in facts for fact in row]
    if rng.random() < 0.5:  # person by person
        people = [fact.who for fact in facts[0]]
        told.sort(key=lambda fact: people.index(fact.who))
    return " ".join(_write(rng, fact.statement, fact) for fact in told), facts, key


def _ask(rng: random.Random, fact: Fact, *, person: bool) -> tuple[str, str]:
    question = _write(rng, f"person of {fact.kind}" if person else f"value of {fact.kind}", fact)
    return question, _write(rng, "answer who" if person else f"answer {fact.kind}", fact)


def _looks_back(rng: random.Random) -> bool:
    return rng.random() < _LOOKING_BACK


def tour_records(rng: random.Random, split: str) -> Iterator[dict[str, object]]:
    """Documents without end: a story and three to six different questions on it."""
    while True:
        passage, facts, key = _story(rng, split)
        told = [fact for row in facts for fact in row]
        asks = [(fact, fact.turned) for fact in told] + [(fact, not fact.turned) for fact in told if _looks_back(rng)]
        chosen = rng.sample(asks, min(len(asks), rng.choice((4, 5, 6))))
        if split != "train" and all(fact != key for fact, _ in chosen):
            chosen[0] = (key, key.turned)
        turns = [{"who": "story", "what": passage}]
        for fact, person in chosen:
            question, answer = _ask(rng, fact, person=person)
            turns += [{"who": "user", "what": question}, {"who": "assistant", "what": answer}]
        yield {"turns": turns}


def tour_questions(rng: random.Random) -> Iterator[Question]:
    """Questions without end, each on a pair that no training document brings together."""
    while True:
        passage, facts, key = _story(rng, "test")
        person = key.turned != _looks_back(rng)
        question, answer = _ask(rng, key, person=person)
        candidates = [_write(rng, "answer who" if person else f"answer {key.kind}", fact) for fact in facts[0]]
        yield Question(passage, question, answer, tuple(candidates))


def tour_asks(passage: str) -> list[str]:
    """A question on each fact that sentences of this slice tell in a passage, but for what is told of somebody twice."""
    facts = [Fact(found["who"], kind, found[kind], turned) for found, kind, turned in _read(passage)]
    times = Counter((fact.who, fact.kind) for fact in facts) + Counter((fact.value, fact.kind) for fact in facts)
    once = [fact for fact in facts if times[fact.who, fact.kind] == times[fact.value, fact.kind] == 1]
    rng = random.Random(passage)
    return [_ask(rng, fact, person=fact.turned)[0] for fact in rng.sample(once, len(once))]


def _read(passage: str) -> Iterator[tuple[re.Match[str], str, bool]]:
    for pattern, kind, turned in _patterns():
        yield from ((found, kind, turned) for found in pattern.finditer(passage))


@cache
def _patterns() -> list[tuple[re.Pattern[str], str, bool]]:
    """Every statement as a pattern, with its kind of fact, and whether it names the value first."""
    found = []
    for statements, turned in ((STATE, False), (TURNED, True)):
        for kind, forms in statements.items():
            slots = {name: f"(?P<{name}>{'|'.join(words)})" for name, words in (("who", PEOPLE), (kind, VALUES[kind]))}
            for form in forms:
                written = form.replace(" .", r" \.").format(**slots)
                found.append((re.compile(rf"(?<!\S){written}(?!\S)"), kind, turned))
    return found
