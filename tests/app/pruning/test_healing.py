"""What healing has brought back."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from llmstudio.app.pruning.healing import Figure, HealConfig, has_lost, healing
from llmstudio.app.runs.run_summary import Quality
from llmstudio.app.verbs.compact import compact
from llmstudio.app.verbs.heal import heal
from llmstudio.app.verbs.prune import prune
from llmstudio.core.events import Finished
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.structured.config import CompactConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def test_that_a_healed_model_stands_between_the_hurt_one_and_the_whole_one(project: Project) -> None:
    list(prune(project, "Tiny", name="Thin", config=PruningConfig(sparsity=0.8), stop=Stop()))
    list(compact(project, "Thin", name="Small", config=CompactConfig(score="magnitude"), stop=Stop()))
    *_, end = heal(project, "Small", name="Healed", **asdict(HealConfig(share=1.0)), stop=Stop())
    assert isinstance(end, Finished)
    items = {item.name: item for item in project.items("model")}
    assert {name: has_lost(item) for name, item in items.items()} == {
        "Tiny": False, "Thin": True, "Small": True, "Healed": True,
    }  # fmt: skip
    found = healing(project, "Small")
    assert found.whole is not None
    assert (found.whole.model, found.hurt.model, [one.model for one in found.healed]) == ("Tiny", "Small", ["Healed"])
    assert found.healed[0].quality is not None
    assert found.healed[0].quality.value == end.result["bits_per_byte_after"]
    assert healing(project, "Healed").healed == ()
    assert healing(project, "Healed").whole == found.whole


def test_that_what_is_made_good_is_a_share_of_what_was_lost(project: Project) -> None:
    list(prune(project, "Tiny", name="Thin", config=PruningConfig(sparsity=0.8), stop=Stop()))
    found = healing(project, "Thin")
    assert found.whole is not None
    assert found.whole.quality is not None
    assert found.hurt.quality is not None
    whole, hurt = found.whole.quality.value, found.hurt.quality.value
    assert whole < hurt

    def at(value: float, **changes: object) -> Figure:
        return Figure("X", replace(Quality("bits_per_byte", value, 1, is_whole=True), **changes))  # type: ignore[arg-type]

    assert found.made_good(at(hurt)) == pytest.approx(0.0)
    assert found.made_good(at(whole)) == pytest.approx(1.0)
    assert found.made_good(at((whole + 3 * hurt) / 4)) == pytest.approx(0.25)
    assert found.made_good(at(whole, is_whole=False)) is None
    assert found.made_good(at(whole, measure="accuracy")) is None
    assert found.made_good(Figure("X", None)) is None
    assert healing(project, "Tiny").made_good(at(whole)) is None, "nothing was lost"
