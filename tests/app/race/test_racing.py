"""Recipes race by turns on one text, each on its own clock; what came out is read back from the models themselves."""

from __future__ import annotations

import math
import time
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.presets.by_name import PRESETS
from llmstudio.app.race import racing
from llmstudio.app.race import round_robin as robin
from llmstudio.app.race.board import Runner, differences, dropped_out, leaderboard, races
from llmstudio.app.race.racing import Budget, fair, race
from llmstudio.app.race.resuming import resume_race
from llmstudio.app.race.round_robin import Lap, round_robin
from llmstudio.app.runs.run_summary import summary_of
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.core import awake
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Event, Finished, Noted, Progress, Sampled, Started, Stopped, TrainStep
from llmstudio.core.models.checkpoint.folders import has_begun
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.families.recurrent import Recurrent
from llmstudio.core.models.families.recurrent_config import GRUConfig, LSTMConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

TRAINING = TrainingConfig(max_steps=12, batch_size=4, eval_steps=6, number_format="fp32", threads=1, sample_tokens=4)
DECODER = Recipe(
    model=DecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=32),
    training=replace(TRAINING, rows="running"),
)
LSTM = Recipe("lstm", LSTMConfig(num_layers=1, embed_dim=16, hidden_dim=24, context_length=32), DECODER.training)
RUNNERS = (Runner("Looks", DECODER, "Words"), Runner("Remembers", LSTM, "Words"))
WILD = replace(LSTM, training=replace(LSTM.training, learning_rate=100.0, weight_decay=0.0))


def run(project: Project, budget: Budget, **more: object) -> list[object]:
    wishes = {"name": "Derby", "corpus": "World", "runners": RUNNERS, "stop": Stop()} | more
    return list(race(project, budget=budget, **wishes))  # type: ignore[arg-type]


def test_that_runners_take_turns_and_end_as_models_on_a_leaderboard(project: Project) -> None:
    events = run(project, Budget(tokens=12 * 4 * 32))
    end = events[-1]
    assert isinstance(end, Finished)
    steps = [event.path for event in events if isinstance(event, TrainStep)]
    assert {path[1] for path in steps} == {"0", "1"}
    assert len(steps) == 24
    places = leaderboard(project, "Derby")
    assert [place.model for place in places] == [place["model"] for place in end.result["places"]]
    assert {place.kind for place in places} == {"decoder", "lstm"}
    bits = [place.bits_per_byte for place in places]
    assert bits == sorted(bits)  # type: ignore[type-var]
    assert end.result["yardstick"] > 0
    assert [race.name for race in races(project)] == ["Derby"]


def test_that_a_run_in_a_race_is_the_run_it_would_be_alone(project: Project) -> None:
    from llmstudio.app.verbs.train import train

    raced = run(project, Budget(tokens=12 * 4 * 32))
    recipe = fair(LSTM, Budget(tokens=12 * 4 * 32), 100)
    alone = list(train(project, corpus="World", tokenizer="Words", name="Alone", recipe=recipe, stop=Stop()))
    together = [e.loss for e in raced if isinstance(e, TrainStep) and e.path[:2] == ("race", "1")]
    assert together == [e.loss for e in alone if isinstance(e, TrainStep)]


def test_that_a_size_is_reached_by_width_and_tokens_by_steps() -> None:
    for recipe in (DECODER, LSTM, Recipe("gru", GRUConfig(num_layers=2, embed_dim=32, hidden_dim=48), TRAINING)):
        found = fair(recipe, Budget(parameters=200_000, tokens=64_000), 500)
        assert found.num_parameters(500) == pytest.approx(200_000, rel=0.1)
        read = found.training.max_steps * found.training.batch_size * found.model.context_length
        assert read == pytest.approx(64_000, rel=0.05)


def test_that_equal_tokens_are_tokens_read_and_not_what_fills_rows_up(project: Project) -> None:
    documents = replace(DECODER, training=replace(TRAINING, rows="documents", eval_steps=1000))
    runners = (Runner("Windows", DECODER, "Words"), Runner("Documents", documents, "Words"))
    events = run(project, Budget(tokens=4000), runners=runners)
    read = {e.path: e.tokens for e in events if isinstance(e, TrainStep)}
    assert list(read.values()) == [pytest.approx(4000, rel=0.1)] * 2


