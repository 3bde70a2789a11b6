from __future__ import annotations

from llmstudio.app.pruning.both import write_both
from llmstudio.app.verbs.generate import generate
from llmstudio.app.verbs.prune import prune
from llmstudio.core.events import Finished, Stopped
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

SHORT = GenerationConfig(max_new_tokens=8, seed=3)


def test_that_both_write_what_each_would_alone_and_one_that_lost_nothing_the_same(project: Project) -> None:
    list(prune(project, "Tiny", name="Same", config=PruningConfig(sparsity=0.0), stop=Stop()))
    list(prune(project, "Tiny", name="Thin", config=PruningConfig(sparsity=0.9), stop=Stop()))
    *_, end = write_both(project, ("Tiny", "Same", "Thin"), prompt="where is Clara?", config=SHORT, stop=Stop())
    assert isinstance(end, Finished)
    tiny, same, thin = end.result["answers"]
    assert tiny["text"] == same["text"]
    *_, alone = generate(project, "Thin", prompt="where is Clara?", config=SHORT, stop=Stop())
    assert isinstance(alone, Finished)
    assert (thin["model"], thin["text"]) == ("Thin", alone.result["text"])


def test_that_it_stops(project: Project) -> None:
    stop = Stop()
    stop.request()
    *_, end = write_both(project, ("Tiny", "Tiny"), prompt="", config=SHORT, stop=stop)
    assert isinstance(end, Stopped)
    assert end.result["answers"] == []
