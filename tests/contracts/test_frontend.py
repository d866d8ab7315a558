"""What the front end never does, however it grows: each rule reads the files as they are."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from app.core.assets import load
from app.shell import worker

ROOT = Path(__file__).resolve().parents[2]
STATIC, TEMPLATES = ROOT / "static", ROOT / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))
# Mails and reports stand alone as files; everything else is a page of the app or a part of one.
SCREENS = [path for path in PAGES if not {"mail", "matching"} & set(path.parts)]
STYLES = sorted((STATIC / "css").glob("*.css"))
OWN_SCRIPTS = sorted((STATIC / "js").glob("*.js"))
ASSETS = {asset.name: asset for asset in load(STATIC)}
ICONS = set(re.findall(r'<symbol id="([^"]+)"', ASSETS["icons/sprite.svg"].body.decode()))

OLD_HTMX = {
    r"\bhx-ext=": "extensions are named in the htmx-config meta element",
    r"\bhx-vars=": "use hx-vals",
    r"\bhx-disabled-elt": "it is hx-disable",
    r"\bhx-on\b": "scripts live in app.js",
    r"\bhx-(params|prompt|disinherit|inherit|request|history)=": "gone in htmx 4",
    r"\bhx-boost": "navigation is plain links",
    r"\bhx-vals=['\"]js:": "needs eval",
    r"hx-trigger=\"[^\"]*\[": "a filter needs eval",
    r"htmx:(configRequest|(before|after)(Request|Swap|Settle|OnLoad)|load|(response|send)Error)": (
        "events have colons in htmx 4"
    ),
    r"HX-Trigger-(Name|After)": "gone in htmx 4",
}
REQUESTS = re.compile(r"\shx-(get|post|put|patch|delete|VALUE)=")
LOOKED_UP = re.compile(r"\shx-(target|swap|confirm|include|indicator|sync|headers|vals|disable)=")
PHYSICAL = re.compile(
    r"(?<![\w-])((margin|padding|border|inset|scroll-margin|scroll-padding)-(left|right|top|bottom)"
    r"|(min-|max-)?(width|height)|left|right|top|bottom|float)\s*:"
    r"|text-align:\s*(left|right)"
)


def named(paths: list[Path]) -> list:
    return [pytest.param(path, id=str(path.relative_to(ROOT))) for path in paths]


def markup(path: Path) -> str:
    """The file without comments and tags of the template language; expressions become VALUE."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)
    text = text.replace("{{ hx() }}", ' hx-nonce="N"')
    text = re.sub(r"\{\{.*?\}\}", "VALUE", text, flags=re.S)
    return re.sub(r"\{%.*?%\}", "", text, flags=re.S)


def tags(path: Path) -> list[str]:
    return re.findall(r"<[a-z][^<>]*>", markup(path))


@pytest.mark.parametrize("path", named([*SCREENS, *OWN_SCRIPTS]))
def test_no_idiom_of_htmx_2(path):
    text = path.read_text(encoding="utf-8")
    found = {why for idiom, why in OLD_HTMX.items() if re.search(idiom, text)}
    assert found == set()


@pytest.mark.parametrize("path", named(SCREENS))
def test_htmx_attributes_stand_where_the_request_starts(path):
    lonely = [
        tag
        for tag in tags(path)
        if LOOKED_UP.search(tag) and not REQUESTS.search(tag) and "hx-swap-oob" not in tag
    ]
    assert lonely == [], "nothing is inherited unless it says :inherited"


@pytest.mark.parametrize("path", named(SCREENS))
def test_every_htmx_element_carries_the_nonce(path):
    live = [tag for tag in tags(path) if re.search(r"\shx-(?!nonce)", tag)]
    assert [tag for tag in live if "hx-nonce" not in tag] == [], "add {{ hx() }}"


@pytest.mark.parametrize("path", named(SCREENS))
def test_nothing_is_inline(path):
    text = markup(path)
    assert not re.search(r"<style|<script(?![^>]*\ssrc=)|javascript:", text)
    faults = [tag for tag in tags(path) if re.search(r"\s(style|on[a-z]+)=", tag)]
    assert faults == []


@pytest.mark.parametrize("path", named([*SCREENS, *STYLES, *OWN_SCRIPTS]))
def test_nothing_is_fetched_from_elsewhere(path):
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    text = re.sub(r'<a href="https://', '<a href="', text)  # a link is followed by choice
    assert re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z]{2,}[^\s\"']*", text) == []


@pytest.mark.parametrize("path", named(STYLES))
def test_styles_know_start_and_end_not_left_and_right(path):
    text = re.sub(r"/\*.*?\*/|@(?:media|container)[^{]*\{", "", path.read_text(), flags=re.S)
    assert [match.group() for match in PHYSICAL.finditer(text)] == []


@pytest.mark.parametrize("path", named(STYLES))
def test_every_style_lives_in_a_layer(path):
    blocks = re.sub(r"/\*.*?\*/|@layer [a-z, ]+;", "", path.read_text(), flags=re.S).strip()
    assert re.fullmatch(r"(@layer [a-z]+ \{.*\n\}\s*)+", blocks, re.S)


