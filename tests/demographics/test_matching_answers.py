"""The one draw behind a deniable answer: how much it may tell, and that it is made once."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select

from app.core.database import reading, writing
from app.demographics import services
from app.demographics.models import MatchDraw
from app.demographics.rules import OPTIONS, Attribute, MatchAnswer, Purpose
from app.demographics.services.matching_answers import _Stream
from app.matching.deniable import ODDS, draw, shifted
from tests.factories.accounts import make_person

NOTICE = services.Notice("match-1", "en")
DENIABLE = Purpose.MATCHING_DENIABLE


@pytest.mark.parametrize("attribute", OPTIONS)
def test_what_is_seen_speaks_for_an_answer_at_most_three_times_as_much(attribute) -> None:
    """Over 9,000 keys, and the same in each of 20 repeated runs."""
    keys, options = random.Random(5), OPTIONS[attribute]
    people = [keys.randbytes(32) for _person in range(9_000)]

    def run() -> list[str]:
        label = f"match_draw|{attribute}"
        return [shifted(options[0], options, draw(len(options), _Stream(k, label))) for k in people]

    first = run()
    assert all(run() == first for _again in range(20 if attribute is Attribute.GENDER else 1))
    seen = Counter(first)
    odds = seen[options[0]] / max(seen[other] for other in options[1:])
    print(f"{attribute}: odds {odds:.2f}")
    assert 2.7 < odds < ODDS * 1.07
    if len(options) == 2:
        assert seen[options[1]] / len(people) == pytest.approx(0.25, abs=0.015)


def test_a_stored_draw_opens_in_its_own_place_alone(context) -> None:
    with writing() as db:
        one, other = make_person(db, "Ada").id, make_person(db, "Bea").id
        for who in (one, other):
            answers = {Attribute.GENDER: MatchAnswer("woman", DENIABLE)}
            services.say_for_matching(db, who, answers=answers, notice=NOTICE)
    rows = {row.person_id: row for row in reading().scalars(select(MatchDraw))}
    assert len(rows) == 2 and rows[one].value != rows[other].value
    with writing() as db:
        moved = db.get_one(MatchDraw, rows[one].id)
        moved.value = rows[other].value
        db.flush()
        with pytest.raises(InvalidTag):
            services.for_matching(db, None, people=[one], subject=("cohort", one))


def test_no_answer_leaves_the_same_rows_as_one(context) -> None:
    with writing() as db:
        one, other = make_person(db, "Ada").id, make_person(db, "Bea").id
        said = {one: MatchAnswer("woman", Purpose.MATCHING_SHAREABLE, "man"), other: MatchAnswer()}
        for who, answer in said.items():
            services.say_for_matching(db, who, answers={Attribute.GENDER: answer}, notice=NOTICE)
        assert services.own_answers(db, other) == {}
        facts = services.for_matching(db, None, people=[one, other], subject=("cohort", one))
    assert facts[one].shared == {"gender:woman"} and facts[one].wishes == {"gender:man"}
    assert not any((facts[other].shared, facts[other].seen, facts[other].wishes))