def test_that_counting_for_the_yardstick_can_be_stopped(project: Project) -> None:
    stop = Stop()
    for event in race(project, name="Cut short", corpus="World", runners=RUNNERS, budget=Budget(tokens=400), stop=stop):
        if isinstance(event, Progress) and "yardstick" in str(event.what):
            stop.request(keep=True)
    assert isinstance(event, Finished)
    assert event.result["yardstick"] is None


@pytest.mark.parametrize("name", [f"{kind}:micro" for kind in MODELS] + ["decoder:nano", "lstm:shakespeare_char"])
@pytest.mark.parametrize("parameters", [300_000, 500_000, 2_000_000])
def test_that_runners_of_one_size_are_of_one_size(name: str, parameters: int) -> None:
    found = fair(PRESETS[name].recipe, Budget(parameters=parameters), 2048)
    assert found.num_parameters(2048) == pytest.approx(parameters, rel=0.03)


def test_that_a_size_out_of_reach_is_refused_in_the_words_of_the_window() -> None:
    with pytest.raises(StudioError, match=r"Mini cannot be brought to 20,000 parameters.*nearest is \d") as refused:
        fair(PRESETS["decoder:mini"].recipe, Budget(parameters=20_000), 2048)
    assert "Config" not in str(refused.value)


def test_that_what_differs_is_told_by_path() -> None:
    table = differences([DECODER, replace(DECODER, training=replace(DECODER.training, learning_rate=1.0)), LSTM])
    assert table["training.learning_rate"] == [3e-3, 1.0, 3e-3]
    assert table["kind"] == ["decoder", "decoder", "lstm"]
    assert table["model.num_heads"] == [2, 2, None]
    assert "training.batch_size" not in table


def test_that_a_stopped_race_keeps_what_was_learned(project: Project) -> None:
    stop = Stop()
    ended, begun = None, set()
    for event in race(project, name="Cut", corpus="World", runners=RUNNERS, budget=Budget(tokens=10**7), stop=stop):
        if isinstance(event, TrainStep):
            begun.add(event.path)
            if len(begun) == 2:
                stop.request(keep=True)
        ended = event
    assert isinstance(ended, Stopped)
    assert {item.name for item in project.items("model")} >= {"Looks", "Remembers"}
    assert [race.name for race in races(project)] == ["Cut"]
    assert {place.model for place in leaderboard(project, "Cut")} == {"Looks", "Remembers"}


def test_that_too_few_runners_equal_names_and_no_budget_are_refused(project: Project) -> None:
    for runners, budget in (
        (RUNNERS[:1], Budget(seconds=1)),
        (RUNNERS * 4, Budget(seconds=1)),
        ((RUNNERS[0], RUNNERS[0]), Budget(seconds=1)),
        (RUNNERS, Budget()),
    ):
        with pytest.raises(StudioError):
            run(project, budget, runners=runners)
    with pytest.raises(StudioError, match="parameters"):
        fair(DECODER, Budget(parameters=10), 500)


def test_that_a_runner_that_diverges_drops_out_alone(project: Project) -> None:
    budget = Budget(tokens=12 * 4 * 32)
    events = run(project, budget, runners=(*RUNNERS, Runner("Wild", WILD, "Words")))
    end = events[-1]
    assert isinstance(end, Finished)
    (noted,) = [event for event in events if isinstance(event, Noted) and event.level == "warning"]
    assert noted.path == ("race", "2")
    assert str(noted.message).startswith("“Wild” is out of the race. The loss left all bounds at step")
    assert [remedy.target for remedy in noted.remedies if remedy.action == "set"] == ["training.learning_rate"]
    taken = [event.path[1] for event in events if isinstance(event, TrainStep)]
    assert taken.count("0") == taken.count("1") == 12 > taken.count("2") > 0
    *others, wild = leaderboard(project, "Derby")
    assert [(place.model, place.out, place.steps) for place in others] == [(p.model, None, 12) for p in others]
    assert (wild.model, wild.bits_per_byte, wild.steps) == ("Wild", None, taken.count("2"))
    assert wild.out is not None
    assert str(noted.message).endswith(str(wild.out))
    assert wild.seconds > 0
    assert [place["model"] for place in end.result["places"]] == [place.model for place in (*others, wild)]