@pytest.mark.parametrize(
    "path",
    named(
        [
            path
            for path in SCREENS
            if path.name.startswith("_") and path.parent.name not in ("layouts", "components")
        ]
    ),
)
def test_a_partial_is_one_element_named_like_its_file(path):
    text = path.read_text(encoding="utf-8")
    assert re.match(r"\{#.*inputs:.*?#\}", text, re.S), "the first comment names its inputs"
    first = re.search(r"<[a-z]+[^>]*>", re.sub(r"\{#.*?#\}", "", text, flags=re.S))
    name = path.stem.removeprefix("_").replace("_", "[-_]")
    assert first and re.search(rf'\sid="{name}("|-\{{\{{)', first.group()), first and first.group()


def test_icons_named_in_templates_are_in_the_sprite():
    call = re.compile(r'(?:\bicon|draw|fact|empty)\(\s*"([a-z0-9-]+)"|icon="([a-z0-9-]+)"')
    used = {
        (name, path.name)
        for path in SCREENS
        for pair in call.findall(path.read_text(encoding="utf-8"))
        for name in pair
        if name
    }
    assert len(used) > 20
    assert {(name, file) for name, file in used if name not in ICONS} == set()


def test_icons_of_the_navigation_are_in_the_sprite(app):
    from app.core.registries import navigation

    assert {item.icon for _, item in navigation} - ICONS == set()


@pytest.mark.parametrize(("name", "limit"), [("css/app.css", 15_000), ("js/app.js", 25_000)])
def test_bundles_stay_light(name, limit):
    assert len(ASSETS[name].packed["br"]) <= limit


def test_the_worker_and_what_it_keeps_stay_light():
    assert len(worker.source(ASSETS).encode()) <= 10_000
    assert sum(len(ASSETS[name].body) for name in worker.KEPT) <= 130_000
    assert sum(len(ASSETS[name].packed.get("br", b"")) for name in worker.KEPT) <= 100_000


def test_vendored_files_are_the_ones_that_were_reviewed():
    noted = json.loads((STATIC / "vendor/vendor.json").read_text())["sha256"]
    real = {n: hashlib.sha256((STATIC / n).read_bytes()).hexdigest() for n in noted}
    assert real == noted
    shipped = {f"vendor/{p.name}" for p in (STATIC / "vendor").iterdir()}
    assert shipped - set(noted) == {"vendor/vendor.json", "vendor/vendor.mjs"}


def test_no_registry_is_named_in_the_front_end_lock():
    lock = (ROOT / "package-lock.json").read_text()
    assert '"resolved"' not in lock and "registry." not in lock


# Contrast: oklch goes to linear sRGB as in CSS Color 4, then is compared as WCAG 2 does.
def tokens() -> dict[str, tuple[str, str]]:
    text = (STATIC / "css/1-tokens.css").read_text()
    pair = re.compile(r"--([\w-]+): light-dark\((oklch\([^)]*\)), (oklch\([^)]*\))\)")
    alone = re.compile(r"--([\w-]+): (oklch\([^)/]*\));")
    found = {name: (light, dark) for name, light, dark in pair.findall(text)}
    return {**{name: (color, color) for name, color in alone.findall(text)}, **found}


def luminance(color: str) -> float:
    from math import cos, radians, sin

    lightness, chroma, hue = (float(part) for part in re.findall(r"[\d.]+", color)[:3])
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    mid = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * mid + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * mid - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * mid + 1.7076147010 * short
    clipped = [min(max(part, 0.0), 1.0) for part in (red, green, blue)]
    return 0.2126 * clipped[0] + 0.7152 * clipped[1] + 0.0722 * clipped[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


TEXT = [
    (ink, ground)
    for ground in ("paper", "surface", "sunken")
    for ink in ("ink", "ink-soft", "green", "green-strong", "danger", "apricot-ink", "info")
] + [
    ("on-green", "green"),
    ("on-green", "green-strong"),
    ("on-danger", "danger"),
    ("ink", "green-soft"),
    ("green-strong", "green-soft"),
    ("ink-soft", "green-soft"),
    ("ink", "apricot-soft"),
    ("apricot-ink", "apricot-soft"),
    ("ink-soft", "apricot-soft"),
    ("ink", "danger-soft"),
    ("danger", "danger-soft"),
    ("ink", "info-soft"),
    ("info", "info-soft"),
    ("panel-ink", "panel"),
    ("panel-soft", "panel"),
]
MARKS = [(mark, ground) for mark in ("line-strong", "focus") for ground in ("paper", "surface")]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_words_and_marks_stand_out_from_their_ground(scheme):
    colors = tokens()
    weak = {
        f"{ink} on {ground}": round(contrast(colors[ink][scheme], colors[ground][scheme]), 2)
        for pairs, least in ((TEXT, 4.5), (MARKS, 3.0))
        for ink, ground in pairs
        if contrast(colors[ink][scheme], colors[ground][scheme]) < least
    }
    assert weak == {}
