"""Which language a piece of text is in: by its script, and for Latin letters by its most frequent small words.

Rough on purpose: it serves a bar in a picture. Chinese is parted into simplified and traditional by signs that differ.
"""

from __future__ import annotations

import re
from collections import Counter

from llmstudio.core.words import Words, words

LANGUAGES: dict[str, Words] = {
    "en": words("English"),
    "de": words("German"),
    "fr": words("French"),
    "es": words("Spanish"),
    "it": words("Italian"),
    "pt": words("Portuguese"),
    "nl": words("Dutch"),
    "latin": words("other in Latin letters"),
    "zh-Hans": words("Chinese, simplified"),
    "zh-Hant": words("Chinese, traditional"),
    "ja": words("Japanese"),
    "ko": words("Korean"),
    "cyrillic": words("in Cyrillic letters"),
    "greek": words("Greek"),
    "arabic": words("in Arabic letters"),
    "hebrew": words("Hebrew"),
    "devanagari": words("in Devanagari letters"),
    "thai": words("Thai"),
    "other": words("no known script"),
}
_SCRIPTS = {
    "latin": re.compile("[A-Za-z\u00c0-\u024f]"),
    "han": re.compile("[\u3400-\u9fff\uf900-\ufaff]"),
    "kana": re.compile("[\u3041-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7a3]"),
    "cyrillic": re.compile("[\u0400-\u04ff]"),
    "greek": re.compile("[\u0370-\u03ff]"),
    "arabic": re.compile("[\u0600-\u06ff]"),
    "hebrew": re.compile("[\u0590-\u05ff]"),
    "devanagari": re.compile("[\u0900-\u097f]"),
    "thai": re.compile("[\u0e00-\u0e7f]"),
}
_WEIGHTS = {"han": 3, "kana": 2, "ko": 2}  # letters of Latin that one of these stands for
_SMALL_WORDS = {
    "en": "the of and to in is that it was for with he she you not this but have from they his her are on be as at "
    "a i we my me had they so do there all one up out",
    "de": "der die und in den von zu das mit sich des auf ist im dem nicht ein eine als auch es an er sie ich war",
    "fr": "de la le et les des en un du une que est pour qui dans a par pas au sur ne se il elle ce avec je",
    "es": "de la que el en y a los se del las un por con no una su para es al lo como más pero sus le",
    "it": "di che e la il un a per in una mi sono ho non ma lo ha le si ti i con cosa se io come da del della",
    "pt": "de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das",
    "nl": "de en van ik te dat die in een hij het niet zijn is was op aan met als voor had er maar om hem dan zou",
}
SPOKEN = frozenset(_SMALL_WORDS)
"""The languages that are told by their small words."""
_VOTES: dict[str, list[str]] = {}
for _language, _listed in _SMALL_WORDS.items():
    for _word in _listed.split():
        _VOTES.setdefault(_word, []).append(_language)
# "plus" is not among the French ones: an English table of sums is full of it.
# Different small words of a text, those that no other language shares counted twice: of fewer it may be in another one.
_TELLING = 4
_FEW = 7  # small words are a third of a text; of fewer than every seventh, it is in a language that is not listed
_SIMPLIFIED = frozenset("这个们来时国说为会发学后过对还没经关门见开长东车马鸟鱼书写话语请让认识问题间电脑网现实")
_TRADITIONAL = frozenset("這個們來時國說為會發學後過對還沒經關門見開長東車馬鳥魚書寫話語請讓認識問題間電腦網現實")
_LATIN_WORD = re.compile("[a-z\u00df-\u024f]+")


def language_of(text: str) -> str:
    """One of the keys of `LANGUAGES`. A few hundred characters are enough."""
    return told_language(text)[0]


def told_language(text: str) -> tuple[str, bool]:
    """One of the keys of `LANGUAGES`, and whether the text says so by itself.

    A few words in Latin letters may stand in several languages ("is" is English and Dutch): what they belong to, only the
    texts around them tell.
    """
    script = _script_of(text)
    return _latin(text) if script == "latin" else (script, True)


def _script_of(text: str) -> str:
    """The language of any other script than Latin letters, `latin` for those."""
    if text.isascii():
        return "latin" if _SCRIPTS["latin"].search(text) else "other"
    counts = Counter(text)
    different = "".join(counts)  # far shorter than the text
    letters = {
        name: sum(counts[letter] for letter in pattern.findall(different)) * _WEIGHTS.get(name, 1)
        for name, pattern in _SCRIPTS.items()
    }
    script = max(letters, key=lambda name: letters[name])
    if not letters[script]:
        return "other"
    if script in ("han", "kana"):
        if letters["kana"] * 10 > letters["han"]:
            return "ja"
        traditional, simplified = (sum(counts[sign] for sign in signs) for signs in (_TRADITIONAL, _SIMPLIFIED))
        return "zh-Hant" if traditional > simplified else "zh-Hans"
    return script


def _latin(text: str) -> tuple[str, bool]:
    found = Counter(_LATIN_WORD.findall(text.lower()))
    votes: Counter[str] = Counter()
    for word, count in found.items():
        for language in _VOTES.get(word, ()):
            votes[language] += count
    # Among equals the one that is listed first, whichever word came first.
    order = sorted((language for language in _SMALL_WORDS if votes[language]), key=lambda language: -votes[language])
    if not order or votes[order[0]] * _FEW < found.total():
        return "latin", True
    own = [word for word in found if order[0] in _VOTES.get(word, ())]
    others = [sum(other not in _VOTES[word] for word in own) for other in order[1:]]
    alone = min([len(own), *others])
    return order[0], alone >= 1 and alone + len(own) >= _TELLING
