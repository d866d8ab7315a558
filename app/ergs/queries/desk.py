"""The leads' desk: what all domains lay on it, as one queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from app.core.policies import Actor
from app.core.search import normalize
from app.ergs.registry import DeskItem, desk

PAGE = 15  # lines with their buttons; a page stays below 700 nodes
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for on their desk; an empty value filters nothing."""

    q: str = ""
    group: str = ""
    topic: str = ""
    number: int = 1

    @classmethod
    def of(cls, args: Mapping[str, str]) -> Wanted:
        """As an address says it; nonsense filters nothing."""
        number = args.get("page", "1")
        return cls(
            args.get("q", "").strip(),
            args.get("group", ""),
            args.get("topic", ""),
            max(1, int(number)) if number.isascii() and number.isdigit() else 1,
        )


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of the desk by topic; `topics` and `groups` are those of the whole desk."""

    sections: dict[str, list[DeskItem]]
    total: int
    number: int
    groups: dict[str, str]
    topics: list[str]

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))

    @property
    def is_clear(self) -> bool:
        """Whether nothing waits at all, whatever the filter says."""
        return not self.topics


def queue(db: Session, actor: Actor, wanted: Wanted) -> Queue:
    """What waits for the actor, the oldest deadline first; a topic stands where its first does."""
    items = sorted((item for _, lay in desk for item in lay(db, actor)), key=_urgency)
    groups = {str(item.erg_id): item.group for item in sorted(items, key=lambda i: i.group)}
    topics = list(dict.fromkeys(item.topic for item in items))
    known = Wanted(
        normalize(wanted.q),
        wanted.group if wanted.group in groups else "",
        wanted.topic if wanted.topic in topics else "",
    )
    found = [item for item in items if _is_wanted(item, known)]
    last = max(1, -(-len(found) // PAGE))
    number = min(wanted.number, last)
    sections: dict[str, list[DeskItem]] = {}
    for item in found[(number - 1) * PAGE : number * PAGE]:
        sections.setdefault(item.topic, []).append(item)
    return Queue(sections, len(found), number, groups, topics)


def _urgency(item: DeskItem) -> tuple[datetime, datetime, str, str]:
    return item.due or _NEVER, item.since, item.topic, item.id


def _is_wanted(item: DeskItem, wanted: Wanted) -> bool:
    words = normalize(f"{item.title} {item.text} {item.group}")
    return (
        wanted.q in words
        and wanted.group in ("", str(item.erg_id))
        and wanted.topic in ("", item.topic)
    )
