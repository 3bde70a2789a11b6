"""Laws of the built-in world: what it writes it can read, what it holds out stays out, what it asks it has told."""

from __future__ import annotations

import random
import re
from collections import Counter
from functools import cache
from itertools import islice, pairwise

import pytest

from llmstudio.core.corpus.config import SPLITS
from llmstudio.core.corpus.samples import (
    RARE_LABEL,
    SLICES,
    is_grammatical,
    is_pair_held_out,
    num_forms,
    questions,
    records,
    sentences,
    split_of,
    suggested,
    vocabulary,
)
from llmstudio.core.corpus.samples.checker import language_grammars
from llmstudio.core.corpus.samples.grammar import tokens
from llmstudio.core.corpus.samples.words.lexicon import lexicon, words_of
from llmstudio.core.corpus.samples.writers.stories import SPLIT_KINDS
from llmstudio.core.corpus.samples.writers.tour import PEOPLE, VALUES

ASKED = ("tour", "chat", "chat_zh")


def texts(record: dict[str, object]) -> list[str]:
    """Every text of a record."""
    turns = record.get("turns")
    if isinstance(turns, list):
        return [turn["what"] for turn in turns]
    return [str(record[key]) for key in ("text", "source", "target") if key in record]


def language(text: str) -> str:
    return "zh" if re.search("[一-鿿]", text) else "en"


@pytest.mark.parametrize("name", SLICES)
def test_that_a_seed_gives_the_same_records_whatever_the_count(name: str) -> None:
    few, many = list(records(name, count=20, seed=7)), list(records(name, count=60, seed=7))
    assert len(few) == 20
    assert len(many) == 60
    assert many[:20] == few
    assert list(records(name, count=20, seed=8)) != few


@pytest.mark.parametrize("name", SLICES)
def test_that_records_stream_and_need_no_end(name: str) -> None:
    assert len(list(islice(records(name, count=10**12), 3))) == 3


@pytest.mark.parametrize("name", SLICES)
def test_that_records_have_the_shape_their_slice_names(name: str) -> None:
    keys = {"turns": {"turns"}, "text": {"text"}, "pairs": {"source", "target"}, "labelled": {"text", "label"}}
    for record in records(name, count=50, split="val"):
        assert set(record) == keys[SLICES[name].record_kind]
        assert all(text and text == text.strip() for text in texts(record))


def test_that_turns_begin_with_the_passage_and_alternate() -> None:
    for name in ASKED:
        for record in records(name, count=200):
            turns = record["turns"]
            assert isinstance(turns, list)
            who = [turn["who"] for turn in turns]
            told = who[1:] if who[0] == "story" else who
            assert told == ["user", "assistant"] * (len(told) // 2)
            assert len(told) >= 2


@pytest.mark.parametrize("name", SLICES)
@pytest.mark.parametrize("split", SPLITS)
def test_that_every_sentence_written_is_read_back(name: str, split: str) -> None:
    for record in records(name, count=50, seed=3, split=split):
        for text in texts(record):
            for sentence in sentences(text, language(text)):
                assert is_grammatical(sentence, slice=name), sentence
                assert is_grammatical(sentence), sentence


@pytest.mark.parametrize("name", ["tour", "tales", "chat", "reviews", "tales_zh", "chat_zh"])
def test_that_sentences_put_together_again_give_the_text(name: str) -> None:
    for record in records(name, count=100):
        for text in texts(record):
            between = " " if language(text) == "en" else ""
            assert between.join(sentences(text, language(text))) == text


@pytest.mark.parametrize("name", SLICES)
def test_that_words_in_another_order_are_not_a_sentence(name: str) -> None:
    rng = random.Random(0)
    tried = refused = 0
    for record in records(name, count=100):
        for text in texts(record):
            for sentence in sentences(text, language(text)):
                parts = tokens(sentence)
                if len(parts) < 5:
                    continue
                shuffled = rng.sample(parts, len(parts))
                if shuffled == parts:
                    continue
                if language(text) == "zh":
                    salad = "".join(shuffled)
                else:
                    salad = " ".join(shuffled)
                    if name != "tour":
                        salad = re.sub(r" (?=[.,?!:])", "", salad[0].upper() + salad[1:])
                tried += 1
                refused += not is_grammatical(salad)
    assert tried > 90
    assert refused / tried > 0.95, f"{refused} of {tried} refused"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Clara lost her kite at the market.", "Clara lost his kite at the market."),
        ("Clara has an umbrella.", "Clara has a umbrella."),
        ("Clara has three mice.", "Clara has three mouses."),
        ("Clara has three mice.", "Clara has three mouse."),
        ("Leo is feeding a horse.", "Leo are feeding a horse."),
        ("Leo is on the beach.", "Leo is at the beach."),
        ("Does Leo have a kite?", "Does Leo has a kite?"),
        ("Clara has a red kite.", "clara has a red kite."),
        ("Clara has a red kite.", "Clara has a red kite"),
        ("Clara has a red kite.", "Clara has a red kite ."),
        ("clara has the kite .", "clara has kite the ."),
        ("clara has the kite .", "clara the kite has ."),
        ("克拉拉有一只风筝。", "克拉拉有一张风筝。"),
        ("克拉拉有三匹马。", "克拉拉有三只马。"),
        ("里奥在海滩上。", "里奥在海滩里。"),
        ("克拉拉在厨房里。", "在克拉拉厨房里。"),
        ("克拉拉在厨房里。", "克拉拉在厨房里."),
    ],
)
def test_that_agreement_is_part_of_the_grammar(right: str, wrong: str) -> None:
    assert is_grammatical(right)
    assert not is_grammatical(wrong)


