"""An import: prepared with a free name, begun, followed while it runs, and what is said of it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from llmstudio.app.classes.labelled import teach_with
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.core.corpus.kept import kept_words
from llmstudio.core.errors import Remedy
from llmstudio.core.events import Event, Failed, Finished, Noted, Progress, Stopped
from llmstudio.core.words import words
from llmstudio.gui.corpus.setup import CorpusSetup
from llmstudio.gui.look.figures import count_text
from llmstudio.gui.look.theme import say
from llmstudio.gui.session.job_watch import JobWatch
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.problems import MessageBar
from llmstudio.gui.shared.pickers.item_actions import name_problem
from llmstudio.gui.shared.readouts.progress_pane import PassingText, ProgressPane

# Remarks on an import that are shown in full; of more, how many there are.
_REMARKS = 4


class Importing(QObject):
    """Imports the sources of the form.

    Attributes:
        page: What is seen while an import runs.
        last_tests: Sources of the last import that were for the test alone.

    Signals:
        turned: An import has begun or is over.
        made(str): The corpus that was made and should be looked at.
    """

    turned = Signal()
    made = Signal(str)

    def __init__(self, session: Session, setup: CorpusSetup, messages: MessageBar, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._setup, self._messages = session, setup, messages
        self._watch = JobWatch(session, "corpus", ("import", "corpus"), self)
        self._passing = PassingText()
        self.page = ProgressPane(self._passing)
        self._remarks: list[str] = []  # what the import that runs has said so far
        self._remedies: list[Remedy] = []  # and the ways out that it has offered
        self._imported: list[str] = []  # the sources of the last import, for another one of what it left
        self.last_tests: list[str] = []  # those of them that were for the test alone
        self._watch.began.connect(self._on_began)
        self._watch.said.connect(self._on_said)
        self._watch.ended.connect(self._on_ended)
        setup.name_field.changed.connect(self.check_name)

    @property
    def is_running(self) -> bool:
        """True while an import runs, ours or that of a tour."""
        return self._watch.is_running

    @property
    def last(self) -> list[str]:
        """The sources of the last import, where a way out means another import of them; empty where it does not."""
        return [] if self._setup.sources.sources() else self._imported

    def catch_up(self) -> None:
        """Take notice of an import that began before the tab was built."""
        self._watch.catch_up()

    def propose(self) -> None:
        """A free name for what is imported."""
        self._setup.name_field.propose(self._session.project.free_name("corpus", self._setup.wish()))
        self.check_name()

    @Slot()
    def check_name(self) -> bool:
        """Whether a corpus of the name in sight can be made; says so if not."""
        problem, free = name_problem(self._session.project, "corpus", self._setup.name_field.name())
        self._setup.name_field.set_problem(problem, free)
        return not problem

    def begin(self) -> None:
        """Import with the settings as they stand, or say what is missing."""
        sources, tests = self._setup.sources.learned(), self._setup.sources.tests()
        if not sources:
            self._messages.show_message(words("Choose what to import first: files, a folder, an archive or a sample."))
            self._setup.sources.add_files.setFocus()
            return
        if self._session.is_running():
            title = info.title if (info := self._session.running()) else ""
            self._messages.show_message(
                self.tr("{title}: wait for it or stop it first.").format(title=title), level="warning")  # fmt: skip
            return
        if not self._setup.form.settle():
            return
        if not self.check_name():
            self._setup.name_field.line.setFocus()
            return
        project, name, config = self._session.project, self._setup.name_field.name(), self._setup.config
        self._session.start(
            lambda stop: import_corpus(project, sources, name=name, config=config, tests=tests, stop=stop),
            tab="corpus",
            title=self.tr("Importing “{name}”").format(name=name),
            engine=False,
        )

    def stop(self) -> None:
        """Stop the import at once; nothing is kept."""
        if self.is_running:
            self._session.stop("work", keep=False)

    @Slot(str)
    def _on_began(self, title: str) -> None:
        self._remarks.clear()
        self._remedies.clear()
        self._messages.clear()
        self._passing.clear()
        self.page.begin(title)
        self._setup.form.begin()
        self.turned.emit()

    @Slot(object)
    def _on_said(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case Progress():
                    self.page.show_progress(event)
                    if text := event.details.get("excerpt"):
                        self._passing.pass_by(text)
                case Noted():
                    # What has a button comes first: of many remarks only the first are shown in full.
                    self._remarks.insert(0 if event.remedies else len(self._remarks), say(event.message))
                    self._remedies += [remedy for remedy in event.remedies if remedy not in self._remedies]
                    self._messages.show_message(self._all_remarks(), level=event.level)

    @Slot(object)
    def _on_ended(self, end: Event | None) -> None:
        self.turned.emit()
        match end:
            case Finished():
                if self._setup.sources.sources():
                    self._imported, self.last_tests = self._setup.sources.sources(), self._setup.sources.tests()
                self._setup.sources.clear()
                self._setup.name_field.renew()
                self.propose()
                self.made.emit(str(end.result.get("corpus", "")))
                self._say_done(end)
            case Stopped():
                self._messages.show_message(words("Stopped: nothing was kept."))
            case Failed():
                self._messages.show_failed(end)
                self._setup.form.show_failed(end)
            case None if found := self._session.items.of("corpus"):
                self.made.emit(found[0].name)

    def _say_done(self, end: Finished) -> None:
        """What was made, and what comes next: where texts have labels or answers that is to teach a model with them."""
        name, items = str(end.result.get("corpus", "")), self._session.items
        build = Remedy("open_tab", words("Build a tokenizer from it"), "tokenizer", name)
        made = items.find("corpus", name)
        teach = teach_with(made, has_model=bool(items.models())) if made is not None else None
        steps = (build,) if teach is None else (teach, build)
        message = self.tr("“{name}” is ready: {kept}.").format(name=name, kept=say(kept_words(end.result)))
        told = f"{message} {self._all_remarks()}".rstrip()
        self._messages.show_message(told, remedies=(*steps, *self._remedies), next_step=steps[0])

    def _all_remarks(self) -> str:
        """What the import has said, a sentence each: the first few, and how many more there are."""
        told = self._remarks[:_REMARKS]
        if (num_more := len(self._remarks) - len(told)) > 0:
            told.append(self.tr("… and {n} more such remarks.").format(n=count_text(num_more)))
        return " ".join(told)
