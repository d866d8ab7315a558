"""A large group's names come along the index of names, a small group's are sorted: same answer."""

from __future__ import annotations

from app.core.database import reading
from app.ergs.models import Erg
from app.ergs.queries import people as queries
from app.ergs.rules import MembershipState, Viewer, Visibility
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member


def test_both_ways_find_the_same_people_in_the_same_order(write, context, monkeypatch) -> None:
    with write() as db:
        lead = make_person(db, "Lea Lead")
        erg = make_erg(db, "women", lead=lead.id, roster=Visibility.COMPANY)
        for n in range(50):
            person = make_person(db, None if n == 7 else f"Name {n % 9} {n}")
            row = make_member(db, erg, person.id, visibility=list(Visibility)[n % 4])
            if n % 10 == 3:
                row.state, row.ended_at = MembershipState.LEFT, row.began_at
        make_person(db, "Name 0 elsewhere")
        erg_id = erg.id
    seen = []
    for many in (2_000, 0):
        monkeypatch.setattr(queries, "MANY", many)
        for viewer in Viewer:
            for q, number in (("", 1), ("", 2), ("name 3", 1), ("zebra", 1)):
                erg = reading().get(Erg, erg_id)
                found = queries.roster(reading(), erg, viewer, q=q, number=number)
                seen.append([found.total, *[name for _row, name, _job in found.rows]])
    half = len(seen) // 2
    assert seen[:half] == seen[half:]
    totals = [row[0] for row in seen[:half:4]]
    assert totals[0] < totals[1] < totals[2] and len(seen[8]) == 21, "pages of twenty"
    assert all(row == [0] for row in seen[3::4])
