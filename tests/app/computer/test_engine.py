from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from llmstudio.app.computer import engine
from llmstudio.core.events import Event, Finished, Started, inside
from llmstudio.core.words import words
from llmstudio.core.work import Stop

_ALONE = """
import gc, sys
from llmstudio.app.computer.engine import is_loaded, is_loading, load_engine
from llmstudio.core.events import Progress
assert not is_loaded() and "torch" not in sys.modules
events = list(load_engine())
assert all(isinstance(event, Progress) for event in events)
assert [event.done for event in events] == list(range(len(events))), [event.done for event in events]
assert events[-1].done == events[-1].total
assert is_loaded() and not is_loading() and gc.isenabled() and gc.get_freeze_count() > 10_000
import torch
assert float(torch.ones(3).sum()) == 3.0
assert list(load_engine()) == []
print("loaded")
"""


def test_that_loading_ends_with_torch_in_memory_and_the_collector_at_work() -> None:
    done = subprocess.run([sys.executable, "-c", _ALONE], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip() == "loaded", done.stderr


def parts(stop: Stop) -> Iterator[Event]:
    def part(name: str) -> Iterator[Event]:
        yield Started(job=name, title=words("Part"))
        yield Finished(job=name)

    yield Started(job="tour", title=words("Whole"))
    for name in ("import", "train"):
        yield from inside("tour", part(name))
    yield Finished(job="tour")


def test_that_the_engine_is_loaded_first_or_when_a_part_needs_it(monkeypatch) -> None:
    loading = Started(job=engine.JOB, title=words("Loading"))
    monkeypatch.setattr(engine, "load_engine", lambda: iter([loading]))
    first = [event.path for event in engine.with_engine(parts)(Stop())]
    assert first == [("engine",), ("tour",), ("tour", "import"), ("tour", "train"), ("tour",)]
    later = [event.path for event in engine.with_engine(parts, at=("tour", "train"))(Stop())]
    assert later == [("tour",), ("tour", "import"), ("tour", "train"), ("engine",), ("tour",)]


NARROW = """
import resource, sys
from llmstudio.app.computer.engine import check_room
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]) << 20, resource.RLIM_INFINITY))
try:
    check_room()
except MemoryError:
    print("no room")
else:
    print("room")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="others know no limit of addresses")
@pytest.mark.parametrize(("megabytes", "said"), [(520, "no room"), (1 << 20, "room")])
def test_that_torch_is_not_begun_where_its_libraries_would_end_the_program(megabytes: int, said: str) -> None:
    ran = subprocess.run([sys.executable, "-c", NARROW, str(megabytes)], capture_output=True, text=True, timeout=60)
    assert (ran.stdout.strip(), ran.returncode) == (said, 0), ran.stderr
