from __future__ import annotations

import errno
import gc
import weakref

import pytest

from llmstudio.core.errors import StudioError
from llmstudio.core.shortage import is_shortage, refuse_shortage, shortage_of
from llmstudio.core.work import Stop, in_child

SHORT = [
    MemoryError(),
    OSError(errno.ENOMEM, "Cannot allocate memory"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory: you tried to allocate 8"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:80] DefaultCPUAllocator: not enough memory: you tried to allocate 8"),
    RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    RuntimeError("unable to mmap 4096 bytes from file <model.safetensors>: Cannot allocate memory (12)"),
    RuntimeError("std::bad_alloc"),
    ImportError("libtorch_cpu.so: failed to map segment from shared object"),
    ImportError("DLL load failed while importing _C: The paging file is too small for this operation to complete."),
    RuntimeError("can't start new thread"),
]
OTHER = [
    RuntimeError("mat1 and mat2 shapes cannot be multiplied"),
    ImportError("libgomp.so.1: cannot allocate memory in static TLS block"),
    FileNotFoundError(errno.ENOENT, "No such file or directory"),
    ValueError("out of memory"),
    KeyError("out of memory"),
    StudioError("The text is called {name}.", name="out of memory"),
]


@pytest.mark.parametrize("error", SHORT, ids=lambda error: str(error)[:40])
def test_that_a_want_of_memory_is_known_however_it_is_said(error: Exception) -> None:
    assert is_shortage(error)
    with pytest.raises(MemoryError):
        refuse_shortage(error)


@pytest.mark.parametrize("error", OTHER, ids=lambda error: str(error)[:40])
def test_that_no_other_failure_is_taken_for_one(error: Exception) -> None:
    assert not is_shortage(error)
    assert shortage_of(error) is None
    refuse_shortage(error)


def test_that_what_is_proposed_is_something_that_the_verb_has() -> None:
    said = {
        job: str(shortage_of(MemoryError(), job)) for job in ("train", "race", "tokenizer", "import", "evaluate", "list")
    }
    assert [job for job, sentence in said.items() if "batch" in sentence] == ["train", "race"]
    assert "vocabulary" in said["tokenizer"]
    assert all(sentence.startswith("There is not enough memory") for sentence in said.values()), said
    for error in SHORT:
        if isinstance(error, ImportError):
            assert "batch" not in str(shortage_of(error, "train")), "the program itself does not fit: no setting helps"


def test_that_the_sentence_keeps_nothing_alive_that_took_the_memory() -> None:
    class Model:
        pass

    def fails() -> None:
        model = Model()
        seen.append(weakref.ref(model))
        raise MemoryError

    seen: list[weakref.ref[Model]] = []
    kept = None
    try:
        fails()
    except MemoryError as error:
        kept = shortage_of(error)
    gc.disable()
    try:
        assert kept is not None
        assert seen[0]() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("said", ["MemoryError", "RuntimeError"])
def test_that_a_child_that_had_too_little_memory_says_so_to_whoever_waits(said: str) -> None:
    failing = {"MemoryError": "raise MemoryError", "RuntimeError": "raise RuntimeError('CUDA out of memory.')"}[said]
    with pytest.raises(MemoryError):
        list(in_child(_failing, failing, stop=Stop()))


def _failing(code: str):
    exec(code)
    yield None
