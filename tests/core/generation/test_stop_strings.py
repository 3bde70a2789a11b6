"""Laws of stop strings: what is shown is the text before the first one, however it was cut into pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.stop_strings import StopStrings, before_stop
from llmstudio.core.settings import change

letters = st.text("ab\n", max_size=12)


@given(pieces=st.lists(letters, max_size=8), stops=st.lists(st.text("ab\n", min_size=1, max_size=3), max_size=3))
def test_that_pieces_show_the_text_before_the_first_stop_string_and_never_take_anything_back(pieces, stops):
    stream, shown, whole = StopStrings(stops), "", "".join(pieces)
    places = [whole.find(stop) for stop in stops if stop in whole]
    for piece in pieces:
        shown += stream.push(piece)
        assert whole.startswith(shown)
        if stream.found:
            break
    shown += stream.flush()
    assert stream.found == bool(places)
    # Two that overlap may be told apart only where the earlier one has ended: then the text ends there.
    assert shown == before_stop(whole, stops) or (stream.found and len(shown) >= min(places))
    if not places:
        assert shown == whole
    assert not any(stop in shown for stop in stops)


def test_that_a_typed_line_end_is_a_line_end():
    config = change(GenerationConfig(), "stop_strings", r"\n,ROMEO:")
    assert config.stops == ("\n", "ROMEO:")
    assert before_stop("one\ntwo", config.stops) == "one"
