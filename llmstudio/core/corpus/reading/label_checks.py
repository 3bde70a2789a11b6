"""What the first labels of a file say about all of them: which mean "no label", whether a text may have several, which are
spelled in two ways; and at the end, whether they are classes at all.

In: the label of each row, a text or a list. Out: each record's label as it is kept: a text, or a list of texts in a file
whose texts may have several; none where there is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from llmstudio.core.corpus.reading.columns.cells import NO_LABELS, is_list_text, labels_in
from llmstudio.core.corpus.reading.columns.numbers import is_number, is_whole
from llmstudio.core.corpus.reading.label_spelling import capitals_remarks, one_spelling
from llmstudio.core.corpus.records import Record
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import Remedy
from llmstudio.core.words import words

_NULLS = frozenset(("\\N", "NaN", "nan", "<NA>", "#N/A", "NULL", "(null)"))  # as programs write an empty cell, never a class
_SHOWN = 6  # labels
_MANY, _FEW_EACH, _FEW_NUMBERS = 1000, 3, 20  # different labels; texts a label on average; different numbers
_COUNTED = 100_000  # different labels that are told apart


class LabelChecks:
    """Decisions about the labels of a file.

    Attributes:
        remarks: What to say of them.
        num_none: Records that bear none of the labels of a file whose texts may have several.
    """

    def __init__(
        self, cells: Sequence[object] = (), column: str = "", text_column: str = "", *, capitals: bool = True
    ) -> None:
        """`cells`: the labels of the first rows; `column` is where they stand, and `text_column` their texts; `capitals`:
        whether these tell labels apart.
        """
        self._capitals = capitals
        self.remarks: list[Remark] = []
        self.num_none = 0
        self._column, self._text_column = column, text_column
        self._no_labels: frozenset[str] = frozenset()
        self._are_wholes = self._are_several = self._are_told = False
        self._with_zero = ""  # a label that was written with .0
        self._sign = ""
        self._seen: set[str] = set()
        self._num_labelled = 0
        if cells:
            self._look(cells)

    def applied(self, record: Record) -> Record:
        """The record with its label as it is kept; 1.0 is 1 where both spell one class."""
        if "label" not in record:
            return record
        label = record["label"]
        names = list(label) if isinstance(label, list) else self._parted(label)
        names = [self._spelled(name) for name in names if name and name not in self._no_labels]
        names = list(dict.fromkeys(names))
        rest = {key: value for key, value in record.items() if key != "label"}
        is_said = isinstance(label, list) and not label
        if not names and not (self._are_several and is_said):
            return rest
        if len(self._seen) < _COUNTED:
            self._seen.update(names)
        self._num_labelled += bool(names)
        self.num_none += not names
        return rest | {"label": names if self._are_several or len(names) > 1 else names[0]}

    def end_remarks(self) -> list[Remark]:
        """What all labels together say: whether they are classes, or numbers and names of the texts."""
        found = len(self._seen)
        remedies: tuple[Remedy, ...] = ()
        if self._text_column:
            remedies = (Remedy("set", words("Read the text alone"), "reading.text_key", self._text_column),)
        said = []
        if self._with_zero and not self._are_told:
            one, other = _as_whole(self._with_zero), self._with_zero
            message = words("Labels that are whole numbers are written without .0: {other} is {one}.", one=one, other=other)
            said.append(Remark(message))
        if self.num_none:
            message = words("{n|text bears|texts bear} none of the labels: an empty list says so.", n=self.num_none)
            said.append(Remark(message, key=message.template))
        is_few_each = found > _FEW_NUMBERS and found * _FEW_EACH > self._num_labelled
        if found > _FEW_NUMBERS and all(map(is_number, self._seen)):
            some = ", ".join(sorted(self._seen, key=lambda label: (len(label), label))[:_SHOWN])
            message = words(
                "{column} holds {n:,} different numbers ({some} …), and each became a class of its own. If they measure "
                "something, they are no classes.",
                column=self._column,
                n=found,
                some=some,
            )
            said.append(Remark(message, "warning", remedies))
        elif found > _MANY or is_few_each:
            message = words(
                "{column} holds {n:,} different labels for {all:,} texts: is it a class, or a name or number of each text?",
                column=self._column,
                n=found,
                all=self._num_labelled,
            )
            said.append(Remark(message, "warning", remedies))
        return said

    def _parted(self, label: str) -> list[str]:
        return [part.strip() for part in label.split(self._sign)] if self._sign else [label]

    def _spelled(self, label: str) -> str:
        if not (self._are_wholes and is_whole(label)):
            return label
        name = _as_whole(label)
        self._with_zero = label if name != label else self._with_zero
        return name

    def _look(self, cells: Sequence[object]) -> None:
        found = [[one_spelling(label) for label in labels_in(cell)] for cell in cells]
        labels = frozenset(label for own in found for label in own)
        self._no_labels = _NULLS if labels - _NULLS - NO_LABELS else self._no_labels
        if none := labels & self._no_labels:
            self._say_no_labels(none)
        labels -= _NULLS
        others = labels - NO_LABELS
        self._look_at_spellings(others)
        numbers = {int(float(label)) for label in others if is_whole(label)}
        is_counted = len(numbers) == len(others) and min(numbers, default=0) >= 0 and max(numbers, default=0) >= 2
        absent = NO_LABELS if not numbers or is_counted else frozenset(("-",))  # -1, 0, 1 may be bad, neutral, good
        if none := labels & absent:
            if others:
                self._no_labels |= none
                self._say_no_labels(none)
        elif none := labels & NO_LABELS:
            message = words("{label} is read as a class. In some data sets it means “no label”.", label=next(iter(none)))
            self.remarks.append(Remark(message))
        self._look_at_several(cells, found)

    def _look_at_several(self, cells: Sequence[object], found: Sequence[Sequence[str]]) -> None:
        """Whether a text may have several labels, in a list or with a sign between them."""
        several = next((own for cell, own in zip(cells, found, strict=True) if is_list_text(cell) and len(own) > 1), [])
        if not several:
            self._sign, several = _sign_between([own[0] for own in found if len(own) == 1])
        if several:
            self._are_several = True
            message = words(
                "A text may have several labels, as {labels}: they are kept as a list.", labels=", ".join(several)
            )
            self.remarks.append(Remark(message))

    def _say_no_labels(self, found: frozenset[str]) -> None:
        message = words("The label {label} was taken for “no label”.", label=", ".join(sorted(found)))
        self.remarks.append(Remark(message, "warning"))

    def _look_at_spellings(self, labels: frozenset[str]) -> None:
        """Whether one class is spelled in two ways."""
        self._are_wholes = all(is_whole(label) for label in labels if is_number(label))
        twice = sorted(label for label in labels if is_whole(label) and _as_whole(label) in labels - {label})
        if self._are_wholes and twice:
            self._are_told = True
            message = words("The labels {one} and {other} are one class.", one=_as_whole(twice[0]), other=twice[0])
            self.remarks.append(Remark(message))
        if self._capitals:
            self.remarks += capitals_remarks(labels)


def _sign_between(cells: Sequence[str]) -> tuple[str, list[str]]:
    """The sign between several labels, and the labels of one cell; empty if there are none.

    As in Drama|Romance where Drama and Comedy|Romance occur, too. Numbers with a comma inside are no labels: 1,5 and 2,5.
    """
    labels = set(cells)
    for sign in "|;,":
        parted = {label: [part.strip() for part in label.split(sign)] for label in labels}
        counts = Counter(part for parts in parted.values() for part in parts)
        made = [label for label, parts in parted.items() if len(parts) > 1 and all(parts)]
        if sign == ",":
            is_part = any(part in labels for label in made for part in parted[label])  # Austin, TX is none
            are_numbers = all(map(is_number, labels)) and 2 * sum(sign in cell for cell in cells) > len(cells)
            made = made if is_part and not are_numbers else []
        if made and all(any(counts[part] > 1 for part in parted[label]) for label in made):
            return sign, parted[min(made)]
    return "", []


def _as_whole(label: str) -> str:
    """A whole number without its .0."""
    return label.removesuffix(".0")