@pytest.mark.parametrize(
    "salad", ["The the the.", "Kite.", "red kite Clara", "", " ", ".", "。", "的的的。", "Clara has has a kite."]
)
def test_that_known_words_alone_do_not_make_a_sentence(salad: str) -> None:
    assert not is_grammatical(salad)


def test_that_quotations_stay_in_their_sentence() -> None:
    text = '"Who is there?" Tom asked. Anna said, "It is me." Then she left.'
    assert sentences(text) == ['"Who is there?" Tom asked.', 'Anna said, "It is me."', "Then she left."]
    assert sentences("“怎么了？”汤姆问。安娜说：“是我。”她走了。", "zh") == [
        "“怎么了？”汤姆问。",
        "安娜说：“是我。”",
        "她走了。",
    ]


def test_that_the_parts_of_the_split_cover_every_pair_in_the_promised_shares() -> None:
    pairs = [(who, value) for who in words_of("person") for kind in sorted(SPLIT_KINDS) for value in words_of(kind)]
    shares = Counter(split_of(who, value) for who, value in pairs)
    assert set(shares) == set(SPLITS)
    assert 0.88 < shares["train"] / len(pairs) < 0.92
    assert 0.03 < shares["val"] / len(pairs) < 0.05
    assert 0.05 < shares["test"] / len(pairs) < 0.07
    assert split_of("Clara", "Kite") == split_of("clara", "kite")
    assert all(is_pair_held_out(who, value) == (split_of(who, value) != "train") for who, value in pairs[:500])


def tour_pairs(record: dict[str, object]) -> set[tuple[str, str]]:
    """Who stands with what, sentence by sentence, in a tour record."""
    values = {value for words in VALUES.values() for value in words}
    found = set()
    for text in texts(record):
        for sentence in sentences(text):
            words = sentence.split()
            found |= {(who, value) for who in words if who in PEOPLE for value in words if value in values}
    return found


def test_that_no_pair_of_one_part_is_told_in_a_lesser_part_of_the_tour() -> None:
    allowed = {"train": {"train"}, "val": {"train", "val"}, "test": {"train", "test"}}
    for split in SPLITS:
        for record in records("tour", count=2000, split=split):
            parts = {split_of(*pair) for pair in tour_pairs(record)}
            assert parts <= allowed[split]
            assert split in parts


@cache
def telling_words() -> frozenset[str]:
    """Words of the split kinds that no form uses by itself ("saw", "after school") and no other kind has ("orange")."""
    values = Counter(word for kind in ("thing", "food", "drink", "pet", "place", "mood") for word in words_of(kind))
    forms = [form for grammar in language_grammars("en") for listed in grammar.forms.values() for form in listed]
    spoken = {token for form in forms for token in tokens(re.sub(r"\{.*?\}", " ", form))}
    for kind in ("spot", "weather", "time", "activity", "chore"):  # phrases: "in the snow", "feed the birds"
        spoken |= {token for cases in lexicon("en")[kind].values() for case in cases.values() for token in tokens(case)}
    return frozenset(word for word, times in values.items() if times == 1 and word not in spoken)


def english_pairs(text: str) -> set[tuple[str, str]]:
    """Who stands with what in the sentences that name one person."""
    people, values = set(words_of("person")), telling_words()
    found = set()
    for sentence in sentences(text):
        words = [word for word in tokens(sentence) if word.isalpha()]
        named = people.intersection(words)
        if len(named) == 1:
            found |= {(who, value) for who in named for value in values.intersection(words)}
    return found


@pytest.mark.parametrize("name", ["tales", "chat"])
def test_that_no_training_sentence_of_the_whole_world_tells_a_held_out_pair(name: str) -> None:
    seen: Counter[str] = Counter()
    for record in records(name, count=1000):
        for text in texts(record):
            seen.update(split_of(who, value) for who, value in english_pairs(text))
    assert seen["train"] > 1000
    assert seen["val"] + seen["test"] == 0, seen


