"""Chat: talk to a model in the terminal, which reads the lines and shows the answers."""

from __future__ import annotations

from llmstudio.app.verbs.generate import RANDOM, SAMPLING, config_of
from llmstudio.app.verbs.options import MODEL
from llmstudio.app.verbs.verb import Conversation, Typed, Verb
from llmstudio.store.project import Project


def _begin(project: Project, typed: Typed) -> Conversation:
    config = config_of(project, typed)
    return Conversation(model=typed.model, config=config, is_fresh=typed.seed in (None, RANDOM))


VERB = Verb(name="chat", help="talk to a model", arguments=(MODEL, *SAMPLING), begin=_begin, needs_torch=True)