def test_that_who_drops_out_before_it_is_a_model_stays_on_the_leaderboard(project: Project) -> None:
    cramped = Recipe("encoder_decoder", EncoderDecoderConfig(embed_dim=16, num_heads=2, context_length=8), TRAINING)
    end = run(project, Budget(tokens=400), runners=(*RUNNERS, Runner("Cramped", cramped, "Words")))[-1]
    assert isinstance(end, Finished)
    assert not project.exists("model", "Cramped")
    *others, last = leaderboard(project, "Derby")
    assert {place.model for place in others} == {"Looks", "Remembers"}
    assert (last.model, last.kind, last.steps, last.bits_per_byte) == ("Cramped", "encoder_decoder", 0, None)
    assert "use a larger context" in str(last.out)
    assert [place["model"] for place in end.result["places"]][-1] == "Cramped"
    gone = dropped_out(project, "Derby")["Cramped"]
    assert (gone.recipe.model, gone.tokenizer) == (cramped.model, "Words")
    project.delete("model", others[0].model)
    assert leaderboard(project, "Derby")[-1] == last, "every model of the race knows who left"


def test_that_a_race_that_nobody_can_go_on_with_fails_with_the_reason_and_stays_in_the_history(project: Project) -> None:
    with pytest.raises(StudioError, match=r"learning rate of 100 is too high") as refused:
        run(project, Budget(tokens=12 * 4 * 32), runners=(Runner("Wild", WILD, "Words"), Runner("Wilder", WILD, "Words")))
    assert refused.value.remedies
    assert [race.name for race in races(project)] == ["Derby"]
    assert all(place.out for place in leaderboard(project, "Derby"))


def test_that_a_race_thrown_away_leaves_nothing_not_even_who_dropped_out(project: Project) -> None:
    before, stop, out = len(project.items("model")), Stop(), False
    runners = (Runner("Wild", WILD, "Words"), *RUNNERS)
    for event in race(project, name="Cut", corpus="World", runners=runners, budget=Budget(tokens=10**7), stop=stop):
        out = out or (isinstance(event, Noted) and event.level == "warning")
        if out and isinstance(event, TrainStep):
            stop.request(keep=False)
    assert out
    assert len(project.items("model")) == before


def test_that_a_taken_name_is_refused_before_anyone_starts(project: Project) -> None:
    with pytest.raises(StudioError, match="Tiny exists already"):
        run(project, Budget(tokens=10**7), runners=(RUNNERS[0], Runner("Tiny", LSTM, "Words")))
    assert [item.name for item in project.items("model")] == ["Tiny"]


