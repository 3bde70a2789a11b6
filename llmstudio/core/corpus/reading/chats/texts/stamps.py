"""How programs write when something was said, in the forms of many countries: dates, times, and both together.

Known are numbers in any order, the year's, month's and day's signs of Chinese, Japanese and Korean, names of months, the
half of the day before or behind the time, words between date and time (à, às, klo, kl., um), and a time that comes first.
Invisible marks of the direction of writing may stand between all of these.

Source: exports of WhatsApp, LINE, KakaoTalk and others; their forms are those of the Unicode CLDR for each language.
"""

from __future__ import annotations

_MARKS = "[\u200e\u200f\u061c\u202a-\u202e]*"
_WORD = r"[^\W\d_]"
_NUMBERS = rf"\d{{1,4}}{_MARKS}[./-]\s?\d{{1,2}}{_MARKS}[./-]\s?\d{{1,4}}\.?(?:\s?(?:г|р|ж)\.)?"
_SIGNS = r"\d{4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]"
_DAY_MONTH = rf"\d{{1,2}}\.?\s(?:de\s)?{_WORD}{{3,12}}\.?,?(?:\s(?:de\s)?\d{{2,4}})?"
_MONTH_DAY = rf"{_WORD}{{3,12}}\.?\s\d{{1,2}}(?:,?\s\d{{4}})?"
_WEEKDAY = rf"(?:{_WORD}{{2,12}}\.?,?\s)?"
DATE = rf"(?:{_WEEKDAY}(?:{_NUMBERS}|{_SIGNS}|{_DAY_MONTH}|{_MONTH_DAY}))"
_HALF = r"(?:上午|下午|午前|午後|오전|오후|凌晨|早上|中午|晚上|[AaPp]\.?\s?[Mm]\.?)"
_CLOCK = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[.,]\d{1,6})?"
TIME = rf"(?:{_HALF}\s?{_CLOCK}|{_CLOCK}(?:\s?{_HALF})?)"
_ANY_TIME = rf"(?:{_HALF}\s?{_CLOCK}|{_CLOCK}(?:\s?(?:{_HALF}|[^\d\s:,\[\]()<>-]{{1,6}}))?)"
_BETWEEN = rf"(?:[,،;]?{_MARKS}\s{_MARKS}(?:{_WORD}{{1,3}}(?:\(s\))?\.?\s)?|[T,])"
STAMP = rf"{_MARKS}{DATE}{_BETWEEN}{TIME}"
"""A date with a time, whose half of the day is one that is known."""
ANY_STAMP = rf"{_MARKS}(?:{DATE}{_BETWEEN}{_ANY_TIME}|{_ANY_TIME},?\s{_NUMBERS})"
"""The same with any short word behind the time (Uhr, ч., μ.μ., م), or with the time first: where more signs bear it out."""
DAY = rf"\W*(?:{DATE}|{_NUMBERS}\s?\W?{_WORD}{{1,12}}\W?)(?:\s{_WORD}{{1,12}})?(?:\s{TIME})?\W*"
"""A line that says only on which day what follows was said."""