def test_that_a_training_pair_of_sentences_never_holds_a_held_out_combination() -> None:
    pairs = [pair for record in records("pairs", count=4000) for pair in english_pairs(str(record["source"]))]
    assert len(pairs) > 1000
    assert {split_of(who, value) for who, value in pairs} == {"train"}


def test_that_test_pairs_are_new_sentences_of_known_words() -> None:
    train = {str(record["source"]) for record in records("pairs", count=20_000)}
    test = [str(record["source"]) for record in records("pairs", count=500, split="test")]
    known = {token for text in train for token in tokens(text)}
    assert not train.intersection(test)
    assert all(set(tokens(text)) <= known for text in test)


@pytest.mark.parametrize("name", ASKED)
def test_that_a_held_out_question_can_be_answered_from_its_passage_alone(name: str) -> None:
    asked = questions(name, count=300)
    assert asked == questions(name, count=300)
    assert asked[:50] == questions(name, count=50)
    for question in asked:
        assert question.answer in question.candidates
        assert len(question.candidates) == len(set(question.candidates)) >= 3
        passage = sentences(question.passage, SLICES[name].language)
        assert all(is_grammatical(sentence, slice=name) for sentence in passage)
        assert is_grammatical(question.question, slice=name)
        assert is_grammatical(question.answer, slice=name)
    assert sum(question.chance for question in asked) / len(asked) <= 0.4


def test_that_the_tour_asks_for_a_copy_of_the_passage() -> None:
    values = {value for words in VALUES.values() for value in words}
    for question in questions("tour", count=500):
        for candidate in question.candidates:
            assert candidate in question.passage
        words = set(question.question.split()) | set(question.answer.split())
        (who,) = words.intersection(PEOPLE)
        (value,) = words.intersection(values)
        assert split_of(who, value) == "test"
        people = set(PEOPLE).intersection(question.passage.split())
        assert len(people) >= 3


def test_that_held_out_chat_questions_are_on_test_pairs() -> None:
    people, values = set(words_of("person")), {word for kind in SPLIT_KINDS for word in words_of(kind)}
    for question in questions("chat", count=300):
        named = tokens(f"{question.question} {question.answer}")
        (who,) = people.intersection(named)
        assert "test" in {split_of(who, word) for word in values if re.search(rf"\b{word}\b", " ".join(named))}, question


def test_that_suggestions_are_three_other_questions() -> None:
    for name in ASKED:
        asked = suggested(name)
        assert len(asked) == 3
        assert not set(asked).intersection(questions(name, count=200))
        assert asked == suggested(name) != suggested(name, seed=1)


def test_that_the_tour_is_small_and_the_world_is_not() -> None:
    assert len(vocabulary("tour")) <= 200
    words = {word for word in vocabulary("chat") | vocabulary("tales") if word[0].isalpha()}
    assert len(words) > 1000
    assert num_forms("en") >= 300
    assert num_forms("zh") >= 300


@pytest.mark.parametrize("name", SLICES)
def test_that_a_slice_uses_its_vocabulary_and_no_other_word(name: str) -> None:
    known = vocabulary(name)
    used = {token for record in records(name, count=800) for text in texts(record) for token in tokens(text.lower())}
    assert used <= known
    assert len(used) > 0.4 * len(known)


def test_that_tour_documents_are_short() -> None:
    for record in records("tour", count=2000):
        assert sum(len(text.split()) + 1 for text in texts(record)) <= 90


@pytest.mark.parametrize("name", ["tales_zh", "chat_zh"])
def test_that_chinese_text_is_chinese_throughout(name: str) -> None:
    for record in records(name, count=300):
        for text in texts(record):
            assert re.fullmatch("[一-鿿，。？！：“”、]+", text), text
    assert all(re.fullmatch("[一-鿿，。？！：“”、]+", str(record["target"])) for record in records("pairs", count=500))


def test_that_one_class_of_reviews_is_rare() -> None:
    labels = Counter(record["label"] for record in records("reviews", count=6000))
    assert len(labels) == 3
    assert 0.035 < labels[RARE_LABEL] / 6000 < 0.065
    assert min(labels, key=lambda label: labels[label]) == RARE_LABEL


def test_that_answers_follow_what_happened_last() -> None:
    moved = 0
    for record in records("chat", count=1500):
        turns = record["turns"]
        assert isinstance(turns, list)
        passage = turns[0]["what"]
        for asked, answered in pairwise(turns[1:]):
            match = re.fullmatch(r"Who has the (.+) now\?", asked["what"])
            given = match and re.search(rf"Then (\w+) gave the {match[1]} to (\w+)\.", passage)
            if given:
                moved += 1
                assert answered["what"] == f"{given[2]} has it now."
    assert moved >= 3


def test_that_unknown_names_are_refused() -> None:
    with pytest.raises(KeyError):
        records("nowhere", count=1)
    with pytest.raises(KeyError):
        questions("tales", count=1)
    with pytest.raises(ValueError, match="train, val, test"):
        records("tour", count=1, split="dev")
