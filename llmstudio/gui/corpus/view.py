"""The corpus tab's picture before an import: the text as it is and as it will be, and the cleaning steps.

In: a `Look`, worked out elsewhere. Out: the steps the person switches.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from llmstudio.core.corpus.config import CleaningConfig
from llmstudio.gui.corpus.cleaning_list import CleaningList
from llmstudio.gui.corpus.queries import Look
from llmstudio.gui.corpus.text_preview import TextPreview
from llmstudio.gui.look.figures import bytes_text
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import say
from llmstudio.gui.shared.layout.filled import fill
from llmstudio.gui.shared.layout.parts import Parts

_SHOWN_SKIPS = 3


class PreviewPane(QWidget):
    """Before an import: the text as it is and as it will be, and the cleaning steps with what each changes.

    Signals:
        cleaning_changed(object): The new `CleaningConfig`.
    """

    cleaning_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text, self.steps = TextPreview(), CleaningList()
        self.found, self.taken, self.skipped = (Label(wordWrap=True) for _ in range(3))
        for label in (self.taken, self.skipped):
            label.setTextFormat(Qt.TextFormat.PlainText)  # names of columns come from the file
        self.found.setProperty("role", "muted")
        self.skipped.setProperty("role", "warning")
        heading = Label(self.tr("Cleaning"))
        heading.setProperty("role", "title")
        hint = Label(self.tr("The number says how many places a step changes in the text above."), wordWrap=True)
        hint.setProperty("role", "muted")
        top, below = QWidget(), QWidget()
        upper = QVBoxLayout(top)
        lower = QVBoxLayout(below)
        for column in (upper, lower):
            column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.found, self.taken, self.skipped, self.text):
            upper.addWidget(widget, 1 if widget is self.text else 0)
        title = QHBoxLayout()
        title.addWidget(heading)
        title.addWidget(hint, 1)
        lower.addLayout(title)
        lower.addWidget(self.steps)
        lower.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(below)
        scroll.setSizeAdjustPolicy(QScrollArea.SizeAdjustPolicy.AdjustToContents)
        self._splitter = Parts()
        self._splitter.addWidget(top)
        self._splitter.addWidget(scroll)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.share((1, 1))
        fill(self, self._splitter)
        self.steps.changed.connect(self.cleaning_changed)

    def cleaning(self) -> CleaningConfig:
        """The steps as they are set."""
        return self.steps.config()

    def show_look(self, look: Look, title: str) -> None:
        """Show what was found in a source; `title` is what the person calls it."""
        found = look.preview
        self.text.show_texts(look.before, look.after, look.gone, look.new, title=title, item=look.source, muted=look.muted)
        self.steps.set_counts(look.counts, look.examples)
        many = plural(self.tr("{n|file|files}, of which {name} is shown"), n=f"{found.num_files:,}", name=found.name)
        parts = [many] if found.num_files > 1 else []  # the name of one stands above its text
        if found.num_bytes:
            parts.append(bytes_text(found.num_bytes))
        parts.append(kind_words(found.kind))
        self.found.setText("  ·  ".join(parts))
        sentence = found.taken.sentence()
        told = [say(sentence)] if sentence else []
        # What offers a way out is said with its buttons, above.
        told += [say(remark.message) for remark in found.taken.remarks if not remark.remedies]
        for other in found.beside:
            if (sentence := other.taken.sentence()) is not None:
                told.append(self.tr("{name}: {taken}").format(name=other.name, taken=say(sentence)))
        self.taken.setText("\n".join(told))
        self.taken.setVisible(bool(self.taken.text()))
        self.skipped.setVisible(bool(found.skipped))
        lines = [say(reason) for reason in found.skipped[:_SHOWN_SKIPS]]
        if len(found.skipped) > _SHOWN_SKIPS:
            lines.append(self.tr("… and others"))  # how many, only the import sees: a look ends before the files do
        self.skipped.setText("\n".join(lines))


def kind_words(kind: str) -> str:
    """What a kind of record is called."""
    tr = QCoreApplication.translate
    return {
        "text": tr("corpus", "running text"),
        "pairs": tr("corpus", "pairs of sentences"),
        "labelled": tr("corpus", "texts with a label"),
        "tagged": tr("corpus", "sentences with tagged words"),
        "turns": tr("corpus", "conversations"),
    }.get(kind, kind)
