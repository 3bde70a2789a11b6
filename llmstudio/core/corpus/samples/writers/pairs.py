"""Sentence pairs: the same sentence in English and in simplified Chinese, from one form with two sides.

Held out by combination: the first person and the first value of a sentence stand together in one part only, so a test
sentence is new although each of its words is known from training. A translator that passes has learned the parts.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

from llmstudio.core.corpus.samples.grammar import Grammar, role_kind
from llmstudio.core.corpus.samples.plots.plots import slots_of
from llmstudio.core.corpus.samples.words.lexicon import ROLES, lexicon, words_of
from llmstudio.core.corpus.samples.world import split_of
from llmstudio.core.corpus.samples.writers.stories import SPLIT_KINDS, draw

FORMS = """
{who} has {a:thing}. = {who}有一{m:thing}{thing}。
{who} has {a:color} {thing}. = {who}有一{m:thing}{color}的{thing}。
{who} has no {thing}. = {who}没有{thing}。
{who} has {number} {pl:thing}. = {who}有{number}{m:thing}{thing}。
{who} bought {a:thing}. = {who}买了一{m:thing}{thing}。
{who} bought {a:quality} {thing}. = {who}买了一{m:thing}{quality}{thing}。
{who} wants to buy {a:thing}. = {who}想买一{m:thing}{thing}。
{who} will sell the {thing} tomorrow. = {who}明天要卖掉{thing}。
{who} lost {her:who} {thing} {at:place}. = {who}在{at:place}丢了{her:who}的{thing}。
{who} found {a:thing} {spot}. = {who}在{spot}找到了一{m:thing}{thing}。
{who} gave {friend} {a:thing}. = {who}给了{friend}一{m:thing}{thing}。
{who} showed {friend} the {color} {thing}. = {who}给{friend}看了{color}的{thing}。
{who} took the {thing} from {friend}. = {who}从{friend}那里拿走了{thing}。
{who} made {a:thing} of {material}. = {who}用{material}做了一{m:thing}{thing}。
{who} forgot the {thing} {spot}. = {who}把{thing}忘在了{spot}。
{who} put the {thing} {spot}. = {who}把{thing}放在了{spot}。
{who} is looking for {her:who} {thing}. = {who}正在找{her:who}的{thing}。
{who} cannot find the {thing}. = {who}找不到{thing}。
Does {who} have {a:thing}? = {who}有{thing}吗？
Did {who} buy the {thing}? = {who}买{thing}了吗？
Why does {who} need {a:thing}? = {who}为什么需要一{m:thing}{thing}？
Who gave {who} the {thing}? = 谁把{thing}给了{who}？
The {color} {thing} belongs to {who}. = {color}的{thing}是{who}的。
The {thing} of {who} is {spot}. = {who}的{thing}在{spot}。
{who} is {at:place}. = {who}在{at:place}。
{who} is not {at:place}. = {who}不在{at:place}。
{who} works {at:place}. = {who}在{at:place}工作。
{who} waited for {friend} {at:place}. = {who}在{at:place}等{friend}。
{who} met {friend} {at:place}. = {who}在{at:place}遇见了{friend}。
{who} likes to {activity} {at:place}. = {who}喜欢在{at:place}{activity}。
{who} goes {to:place} every day. = {who}每天都去{to:place}。
{who} will go {to:place} tomorrow. = {who}明天要去{to:place}。
{time}, {who} went {to:place}. = {time}，{who}去了{to:place}。
{time}, {who} and {friend} met {at:place}. = {time}，{who}和{friend}在{at:place}见面了。
Where is {who}? = {who}在哪里？
Is {who} {at:place}? = {who}在{at:place}吗？
Who is {at:place}? = 谁在{at:place}？
When did {who} go {to:place}? = {who}什么时候去了{to:place}？
{who} is very {mood}. = {who}非常{mood}。
{who} does not feel {mood}. = {who}没有觉得{mood}。
{who} was {mood} yesterday. = {who}昨天很{mood}。
{who} looks {mood} today. = {who}今天看起来很{mood}。
Why is {who} so {mood}? = {who}为什么这么{mood}？
Is {who} still {mood}? = {who}还觉得{mood}吗？
{who} is {mood}, because {friend} lost the {thing}. = {who}很{mood}，因为{friend}丢了{thing}。
{who} stayed at home, because {weather}. = 因为外面{weather}，{who}待在家里。
If {who} has time, {she:who} will {activity}. = 如果{who}有时间，{she:who}就会{activity}。
{who} has {a:pet}. = {who}有一{m:pet}{pet}。
{who} has {number} {pl:pet}. = {who}有{number}{m:pet}{pet}。
{who} is feeding the {pet}. = {who}正在喂{pet}。
The {pet} of {who} is {color}. = {who}的{pet}是{color}的。
{who} saw {a:beast} {at:place}. = {who}在{at:place}看见了一{m:beast}{beast}。
{who} is afraid of the {beast}. = {who}怕{beast}。
{who} is eating {a:food}. = {who}正在吃一{m:food}{food}。
{who} does not like {pl:food}. = {who}不喜欢{food}。
{who} wants {a:food} and {a:drink}. = {who}想要一{m:food}{food}和一{m:drink}{drink}。
{who} shared {a:food} with {friend}. = {who}和{friend}分享了一{m:food}{food}。
{who} drank {a:drink} {time}. = {time}{who}喝了一{m:drink}{drink}。
What is {who} eating? = {who}在吃什么？
{who} is {a:job}. = {who}是一位{job}。
{who} wants to become {a:job}. = {who}想当{job}。
{who} asked the {job} for help. = {who}请{job}帮忙。
Is {who} {a:job}? = {who}是{job}吗？
{who} is {ing:activity}. = {who}正在{activity}。
{who} can {activity}. = {who}会{activity}。
{who} cannot {activity}. = {who}不会{activity}。
{who} and {friend} {past:activity} together. = {who}和{friend}一起{activity}了。
{who} must {chore} before dinner. = 晚饭前{who}必须{chore}。
{who} has already {past:chore}. = {who}已经去{chore}了。
{who} helps {friend} to {chore}. = {who}帮{friend}{chore}。
What is {who} doing? = {who}在做什么？
{who} hurt {her:who} {part}. = {who}的{part}受伤了。
{who} is {number} years old. = {who}{number}岁。
{who} is taller than {friend}. = {who}比{friend}高。
{who} is as old as {friend}. = {who}和{friend}一样大。
{who} knows the {kin} of {friend}. = {who}认识{friend}的{kin}。
{who} planted {a:tree} {at:outdoor}. = {who}在{at:outdoor}种了一{m:tree}{tree}。
{who} gave {her:who} {kin} {a:flower}. = {who}给了{kin}一{m:flower}{flower}。
The {thing} is {color}. = {thing}是{color}的。
The {color} {thing} is {spot}. = {color}的{thing}在{spot}。
This {thing} is made of {material}. = 这{m:thing}{thing}是{material}做的。
This {thing} costs {number} coins. = 这{m:thing}{thing}要{number}枚硬币。
There are {number} {pl:thing} {spot}. = {spot}有{number}{m:thing}{thing}。
There are {number} {pl:critter} {at:place}. = {at:place}有{number}{m:critter}{critter}。
The {beast} is bigger than the {critter}. = {beast}比{critter}大。
The {critter} is hiding {spot}. = {critter}躲在{spot}。
The {job} lives near the {place}. = {job}住在{place}附近。
The {job} spoke {manner} with the {kin} of {who}. = {job}{manner}和{who}的{kin}谈话。
How much does the {color} {thing} cost? = {color}的{thing}多少钱？
Where did you buy this {quality} {thing}? = 你在哪里买了这{m:thing}{quality}{thing}？
"""


@cache
def _forms() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """English side, Chinese side, roles in order of the English side."""
    found = []
    for line in FORMS.strip().splitlines():
        english, chinese = line.split(" = ")
        found.append((english, chinese, tuple(dict.fromkeys(role for role, _ in slots_of(english)))))
    return tuple(found)


@cache
def pair_grammar(language: str) -> Grammar:
    """One side of every form; form number ``i`` is group ``str(i)``."""
    forms = {str(i): [english if language == "en" else chinese] for i, (english, chinese, _) in enumerate(_forms())}
    return Grammar(forms, lexicon(language), ROLES, capitals=language == "en")


def _key(cast: dict[str, str]) -> str:
    """The part a cast belongs to: that of its first person and first value, or of its first two words."""
    people = [word for role, word in cast.items() if role_kind(role, ROLES) == "person"]
    values = [word for role, word in cast.items() if role_kind(role, ROLES) != "person"]
    one, two = (people[0], values[0]) if people and values else (people or values)[:2]
    return split_of(one, two)


def _allowed(cast: dict[str, str], split: str) -> bool:
    """Whether no person stands with a value that another held-out part keeps for itself."""
    values = [word for role, word in cast.items() if role_kind(role, ROLES) in SPLIT_KINDS]
    people = [word for role, word in cast.items() if role_kind(role, ROLES) == "person"]
    return all(split_of(who, value) in ("train", split) for who in people for value in values)


def pair_records(rng: random.Random, split: str) -> Iterator[dict[str, object]]:
    """Sentence pairs without end. A form with fewer than two roles has nothing to combine and is in training only."""
    forms = list(enumerate(_forms()))
    if split != "train":
        forms = [(i, form) for i, form in forms if len(form[2]) > 1]
    en, zh = pair_grammar("en"), pair_grammar("zh")
    en_words, zh_words = lexicon("en"), lexicon("zh")
    while True:
        number, (_, _, roles) = draw(rng, forms)
        while True:
            cast = {role: draw(rng, words_of(role_kind(role, ROLES))) for role in roles}
            if len(set(cast.values())) < len(cast):
                continue
            if len(roles) < 2 or (_key(cast) == split and _allowed(cast, split)):
                break
        sides = []
        for grammar, words in ((en, en_words), (zh, zh_words)):
            bound = {role: words[role_kind(role, ROLES)][word] for role, word in cast.items()}
            sides.append(grammar.write(str(number), bound, rng))
        yield {"source": sides[0], "target": sides[1]}
