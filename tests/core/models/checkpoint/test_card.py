from __future__ import annotations

from pathlib import Path

import pytest

from llmstudio.core.errors import StudioError
from llmstudio.core.models.build import build_model
from llmstudio.core.models.checkpoint.card import RunCard, read_card
from llmstudio.core.models.checkpoint.read import find_checkpoint
from llmstudio.core.models.checkpoint.write import save_checkpoint
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.settings import to_dict
from llmstudio.store.files import write_json

CONFIG = DecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=16)


def test_that_a_checkpoint_says_what_was_saved(tmp_path: Path) -> None:
    model = build_model("decoder", CONFIG, 20, 0)
    kept = {"val_loss": 1.5, "standing": {"step": 3}, "training": {"seed": 1}, "pruning": {"sparsity": 0.5}, "mood": "good"}
    save_checkpoint(tmp_path, 3, model=model, kind="decoder", facts=kept)
    card = find_checkpoint(tmp_path)[0].card
    assert (card.family, card.step, card.vocab_size) == ("decoder", 3, 20)
    assert card.config == to_dict(CONFIG)
    assert card.parameters == CONFIG.num_parameters(20)
    assert card.codecs.keys() == model.state_dict().keys()
    assert card.run == RunCard(kept, 1.5, {"step": 3}, {"seed": 1}, {"sparsity": 0.5})


@pytest.mark.parametrize("wrong", [{"vocab_size": "20"}, {"facts": {"standing": {"step": "3"}}}, {"codecs": None}], ids=str)
def test_that_a_card_of_other_types_is_called_damaged(tmp_path: Path, wrong: dict[str, object]) -> None:
    whole = {"kind": "decoder", "config": {}, "vocab_size": 20, "step": 3, "parameters": 9, "codecs": {}, "facts": {}}
    write_json(tmp_path / "facts.json", whole)
    assert read_card(tmp_path).run == RunCard()
    write_json(tmp_path / "facts.json", whole | wrong)
    with pytest.raises(StudioError, match="damaged"):
        read_card(tmp_path)
