"""Play in a latent space that has learned eight sentences by heart: what comes back, what lies between, the map."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.errors import StudioError
from llmstudio.core.generation import latent
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.vae import TextVAE
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.tasks.loss import token_losses
from llmstudio.core.tokenizer import kinds
from llmstudio.core.tokenizer.config import END, TokenizerConfig
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.work import Stop

SENTENCES = [
    f"{who} {does} {what}." for who in ("Ann", "Bob") for does in ("has", "lost") for what in ("a kite", "the red ball")
]
CONFIG = VAEConfig(latent_dim=6, embed_dim=16, hidden_dim=32, context_length=10, dropout=0.0, word_dropout=0.0)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    config = TokenizerConfig(kind="word", vocab_size=50, min_frequency=1)
    backend = kinds.blank(config)
    backend.train_from_iterator(SENTENCES, kinds.trainer_for(config))
    return Tokenizer(kinds.finished(backend, config))


def corpus(tokenizer: Tokenizer, texts: list[str] = SENTENCES) -> Rows:
    ids = [[*row, END] for row in tokenizer.encode_batch(texts)]
    sizes = np.array([len(text) for text in texts])
    return Rows(np.concatenate(ids), np.cumsum([0, *map(len, ids)]), None, sizes, np.zeros(len(texts), np.int64))


@pytest.fixture(scope="module")
def model(tokenizer: Tokenizer) -> TextVAE:
    """An autoencoder that knows the eight sentences."""
    made = build_model("vae", CONFIG, tokenizer.vocab_size, 0)
    assert isinstance(made, TextVAE)
    rows = [[END, *ids] for ids in tokenizer.encode_batch(SENTENCES)]
    longest = max(map(len, rows))
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    targets = torch.tensor([[*row[1:], END] + [-100] * (longest - len(row)) for row in rows])
    optimizer = torch.optim.AdamW(made.parameters(), lr=1e-2)
    for _ in range(250):
        mean, _ = made.encode(ids[:, 1:])
        hidden = made.write(ids, made.state_of(mean)).hidden
        loss = token_losses(made, hidden.flatten(0, 1), targets.flatten()).sum() / len(rows) + 0.02 * mean.square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.5, loss
    return made.eval()


def test_that_a_sentence_learned_by_heart_comes_back_word_for_word(model, tokenizer) -> None:
    for text in SENTENCES:
        back = latent.rebuild(model, tokenizer, text)
        assert back.written.text == text
        assert back.is_exact
        assert back.written.distance == pytest.approx(0, abs=1e-5)
        assert back.kl.shape == (6,)
        assert back.num_unknown == 0


def test_that_words_never_met_are_counted(model, tokenizer) -> None:
    back = latent.rebuild(model, tokenizer, "Zoe has a zebra.")
    assert back.num_unknown == 2
    assert not back.is_exact


@pytest.mark.parametrize(
    ("text", "refusal"), [("", "type a sentence"), ("  \n", "type a sentence"), ("Ann " * 10, "has 10")]
)
def test_that_nothing_and_too_much_are_refused(model, tokenizer, text, refusal) -> None:
    with pytest.raises(StudioError, match=refusal):
        latent.rebuild(model, tokenizer, text)
    with pytest.raises(StudioError, match=refusal):
        latent.interpolate(model, tokenizer, SENTENCES[0], text, 3)


def test_that_a_slide_begins_and_ends_with_the_sentences_themselves(model, tokenizer) -> None:
    first, second = SENTENCES[0], SENTENCES[7]
    written = latent.interpolate(model, tokenizer, first, second, 7)
    assert len(written) == 7
    assert [written[0].text, written[-1].text] == [first, second]
    for end, text in ((written[0], first), (written[-1], second)):
        assert np.allclose(end.z, latent.rebuild(model, tokenizer, text).written.z, atol=1e-5)
    assert latent.interpolate(model, tokenizer, first, first, 3)[1].text == first


def test_that_the_arc_keeps_lengths_and_moves_evenly() -> None:
    first, second = np.array([3, 0, 0], np.float32), np.array([0, 3, 0], np.float32)
    places = [latent.between(first, second, share) for share in np.linspace(0, 1, 5)]
    assert [float(np.linalg.norm(z)) for z in places] == pytest.approx([3] * 5, abs=1e-5)
    angles = [float(np.degrees(np.arctan2(z[1], z[0]))) for z in places]
    assert angles == pytest.approx([0, 22.5, 45, 67.5, 90], abs=1e-3)
    assert latent.between(first, second, 0.25) == pytest.approx(latent.between(second, first, 0.75), abs=1e-6)


@pytest.mark.parametrize("second", [[2.0, 0.0], [-1.0, 0.0], [0.0, 0.0]])
def test_that_where_there_is_no_arc_the_way_is_straight(second: list[float]) -> None:
    first, last = np.array([1.0, 0.0], np.float32), np.array(second, np.float32)
    assert latent.between(first, last, 0.5) == pytest.approx((first + last) / 2, abs=1e-6)


def test_that_samples_follow_from_the_seed(model, tokenizer) -> None:
    first, again, other = (latent.sample(model, tokenizer, 5, seed=seed) for seed in (1, 1, 2))
    assert [w.text for w in first] == [w.text for w in again]
    assert not np.allclose(first[0].z, other[0].z)


def test_that_many_places_at_once_give_what_each_gives_alone(model, tokenizer) -> None:
    places = np.random.default_rng(0).normal(size=(9, 6)).astype(np.float32)
    together = [w.text for w in latent.from_places(model, tokenizer, places)]
    assert together == [latent.from_places(model, tokenizer, z[None])[0].text for z in places]


def test_that_drawing_at_no_temperature_is_taking_the_likeliest(model) -> None:
    z = torch.randn(4, 6, generator=torch.Generator().manual_seed(0))
    assert latent.write(model, z) == latent.write(model, z, GenerationConfig(temperature=0))
    assert latent.write(model, z, GenerationConfig(temperature=5, seed=1)) != latent.write(model, z)
    assert all(len(ids) <= 3 for ids in latent.write(model, z, max_tokens=3))


def test_that_the_map_shows_most_of_the_differences_and_is_the_same_each_time(model, tokenizer) -> None:
    first, again = (latent.survey(model, tokenizer, corpus(tokenizer)) for _ in range(2))
    assert first.texts == tuple(SENTENCES)
    assert np.array_equal(first.points, again.points)
    assert np.allclose(first.axes @ first.axes.T, np.eye(2), atol=1e-5)
    assert 2 / 6 <= first.explained <= 1
    assert first.points.mean(axis=0) == pytest.approx([0, 0], abs=1e-4)


def test_that_a_place_and_its_point_lead_to_each_other(model, tokenizer) -> None:
    laid = latent.survey(model, tokenizer, corpus(tokenizer))
    for x, y in ((0.0, 0.0), (1.3, -0.4), (-20.0, 7.0)):
        assert laid.place(laid.at(x, y)) == pytest.approx((x, y), abs=1e-4)
    for i, (x, y) in enumerate(laid.points):
        assert laid.at(float(x), float(y)) == pytest.approx(laid.means[i], abs=1e-5)
        (written,) = latent.from_places(model, tokenizer, laid.at(float(x), float(y))[None])
        assert written.text == SENTENCES[i]


def test_that_the_nearest_sentence_of_a_sentences_place_is_itself(model, tokenizer) -> None:
    laid = latent.survey(model, tokenizer, corpus(tokenizer))
    for text in SENTENCES:
        near = laid.nearest(latent.rebuild(model, tokenizer, text).written.z, 3)
        assert near[0].text == text
        assert near[0].distance == pytest.approx(0, abs=1e-4)
        assert [n.distance for n in near] == sorted(n.distance for n in near)
    assert len(laid.nearest(laid.means[0], 99)) == len(SENTENCES)


def test_that_a_slider_on_a_collapsed_model_says_so(tokenizer) -> None:
    made = build_model("vae", CONFIG, tokenizer.vocab_size, 0).eval()
    assert isinstance(made, TextVAE)
    with torch.no_grad():
        made.to_latent.weight.zero_()
    laid = latent.survey(made, tokenizer, corpus(tokenizer))
    assert laid.active_units == []
    remark = str(laid.remark(0))
    for part in ("changes nothing", "does without its latent space", "0.00 nats", "train again with more free nats"):
        assert part in remark
    assert np.isfinite(laid.points).all()
    assert laid.explained == 0


def test_that_a_unit_out_of_use_says_so_while_the_others_do_not(model, tokenizer) -> None:
    laid = latent.survey(model, tokenizer, corpus(tokenizer))
    idle = replace(laid, variance=laid.variance * np.array([1, 1, 1, 0, 1, 1], np.float32))
    assert "Unit 3 is not in use" in str(idle.remark(3))
    assert 3 not in idle.active_units
    assert idle.remark(idle.active_units[0]) is None
    assert idle.remark() is None


def test_that_a_survey_takes_sentences_from_the_whole_corpus_and_refuses_none_at_all(model, tokenizer) -> None:
    laid = latent.survey(model, tokenizer, corpus(tokenizer), limit=3)
    assert laid.texts[0] == SENTENCES[0]
    assert laid.texts[-1] == SENTENCES[-1]
    assert len(laid.texts) == 3
    with pytest.raises(StudioError, match="text is empty"):
        latent.survey(model, tokenizer, Rows(np.array([END]), np.array([0, 1]), None, np.zeros(1, int), np.zeros(1, int)))


def test_that_a_sentence_said_many_times_is_one_point(model, tokenizer) -> None:
    laid = latent.survey(model, tokenizer, corpus(tokenizer, SENTENCES[:5] * 7 + SENTENCES))
    assert laid.texts == tuple(SENTENCES)
    assert len(np.unique(laid.points.round(4), axis=0)) == len(laid.points) == len(SENTENCES)


def test_that_a_stop_ends_writing_and_surveying(model, tokenizer) -> None:
    stop = Stop()
    stop.request()
    for look in (
        lambda: latent.rebuild(model, tokenizer, SENTENCES[0], stop=stop),
        lambda: latent.sample(model, tokenizer, 3, stop=stop),
        lambda: latent.interpolate(model, tokenizer, SENTENCES[0], SENTENCES[1], 3, stop=stop),
        lambda: latent.survey(model, tokenizer, corpus(tokenizer), stop=stop),
    ):
        with pytest.raises(StudioError, match="stopped"):
            look()


def test_that_a_corpus_of_one_sentence_has_a_map_of_one_point(model, tokenizer) -> None:
    laid = latent.survey(model, tokenizer, corpus(tokenizer, SENTENCES[:1]))
    assert laid.points.tolist() == [[0.0, 0.0]]
    assert laid.at(0, 0) == pytest.approx(laid.means[0])


def test_that_no_sign_of_the_tokenizer_is_ever_written(model) -> None:
    z = torch.randn(20, 6, generator=torch.Generator().manual_seed(3)) * 10
    written = latent.write(model, z, GenerationConfig(temperature=3.0))
    assert min(token for ids in written for token in ids) >= 7
