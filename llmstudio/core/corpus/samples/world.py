"""Which combinations of person and value belong to which part: train, val or test.

Every pair (person, value) of every kind (thing, place, feeling, animal, ...) belongs to exactly one part, decided by a
checksum of its two words, so the answer is the same on every machine and for every seed. What a training text says of a
person, it says in training pairs only; a held-out question asks about a pair no training text holds. A model that
answers it has read the passage, not remembered it.
"""

from __future__ import annotations

from functools import cache
from zlib import crc32


@cache
def split_of(person: str, value: str) -> str:
    """The part a pair belongs to: 90 % train, 4 % val, 6 % test.

    Few are held out on purpose. Were they many, "never seen together, so surely not the answer" would be worth learning
    in training, and it is wrong of every held-out question: a quarter held out drove a small model below chance.

    Args:
        person: a name, in English, in any case.
        value: the English word of the thing, place, feeling, animal, ... (singular, no article), in any case.
    """
    place = crc32(f"{person.lower()} wants {value.lower()}".encode()) % 100
    return "test" if place < 6 else "val" if place < 10 else "train"


def is_pair_held_out(person: str, value: str) -> bool:
    """Whether a pair never stands together in training text."""
    return split_of(person, value) != "train"
