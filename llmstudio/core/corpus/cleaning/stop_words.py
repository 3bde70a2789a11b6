# ruff: noqa: SIM905 - words are easier to read and to add to as prose
"""Very frequent small words of English and Chinese, which say little about what a text is about."""

from __future__ import annotations

import re
from collections.abc import Callable

ENGLISH = frozenset(
    (
        "a about above after again against all also am an and any are aren't as at be because been before being below "
        "between both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each few "
        "for from further had hadn't has hasn't have haven't having he he's her here hers herself him himself his how i "
        "i'd i'll i'm i've if in into is isn't it it's its itself just let's me more most mustn't my myself no nor not "
        "now of off on once only or other ought our ours ourselves out over own same shan't she she's should shouldn't "
        "so some such than that that's the their theirs them themselves then there there's these they they'd they'll "
        "they're they've this those through to too under until up upon us very was wasn't we we'd we'll we're we've were "
        "weren't what what's when where which while who whom whose why will with won't would wouldn't you you'd you'll "
        "you're you've your yours yourself yourselves"
    ).split()
)
CHINESE = frozenset(
    (
        "的 了 着 吗 呢 吧 啊 呀 嘛 哦 哪 么 地 得 是 在 和 与 及 或 而 且 也 都 就 又 还 很 太 被 把 给 让 从 向 对 于 "
        "以 为 之 其 这 那 此 该 每 各 我 你 您 他 她 它 我们 你们 他们 她们 它们 自己 这个 那个 这些 那些 这里 那里 "
        "什么 怎么 怎样 因为 所以 但是 然而 如果 虽然 而且 并且 或者 以及 由于 关于 对于 为了 已经 可以 一个 一些 没有 "
        "不是 就是 还是 只是 這 個 還 們 嗎 麼 為 於 從 對 與 讓 給 著 我們 你們 他們 這個 那個 這些 什麼 怎麼 因為 雖然 "
        "對於 關於 由於 為了 已經 沒有 還是"
    ).split()
)
_KEPT = frozenset(  # words that have a stop word in them
    (
        "目的 的确 的確 了解 了不起 为了 地方 地区 地區 地球 土地 当地 當地 得到 获得 獲得 现在 現在 存在 正在 和平 参与 "
        "參與 与其 以前 以后 以後 以上 以下 可以 所以 以及 因为 因為 认为 認為 成为 成為 作为 作為 行为 行為 对象 對象 "
        "对手 对方 反对 反對 面对 给予 供给 其他 其它 其中 其实 其實 之间 之間 之前 之后 之後 每天 每年 首都 都市 成都 "
        "还有 還有 从事 從事 方向 向前 就业 就業 成就 太阳 太陽 让步 把握 在线 实在 實在 但是 于是 於是 总是 總是 是否 "
        "是非 关于 由于 对于 终于 終於 等于"
    ).split()
)
_ENGLISH_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?[ \t]?")
_CHINESE_WORD = re.compile("|".join(sorted(CHINESE | _KEPT, key=lambda word: (-len(word), word))))


def remove_english(text: str) -> tuple[str, int]:
    """The text without English stop words and the blank behind each, and how many there were."""
    return _remove(text, _ENGLISH_WORD, lambda word: word.rstrip(" \t").replace("’", "'").lower() in ENGLISH)


def remove_chinese(text: str) -> tuple[str, int]:
    """The text without Chinese stop words, and how many there were.

    Chinese does not part its words, so a sign may belong to a longer one: those of every day are known and kept whole.
    """
    return _remove(text, _CHINESE_WORD, CHINESE.__contains__)


def _remove(text: str, pattern: re.Pattern[str], is_stop_word: Callable[[str], bool]) -> tuple[str, int]:
    count = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal count
        if not is_stop_word(match[0]):
            return match[0]
        count += 1
        return ""

    return pattern.sub(keep, text), count
