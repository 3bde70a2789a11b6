"""Short reviews with a label, one class of them rare: ``good`` (55 %), ``bad`` (40 %), ``mixed`` (5 %).

A mixed review holds praise and blame: its words are those of the other two, so it is hard as well as rare, and accuracy
alone hides how badly a classifier does on it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

from llmstudio.core.corpus.samples.grammar import Grammar, role_kind
from llmstudio.core.corpus.samples.plots.plots import groups
from llmstudio.core.corpus.samples.words.lexicon import ROLES, lexicon, words_of
from llmstudio.core.corpus.samples.world import split_of
from llmstudio.core.corpus.samples.writers.stories import draw

LABELS = ("good", "bad", "mixed")
RARE_LABEL = "mixed"
_OTHER_ROLES = ("kin", "place", "time", "color", "number", "beast", "job", "glad", "sorry", "quality")
SHARES = (0.55, 0.40, 0.05)

FORMS = """
# about
I bought this {thing} for my {kin}.
We went {to:place} {time}.
{time}, I ordered {a:color} {thing}.
We tried the {food} {at:place}.
My {kin} gave me this {thing} {time}.
I have used the {thing} for {number} weeks.
We spent {number} days {at:place} with my {kin}.
Last week I read a book about {a:beast}.
{who} repaired my {thing} {time}.
The {job} {at:place} recommended the {food}.
# praise
It is [simply|really|truly|absolutely] [wonderful|excellent|great|perfect|splendid].
I would buy it again at once.
My {kin} loves it.
Everyone was {glad}.
The {quality} design is a pleasure.
It made me {glad}.
It was worth every coin.
I cannot imagine a better {thing}.
The people {at:place} were [kind|helpful|friendly|charming].
The {food} tasted [delicious|fresh|fantastic].
Nothing was missing, and it arrived {number} days early.
Highly recommended!
# blame
It is [simply|really|truly|absolutely] [awful|terrible|useless|dreadful|poor].
I would never buy it again.
My {kin} hates it.
Everyone was {sorry}.
It broke after {number} days.
It made me {sorry}.
It was a waste of money.
I have never seen a worse {thing}.
The people {at:place} were [rude|unfriendly|slow|careless].
The {food} tasted [stale|bitter|disgusting].
Half of it was missing, and it arrived {number} days late.
Stay away from it!
# both
The {thing} is [pretty|cheap|light], but it broke after {number} days.
The {food} was [delicious|fresh], but the people were [rude|slow].
I love the {color} {thing}, but my {kin} hates it.
It works well, but it is [far too|much too] [loud|expensive|heavy].
At first I was {glad}, but in the end I was {sorry}.
The place is [lovely|charming], yet everything was [dirty|broken|closed].
# verdict
So I am of two minds.
It has good sides and bad sides.
I do not know what to think of it.
Some will like it, others will not.
"""


@cache
def review_grammar() -> Grammar:
    """Every form of the reviews."""
    return Grammar(groups(FORMS)["en"], lexicon("en"), ROLES, capitals=True)


def review_records(rng: random.Random, split: str) -> Iterator[dict[str, object]]:
    """Reviews without end; the thing and the food of a review belong together in one part only."""
    grammar, words = review_grammar(), lexicon("en")
    while True:
        cast = {role: draw(rng, words_of(role_kind(role, ROLES))) for role in ("thing", "food", "who")}
        if split_of(cast["thing"], cast["food"]) != split or split_of(cast["who"], cast["thing"]) not in ("train", split):
            continue
        cast |= {role: draw(rng, words_of(role_kind(role, ROLES))) for role in _OTHER_ROLES}
        bound = {role: words[role_kind(role, ROLES)][word] for role, word in cast.items()}
        label = rng.choices(LABELS, SHARES)[0]
        steps = ["about"] if rng.random() < 0.7 else []
        if label == "mixed":
            steps += ["both"] if rng.random() < 0.4 else rng.sample(["praise", "blame"], 2)
            steps += ["verdict"] if rng.random() < 0.3 else []
        else:
            steps += ["praise" if label == "good" else "blame"] * rng.randint(1, 3)
        yield {"text": " ".join(dict.fromkeys(grammar.write(step, bound, rng) for step in steps)), "label": label}
