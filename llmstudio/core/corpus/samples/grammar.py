"""Forms, the words that fill them, and a matcher that reads a sentence back.

A *form* is a sentence with slots: ``"{who} gave {her:who} {thing} to {friend}."``. A slot names a *role* and, before
the colon, a *case* of the word that fills it. Writing a sentence looks the cases up; reading one walks a trie of forms and
narrows, at every slot, the set of words the role may still be. A role met twice must be one word, which is what makes
"Clara lost his kite" ungrammatical without a rule that says so.

``[a|b|]`` in a form lists alternatives (the last one here is "nothing"); they are written out once, when a grammar is
built, so a form with alternatives counts as one form and reads as several.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_SLOT = re.compile(r"\{(?:(\w+):)?(\w+)\}")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)?|[一-鿿]|[^\sA-Za-z]")

Cases = Mapping[str, str]
Binding = Mapping[str, Cases]
Slot = tuple[str, str]
"""Role and case."""


@dataclass(frozen=True, eq=False)
class Entry:
    """One word of the world: its kind, its key (what the split is drawn over), and its cases in each language."""

    kind: str
    key: str
    english: Cases
    chinese: Cases


def expand(form: str) -> list[str]:
    """Write out the alternatives of a form: ``"a [b|c] d"`` gives ``["a b d", "a c d"]``."""
    pieces = [piece.split("|") if i % 2 else [piece] for i, piece in enumerate(_CHOICE.split(form))]
    return ["".join(choice) for choice in itertools.product(*pieces)]


def parse(form: str) -> tuple[str | Slot, ...]:
    """Cut a form without alternatives into literal strings and slots."""
    parts: list[str | Slot] = []
    at = 0
    for match in _SLOT.finditer(form):
        if match.start() > at:
            parts.append(form[at : match.start()])
        parts.append((match[2], match[1] or ""))
        at = match.end()
    if at < len(form):
        parts.append(form[at:])
    return tuple(parts)


def role_kind(role: str, roles: Mapping[str, str]) -> str:
    """The kind of word a role takes: named in ``roles``, else the role itself without a trailing digit."""
    return roles.get(role) or role.rstrip("0123456789")


def tokens(text: str) -> list[str]:
    """Words and punctuation marks of English text; single characters of Chinese text."""
    return _WORD.findall(text)


@dataclass
class _Node:
    """A point in the trie of forms: where literals and slots lead, and whether a sentence may end here."""

    literals: dict[str, _Node] = field(default_factory=dict)
    slots: dict[Slot, _Node] = field(default_factory=dict)
    final: bool = False


class Grammar:
    """Groups of forms over a lexicon: writes sentences, reads them, lists its words.

    Args:
        forms: group name to forms; the group is what a plot asks for, the form is picked at random.
        lexicon: kind to (word key to cases), in one language.
        roles: role to kind, for roles that are not named after their kind.
        capitals: whether a sentence starts with a capital letter.
    """

    def __init__(
        self,
        forms: Mapping[str, Sequence[str]],
        lexicon: Mapping[str, Mapping[str, Cases]],
        roles: Mapping[str, str],
        *,
        capitals: bool,
    ) -> None:
        self.forms = forms
        self.capitals = capitals
        self._lexicon = lexicon
        self._roles = roles
        # group to forms to the ways a form reads: a form is picked first, so that many ways do not make a form more frequent
        self._variants = {group: [[parse(v) for v in expand(form)] for form in listed] for group, listed in forms.items()}
        self._root = _Node()
        self._index: dict[Slot, dict[str, frozenset[str]]] = {}
        self._lengths: dict[Slot, tuple[int, ...]] = {}
        for variant in self._all_variants():
            self._add(variant)

    def write(self, group: str, binding: Binding, rng: random.Random, told: set[str] | None = None) -> str:
        """One sentence of a group, filled from ``binding`` (role to cases); ``told`` gathers the roles it names."""
        listed = self._variants[group]
        variants = listed[int(rng.random() * len(listed))]
        parts = variants[0] if len(variants) == 1 else variants[int(rng.random() * len(variants))]
        if told is not None:
            told.update([part[0] for part in parts if part.__class__ is tuple])
        text = "".join([part if part.__class__ is str else binding[part[0]][part[1]] for part in parts])
        return text[0].upper() + text[1:] if self.capitals else text

    def reads(self, sentence: str) -> bool:
        """Whether some form, with one word for each role, gives exactly this sentence."""
        if not sentence:
            return False
        if not self.capitals:
            return self._match(self._root, sentence, 0, {})
        if sentence[0] != sentence[0].upper():
            return False
        lowered = sentence[0].lower() + sentence[1:]
        return any(self._match(self._root, text, 0, {}) for text in {sentence, lowered})

    def vocabulary(self) -> set[str]:
        """Every word type (lower case) and punctuation mark some sentence of this grammar may hold."""
        found: set[str] = set()
        seen: set[Slot] = set()
        for variant in self._all_variants():
            for part in variant:
                if isinstance(part, str):
                    found.update(tokens(part.lower()))
                else:
                    seen.add((role_kind(part[0], self._roles), part[1]))
        for kind, case in seen:
            for cases in self._lexicon[kind].values():
                found.update(tokens(cases[case].lower()))
        return found

    @property
    def num_forms(self) -> int:
        """Forms as written, alternatives not counted."""
        return len(set(itertools.chain.from_iterable(self.forms.values())))

    def _all_variants(self) -> Iterator[tuple[str | Slot, ...]]:
        for listed in self._variants.values():
            yield from itertools.chain.from_iterable(listed)

    def _add(self, parts: Iterable[str | Slot]) -> None:
        node = self._root
        for part in parts:
            if isinstance(part, str):
                node = node.literals.setdefault(part, _Node())
            else:
                self._index_slot(part)
                node = node.slots.setdefault(part, _Node())
        node.final = True

    def _index_slot(self, slot: Slot) -> None:
        if slot in self._index:
            return
        phrases: dict[str, set[str]] = {}
        for key, cases in self._lexicon[role_kind(slot[0], self._roles)].items():
            phrases.setdefault(cases[slot[1]], set()).add(key)
        self._index[slot] = {phrase: frozenset(keys) for phrase, keys in phrases.items()}
        self._lengths[slot] = tuple(sorted({len(phrase) for phrase in phrases}))

    def _match(self, node: _Node, text: str, at: int, bound: dict[str, frozenset[str]]) -> bool:
        if at == len(text):
            return node.final
        for literal, following in node.literals.items():
            if text.startswith(literal, at) and self._match(following, text, at + len(literal), bound):
                return True
        for slot, following in node.slots.items():
            index = self._index[slot]
            for length in self._lengths[slot]:
                keys = index.get(text[at : at + length])
                if keys is None or at + length > len(text):
                    continue
                role = slot[0]
                keys = keys & bound[role] if role in bound else keys
                if keys and self._match(following, text, at + length, {**bound, role: keys}):
                    return True
        return False
