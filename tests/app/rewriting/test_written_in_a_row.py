"""A decoder and a recurrent model that learned pairs do all that an encoder-decoder does with them."""

from __future__ import annotations

import pytest

from llmstudio.app.inspecting.subject import subject
from llmstudio.app.rewriting.compared import compare
from llmstudio.app.rewriting.looking_back import looked_back
from llmstudio.app.runs.starting import recipe_from
from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.app.verbs.train import train
from llmstudio.app.verbs.translate import rewrite_file
from llmstudio.core.events import Finished
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.recurrent_config import GRUConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop
from tests.rewritten import rewrite

TRAINING = TrainingConfig(max_steps=6, batch_size=4, number_format="fp32", threads=1, sample_tokens=4)
SHAPES = {
    "decoder": DecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=128),
    "gru": GRUConfig(num_layers=1, embed_dim=16, hidden_dim=16, context_length=128),
}


def _end(events) -> dict:
    *_, last = events
    assert isinstance(last, Finished), last
    return dict(last.result)


@pytest.mark.parametrize(("kind", "task"), [("decoder", "pairs"), ("gru", "pairs"), ("decoder", "next_token")])
def test_that_a_model_that_has_read_text_is_taught_pairs_and_translates_them(translating, tmp_path, kind, task):
    tokenizer = translating.about("model", "Turn").parent("tokenizer").name
    own = Recipe(kind, SHAPES[kind], TRAINING)
    _end(train(translating, corpus="Pairs", tokenizer=tokenizer, name="Reads", recipe=own, stop=Stop()))
    taught = recipe_from(translating, "Reads", {"training.max_steps": 4}, task=task)
    _end(train(translating, corpus="Pairs", start="Reads", name="Row", recipe=taught, stop=Stop()))
    assert subject(translating, "Row").pages[:2] == ("rewrite", "compare")
    figures = _end(evaluate(translating, "Row", stop=Stop()))
    assert {"bits_per_byte", "exact_match", "bleu", "chrf", "rouge_1"} <= figures.keys()

    found = compare(translating, "Row", most=6)
    shown = rewrite(translating, "Row", found.pairs[0].source, beam_width=1, length_penalty=0.6, max_new_tokens=95)
    assert shown.versions[0].text == found.pairs[0].output
    back = looked_back(translating, "Row", found.pairs[0].source, shown.versions[0].ids or [9])
    assert (back is None) == (kind == "gru")

    file = tmp_path / "in.txt"
    file.write_text("\n".join(pair.source for pair in found.pairs), encoding="utf-8")
    for beam in (1, 3):
        result = _end(rewrite_file(translating, "Row", file, out=tmp_path / f"{beam}.txt", beam_width=beam, stop=Stop()))
        assert result["texts"] == 6
    lines = (tmp_path / "1.txt").read_text(encoding="utf-8").split("\n")
    assert lines[:-1] == [" ".join(pair.output.split()) for pair in found.pairs]
