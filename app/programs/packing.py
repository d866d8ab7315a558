"""An instance of the matcher as bytes and back, without losing what its hash is made of."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from app.matching.types import IdPair, Instance, Participant, Rule, Value

PAIRS = ("locked", "banned", "excluded", "current")
PLAIN = ("minimum", "objective", "seed", "discreet", "stickiness", "budget")


def packed(instance: Instance, ranked: Mapping[str, Sequence[str]]) -> bytes:
    """Everything the result depends on."""
    whole = {
        "mentees": [_stored(person) for person in instance.mentees],
        "mentors": [_stored(person) for person in instance.mentors],
        "rules": [{**asdict(rule), "params": dict(rule.params)} for rule in instance.rules],
        "pools": dict(instance.pools),
        "ranked": {mentee: list(mentors) for mentee, mentors in ranked.items()},
        **{name: sorted(getattr(instance, name)) for name in PAIRS},
        **{name: getattr(instance, name) for name in PLAIN},
    }
    return zlib.compress(json.dumps(whole, separators=(",", ":")).encode(), 6)


def unpacked(data: bytes) -> tuple[Instance, dict[str, list[str]]]:
    """The instance that was packed, and the mentees' own order."""
    whole = json.loads(zlib.decompress(data))
    rest: dict[str, Any] = {name: _pairs(whole[name]) for name in PAIRS}
    rest |= {name: whole[name] for name in PLAIN}
    instance = Instance(
        mentees=tuple(_person(one) for one in whole["mentees"]),
        mentors=tuple(_person(one) for one in whole["mentors"]),
        rules=tuple(Rule(**one) for one in whole["rules"]),
        pools=whole["pools"],
        **rest,
    )
    return instance, whole["ranked"]


def _stored(person: Participant) -> list[Any]:
    values = {name: _value(value) for name, value in person.values.items()}
    return [person.id, person.capacity, person.missed, values, person.pool, person.segment]


def _value(value: Value) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value


def _person(stored: list[Any]) -> Participant:
    own_id, capacity, missed, values, pool, segment = stored
    read = {name: frozenset(v) if isinstance(v, list) else v for name, v in values.items()}
    return Participant(own_id, capacity, missed, read, pool, segment)


def _pairs(stored: Iterable[list[str]]) -> frozenset[IdPair]:
    return frozenset((mentee, mentor) for mentee, mentor in stored)
