"""Health as its readers use it: frozen, shielded, explained, and taken away as files."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import openpyxl
import pytest
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.core import clock
from app.core.database import reading
from app.ergs.models import ErgSnapshot, Membership
from app.ergs.rules import Discovery, MembershipState, RoleName, Visibility
from app.events.agenda.health import reach
from app.events.models import Rsvp
from app.events.rules import Mode, RsvpState
from app.health import jobs, queries
from app.health.models import HealthSnapshot
from app.health.registry import efforts, figures
from app.health.rules import MINUTES, Cell, Kind, Measure, months_due
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member, make_role
from tests.factories.events import make_event
from tests.factories.health import freeze_past, make_snapshot
from tests.factories.posts import make_sent

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
ROLES = {"farid": ("org_admin",), "grace": ("hr_analyst",)}


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": NOW.isoformat()}


@pytest.fixture
def world(write):
    """Women (open), safe (sensitive), quiet (hidden), led by Dalia; Kai sponsors women."""
    with write() as db:
        ids = {
            n: make_person(db, f"{n.title()} Test", f"{n}@t.example", PASSWORD, ROLES.get(n, ())).id
            for n in ("bo", "dalia", "kai", "farid", "grace")
        }
        traits = {
            "women": {"roster": Visibility.COMPANY},
            "safe": {"says_sensitive": True},
            "quiet": {"discovery": Discovery.HIDDEN},
        }
        for slug, more in traits.items():
            erg = make_erg(db, slug, lead=ids["dalia"], name=f"{slug.title()} Network", **more)
            ids[slug] = erg.id
        make_role(db, make_erg_of(db, ids["women"]), ids["kai"], RoleName.SPONSOR)
        return ids


def make_erg_of(db, erg_id):
    from app.ergs.models import Erg

    return db.get(Erg, erg_id)


def fill(db, erg_id, months_ago: list[int], visibility=Visibility.COMPANY) -> list[Membership]:
    """Members who came on the tenth of a month so many months ago."""
    erg, rows = make_erg_of(db, erg_id), []
    for n, ago in enumerate(months_ago):
        row = make_member(
            db, erg, make_person(db, f"P {visibility} {ago} {n}").id, visibility=visibility
        )
        row.began_at = NOW - timedelta(days=30 * ago + 11)
        rows.append(row)
    db.flush()
    return rows


def snapshots(app, erg_id) -> list[HealthSnapshot]:
    rows = select(HealthSnapshot).where(HealthSnapshot.erg_id == erg_id)
    with app.app_context():
        return list(reading().scalars(rows.order_by(HealthSnapshot.month)))


def cells(row: HealthSnapshot) -> dict[str, Cell]:
    return {key: Cell.of_kept(kept) for key, kept in row.figures.items()}


def test_each_complete_month_is_frozen_once(app, world, context) -> None:
    assert months_due(None, date(2026, 11, 21))[0] == date(2025, 11, 1)
    jobs.freeze_months()
    first = [(row.id, row.month, row.frozen_at) for row in snapshots(app, world["women"])]
    assert [m for _, m, _ in first][-1] == date(2026, 10, 1) and len(first) == 12
    with clock.frozen(NOW + timedelta(days=3)):
        jobs.freeze_months()
    assert [(row.id, row.month, row.frozen_at) for row in snapshots(app, world["women"])] == first
    with clock.frozen(NOW + timedelta(days=12)):
        jobs.freeze_months()
    assert len(snapshots(app, world["women"])) == 13


def test_months_are_pooled_until_enough_people_moved(app, world, write, context) -> None:
    with write() as db:
        fill(db, world["women"], [12] * 20 + [5, 4, 4] + [2] * 6)
    with write() as db:
        freeze_past(db, 11)
    closed = [row for row in snapshots(app, world["women"]) if row.is_closed]
    assert all(cells(r)["members"].kind is Kind.EXACT for r in closed)
    counts = [row.members for row in closed]
    steps = {b - a for a, b in pairwise(counts)}
    assert steps <= {0, 9}, "three people never show; nine together do"
    pooled = next(row for row in closed if cells(row).get("joined") == Cell(Kind.EXACT, 9))
    assert pooled.since < pooled.month and cells(pooled)["left"] == Cell(Kind.EXACT, 0)


def test_confidential_members_of_open_groups_are_counted_nowhere(
    app, world, write, context
) -> None:
    with write() as db:
        fill(db, world["women"], [12] * 20)
        freeze_past(db, 2)
    before = [row.figures for row in snapshots(app, world["women"])]
    with write() as db:
        for row in db.scalars(select(HealthSnapshot)):
            db.delete(row)
        fill(db, world["women"], [12, 3, 1], Visibility.NOBODY)
        db.flush()
        freeze_past(db, 2)
    assert [row.figures for row in snapshots(app, world["women"])] == before


def test_sensitive_groups_show_bands_and_nothing_moves_between_snapshots(app, world, write) -> None:
    with write() as db:
        fill(db, world["safe"], [12] * 30, Visibility.NOBODY)
        db.add(ErgSnapshot(erg_id=world["safe"], taken_on=date(2026, 10, 1), low=25, high=49))
        db.flush()
        freeze_past(db, 2)
    newest = snapshots(app, world["safe"])[-1]
    people = {k: c for k, c in cells(newest).items() if k != "role_coverage"}
    assert people["members"] == Cell(Kind.BAND, low=25, high=49)
    assert all(cell.kind is not Kind.EXACT for cell in people.values()) and newest.members == 0
    assert not {"joined", "left"} & set(people)
    dalia = Browser(app).sign_in("dalia@t.example")
    before = dalia.get("/ergs/safe/health/").text
    assert "25 to 49" in before
    with write() as db:
        fill(db, world["safe"], [2] * 9, Visibility.NOBODY)
    assert dalia.get("/ergs/safe/health/").text == before


@pytest.mark.parametrize("slug", ["women", "safe"])
def test_who_may_look(app, world, write, slug) -> None:
    with write() as db:
        make_snapshot(db, make_erg_of(db, world[slug]))
    allowed = {"dalia", "farid", "grace"} | ({"kai"} if slug == "women" else set())
    for name in ("bo", "dalia", "kai", "farid", "grace"):
        who = Browser(app).sign_in(f"{name}@t.example")
        for end in ("/", ".csv", ".xlsx"):
            status = who.get(f"/ergs/{slug}/health{end}").status
            assert (status == 200) is (name in allowed) and status in (200, 403), (name, end)
            both = who.get(f"/manage/health{end}").status
            assert (both == 200) is (name in ("farid", "grace")), (name, end)


def test_a_hidden_group_is_absent_for_analysts_in_pages_and_files(app, world, write) -> None:
    with write() as db:
        for slug in ("women", "quiet"):
            make_snapshot(db, make_erg_of(db, world[slug]))
    grace = Browser(app).sign_in("grace@t.example")
    assert grace.get("/ergs/quiet/health/").status == 404
    assert grace.get("/ergs/quiet/health.csv").status == 404
    assert grace.get("/manage/health/").has("Women Network") and not grace.has("Quiet Network")
    assert "Quiet" not in grace.client.get("/manage/health.csv").get_data(as_text=True)
    farid = Browser(app).sign_in("farid@t.example")
    assert farid.get("/manage/health/").has("Quiet Network")


def test_every_figure_says_formula_denominator_number_and_date(app, world, write) -> None:
    with write() as db:
        for month, n in ((8, 40), (9, 45), (10, 52)):
            make_snapshot(db, make_erg_of(db, world["women"]), date(2026, month, 1), n)
    dalia = Browser(app).sign_in("dalia@t.example").get("/ergs/women/")
    dalia.click("Health")
    assert dalia.url == "/ergs/women/health/"
    assert dalia.has("52") and dalia.has("October 2026") and dalia.has("Frozen on")
    assert dalia.has("Everybody who belongs on the last day of the period.")
    assert dalia.has("Show as a table") and "<polyline" in dalia.html
    dalia.click("Active share")
    assert dalia.has("10 of 52") and dalia.has("19%")
    assert dalia.has("Members at the end of the period.")


def test_a_group_without_figures_says_when_they_come(app, world) -> None:
    dalia = Browser(app).sign_in("dalia@t.example").get("/ergs/women/health/")
    assert dalia.has("No figures yet") and dalia.has("at least five people")


def test_what_is_too_small_is_left_out_of_page_chart_and_files(app, world, write) -> None:
    with write() as db:
        erg = make_erg_of(db, world["women"])
        make_snapshot(db, erg, date(2026, 9, 1), joined=Cell(Kind.HIDDEN))
        make_snapshot(db, erg, date(2026, 10, 1), joined=Cell(Kind.EXACT, 6))
    dalia = Browser(app).sign_in("dalia@t.example").get("/ergs/women/health/?figure=joined")
    assert dalia.has("6") and dalia.has("Too few to show")
    lines = csv.DictReader(
        io.StringIO(dalia.client.get("/ergs/women/health.csv").get_data().decode("utf-8-sig"))
    )
    joined = [line for line in lines if line["Figure"] == "Joined"]
    assert [(line["Shown as"], line["Number"]) for line in joined] == [
        ("Too few to show", ""),
        ("6", "6"),
    ]
    book = openpyxl.load_workbook(
        io.BytesIO(dalia.client.get("/ergs/women/health.xlsx").get_data())
    )
    values = [[c.value for c in row] for row in book.active.iter_rows()]
    assert [row[5] for row in values if row[0] == "Joined"] == [None, 6]


def test_taking_a_file_leaves_one_line_in_the_audit_log(app, world, write) -> None:
    with write() as db:
        make_snapshot(db, make_erg_of(db, world["women"]))
    dalia = Browser(app).sign_in("dalia@t.example")
    dalia.get("/ergs/women/health/")
    dalia.client.get("/ergs/women/health.csv")
    with app.app_context():
        rows = reading().scalars(select(AuditEvent).where(AuditEvent.verb == "export_health")).all()
    assert [(row.actor_id, row.subject_id) for row in rows] == [(world["dalia"], world["women"])]


def test_groups_are_compared_figure_by_figure_searched_and_added_up(app, world, write) -> None:
    with write() as db:
        make_snapshot(db, make_erg_of(db, world["women"]), members=40)
        make_snapshot(db, make_erg_of(db, world["safe"]))
        make_snapshot(db, make_erg_of(db, world["quiet"]), members=20)
    farid = Browser(app).sign_in("farid@t.example").get("/manage/health/")
    assert farid.has("together: 40") and farid.has("25 to 49")
    assert farid.get("/manage/health/?figure=active_share").has("10 of 40")
    assert farid.get("/manage/health/?q=wom").has("Women Network") and not farid.has("Safe Network")
    assert farid.get("/manage/health/?q=zebra").has("No group found")


@pytest.mark.parametrize("path", ["/ergs/women/health/", "/manage/health/"])
def test_a_page_costs_at_most_eight_statements(app, world, write, queries, path) -> None:
    with write() as db:
        make_snapshot(db, make_erg_of(db, world["women"]))
        make_role(db, make_erg_of(db, world["women"]), world["farid"], RoleName.SPONSOR)
    farid = Browser(app).sign_in("farid@t.example")
    farid.get(path)
    with queries() as few:
        farid.get(path)
    with write() as db:
        for n in range(30):
            make_snapshot(db, make_erg(db, f"group-{n}", lead=world["dalia"]))
        for month in range(1, 10):
            make_snapshot(db, make_erg_of(db, world["women"]), date(2026, month, 1))
    with queries() as many:
        farid.get(path)
    assert len(few) == len(many) <= 8, "\n".join(many)


def test_retention_counts_from_what_was_published_a_year_before(app, world, write, context) -> None:
    with write() as db:
        rows = fill(db, world["women"], [14] * 24)
        for row in rows[:6]:
            row.state, row.ended_at = MembershipState.LEFT, NOW - timedelta(days=100)
    with write() as db:
        freeze_past(db, 13)
    newest = [row for row in snapshots(app, world["women"]) if row.is_closed][-1]
    assert cells(newest)["retention"] == Cell(Kind.EXACT, 18, 24)
    assert newest.members == 18, "the lead came this month, which is not over"


def test_lead_load_counts_todays_desk_and_only_today(app, world, write, context) -> None:
    with write() as db:
        erg = make_erg_of(db, world["women"])
        for n in range(8):
            make_member(db, erg, make_person(db, f"Asks {n}").id, state=MembershipState.REQUESTED)
    groups = [world["women"]]
    with clock.frozen(datetime(2026, 12, 1, 1, tzinfo=UTC)):
        recent = queries.lead_load(reading(), queries.window_of(groups, date(2026, 11, 1)))
        past = queries.lead_load(reading(), queries.window_of(groups, date(2026, 10, 1)))
    assert recent[world["women"]].denominator == 1 and past == {}


def test_reach_and_hours_count_what_the_groups_did(app, world, write, context) -> None:
    """Twelve members of whom six came, a confidential one and a guest who are not counted."""
    with clock.frozen(datetime(2026, 9, 1, 9, tzinfo=UTC)), write() as db:
        rows = fill(db, world["women"], [11] * 12)
        erg = make_erg_of(db, world["women"])
        hidden = make_person(db, "Hides").id
        make_member(db, erg, hidden, visibility=Visibility.NOBODY)
        event = make_event(db, erg, "Breakfast", starts_at=datetime(2026, 10, 10, 9, tzinfo=UTC))
        came = [row.person_id for row in rows[:6]] + [hidden, make_person(db, "Guest").id]
        for person_id in came:
            db.add(
                Rsvp(
                    occurrence_id=event.id,
                    person_id=person_id,
                    state=RsvpState.GOING,
                    mode=Mode.IN_PERSON,
                )
            )
        for row in rows[:4]:
            row.decided_at = datetime(2026, 10, 2, tzinfo=UTC)
        make_sent(db, erg, world["dalia"], "Hello", ago=timedelta(0))
    window = queries.window_of([world["women"]], date(2026, 10, 1))
    assert reach(reading(), window)[world["women"]] == Measure(6)
    done = {name: count(reading(), window) for name, count in efforts}
    assert {name: found.get(world["women"]) for name, found in done.items()} == {
        "decisions": 4,
        "dates": 1,
        "posts": 1,
    }
    assert set(done) == set(MINUTES)


def test_every_registered_figure_explains_itself() -> None:
    for name, figure in figures:
        assert str(figure.formula).endswith(".") and str(figure.denominator).endswith("."), name
