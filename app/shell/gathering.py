"""What home shows: one's own answers first, then a line for each queue of who runs something."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.locale import format_list
from app.core.registries import AgendaItem

SECTIONS = ("answer", "next", "moved")
NAMED = 2


def sections_of(items: Iterable[AgendaItem]) -> dict[str, list[AgendaItem]]:
    """The lines by section: answers gathered, what is next by time, what moved newest first."""
    by_time = sorted(items, key=lambda item: item.when)
    sections = {key: [item for item in by_time if item.section == key] for key in SECTIONS}
    sections["answer"] = _gathered(sections["answer"])
    sections["moved"].reverse()
    return sections


def _gathered(answers: list[AgendaItem]) -> list[AgendaItem]:
    own = [item for item in answers if item.bundle is None]
    queues: dict[str, list[AgendaItem]] = {}
    for item in answers:
        if item.bundle is not None:
            queues.setdefault(item.bundle.key, []).append(item)
    return own + [_as_one(queue) for queue in queues.values()]


def _as_one(queue: list[AgendaItem]) -> AgendaItem:
    """A queue of one is the line itself."""
    first, bundle = queue[0], queue[0].bundle
    if len(queue) == 1 or bundle is None:
        return first
    names = list(dict.fromkeys(item.title for item in queue))
    return AgendaItem(
        section="answer",
        when=first.when,
        day=first.day,
        title=bundle.title(sum(item.count for item in queue)),
        text=format_list(names) if len(names) <= NAMED else "",
        url=bundle.url,
        icon=first.icon,
    )
