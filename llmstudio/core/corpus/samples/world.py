"""Which combinations of person and value belong to which part: train, val or test.

Every pair (person, value) of every kind (thing, place, feeling, animal, ...) belongs to exactly one part, decided by a
checksum of its two words, so the answer is the same on every machine and for every seed. What a training text says of a
person, it says in training pairs only; a held-out question asks about a pair no training text holds. A model that
answers it has read the passage, not remembered it.
"""

from __future__ import annotations

from functools import cache
from zlib import crc32

SPLITS = ("train", "val", "test")


@cache
def split_of(person: str, value: str) -> str:
    """The part a pair belongs to: 76 % train, 8 % val, 16 % test.

    Args:
        person: a name, in English, in any case.
        value: the English word of the thing, place, feeling, animal, ... (singular, no article), in any case.
    """
    place = crc32(f"{person.lower()} likes {value.lower()}".encode()) // 11 % 25
    return "test" if place < 4 else "val" if place < 6 else "train"


def is_pair_held_out(person: str, value: str) -> bool:
    """Whether a pair never stands together in training text."""
    return split_of(person, value) != "train"
