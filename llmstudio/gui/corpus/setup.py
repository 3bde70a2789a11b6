"""The corpus tab's left side: what is read, how, under which name.

In: what a look at a source found. Out: sources, settings and name; it opens and starts nothing.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from llmstudio.core.corpus.config import SAMPLE, CleaningConfig, CorpusConfig, ReadingConfig
from llmstudio.core.corpus.reading.encodings.names import read_as
from llmstudio.core.errors import Remedy
from llmstudio.core.settings import settings_of
from llmstudio.gui.corpus.column_picker import ROLES, ColumnPicker
from llmstudio.gui.corpus.queries import Look
from llmstudio.gui.corpus.source_list import SourceList
from llmstudio.gui.forms.form import Form
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.theme import say, space, theme
from llmstudio.gui.shared.pickers.item_actions import sample_texts
from llmstudio.gui.shared.pickers.name_field import NameField

_IMPORTANT = ("reading.encoding", "sample_count")


class CorpusSetup(QWidget):
    """Sources, encoding, columns, split, name.

    Signals:
        changed: Sources or settings are different now.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sources = SourceList(sample_texts())
        shown_elsewhere = [s.path for s in settings_of(CorpusConfig) if s.path.startswith("cleaning.")]
        self.form = Form(CorpusConfig, paths=_IMPORTANT, exclude=[*shown_elsewhere, *(f"reading.{role}" for role in ROLES)])
        self.found = Label(wordWrap=True)
        self.found.setProperty("role", "muted")
        self.columns = ColumnPicker()
        self.name_field = NameField()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        heading = Label(self.tr("Sources"))
        heading.setProperty("role", "title")
        for widget in (heading, self.sources, self.found, self.columns, self.form, self.name_field):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        self.sources.changed.connect(self._on_sources)
        self.form.changed.connect(self._on_form)
        self.columns.changed.connect(self._on_columns)
        theme.changed.connect(self._restyle)
        self._restyle()
        self._fit()

    @property
    def config(self) -> CorpusConfig:
        """Everything that decides what the corpus will hold, the cleaning included."""
        config: CorpusConfig = self.form.config
        return config

    def set_cleaning(self, cleaning: CleaningConfig) -> None:
        """Take over the cleaning steps, which are switched elsewhere."""
        names = [s.path for s in settings_of(CleaningConfig)]
        self.form.put({f"cleaning.{name}": getattr(cleaning, name) for name in names})
        self.changed.emit()

    def apply(self, remedy: Remedy) -> bool:
        """Carry out a `set` remedy on a setting or on a choice of columns; False if it is about something else."""
        role = remedy.target.removeprefix("reading.")
        if remedy.action != "set" or role not in ROLES:
            return self.form.apply(remedy)
        self.form.put({f"reading.{role}": remedy.value})
        self.changed.emit()
        return True

    def wish(self) -> str:
        """A name after the first source."""
        source = next(iter(self.sources.learned()), "")
        label = self.sources.label(source)
        name = label if source.startswith(SAMPLE) else Path(label).stem
        return name.strip(" .") or self.tr("Corpus")

    def show_found(self, look: Look) -> None:
        """Say what a look at the chosen source found, and offer its columns."""
        found = look.preview
        self.columns.show_columns(found.keys, found.guessed, self.config.reading, are_tagged=found.kind == "tagged")
        if found.format == "sample" or not found.encoding:
            self.found.setText("")
        else:
            encoding = say(read_as(found.encoding, found.encoding_confidence))
            self.found.setText(self.tr("It is read as {encoding}.").format(encoding=encoding))
        self.found.setVisible(bool(self.found.text()))

    @Slot()
    def _on_sources(self) -> None:
        self._fit()
        if not self.sources.sources():
            self.columns.hide()
            self.found.hide()
            # How one import was read says nothing of the next.
            fresh = ReadingConfig()
            self.form.put({f"reading.{field.name}": getattr(fresh, field.name) for field in fields(fresh)})
        self.changed.emit()

    @Slot()
    def _on_form(self) -> None:
        self.changed.emit()

    @Slot(object)
    def _on_columns(self, reading: object) -> None:
        self.form.put({f"reading.{role}": getattr(reading, role) for role in ROLES})
        self.changed.emit()

    def _fit(self) -> None:
        """Only what has an effect on these sources is shown."""
        sources = self.sources.sources()
        has_sample = any(source.startswith(SAMPLE) for source in sources)
        has_files = any(not source.startswith(SAMPLE) for source in sources)
        self.form.setVisible(bool(sources))
        self.name_field.setVisible(bool(sources))
        for path, is_needed in (
            ("sample_count", has_sample), ("sample_seed", has_sample), ("reading.encoding", has_files),
            ("reading.format", has_files), ("reading.header", has_files),
            ("reading.folders", has_files), ("reading.kind", has_files),
        ):  # fmt: skip
            self.form.row(path).setVisible(is_needed)

    @Slot()
    def _restyle(self) -> None:
        self._column.setSpacing(space(1.5))
