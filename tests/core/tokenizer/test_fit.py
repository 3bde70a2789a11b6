from __future__ import annotations

import pytest

from llmstudio.core.tokenizer.fit import percent, unknown_share


def test_that_the_unknown_share_counts_bytes_under_unknown_tokens(build):
    tokenizer = build("char", texts=("abc",), min_frequency=1)
    assert unknown_share(tokenizer, ["abca", "ab"]) == 0
    assert unknown_share(tokenizer, ["ab中"]) == pytest.approx(3 / 5)
    assert unknown_share(build("bpe"), ["ไม่รู้จัก"]) == 0
    assert unknown_share(tokenizer, []) == 0


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0, "0 %"), (1.0, "100 %"), (0.00001, "0.1 %"), (0.9999, "99.9 %"), (0.96, "96 %"), (0.055, "6 %")],
)
def test_that_a_share_is_never_rounded_to_none_or_all(share, shown):
    assert percent(share) == shown
