"""Sponsors promise by a day and account for it; groups are known by a band that rarely moves."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import clock, outbox
from app.core.database import writing
from app.core.errors import Refused
from app.core.outbox import Recipient
from app.ergs.jobs.terms import brief_sponsors, take_snapshots
from app.ergs.models import Erg, SponsorCommitment
from app.ergs.queries import snapshots
from app.ergs.queries import sponsor as promises
from app.ergs.rules import RoleName, Visibility
from app.ergs.rules.snapshots import BANDS, SLACK, Band, band_of
from app.ergs.rules.sponsor import CommitmentKind, CommitmentState, quarter_of
from app.ergs.services import sponsor as verbs
from app.ergs.services.snapshots import take_snapshot
from tests.client import Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member, make_role


@pytest.fixture
def world(context):
    """Dalia leads, Kai sponsors."""
    with writing() as db:
        ids = {n: make_person(db, f"{n.title()} T").id for n in ("dalia", "kai", "bo")}
        erg = make_erg(db, "pride", lead=ids["dalia"], says_sensitive=True)
        make_role(db, erg, ids["kai"], RoleName.SPONSOR)
        return {**ids, "erg": erg.id}


def promise(world, by="kai", kind=CommitmentKind.MENTORS_ONE, days=10):
    with writing() as db:
        return verbs.commit_to(
            db,
            world[by],
            erg_id=world["erg"],
            kind=kind,
            due_on=clock.now().date() + timedelta(days=days),
        ).id


def test_only_the_sponsor_promises_and_only_for_days_to_come(world) -> None:
    for by, days in (("dalia", 10), ("bo", 10), ("kai", -1)):
        with pytest.raises(Refused):
            promise(world, by, days=days)
    promise(world)


def test_the_sponsor_says_a_lead_confirms_and_then_it_stays(world) -> None:
    row_id = promise(world)
    with pytest.raises(Refused), writing() as db:
        verbs.confirm(db, world["dalia"], commitment_id=row_id)
    for by, note in (("dalia", "x"), ("kai", " ")):
        with pytest.raises(Refused), writing() as db:
            verbs.mark(db, world[by], commitment_id=row_id, to=CommitmentState.NOT_KEPT, note=note)
    with writing() as db:
        verbs.mark(db, world["kai"], commitment_id=row_id, to=CommitmentState.KEPT)
        verbs.reopen(db, world["dalia"], commitment_id=row_id)
        verbs.mark(
            db,
            world["kai"],
            commitment_id=row_id,
            to=CommitmentState.NOT_KEPT,
            note="I was on leave.",
        )
    with pytest.raises(Refused), writing() as db:
        verbs.confirm(db, world["kai"], commitment_id=row_id)
    with writing() as db:
        verbs.confirm(db, world["dalia"], commitment_id=row_id)
        assert db.get(SponsorCommitment, row_id).confirmed_by == world["dalia"]
    with pytest.raises(Refused), writing() as db:
        verbs.reopen(db, world["kai"], commitment_id=row_id)


def test_one_brief_a_quarter_reaches_the_sponsor_and_names_nobody(world) -> None:
    for _ in range(2):
        brief_sponsors()
    with writing() as db:
        rows = outbox.pending(db, "sponsor_brief", world["erg"])
        assert {(d.person_id, d.occasion) for d in rows} == {
            (world["kai"], quarter_of(clock.now().date()))
        }
        to = Recipient(world["kai"], "Kai T", None, "en", "UTC")
        message = outbox.kinds["sponsor_brief"].message(db, rows[0], to)
    assert "pride" not in repr(message).lower() and "dalia" not in repr(message).lower()


def test_the_brief_counts_promises_and_roles_and_holds_no_names(world) -> None:
    promise(world, days=1)
    with writing() as db:
        take_snapshot(db, world["erg"])
        brief = promises.brief(db, db.get(Erg, world["erg"]))
    assert (brief.open, brief.roles, brief.band) == (1, 2, Band(0, 9))


@pytest.mark.parametrize(("day", "quarter"), [("2026-01-01", "2026Q1"), ("2026-11-21", "2026Q4")])
def test_quarters(day, quarter) -> None:
    assert quarter_of(date.fromisoformat(day)) == quarter


# bands


@given(st.integers(0, 30_000))
def test_every_number_lies_in_its_band(number) -> None:
    band = band_of(number)
    assert band.low <= number and (band.high is None or number <= band.high)


@given(st.integers(0, 30_000), st.sampled_from(BANDS))
def test_a_band_holds_until_its_edge_is_passed_by_more_than_a_little(number, before) -> None:
    after = band_of(number, before)
    is_near = before.low - SLACK <= number <= (before.high or number) + SLACK
    assert (after == before) == (is_near or band_of(number) == before)


@given(st.integers(0, 30_000), st.sampled_from(BANDS))
def test_in_the_middle_of_a_band_one_person_more_changes_nothing(number, before) -> None:
    is_inside = before.low <= number and (before.high is None or number < before.high)
    if is_inside:
        assert band_of(number, before) == band_of(number + 1, before) == before


def fill(world, count: int) -> None:
    with writing() as db:
        erg = db.get(Erg, world["erg"])
        for n in range(count):
            make_member(db, erg, make_person(db, f"P {n}").id, visibility=Visibility.NOBODY)


def band(world) -> Band | None:
    with writing() as db:
        return snapshots.bands(db, [world["erg"]]).get(world["erg"])


def test_the_band_counts_everybody_and_moves_only_at_a_monthly_snapshot(world) -> None:
    assert band(world) is None
    fill(world, 14)
    with clock.frozen(clock.parse_instant("2026-11-21T09:00Z")):
        take_snapshots()
        assert band(world) == Band(10, 24)
        fill(world, 30)
        take_snapshots()
        assert band(world) == Band(10, 24), "nothing moves before the next month"
    with clock.frozen(clock.parse_instant("2026-12-01T09:00Z")):
        take_snapshots()
        assert band(world) == Band(25, 49)


def test_a_confidential_membership_in_the_middle_of_a_band_is_not_seen_at_a_snapshot(world) -> None:
    fill(world, 14)
    seen = []
    for month, more in ((11, 0), (12, 1)):
        with clock.frozen(clock.parse_instant(f"2026-{month}-05T09:00Z")):
            fill(world, more)
            take_snapshots()
            seen.append(band(world))
    assert seen[0] == seen[1] == Band(10, 24)


# pages


def test_promises_are_read_by_everyone_and_kept_by_two(browser, people, write) -> None:
    with write() as db:
        erg = make_erg(db, "women", lead=people["dalia"])
        make_role(db, erg, people["kai"], RoleName.SPONSOR)
    soon = (clock.now().date() + timedelta(days=3)).isoformat()
    kai = browser("kai").get("/ergs/women/sponsor/")
    kai.submit("Promise", kind="hours", due_on=soon)
    assert kai.status == 422 and kai.has("Enter between 1 and 80 hours.")
    kai.get("/ergs/women/sponsor/").submit("Promise", kind="hours", hours="4", due_on=soon)
    assert kai.has("4 hours a month for the group")
    assert kai.get("/").has("You promised something. Did you keep it?")
    kai.get("/ergs/women/sponsor/").submit("Save", to="not_kept", note="")
    assert kai.status == 422 and kai.has("Please say in a sentence why it was not kept.")
    kai.get("/ergs/women/sponsor/").submit("Save", to="not_kept", note="A long illness")
    assert kai.has("Noted. A lead confirms it.") and kai.has("Undo")
    bo = browser("bo").get("/ergs/women/sponsor/")
    assert bo.has("Not kept") and bo.has("A long illness") and bo.has("Not confirmed yet")
    dalia = browser("dalia").get("/ergs/desk/")
    assert dalia.has("Says about a promise: Not kept")
    dalia.get("/ergs/women/sponsor/").submit("Confirm")
    assert dalia.has("Confirmed by a lead")
    assert kai.get("/ergs/women/sponsor/brief").has("There are no names in it")
    assert bo.get("/ergs/women/sponsor/brief").status == 403


def test_directory_and_page_of_a_sensitive_group_show_the_band(app, people, write) -> None:
    with write() as db:
        erg = make_erg(db, "pride", lead=people["dalia"], says_sensitive=True)
        take_snapshot(db, erg.id)
        take_snapshot(db, make_erg(db, "women", lead=people["dalia"]).id)
    bo = Browser(app).sign_in("bo@t.example")
    assert bo.get("/ergs/").text.count("Fewer than 10 members") == 1
    assert bo.get("/ergs/pride/").has("Fewer than 10 members")
    assert not bo.get("/ergs/women/").has("Fewer than 10 members")


def test_the_accountability_page_costs_the_same_with_many_rows(app, people, queries, write) -> None:
    with write() as db:
        erg = make_erg(db, "women", lead=people["dalia"])
        make_role(db, erg, people["kai"], RoleName.SPONSOR)
        erg_id = erg.id
    kai = Browser(app).sign_in("kai@t.example")
    for path in ("/ergs/women/sponsor/", "/ergs/women/sponsor/brief"):
        kai.get(path)
        with queries() as few:
            kai.get(path)
        with write() as db:
            for n in range(20):
                verbs.commit_to(
                    db,
                    people["kai"],
                    erg_id=erg_id,
                    kind=CommitmentKind.OTHER,
                    text=f"Promise {n}",
                    due_on=clock.now().date() + timedelta(days=n),
                )
        with queries() as many:
            kai.get(path)
        assert len(few) == len(many) <= 8, "\n".join(many)
