"""What Inspect asks, with tiny models of every family that were really trained."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from llmstudio.app.inspecting import latent_space
from llmstudio.app.inspecting.fill import fill, with_blank
from llmstudio.app.inspecting.reach import reach
from llmstudio.app.inspecting.ready import MAX_TOKENS
from llmstudio.app.inspecting.recurrence import look_inside
from llmstudio.app.inspecting.subject import pages_of, subject
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.errors import StudioError
from llmstudio.core.generation.latent import Survey
from llmstudio.core.models.families import MODELS
from llmstudio.core.training.history import read_history
from llmstudio.core.work import Stop
from llmstudio.store.project import Project
from tests.rewritten import rewrite
from tests.zoo import SHAPES, grow_zoo

TEXT = "Tom went to the kitchen. Then Tom took the lamp."


@pytest.fixture(scope="module")
def zoo(grown: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The grown project with a model of every family, called after it; `Tiny` is the decoder."""
    return grow_zoo(grown, tmp_path_factory.mktemp("zoo"))


def test_that_every_family_has_a_page_and_a_text_to_begin_with(zoo: Project) -> None:
    assert set(SHAPES) | {"rnn", "decoder"} == set(MODELS)
    for kind in MODELS:
        assert pages_of(kind)
    for kind in SHAPES:
        found = subject(zoo, kind)
        assert (found.kind, found.pages) == (kind, pages_of(kind))
        assert len(found.sentences) > 1
        assert found.passage


