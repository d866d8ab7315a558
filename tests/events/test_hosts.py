"""Groups that host together: asking, answering, stepping down, and what stays unsaid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.core import clock
from app.core.database import writing
from app.core.errors import Refused
from app.core.policies import Actor
from app.ergs import queries as ergs
from app.ergs import services as groups
from app.ergs.models import Erg
from app.ergs.rules import Discovery, Region, Visibility
from app.events import queries, services
from app.events.models import Event, Occurrence
from app.events.rules import Audience, EventState, HostState, Reply
from tests.factories.accounts import make_person
from tests.factories.ergs import make_chapter, make_erg, make_member
from tests.factories.events import make_event, make_plan

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
START = NOW + timedelta(days=10)


class World:
    """Three groups with a lead each: an open one, another open one, and a hidden one."""

    def __init__(self) -> None:
        self.groups, self.leads = {}, {}
        with writing() as db:
            for slug, traits in (
                ("women", {}),
                ("parents", {"roster": Visibility.COMPANY}),
                ("quiet", {"discovery": Discovery.HIDDEN}),
                ("pride", {"says_sensitive": True}),
            ):
                self.leads[slug] = make_person(db, f"Lead of {slug}").id
                self.groups[slug] = make_erg(db, slug, lead=self.leads[slug], **traits).id
            self.bo = make_person(db, "Bo Colleague").id

    def event(self, host: str = "women", **traits) -> None:
        traits.setdefault("starts_at", START)
        with writing() as db:
            self.id = make_event(db, db.get(Erg, self.groups[host]), **traits).id

    def do(self, verb: str, who: str, group: str | None = None) -> None:
        more = {"erg_id": self.groups[group]} if group else {}
        with writing() as db:
            getattr(services, verb)(db, self.leads[who], occurrence_id=self.id, **more)

    def states(self) -> dict[str, HostState]:
        names = {erg_id: slug for slug, erg_id in self.groups.items()}
        with writing() as db:
            return {names[h.erg_id]: h.state for h in db.get(Occurrence, self.id).event.hosts}

    def belongs(self, person, group: str) -> None:
        with writing() as db:
            make_member(db, db.get(Erg, self.groups[group]), person)

    def sees(self, person) -> bool:
        with writing() as db:
            found = queries.occurrence_for(db, Actor(person_id=person), self.id) is not None
            event_id = db.get(Occurrence, self.id).event_id
            entitled = person in queries.entitled(db, event_id, [person])
        assert found == entitled, "what is found and who is admitted follow one rule"
        return found


@pytest.fixture
def world(context):
    with clock.frozen(NOW):
        yield World()


def test_a_group_joins_after_its_own_yes_and_its_leads_run_the_event(world) -> None:
    world.event(audience=Audience.MEMBERS)
    world.belongs(world.bo, "parents")
    assert not world.sees(world.bo)
    world.do("ask_host", "women", "parents")
    assert world.states()["parents"] is HostState.ASKED and not world.sees(world.bo)
    with pytest.raises(Refused, match="Only organizers"):
        world.do("postpone", "parents")
    with pytest.raises(Refused, match="Only leads of the group"):
        world.do("accept_host", "women", "parents")
    world.do("accept_host", "parents", "parents")
    assert world.sees(world.bo), "members of a host may come"
    world.do("postpone", "parents")


def test_a_yes_and_a_no_can_be_taken_back_for_ten_minutes(world) -> None:
    world.event()
    world.do("ask_host", "women", "parents")
    world.do("decline_host", "parents", "parents")
    world.do("reopen_host", "parents", "parents")
    assert world.states()["parents"] is HostState.ASKED
    world.do("accept_host", "parents", "parents")
    with clock.frozen(NOW + timedelta(minutes=11)), pytest.raises(Refused, match="step down"):
        world.do("reopen_host", "parents", "parents")


@pytest.mark.parametrize("came", [True, False])
def test_a_yes_taken_back_locks_nobody_out_who_answered_meanwhile(world, came) -> None:
    world.event(audience=Audience.MEMBERS)
    world.belongs(world.bo, "parents")
    world.do("ask_host", "women", "parents")
    world.do("accept_host", "parents", "parents")
    if came:
        with writing() as db:
            services.answer(db, world.bo, occurrence_id=world.id, reply=Reply.GOING)
    world.do("reopen_host", "parents", "parents")
    assert world.states()["parents"] is HostState.ASKED
    assert world.sees(world.bo) is came


def test_a_host_steps_down_without_locking_anybody_out_and_the_last_one_cannot(world) -> None:
    world.event(audience=Audience.MEMBERS)
    world.belongs(world.bo, "parents")
    world.do("ask_host", "women", "parents")
    world.do("accept_host", "parents", "parents")
    with writing() as db:
        services.answer(db, world.bo, occurrence_id=world.id, reply=Reply.GOING)
    world.do("step_down", "parents", "parents")
    assert world.states()["parents"] is HostState.LEFT
    assert world.sees(world.bo), "who may come before may come after"
    with pytest.raises(Refused, match="only group"):
        world.do("step_down", "women", "women")


def test_the_group_that_planned_it_may_leave_when_another_one_stays(world) -> None:
    world.event()
    world.do("ask_host", "women", "parents")
    world.do("accept_host", "parents", "parents")
    world.do("step_down", "women", "women")
    with writing() as db:
        assert db.get(Occurrence, world.id).event.first_host.id == world.groups["parents"]
    with pytest.raises(Refused, match="Only organizers"):
        world.do("postpone", "women")


def test_a_hidden_group_cannot_be_asked_by_whoever_does_not_know_it(world) -> None:
    world.event(published=False, audience=Audience.MEMBERS)
    with pytest.raises(Refused) as hidden:
        world.do("ask_host", "women", "quiet")
    world.groups["none"] = world.bo  # an id that is no group
    with pytest.raises(Refused) as absent:
        world.do("ask_host", "women", "none")
    assert (str(hidden.value), hidden.value.status) == (str(absent.value), absent.value.status)
    world.belongs(world.leads["women"], "quiet")
    world.do("ask_host", "women", "quiet")
    assert world.states()["quiet"] is HostState.ASKED


@pytest.mark.parametrize("group", ["quiet", "pride"])
def test_a_discreet_group_joins_only_before_anybody_could_see_the_event(world, group) -> None:
    """After that, what was shown before and after could be compared."""
    world.belongs(world.leads["women"], group)
    world.event(published=False, audience=Audience.MEMBERS)
    world.do("ask_host", "women", group)
    world.do("publish", "women")
    with pytest.raises(Refused, match="confidential group joins before"):
        world.do("accept_host", group, group)
    assert not _is_hidden(world)

    world.event(published=False, audience=Audience.MEMBERS, title="Second")
    world.do("ask_host", "women", group)
    world.do("accept_host", group, group)
    assert _is_hidden(world)
    world.do("publish", "women")
    for verb in ("step_down", "reopen_host"):
        with pytest.raises(Refused, match="confidential group"):
            world.do(verb, group, group)
    assert _is_hidden(world), "what was hidden when people answered stays hidden"


def _is_hidden(world) -> bool:
    with writing() as db:
        return db.get(Occurrence, world.id).event.is_hidden


def test_a_hidden_host_is_named_only_to_those_who_know_it(world) -> None:
    world.belongs(world.leads["women"], "quiet")
    world.event("women", published=False, audience=Audience.MEMBERS)
    world.do("ask_host", "women", "quiet")
    world.do("accept_host", "quiet", "quiet")
    with writing() as db:
        event = db.get(Occurrence, world.id).event
        stranger = ergs.standing_of(db, world.bo)
        assert [erg.slug for erg in queries.visible_hosts(event, stranger)] == ["women"]


def test_a_hidden_group_never_hosts_for_everyone(world) -> None:
    world.belongs(world.leads["women"], "quiet")
    world.event(published=False)
    world.do("ask_host", "women", "quiet")
    with pytest.raises(Refused, match="members only"):
        world.do("accept_host", "quiet", "quiet")


def test_invited_groups_come_and_discreet_ones_are_not_invited(world) -> None:
    world.event(audience=Audience.MEMBERS, published=False)
    world.belongs(world.bo, "parents")
    for group, reason in (("pride", "may be asked to host"), ("quiet", "no such group")):
        with pytest.raises(Refused, match=reason):
            world.do("invite_group", "women", group)
    world.do("invite_group", "women", "parents")
    world.do("publish", "women")
    assert world.sees(world.bo)
    with pytest.raises(Refused, match="only be opened to more"):
        world.do("uninvite_group", "women", "parents")


def test_chapters_narrow_a_host_and_widen_again(world) -> None:
    with writing() as db:
        women = db.get(Erg, world.groups["women"])
        lagos = make_chapter(db, women, "lagos", Region.AFRICA).id
        people = {name: make_person(db, name).id for name in ("In Lagos", "Elsewhere")}
        for name, person in people.items():
            row = make_member(db, women, person)
            if name == "In Lagos":
                _choose(db, row.id, lagos)
    world.event(audience=Audience.MEMBERS, chapters=frozenset({lagos}), published=False)
    world.do("publish", "women")
    assert world.sees(people["In Lagos"]) and not world.sees(people["Elsewhere"])
    with pytest.raises(Refused, match=r"Join the group|not for|for members"), writing() as db:
        services.answer(db, people["Elsewhere"], occurrence_id=world.id, reply=Reply.GOING)
    plan = make_plan(audience=Audience.MEMBERS, starts_at=START, chapters=frozenset())
    with writing() as db:
        changed = services.revise(db, world.leads["women"], occurrence_id=world.id, plan=plan)
    assert changed == {"chapters"} and world.sees(people["Elsewhere"])
    again = make_plan(audience=Audience.MEMBERS, starts_at=START, chapters=frozenset({lagos}))
    with pytest.raises(Refused, match="only be opened to more"), writing() as db:
        services.revise(db, world.leads["women"], occurrence_id=world.id, plan=again)


def test_leaving_a_chapter_gives_back_seats_and_places_in_line_as_leaving_a_group_does(
    world,
) -> None:
    """Otherwise the event would be gone for them, with a seat that they cannot give back."""
    with writing() as db:
        women = db.get(Erg, world.groups["women"])
        lagos, quito = (make_chapter(db, women, slug).id for slug in ("lagos", "quito"))
        people = [make_person(db, name).id for name in ("Ada", "Bea", "Cleo", "Dina")]
        for person in people:
            _choose(db, make_member(db, women, person).id, lagos)
    traits = {"audience": Audience.MEMBERS, "chapters": frozenset({lagos}), "published": False}
    world.event(**traits, seats_in_person=1)
    world.do("publish", "women")

    def states() -> list[str]:
        with writing() as db:
            rows = [queries.rsvp_of(db, world.id, person) for person in people]
            return [str(row.state) if row else "-" for row in rows]

    def belong(person, *chapters) -> None:
        with writing() as db:
            groups.show_to(
                db,
                person,
                erg_id=world.groups["women"],
                visibility=Visibility.LEADS,
                chapter_ids=chapters,
            )

    with writing() as db:
        for person in people[:3]:
            services.answer(db, person, occurrence_id=world.id, reply=Reply.GOING)
    assert states() == ["going", "waitlisted", "waitlisted", "-"]
    belong(people[0], lagos, quito)
    assert states()[0] == "going", "whoever only joins another one keeps the seat"
    belong(people[1], quito)
    assert states() == ["going", "withdrawn", "waitlisted", "-"]
    belong(people[0])
    assert states() == ["withdrawn", "withdrawn", "going", "-"]
    belong(people[0], lagos)
    with writing() as db:
        services.answer(db, people[0], occurrence_id=world.id, reply=Reply.GOING)
    assert states()[0] == "waitlisted", "who comes back asks again, as after leaving the group"


def _choose(db, membership_id, chapter_id) -> None:
    from app.ergs.models import MembershipChapter

    db.add(MembershipChapter(membership_id=membership_id, chapter_id=chapter_id))
    db.flush()


def test_a_published_event_for_everyone_is_not_closed_to_some(world) -> None:
    world.event()
    plan = make_plan(audience=Audience.MEMBERS, starts_at=START)
    with pytest.raises(Refused, match="only be opened to more"), writing() as db:
        services.revise(db, world.leads["women"], occurrence_id=world.id, plan=plan)
    with writing() as db:
        assert db.get(Occurrence, world.id).event.audience is Audience.COMPANY


def test_a_canceled_event_has_no_new_hosts(world) -> None:
    world.event()
    world.do("ask_host", "women", "parents")
    world.do("cancel", "women")
    with pytest.raises(Refused, match="over or canceled"):
        world.do("accept_host", "parents", "parents")
    with writing() as db:
        assert db.get(Event, db.get(Occurrence, world.id).event_id).state is EventState.CANCELED
