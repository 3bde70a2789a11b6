from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.cleaning.cleaning import DROPPING, STEPS, Cleaner, clean, effects
from llmstudio.core.corpus.config import CleaningConfig

EVERYTHING = CleaningConfig(
    unicode_form="NFKC", white_space=True, markup=True, urls=True, lower_case=True, punctuation=True, digits=True,
    stop_words="en+zh", replacements=(("a", "b"), ("的", "之")),
)  # fmt: skip
CLEAN = st.text(
    alphabet=st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff\xad") | st.sampled_from("\n\t")
)


@given(text=CLEAN)
def test_that_the_default_steps_leave_clean_text_as_it_is(text: str) -> None:
    cleaner = Cleaner(CleaningConfig())
    assert cleaner.clean(text) == text
    assert not any(cleaner.counts.values())


@given(text=st.text())
def test_that_cleaning_twice_with_the_default_steps_is_cleaning_once(text: str) -> None:
    once = clean(text, CleaningConfig())
    assert clean(once, CleaningConfig()) == once


@given(text=st.text())
def test_that_no_control_sign_but_tab_and_newline_survives(text: str) -> None:
    cleaned = clean("\r\nx\r\x0c\x85\x00" + text, CleaningConfig())
    assert all(c in "\t\n" or not (c < " " or "\x7f" <= c <= "\x9f" or c == "\ufeff") for c in cleaned)
    assert cleaned.startswith("\nx\n\n\n")


@pytest.mark.parametrize(
    ("config", "before", "after", "count"),
    [
        (CleaningConfig(unicode_form="NFC"), "cafe\u0301 ①\nplain", "café ①\nplain", 1),
        (CleaningConfig(unicode_form="NFKC"), "①ｆ\ncafé", "1f\ncafé", 1),
        (CleaningConfig(white_space=True), "a  b\u3000c\n\n\n\nd\te", "a b c\n\nd\te", 3),
        (CleaningConfig(white_space=True), "a\r\n \r\n\r\nb", "a\n\nb", 4),
        (CleaningConfig(), "a\r\nb\rc\x00\x1bd\ufeff", "a\nb\ncd", 5),
        (CleaningConfig(markup=True), "<p class='x'>a <b>b</b> &lt; c</p>", "a b < c", 5),
        (CleaningConfig(markup=True), "a<!-- x --><script>y()</script>b<style>z</style>", "ab", 3),
        (CleaningConfig(markup=True), "# Title\n- one\n> **two** *three* `four`\n", "Title\none\ntwo three four\n", 6),
        (CleaningConfig(markup=True), "[text](http://x.y) ![alt](z.png)", "text alt", 2),
        (CleaningConfig(markup=True), "2 * 3 * 4 < 5 and snake_case_name", "2 * 3 * 4 < 5 and snake_case_name", 0),
        (CleaningConfig(urls=True), "see https://a.b/c?d=e, or www.f.org.", "see , or .", 2),
        (CleaningConfig(urls=True), "写信me@x.org或看http://例.cn/a吧", "写信或看http://例.cn/a吧", 1),
        (CleaningConfig(lower_case=True), "ABC Straße É", "abc straße é", 5),
        (CleaningConfig(punctuation=True), "a, b. «c»！（d）$5", "a b cd5", 8),
        (CleaningConfig(digits=True), "a1b２c٣", "abc", 3),
        (CleaningConfig(stop_words="en"), "The cat isn't on the mat", "cat mat", 4),
        (CleaningConfig(stop_words="zh"), "我们的目的是了解中国", "目的了解中国", 3),
        (CleaningConfig(stop_words="en+zh"), "the 我的 cat", " cat", 3),
        (CleaningConfig(replacements=(("cat", "dog"), ("苹果", "梨"))), "cat catalog 吃苹果了", "dog catalog 吃梨了", 2),
        (CleaningConfig(replacements=(("a", "b"), ("b", "a"))), "a b", "b a", 2),
        (CleaningConfig(replacements=(("new york", "NYC"), ("new", "old"))), "new york new", "NYC old", 2),
    ],
)
def test_that_each_step_changes_what_it_names_and_counts_it(
    config: CleaningConfig, before: str, after: str, count: int
) -> None:
    cleaner = Cleaner(config)
    assert (cleaner.clean(before), sum(cleaner.counts.values())) == (after, count)


@given(text=st.text(alphabet=st.sampled_from("<a>b*_`#[]()&;@.w:/ -!\n1的了Ａé\u0301，"), max_size=200))
def test_that_no_text_upsets_any_step(text: str) -> None:
    assert isinstance(clean(text, EVERYTHING), str)


@pytest.mark.parametrize(
    "piece", ["a", "<", "<a", "[", "*a", "a@", "a@a.", "http://", "\n", " ", "_", "<!--", "&a", "[a](", "的"]
)
def test_that_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    def seconds(num_characters: int) -> float:
        began = time.process_time()
        Cleaner(EVERYTHING).clean(piece * (num_characters // len(piece)))
        return time.process_time() - began

    seconds(1000)
    assert seconds(40_000) < 0.5  # a quadratic pattern takes minutes


@given(text=st.text(alphabet=st.sampled_from("aB1. <b>\r\n的é\u0301\x00"), max_size=200), is_on=st.booleans())
def test_that_effects_count_what_cleaning_does(text: str, is_on: bool) -> None:
    config = EVERYTHING if is_on else CleaningConfig()
    cleaner = Cleaner(config)
    cleaner.clean(text)
    found = {effect.step: effect for effect in effects(text, config)}
    assert list(found) == list(STEPS)
    assert all(found[step].count == cleaner.counts[step] for step in STEPS if found[step].is_on and step not in DROPPING)


def test_that_effects_show_also_the_steps_that_are_off() -> None:
    found = {effect.step: effect for effect in effects("It costs 42 <b>€</b>  in all.", CleaningConfig())}
    assert (found["digits"].count, found["digits"].is_on) == (2, False)
    assert "42" in found["digits"].before
    assert "42" not in found["digits"].after
    assert (found["markup"].count, found["white_space"].count, found["urls"].count) == (2, 1, 0)


def test_that_effects_count_whole_documents_that_would_go() -> None:
    config = CleaningConfig(min_characters=3, max_characters=10)
    found = {effect.step: effect.count for effect in effects(["word", "word", "a", "x" * 11, "other"], config)}
    assert (found["min_characters"], found["max_characters"], found["exact_duplicates"]) == (1, 1, 1)


def test_that_colours_of_a_terminal_and_soft_hyphens_go_whole() -> None:
    cleaner = Cleaner(CleaningConfig())
    assert cleaner.clean("\x1b[1;32mBoats\x1b[0m are\x1b[K in [32m].") == "Boats are in [32m]."
    assert cleaner.clean("Die Brü\xadcken\xadla\xadter\xadne.") == "Die Brückenlaterne."