def test_that_examples_are_offered_first_from_texts_that_the_model_can_read(zoo: Project, tmp_path: Path) -> None:
    for name, words in (("Old", "the fox went to the kitchen"), ("New", "今天的运动会")):
        rows = [{"text": f"{words} {n}", "label": str(n % 2)} for n in range(40)]
        (file := tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        list(import_corpus(zoo, [str(file)], name=name, config=CorpusConfig(), stop=Stop()))
    assert list(subject(zoo, "Tiny").examples) == ["Old", "New"]
    for name in ("Old", "New"):
        zoo.delete("corpus", name)


def test_that_a_filled_blank_is_where_it_is_said_to_be(zoo: Project) -> None:
    for text in ("The ___ went to the ___ .", "___ took the lamp.", "Tom took the ___", "Tom took___ and [mask]."):
        filled = fill(zoo, "encoder", text)
        assert len(filled.gaps) == text.count("_" * 3) + text.count("[mask]")
        rest, at = "", 0
        for gap in filled.gaps:
            assert filled.text[gap.start : gap.end] == gap.choices[0][0]
            shares = [share for _, share in gap.choices]
            assert shares == sorted(shares, reverse=True)
            assert len(shares) == 5
            rest, at = rest + filled.text[at : gap.start] + "@", gap.end
        wanted = text.replace("___", "@").replace("[mask]", "@")
        assert (rest + filled.text[at:]).replace(" ", "") == wanted.replace(" ", "")


def test_that_a_sentence_loses_its_longest_word() -> None:
    assert with_blank("A merchant sat.") == "A ___ sat."
    assert with_blank("猫在家里。") == "猫在___里。"
    assert with_blank("") == "___"


def test_that_a_rewriting_names_as_many_versions_as_the_beam_is_wide_the_best_first(zoo: Project) -> None:
    found = rewrite(zoo, "encoder_decoder", "the dog", beam_width=3, length_penalty=0.6, max_new_tokens=5)
    scores = [version.score for version in found.versions]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert found.num_left_out == 0
    greedy = rewrite(zoo, "encoder_decoder", "the dog", beam_width=1, length_penalty=0.6, max_new_tokens=5)
    assert len(greedy.versions) == 1
    long = rewrite(zoo, "encoder_decoder", "the dog " * 30, beam_width=1, length_penalty=0.6, max_new_tokens=5)
    assert long.num_left_out > 0


def test_that_a_recurrence_is_told_token_by_token_and_gate_by_gate(zoo: Project) -> None:
    inside = look_inside(zoo, "lstm", TEXT)
    assert len(inside.layers) == 2
    assert list(inside.layers[0]) == ["state", "cell", "input", "forget", "output", "candidate"]
    assert {values.shape for layer in inside.layers for values in layer.values()} == {(len(inside.tokens), 12)}
    (telling,) = inside.most_telling(1, "state")
    spread = inside.layers[1]["state"].var(axis=0)
    assert spread[telling] == spread.max()
    assert list(look_inside(zoo, "gru", TEXT).layers[0]) == ["state", "reset", "update", "candidate"]
    long = look_inside(zoo, "lstm", ("Tom went . " * MAX_TOKENS).strip())
    assert len(long.tokens) == MAX_TOKENS
    assert long.num_left_out == 2 * MAX_TOKENS


def test_that_reach_is_shared_among_what_stands_before_the_place(zoo: Project) -> None:
    for found in reach(zoo, ("lstm", "Tiny"), TEXT, TEXT.index("took") + 1):
        start, end = found.tokens[found.place]
        assert TEXT[start:end].strip() == "took"
        assert found.shares.sum() == pytest.approx(1.0, abs=1e-5)
        assert (found.shares[: found.place] > 0).all()
        assert (found.shares[found.place :] == 0).all()
    long = reach(zoo, ("Tiny",), ("Tom went . " * 50).strip())[0]
    assert (long.shares > 0).sum() == 64  # as many as the decoder reads; the guessed token is not read
    assert (long.num_left_out, long.sees) == (150 - 1 - 64, 64)
    endless = reach(zoo, ("lstm",), ("Tom went . " * 200).strip())[0]
    assert (endless.num_left_out, endless.sees) == (600 - 1 - MAX_TOKENS, None)
    assert reach(zoo, ("lstm",), TEXT)[0].num_left_out == 0


def test_that_a_place_of_the_map_is_decoded_with_its_neighbours(zoo: Project) -> None:
    drawn = latent_space.draw_map(zoo, "vae")
    assert drawn.points.shape == (len(drawn.texts), 2)
    x, y = (float(v) for v in drawn.points[0])
    spot = latent_space.at_point(zoo, "vae", x, y)
    assert (spot.x, spot.y) == pytest.approx((x, y), abs=1e-4)
    assert spot.neighbours[0][1] == pytest.approx(0.0, abs=1e-4)
    assert latent_space.at_place(zoo, "vae", spot.z).text == spot.text
    rebuilt = latent_space.rebuild(zoo, "vae", drawn.texts[0])
    assert drawn.texts[0] in [text for text, _ in rebuilt.neighbours]
    # What it says of the words does not gainsay the warning that the space is not in use.
    assert drawn.remark is not None
    assert rebuilt.remark is not None
    assert "gist" not in str(rebuilt.remark)
    way = latent_space.between(zoo, "vae", drawn.texts[0], drawn.texts[-1], count=5)
    np.testing.assert_allclose(way[0].z, rebuilt.z, atol=1e-5)
    assert len(way) == 5
    assert len(latent_space.sample(zoo, "vae", count=3, seed=1)) == 3
    assert len(set(drawn.texts)) == len(drawn.texts)
    assert len({text for text, _ in spot.neighbours}) == 3


def test_that_every_unit_in_use_can_be_turned_the_most_varying_first(zoo: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    means = np.random.default_rng(0).normal(size=(50, 20)).astype(np.float32) * np.linspace(0, 2, 20, dtype=np.float32)
    survey = Survey(("a",) * 50, means, 5.0, means.var(axis=0), means.mean(axis=0), means[:2], means[:, :2], 0.5)
    monkeypatch.setattr(latent_space, "_survey", lambda *rest: survey)
    units = latent_space.draw_map(zoo, "vae").units
    assert [unit.index for unit in units] == survey.active_units
    assert len(units) > 15
    widths = [unit.high - unit.low for unit in units]
    assert widths == sorted(widths, reverse=True)
    assert 0 not in [unit.index for unit in units]  # alike for all sentences


def test_that_the_figures_of_a_space_are_those_of_its_run_and_are_measured_again_where_it_kept_none(
    zoo: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    latent_space.forget()
    kept = read_history(zoo.about("model", "vae").path).evaluations[-1].figures
    found = latent_space.measure(zoo, "vae")
    assert found is not None
    assert (found.num_units, found.active_units) == (4, kept["active_units"])
    assert (found.kl, found.mutual_information) == (kept["kl"], kept["mutual_information"])
    assert (found.elbo, found.tighter) == (kept["elbo"], kept["iw_nll"])
    assert found.elbo > found.tighter > 0
    latent_space.forget()
    monkeypatch.setattr(latent_space, "_kept_figures", lambda loaded: None)
    again = latent_space.measure(zoo, "vae")
    assert again is not None
    assert again is latent_space.measure(zoo, "vae")
    assert again.active_units == found.active_units
    assert (again.kl, again.elbo) == pytest.approx((found.kl, found.elbo), rel=0.1)
    assert again.elbo + 0.5 > again.tighter > 0


def test_that_every_look_up_ends_where_it_is_asked_to(zoo: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latent_space, "_kept_figures", lambda loaded: None)
    z = latent_space.rebuild(zoo, "vae", "Tom went .").z
    # With how often each looks at least: twice while the model is fetched, then in its own work.
    looks: tuple[tuple[Callable[[Stop], object], int], ...] = (
        (lambda stop: fill(zoo, "encoder", "a ___ ___", stop=stop), 4),
        (
            lambda stop: rewrite(
                zoo, "encoder_decoder", "the dog", beam_width=2, length_penalty=0, max_new_tokens=1, stop=stop
            ),
            4,
        ),
        (lambda stop: look_inside(zoo, "lstm", TEXT, stop=stop), 9),
        (lambda stop: reach(zoo, ("lstm", "Tiny"), TEXT, stop=stop), 12),
        (lambda stop: latent_space.draw_map(zoo, "vae", stop=stop), 5),
        (lambda stop: latent_space.measure(zoo, "vae", stop=stop), 5),
        (lambda stop: latent_space.rebuild(zoo, "vae", "Tom went .", stop=stop), 3),
        (lambda stop: latent_space.at_point(zoo, "vae", 0.0, 0.0, stop=stop), 3),
        (lambda stop: latent_space.at_place(zoo, "vae", z, stop=stop), 3),
        (lambda stop: latent_space.sample(zoo, "vae", count=2, seed=0, stop=stop), 3),
        (lambda stop: latent_space.between(zoo, "vae", "Tom went .", "the dog .", count=3, stop=stop), 3),
    )
    for look, times in looks:
        for reads in range(times):
            latent_space.forget()
            with pytest.raises(StudioError, match="stopped"):
                look(_After(reads))


class _After(Stop):
    """Is requested once it has been read so many times."""

    def __init__(self, reads: int) -> None:
        super().__init__()
        self._left = reads

    @property
    def requested(self) -> bool:
        self._left -= 1
        return self._left < 0


def test_that_a_vae_that_has_collapsed_says_so(zoo: Project) -> None:
    # After four steps the writer has had no time to ask the space for anything.
    assert "does without its latent space" in str(latent_space.draw_map(zoo, "vae").remark)


def test_that_wrong_input_is_a_sentence(zoo: Project) -> None:
    wrong = (
        (lambda: fill(zoo, "encoder", "no blank"), "write ___"),
        (lambda: fill(zoo, "lstm", "a ___"), "cannot do this"),
        (lambda: look_inside(zoo, "lstm", ""), "type a word"),
        (lambda: look_inside(zoo, "Tiny", TEXT), "cannot do this"),
        (lambda: reach(zoo, ("Tiny",), "Tom"), "Nothing stands before"),
        (lambda: reach(zoo, ("Tiny",), ""), "Nothing stands before"),
        (lambda: rewrite(zoo, "encoder_decoder", " ", beam_width=1, length_penalty=0, max_new_tokens=5), "type"),
        (lambda: latent_space.rebuild(zoo, "vae", " "), "type a sentence"),
        (lambda: latent_space.rebuild(zoo, "vae", "Tom went . " * 40), "shorten it"),
        (lambda: subject(zoo, "nobody"), "nobody"),
    )
    for ask, said in wrong:
        with pytest.raises(StudioError, match=said):
            ask()
