from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.reading.formats import web_pages
from llmstudio.core.corpus.reading.formats.web_pages import page_text
from llmstudio.core.errors import StudioError

PAGE = """<!doctype html><html><head><title>Title</title><style>p { color: red }</style></head><body>
<h1>A   heading</h1><p>One <b>bold</b> word &amp; a
line.<br>Next.</p><script>alert("no")</script><!-- no --><ul><li>first<li>second</ul>
<pre>def f():
    return 1</pre><div>中文<span>段落</span></div></body></html>"""


def test_that_a_page_gives_what_a_reader_sees_block_by_block() -> None:
    assert page_text([PAGE[:50], PAGE[50:]], "a.html").split("\n") == [
        "A heading", "One bold word & a line.", "Next.", "first", "second", "def f():", "    return 1", "中文段落",
    ]  # fmt: skip


def test_that_a_page_too_large_for_its_tree_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_pages, "PAGE_CHARACTERS", 1000)
    with pytest.raises(StudioError, match=r"a\.html is too large"):
        page_text(["<p>word</p>" * 100], "a.html")


@given(html=st.text(alphabet=st.sampled_from("<>/pbrdiv prescript&;='\"!- \n"), max_size=200))
def test_that_any_tangle_of_tags_becomes_text(html: str) -> None:
    assert "\x01" not in page_text([html], "a.html")
