"""Too little memory, however Python, torch, the libraries and the operating system say it: told in one sentence."""

from __future__ import annotations

import errno

from llmstudio.core.errors import StudioError
from llmstudio.core.words import words

KINDS = (ImportError, MemoryError, OSError, RuntimeError)
"""What a want of memory may be, outside the libraries that read weights and tokenizers."""
_SAID = (
    "out of memory",
    "not enough memory",
    "can't allocate",
    "cannot allocate",
    "bad_alloc",
    "alloc_failed",
    "failed to map segment",
    "paging file",
    "os error 1455",
    "can't start new thread",
    "memory allocation of",  # as Rust says it
    "threadpoolbuilderror",
)
_NOT_SAID = "static tls"  # a fixed block for threads' own variables: no program that is closed makes it larger
_WINDOWS = (8, 14, 1455)  # too little memory, too little storage, the paging file is too small
_GENERAL = words("There is not enough memory for this: close other programs and try again.")
_SENTENCES = {
    ("train", "resume", "race"): words(
        "There is not enough memory for this: choose a smaller batch, a shorter context or a smaller model."
    ),
    ("tokenizer",): words(
        "There is not enough memory for this: close other programs, choose a smaller vocabulary or learn from less text."
    ),
    ("import", "encode"): words("There is not enough memory for this: close other programs, or import less text at once."),
    ("evaluate", "prune", "generate", "reply", "chat", "export"): words(
        "There is not enough memory for this: close other programs, or take a smaller model."
    ),
}


def is_shortage(error: BaseException) -> bool:
    """True if memory was too little: for numbers, for a library, or for a thread."""
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, StudioError | ArithmeticError | AssertionError | LookupError | TypeError | ValueError):
        return False  # what they quote may be anybody's words
    if isinstance(error, OSError) and (error.errno == errno.ENOMEM or getattr(error, "winerror", None) in _WINDOWS):
        return True
    text = str(error).lower()
    return any(said in text for said in _SAID) and _NOT_SAID not in text


def shortage_of(error: BaseException, job: str = "") -> StudioError | None:
    """The sentence for a person if memory was too little, with what helps in this job; None for any other error.

    It is a fresh error that holds nothing of the failed one, whose frames keep alive what took the memory.
    """
    if not is_shortage(error):
        return None
    said = next((sentence for jobs, sentence in _SENTENCES.items() if job in jobs), _GENERAL)
    if isinstance(error, ImportError):  # not even the program fits: settings of the job change nothing
        said = _GENERAL
    return StudioError(said.template)


def refuse_shortage(error: BaseException) -> None:
    """For whoever takes any failure for damage: what fails for want of memory is whole. Raises MemoryError."""
    if is_shortage(error):
        raise MemoryError(str(error)) from error
