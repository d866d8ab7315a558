"""Markdown that people write: safe HTML for pages, plain words for mails, search and snippets.

Two walls: the parser knows no HTML, images or tables, and what it made is cleaned once more.
Headings begin at h3, below the headings of the page around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote"),
    *("strong", "em", "s", "code", "pre", "a"),
}
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
LOWERED_BY = 2

# Controls of direction reorder what stands around them; the other controls mean nothing in prose.
_UNWANTED = re.compile(r"[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]")
_BLANKS = re.compile(r"\s+")
_parser = MarkdownIt("js-default", {"html": False, "linkify": False}).disable(["image", "table"])


def render(text: str) -> Markup:
    """The text as HTML that can do nothing but be read."""
    tokens = _parser.parse(_tidy(text))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1:]) + LOWERED_BY)}"
    raw = _parser.renderer.render(tokens, _parser.options, {})
    return Markup(  # noqa: S704 - cleaned in this very line
        nh3.clean(
            raw,
            tags=TAGS,
            attributes=ATTRIBUTES,
            url_schemes=SCHEMES,
            link_rel="noopener nofollow ugc",
        )
    )


def plain(text: str) -> str:
    """The words without their marks, a line for each paragraph or item."""
    return "\n".join(_lines(_parser.parse(_tidy(text))))


def snippet(text: str, length: int = 200) -> str:
    """The beginning of the words in one line, cut between words."""
    words = _BLANKS.sub(" ", plain(text)).strip()
    if len(words) <= length:
        return words
    cut = words[:length]
    return f"{cut.rsplit(' ', 1)[0] if ' ' in cut else cut}…"


def _tidy(text: str) -> str:
    return _UNWANTED.sub("", text)


def _lines(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield from _words(token.children or ())
        elif token.type in ("fence", "code_block"):
            yield from token.content.rstrip("\n").split("\n")


def _words(tokens: Sequence[Token]) -> list[str]:
    breaks = {"softbreak": " ", "hardbreak": "\n"}
    parts = [breaks.get(token.type, token.content) for token in tokens]
    return "".join(parts).split("\n")
