"""Every verb, in one place. Each takes a project first, then keywords, and returns the events of its work."""

from llmstudio.app.computer.probe import probe
from llmstudio.app.items.chats import load_chat, save_chat
from llmstudio.app.items.create import encode
from llmstudio.app.race.racing import race
from llmstudio.app.race.resuming import is_race, resume_race, runners_of
from llmstudio.app.runs.resuming import resume
from llmstudio.app.verbs.delete import delete
from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.app.verbs.export import FORMATS, export
from llmstudio.app.verbs.generate import generate, reply
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.rename import rename
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.tour import tour
from llmstudio.app.verbs.train import train

__all__ = [
    "FORMATS",
    "build_tokenizer",
    "delete",
    "encode",
    "evaluate",
    "export",
    "generate",
    "import_corpus",
    "is_race",
    "load_chat",
    "probe",
    "prune",
    "race",
    "rename",
    "reply",
    "resume",
    "resume_race",
    "runners_of",
    "save_chat",
    "tour",
    "train",
]