def test_that_a_race_with_a_gpu_that_is_not_there_is_refused_before_anyone_starts(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    fast = Runner("Fast", replace(DECODER, training=replace(TRAINING, device="cuda")), "Words")
    with pytest.raises(StudioError, match=r"“Fast” cannot race\. This computer has no GPU"):
        run(project, Budget(tokens=12 * 4 * 32), runners=(RUNNERS[1], fast))
    assert [model.name for model in project.items("model")] == ["Tiny"]


def test_that_a_race_of_the_same_name_is_refused(project: Project) -> None:
    run(project, Budget(tokens=400))
    others = (Runner("Third", DECODER, "Words"), Runner("Fourth", LSTM, "Words"))
    with pytest.raises(StudioError, match="a race called Derby already"):
        run(project, Budget(tokens=400), runners=others)


@pytest.mark.parametrize("budget", [Budget(seconds=-5), Budget(seconds=float("nan")), Budget(tokens=-1), Budget()])
def test_that_what_is_no_budget_is_refused(project: Project, budget: Budget) -> None:
    with pytest.raises(StudioError, match="needs a budget"):
        run(project, budget)


def test_that_all_begin_their_samples_alike_whatever_they_read_with(project: Project) -> None:
    list(build_tokenizer(project, "World", name="Letters", config=TokenizerConfig(kind="char"), stop=Stop()))
    looks, spells = (replace(recipe, model=replace(recipe.model, context_length=256)) for recipe in (DECODER, LSTM))
    events = run(project, Budget(tokens=400), runners=(Runner("Looks", looks, "Words"), Runner("Spells", spells, "Letters")))
    prompts = {event.prompt for event in events if isinstance(event, Sampled)}
    assert len(prompts) == 1
    assert prompts.pop().endswith("?")


def test_that_a_text_with_a_label_is_begun_with_as_a_whole(project: Project, tmp_path: Path) -> None:
    texts = [f"The mixed feelings of guest number {n} were many. We will not come again, said we all." for n in range(40)]
    file = tmp_path / "reviews.csv"
    file.write_text("text,label\n" + "".join(f'"{t}",{n % 2}\n' for n, t in enumerate(texts)), encoding="utf-8")
    *_, end = import_corpus(project, [str(file)], name="Reviews", stop=Stop())
    assert isinstance(end, Finished)
    about = project.about("corpus", "Reviews")
    assert about.corpus_card.record_kind == "labelled"
    assert racing._first_words(about) in texts


def test_that_runners_with_different_tokenizers_are_ranked_by_bits_for_the_same_bytes(project: Project) -> None:
    for name, config in (("Pieces", TokenizerConfig(vocab_size=400)), ("Bytes", TokenizerConfig(kind="byte"))):
        list(build_tokenizer(project, "World", name=name, config=config, stop=Stop()))
    runners = (Runner("Reads pieces", DECODER, "Pieces"), Runner("Reads bytes", DECODER, "Bytes"))
    events = run(project, Budget(tokens=12 * 4 * 32), runners=runners)
    assert any(isinstance(event, Noted) and "not as much text" in str(event.message) for event in events)
    last = {e.path[1]: e.figures for e in events if isinstance(e, Evaluated)}
    sizes = [figures["loss"] * figures["tokens"] / math.log(2) / figures["bits_per_byte"] for figures in last.values()]
    assert sizes[0] == pytest.approx(sizes[1], rel=1e-6), "both are charged for the same bytes"
    by_loss = sorted(last.values(), key=lambda figures: figures["loss"])
    by_bits = sorted(last.values(), key=lambda figures: figures["bits_per_byte"])
    assert by_loss != by_bits, "a longer token is harder to guess and worth more"
    assert [place.bits_per_byte for place in leaderboard(project, "Derby")] == [f["bits_per_byte"] for f in by_bits]


def test_that_the_leaderboard_knows_sizes_from_the_models_themselves(project: Project) -> None:
    run(project, Budget(tokens=12 * 4 * 32, parameters=30_000))
    for place in leaderboard(project, "Derby"):
        size = int(project.about("tokenizer", "Words").facts["vocab_size"])
        assert place.parameters == recipe_of(project.about("model", place.model)).num_parameters(size)
        assert place.parameters == pytest.approx(30_000, rel=0.25)
        assert place.weight_bytes >= 4 * place.parameters


def step(number: int, left: float) -> TrainStep:
    return TrainStep(
        job="train",
        step=number,
        loss=1.0,
        learning_rate=1.0,
        grad_norm=1.0,
        tokens=1,
        tokens_per_second=1.0,
        remaining_s=left,
    )


def test_that_time_left_counts_looks_samples_and_the_end() -> None:
    lap = Lap()
    assert lap.remaining_s is None
    assert lap.share is None
    lap.take(Started(job="train", title=words("Training"), total=40), 5.0)
    for number in range(1, 11):
        lap.take(step(number, 40.0 - number), 1.0)
    assert lap.remaining_s == 30.0
    assert lap.share == 15 / 45
    lap.take(Evaluated(split="val", figures={}), 2.0)
    lap.take(Sampled(prompt="", text=""), 1.0)
    lap.take(step(11, 29.0), 1.0)
    # Three more stops of three seconds on the way, and two at the end, one of them at the whole validation text.
    assert lap.remaining_s == pytest.approx(29 + 2.9 * 3 + 2 * 3)
    for number in range(12, 41):
        lap.take(step(number, 40.0 - number), 1.0)
    lap.take(Evaluated(split="val", figures={}), 4.0)
    assert lap.remaining_s == pytest.approx(2.0)
    lap.take(Finished(), 9.0)
    assert lap.remaining_s == 0.0
    assert lap.seconds == 5 + 40 + 3 + 4 + 9


def test_that_turns_change_after_steps_alone() -> None:
    """A runner times its own looks by the clock on the wall: nobody else may run meanwhile."""

    def trains() -> Iterator[Event]:
        for number in range(4):
            yield Progress(job="train", what=words("Reading"), done=number)
            time.sleep(0.3)  # longer than a turn
            yield step(number + 1, 0.0)
        yield Finished(job="train")

    events = list(round_robin({0: trains(), 1: trains()}, {0: "a", 1: "b"}, budget_s=0.0, stop=Stop()))
    own = [event for event in events if event.path != ("race",)]
    assert [event.path for event in own[:4]] == [("race", "0", "train")] * 2 + [("race", "1", "train")] * 2
    changes = [i for i in range(1, len(own)) if own[i].path != own[i - 1].path]
    assert all(isinstance(own[i - 1], TrainStep) for i in changes)


def test_that_nobody_in_a_race_pays_for_the_time_the_program_slept(monkeypatch: pytest.MonkeyPatch) -> None:
    slept = [0.0]
    clock = awake.AwakeClock(lambda: time.perf_counter() + slept[0])
    monkeypatch.setattr(awake, "awake_clock", lambda: clock)

    def trains(sleeps: float) -> Iterator[Event]:
        for number in range(4):
            slept[0] += sleeps
            yield step(number + 1, 0.0)
        yield Finished(job="train")

    turns = round_robin({0: trains(100.0), 1: trains(0.0)}, {0: "a", 1: "b"}, budget_s=0.0, stop=Stop())
    told = [event for event in turns if isinstance(event, Progress)]
    assert max(told[-1].details["seconds"]) < 10


def test_that_who_has_taken_its_steps_has_gone_its_way_whatever_its_stopwatch_shows() -> None:
    """What comes before the first step and beside the steps is on the stopwatch, but no part of the seconds it is given."""
    lap = Lap(budget_s=12.0)
    lap.take(Started(job="train", title=words("Training"), total=100), 2.0)
    lap.take(replace(step(50, 3.0), total=100, seconds=6.0), 6.5)
    assert lap.remaining_s == pytest.approx(6.0)
    lap.take(replace(step(100, 0.0), total=100, seconds=9.0), 4.0)
    assert lap.share == 1.0
    assert lap.remaining_s == 0.0


def test_that_every_runner_has_the_seconds_that_all_are_given(project: Project) -> None:
    run(project, Budget(seconds=0.8))
    took = [summary_of(project, model).seconds for model in project.items("model") if model.model_card.race is not None]
    assert len(took) == len(RUNNERS)
    assert took == pytest.approx([0.8] * len(took), rel=0.15)


def test_that_a_budget_of_seconds_tells_from_the_beginning_how_long_all_take(project: Project) -> None:
    events = run(project, Budget(seconds=0.6), runners=(*RUNNERS, Runner("Third", DECODER, "Words")))
    told = [event for event in events if isinstance(event, Progress) and event.path == ("race",) and event.unit == "s"]
    first = told[0]
    assert first.remaining_s is not None
    assert first.remaining_s >= 2 * 0.6, "two have not begun"
    assert first.total == pytest.approx(first.done + first.remaining_s)
    assert told[-1].remaining_s == 0.0
    assert told[-1].details["shares"] == [1.0] * 3


def failing_in(family: type, *, after: int, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the forward pass of a family fail from some call on."""
    forward, calls = family.forward, [0]

    def fails(self: object, *given: object, **named: object) -> object:
        calls[0] += 1
        if calls[0] > after:
            raise error
        return forward(self, *given, **named)

    monkeypatch.setattr(family, "forward", fails)


NO_MEMORY = RuntimeError("[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory")


@pytest.mark.parametrize("error", [NO_MEMORY, MemoryError()], ids=["torch", "python"])
@pytest.mark.parametrize("after", [0, 9])
def test_that_a_runner_that_is_short_of_memory_drops_out_alone(
    project: Project, monkeypatch: pytest.MonkeyPatch, error: Exception, after: int
) -> None:
    failing_in(Recurrent, after=after, error=error, monkeypatch=monkeypatch)
    events = run(project, Budget(tokens=12 * 4 * 32))
    end = events[-1]
    assert isinstance(end, Finished), end
    first, last = leaderboard(project, "Derby")
    assert (first.model, first.steps, first.out) == ("Looks", 12, None)
    assert last.model == "Remembers"
    assert "not enough memory" in str(last.out)
    (said,) = [event for event in events if isinstance(event, Noted) and event.level == "warning" and "out of" in str(event)]
    assert "Remembers" in str(said.message)
    assert not races(project)[0].can_go_on, "the race is over"


def test_that_who_dropped_out_lets_go_of_what_it_held() -> None:
    class Weights:
        pass

    held: list[weakref.ref[Weights]] = []

    def fails(error: type[Exception]) -> Iterator[Event]:
        weights = Weights()
        held.append(weakref.ref(weights))
        yield step(1, 0.0)
        raise error("Too little.")

    def trains() -> Iterator[Event]:
        for number in range(4):
            if len(held) == 2 and number > 2:
                alive.extend(ref() is not None for ref in held)
            time.sleep(0.3)
            yield step(number + 1, 0.0)
        yield Finished(job="train")

    alive: list[bool] = []
    jobs_ = {0: fails(StudioError), 1: fails(MemoryError), 2: trains()}
    list(round_robin(jobs_, {0: "a", 1: "b", 2: "c"}, budget_s=0.0, stop=Stop()))
    assert alive == [False, False]


def test_that_a_race_that_breaks_off_saves_what_the_others_learned(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robin, "_TURN_S", 0.0)  # a step each
    with monkeypatch.context() as broken:
        failing_in(Recurrent, after=9, error=ZeroDivisionError("nobody foresaw it"), monkeypatch=broken)
        with pytest.raises(ZeroDivisionError):
            run(project, Budget(tokens=12 * 4 * 32))
    looks = project.about("model", "Looks")
    assert has_begun(looks.path)
    assert looks.model_card.state == "stopped"
    assert races(project)[0].can_go_on
    *_, end = resume_race(project, "Derby", stop=Stop())
    assert isinstance(end, Finished)
    assert {place.steps for place in leaderboard(project, "Derby")} == {12}


def test_that_a_race_that_breaks_off_says_whose_work_could_not_be_saved_and_saves_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(robin, "_TURN_S", 0.0)  # a step each
    saved = []

    def trains(name: str, end: Exception | None, stop: Stop) -> Iterator[Event]:
        for number in range(1, 1000):
            yield step(number, 0.0)
            if stop.requested:
                break
        if end is not None:
            raise end
        saved.append(name)
        yield Stopped(job="train", result={})

    def breaks() -> Iterator[Event]:
        yield step(1, 0.0)
        raise ValueError("a mistake of ours")

    stop = Stop()
    full = StudioError("The disk is full.")
    runners = {0: trains("a", full, stop), 1: trains("b", OSError("odd"), stop), 2: trains("c", None, stop), 3: breaks()}
    told: list[Event] = []
    with pytest.raises(ValueError, match="a mistake of ours") as reason:
        told.extend(round_robin(runners, dict(enumerate("abcd")), budget_s=0.0, stop=stop))
    notes = {event.path: str(event.message) for event in told if isinstance(event, Noted)}
    assert list(notes) == [("race", "0"), ("race", "1")]
    assert "“a”" in notes["race", "0"]
    assert notes["race", "0"].endswith("The disk is full.")
    assert "“b”" in notes["race", "1"]
    assert saved == ["c"]
    assert [note.split(":")[0] for note in reason.value.__notes__] == [f"“{name}” could not be saved" for name in "ab"]
