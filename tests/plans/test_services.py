"""What the rules of plans and recommendations allow, and who is reminded when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.budgets.rules import Purpose
from app.core import clock, outbox
from app.core.database import writing
from app.core.errors import Refused
from app.core.outbox import Delivery, DeliveryState
from app.ergs import services as ergs
from app.ergs.rules import Visibility
from app.plans import services
from app.plans.models import Initiative, KeyResultUpdate
from app.plans.rules import InitiativeState, PlanState, RecommendationState
from app.plans.services import Aim, Measure, Plea
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.plans import make_initiative, make_plan, make_recommendation, make_result


@pytest.fixture
def world(context):
    with writing() as db:
        ids = {n: make_person(db, f"{n} Test").id for n in ("lead", "owner", "member", "boss")}
        erg = make_erg(db, "women", lead=ids["lead"])
        for name in ("owner", "member"):
            make_member(db, erg, ids[name], visibility=Visibility.NOBODY)
        yield db, ids, erg


def test_only_leads_plan_and_one_plan_a_year(world) -> None:
    db, ids, erg = world
    with pytest.raises(Refused, match="Only leads"):
        services.begin_plan(db, ids["member"], erg_id=erg.id, year=2027)
    services.begin_plan(db, ids["lead"], erg_id=erg.id, year=2027)
    with pytest.raises(Refused, match="already"):
        services.begin_plan(db, ids["lead"], erg_id=erg.id, year=2027)


def test_a_closed_plan_changes_no_more_until_it_is_opened_again(world) -> None:
    db, ids, erg = world
    plan = make_plan(db, erg)
    row = make_initiative(db, plan)
    services.move_plan(db, ids["lead"], plan_id=plan.id, to=PlanState.CLOSED)
    with pytest.raises(Refused, match="closed"):
        services.move_initiative(db, ids["lead"], initiative_id=row.id, to=InitiativeState.DONE)
    with pytest.raises(Refused, match="moved on"):
        services.move_plan(db, ids["lead"], plan_id=plan.id, to=PlanState.DRAFT)
    services.move_plan(db, ids["lead"], plan_id=plan.id, to=PlanState.AGREED)
    services.move_initiative(db, ids["lead"], initiative_id=row.id, to=InitiativeState.DONE)


def test_the_owner_notes_progress_other_members_do_not(world) -> None:
    db, ids, erg = world
    row = make_initiative(db, make_plan(db, erg), owner_id=ids["owner"])
    result = make_result(db, row)
    today = clock.now().date()
    with pytest.raises(Refused):
        services.note_progress(db, ids["member"], result_id=result.id, day=today, value=5)
    for days, value in ((3, 2.0), (0, 6.0), (1, 4.0)):
        services.note_progress(
            db, ids["owner"], result_id=result.id, day=today - timedelta(days), value=value
        )
    db.expire(result)
    assert result.current == 6.0 and [u.value for u in result.updates] == [6.0, 4.0, 2.0]
    with pytest.raises(Refused, match="future"):
        services.note_progress(
            db, ids["owner"], result_id=result.id, day=today + timedelta(1), value=9
        )
    assert len(db.scalars(select(KeyResultUpdate)).all()) == 3


def test_start_and_target_differ(world) -> None:
    db, _ids, erg = world
    row = make_initiative(db, make_plan(db, erg))
    with pytest.raises(Refused, match="same"):
        services.add_result(db, None, initiative_id=row.id, measure=Measure("x", 3.0, 3.0))


def test_whoever_leaves_the_group_owns_nothing_any_more(world) -> None:
    db, ids, erg = world
    row = make_initiative(db, make_plan(db, erg), owner_id=ids["owner"])
    ergs.leave(db, ids["owner"], erg_id=erg.id)
    assert db.get(Initiative, row.id).owner_id is None


def test_owners_belong(world) -> None:
    db, ids, erg = world
    plan = make_plan(db, erg)
    aim = Aim("Aim", Purpose.POLICY, owner_id=ids["boss"])
    with pytest.raises(Refused, match="from the list"):
        services.add_initiative(db, ids["lead"], plan_id=plan.id, aim=aim)


def test_only_whoever_is_asked_answers_and_may_take_it_back(world) -> None:
    db, ids, erg = world
    row = make_recommendation(db, erg, ids["boss"])

    def say(person, state, text):
        services.answer(db, person, recommendation_id=row.id, state=state, text=text)
        db.expire(row)

    with pytest.raises(Refused, match="Only the person"):
        say(ids["lead"], RecommendationState.DONE, "Done")
    say(ids["boss"], RecommendationState.ACCEPTED, "In May.")
    say(ids["boss"], RecommendationState.DONE, "Since May.")
    assert [a.text for a in row.said] == ["In May.", "Since May."]
    services.recall_answer(db, ids["boss"], recommendation_id=row.id)
    assert row.state is RecommendationState.ACCEPTED
    services.recall_answer(db, ids["boss"], recommendation_id=row.id)
    assert row.state is RecommendationState.OPEN and row.said == []
    with pytest.raises(Refused, match="no answer"):
        services.recall_answer(db, ids["boss"], recommendation_id=row.id)


def test_reminders_follow_the_person_and_the_day_and_end_with_the_answer(world) -> None:
    db, ids, erg = world
    row = make_recommendation(db, erg, ids["boss"])
    assert waiting(db, row) == {
        ("recommendation_asked", ids["boss"]),
        ("recommendation_reminder", ids["boss"]),
        ("recommendation_late", ids["boss"]),
    }
    plea = Plea(row.title, row.why, ids["owner"], row.due_on)
    services.change(db, ids["lead"], recommendation_id=row.id, plea=plea)
    assert {person for _kind, person in waiting(db, row)} == {ids["owner"]}
    services.withdraw(db, ids["lead"], recommendation_id=row.id)
    assert waiting(db, row) == set()
    services.restore(db, ids["lead"], recommendation_id=row.id)
    assert len(waiting(db, row)) == 3
    services.answer(
        db,
        ids["owner"],
        recommendation_id=row.id,
        state=RecommendationState.DECLINED,
        text="The law forbids it.",
    )
    assert waiting(db, row) == {("recommendation_answered", ids["lead"])}


def waiting(db, row) -> set:
    rows = db.scalars(
        select(Delivery).where(
            Delivery.subject_id == row.id, Delivery.state == DeliveryState.PENDING
        )
    )
    return {
        (one.kind, one.person_id) for one in rows if outbox.kinds[one.kind].wanted(db, one) is None
    }


def test_messages_name_neither_the_group_nor_the_subject(world) -> None:
    db, ids, erg = world
    row = make_recommendation(db, erg, ids["boss"], "Secret subject")
    for one in db.scalars(select(Delivery).where(Delivery.subject_id == row.id)):
        said = outbox.kinds[one.kind].message(db, one, None)
        text = " ".join((said.subject, *said.lines, said.link))
        assert "Women" not in text and "women" not in text and "Secret" not in text
