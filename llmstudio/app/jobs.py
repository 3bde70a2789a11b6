"""Every verb, in one place. Each takes a project first, then keywords, and returns the events of its work."""

from llmstudio.app.changing import delete, rename
from llmstudio.app.chats import load_chat, save_chat
from llmstudio.app.exporting import FORMATS, export
from llmstudio.app.growing import resume, train
from llmstudio.app.making import build_tokenizer, encode, import_corpus
from llmstudio.app.measuring import evaluate
from llmstudio.app.probe import probe
from llmstudio.app.race_resuming import is_race, resume_race, runners_of
from llmstudio.app.racing import race
from llmstudio.app.sparing import prune
from llmstudio.app.speaking import generate, reply
from llmstudio.app.tour import tour

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
