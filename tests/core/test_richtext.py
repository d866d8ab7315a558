"""What people write as Markdown can only be read: no script, no foreign request, no reordering."""

from __future__ import annotations

import re
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.richtext import SCHEMES, TAGS, plain, render, snippet

PIECES = (
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>"),
    *("[x](javascript:alert(1))", "[x](JaVa\tScRiPt:alert(1))", "[x](data:text/html,<b>)"),
    *("![x](https://tracker.example/p.gif)", "<javascript:alert(1)>", "[x](vbscript:x)"),
    *("[x](&#106;avascript:alert(1))", "[x](java%0ascript:x)", '[x](https://a.b "t" onclick=x)'),
    *("[x](<//evil.example>)", "[y]: javascript:alert(1)", "[y]", "`", "```", "\n\n", "# ", "> "),
    *("- ", "1. ", "**", "_", "~~", "|a|b|\n|-|-|\n", "</p>", "<!--", "-->", "&lt;", "\\", '"'),
    *("\u202e", "\u2066", "\u202a", "\x00", "\x1b[31m", "\ufeff", "أهلاً", "héllo", "日本"),
)
typed = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=14).map("".join)


@settings(max_examples=250, deadline=None)
@given(typed)
def test_whatever_is_typed_comes_out_as_harmless_elements(text: str) -> None:
    html = str(render(text))
    for element in elements(html):
        assert element.tag in TAGS
        assert set(element.attrib) <= {"href", "rel", "start"}
        if "href" in element.attrib:
            assert element.attrib["rel"] == "noopener nofollow ugc"
            assert urlsplit(element.attrib["href"].strip()).scheme in {*SCHEMES, ""}
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x1b]", html)


@settings(max_examples=150, deadline=None)
@given(typed)
def test_plain_words_hold_no_controls_and_fit_a_line_as_snippet(text: str) -> None:
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x1b]", plain(text))
    assert "\n" not in snippet(text)
    assert len(snippet(text, 40)) <= 41


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# Hello", "<h3>Hello</h3>"),
        ("##### Small", "<h6>Small</h6>"),
        ("a **b** _c_ ~~d~~", "<p>a <strong>b</strong> <em>c</em> <s>d</s></p>"),
        ("one  \ntwo", "<p>one<br>\ntwo</p>"),
        ("3. x", '<ol start="3">\n<li>x</li>\n</ol>'),
        ("<b>no</b>", "<p>&lt;b&gt;no&lt;/b&gt;</p>"),
        (
            "[us](https://a.example/x?y=1&z=2)",
            '<p><a href="https://a.example/x?y=1&amp;z=2" rel="noopener nofollow ugc">us</a></p>',
        ),
    ],
)
def test_marks_become_elements(text: str, html: str) -> None:
    assert str(render(text)).strip() == html


def test_plain_keeps_the_words_and_drops_the_marks() -> None:
    text = "# Title\n\nSome **bold** [words](https://a.example).\n\n- one\n- two\n\n    code"
    assert plain(text) == "Title\nSome bold words.\none\ntwo\ncode"
    assert snippet("Hello wide world", 12) == "Hello wide…"


def elements(html: str) -> list[Element]:
    tree = html5lib.parseFragment(html, namespaceHTMLElements=False)
    return [element for element in tree.iter() if element is not tree and element.tag]
