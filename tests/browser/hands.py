"""Working without a mouse: wherever the focus goes, it is seen."""

from __future__ import annotations

from playwright.sync_api import Page

# What has the focus: whether it is drawn as focused, and whether it can be seen. The ring may be
# drawn by the element, by what covers its card, or by the label or card around it.
# In a date it is a part of the field that has the focus.
LOOK = """() => {
  const it = document.activeElement;
  const drawn = style => (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0)
    || style.boxShadow !== "none";
  const ring = one => [null, "::before", "::after"].some(p => drawn(getComputedStyle(one, p)));
  const around = [it, it.parentElement, it.closest("label, li, .card")].filter(Boolean);
  const box = it.getBoundingClientRect(), label = it.closest("label") || it;
  const x = box.x + box.width / 2, y = box.y + Math.min(box.height / 2, 20);
  const top = document.elementFromPoint(x, y);
  return { what: it.outerHTML.slice(0, 120), tag: it.tagName,
    visible: it.matches(":focus-visible, [type=date]:focus-within"), ringed: around.some(ring),
    inside: y >= 0 && y <= innerHeight && x >= 0 && x <= innerWidth,
    clear: !top || it.contains(top) || label.contains(top) || top.contains(it) };
}"""


class Hands:
    """A person who has no mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, selector: str, key: str = "Tab", limit: int = 90) -> None:
        """Press a key until the focus is there; every stop on the way must be seen."""
        for _ in range(limit):
            self.page.keyboard.press(key)
            self.seen()
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"{limit} times {key} did not lead to {selector}")

    def seen(self) -> None:
        look = self.page.evaluate(LOOK)
        if look["tag"] == "BODY":  # the browser's own end of the round
            return
        assert look["visible"] and look["ringed"], f"no ring around {look}"
        assert look["inside"] and look["clear"], f"nobody sees {look}"

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, words: str) -> None:
        self.page.keyboard.type(words)

    def arrived(self, path: str) -> None:
        """On a new page the first stop is the way past the navigation."""
        self.page.wait_for_url(path)
        self.page.wait_for_load_state()
        self.press("Tab")
        self.seen()
        assert self.page.evaluate("document.activeElement.classList.contains('skip')")

    def landed_in(self, selector: str) -> None:
        """After an act the focus is at what changed or at the head of the page, not lost."""
        self.page.wait_for_function(
            "s => document.activeElement !== document.body"
            " && document.activeElement.closest(s) !== null",
            arg=selector,
        )
