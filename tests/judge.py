"""What every page and fragment must satisfy, whoever fetched it and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from xml.etree.ElementTree import Element

import html5lib

NS = "{http://www.w3.org/1999/xhtml}"
UNLABELLED = {"hidden", "submit", "button", "image", "reset"}


@lru_cache(maxsize=8)
def parse(html: str, *, fragment: bool) -> tuple[Element, list[str]]:
    """The tree of a page or fragment and the parser's complaints; to be read, not changed."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parseFragment(html) if fragment else parser.parse(html)
    return tree, [f"line {line}: {code} {data}" for (line, _), code, data in parser.errors]


def judge(html: str, *, fragment: bool = False) -> list[str]:
    """Every fault of a page or fragment, as sentences; empty when it is sound."""
    tree, complaints = parse(html, fragment=fragment)
    faults = [*complaints]
    faults += _ids(tree) + _labels(tree) + _inline(tree) + _forms(tree) + _images(tree)
    if not fragment:
        faults += _landmarks(tree)
    return faults


def _ids(tree: Element) -> list[str]:
    seen = Counter(e.get("id") for e in tree.iter() if isinstance(e.tag, str) and e.get("id"))
    return [f"id {name!r} stands {n} times" for name, n in seen.items() if n > 1]


def _labels(tree: Element) -> list[str]:
    labelled = {e.get("for") for e in tree.iter("label")}
    wrapped = {id(e) for label in tree.iter("label") for e in label.iter()}
    faults = []
    for tag in ("input", "select", "textarea"):
        for e in tree.iter(tag):
            named = e.get("id") in labelled or id(e) in wrapped
            named = named or e.get("aria-label") or e.get("aria-labelledby")
            if e.get("type") not in UNLABELLED and not named:
                faults.append(f"<{tag} name={e.get('name')!r}> has no label")
    return faults


def _inline(tree: Element) -> list[str]:
    faults = []
    for e in tree.iter():
        if not isinstance(e.tag, str):
            continue
        for name in e.attrib:
            if name == "style" or re.match(r"^on[a-z]", name):
                faults.append(f"<{e.tag} {name}> is inline")
        live = any(name.startswith("hx-") and name != "hx-nonce" for name in e.attrib)
        if live and not e.get("hx-nonce"):
            faults.append(f"<{e.tag} id={e.get('id')!r}> has hx- attributes without hx-nonce")
        if e.tag in ("button", "a") and not _name(e):
            faults.append(f"<{e.tag} id={e.get('id')!r}> has no name")
    return faults


def _name(e: Element) -> str:
    return "".join(e.itertext()).strip() or e.get("aria-label") or e.get("aria-labelledby") or ""


def _forms(tree: Element) -> list[str]:
    faults = []
    for form in tree.iter("form"):
        if form.get("method", "get").lower() != "post":
            continue
        if not any(e.get("name") == "csrf_token" for e in form.iter("input")):
            faults.append(f"form {form.get('action')!r} has no CSRF token")
        if form.get("action") is None:
            faults.append("a form has no action")
    return faults


def _images(tree: Element) -> list[str]:
    images = tree.iter("img")
    return [f"<img src={e.get('src')!r}> has no alt" for e in images if e.get("alt") is None]


def _landmarks(tree: Element) -> list[str]:
    faults = []
    html = tree if tree.tag == "html" else tree.find("html")
    if html is None or not html.get("lang") or html.get("dir") not in ("ltr", "rtl"):
        faults.append("<html> lacks lang or dir")
    for tag in ("h1", "main", "title"):
        n = sum(1 for e in tree.iter(tag))
        if n != 1:
            faults.append(f"{n} <{tag}> instead of one")
    first = next((e for e in tree.iter() if e.tag in ("a", "button")), None)
    if first is None or not (first.get("href") or "").startswith("#"):
        faults.append("the first link is not the skip link")
    return faults


SKIPPED = {"script", "style", "code", "pre", "svg", "textarea", "time", "bdi", "noscript"}


def unmarked(html: str, *, fragment: bool = False) -> list[str]:
    """Under the pseudo-locale: visible strings that no catalog has touched (no brackets)."""
    tree, _ = parse(html, fragment=fragment)
    found: list[str] = []
    _collect(tree, found)
    return [text for text in found if re.search(r"[^\W\d_]{2}", text) and "[" not in text]


def _collect(e: Element, found: list[str]) -> None:
    if e.tag in SKIPPED or e.get("translate") == "no" or e.get("data-ugc") is not None:
        return
    found.extend(_outside_brackets([e.text, *(child.tail for child in e)]))
    found.extend(
        e.get(name, "") for name in ("aria-label", "placeholder", "title", "alt") if e.get(name)
    )
    for child in e:
        if isinstance(child.tag, str):
            _collect(child, found)


def _outside_brackets(pieces: list[str | None]) -> Iterator[str]:
    """The texts of an element that do not continue a sentence begun before a time or a link."""
    depth = 0
    for piece in pieces:
        text = (piece or "").strip()
        if text and not depth:
            yield text
        depth = max(0, depth + text.count("[") - text.count("]"))
