"""What must have happened for a few pages to be shown: to be added to the world of addresses."""

from __future__ import annotations

from io import BytesIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import services as accounts
from app.accounts.models import PasswordReset, PeopleImport, Person
from app.accounts.queries.resets import reset_token
from app.accounts.rules import ImportState, RowChange
from app.accounts.services import imports
from app.core import clock
from app.elections.rules import ElectionState
from app.ergs.models import Erg
from app.ergs.rules import RoleName
from app.events import services as events
from app.mentoring import links
from app.mentoring.models import Relationship, SponsorAction
from app.mentoring.rules.states import ClosingReason
from app.programs.models import Candidate, SignUpSheet
from app.programs.rules import CohortState, Format
from app.programs.sheets import guesses
from tests.contracts.access_world import Scenes
from tests.factories.elections import make_election
from tests.factories.ergs import make_erg, make_member, make_role
from tests.factories.events import make_event
from tests.factories.mentoring import make_pair, plan_session
from tests.factories.programs import make_cohort
from tests.factories.risks import ask_whether_still_going


def add_to(db: Session, scenes: Scenes) -> None:
    """Something over, something put off, something answered by a link."""
    star = {p.email.split("@")[0]: p for p in db.scalars(select(Person)) if p.email}
    women = db.scalars(select(Erg).where(Erg.slug == "women")).one()
    put_off = make_event(db, women, "Put off")
    events.postpone(db, star["dalia"].id, occurrence_id=put_off.id)
    scenes["events"]["put off"] = {"occurrence_id": put_off.id}
    scenes["elections"]["certified"] = _certified(db, star)
    scenes["mentoring"] |= _relationships(db, scenes, star["bo"], star["chen"])
    scenes["accounts"]["forgotten"] = {"token": _forgotten(db, star["bo"])}
    scenes["admin"]["checked"] = _checked(db, scenes)
    proposed = db.scalars(select(Candidate).limit(1)).one()
    solved = {"run_id": proposed.run_id, "mentee_id": proposed.mentee_id}
    scenes["programs"]["solved"] = solved
    sheet = db.get_one(SignUpSheet, scenes["programs"]["open"]["sheet_id"])
    sheet.headers, sheet.rows = ["Name", "Role"], [["Ada", "mentor"], ["Bo", "mentee"]]
    sheet.mapping = guesses(sheet.headers, sheet.rows)


def _checked(db: Session, scenes: Scenes) -> dict[str, object]:
    """An import that was looked through; the one that the world has gets a file."""
    row = db.get_one(PeopleImport, scenes["admin"]["own"]["import_id"])
    row.stored_as = imports.keep_file(BytesIO(b"Email,Name\nada@demo.example,Ada\n"))
    mapping = imports.propose(imports.path_of(row), clock.now().date()).mapping
    checked = PeopleImport(
        file_name="people.csv", stored_as=row.stored_as, mapping=mapping.as_json()
    )
    counts = dict.fromkeys(["rows", "added_left", "managers", *RowChange], 1)
    checked.created_by = row.created_by
    checked.state, checked.report = ImportState.CHECKED, {"counts": counts}
    db.add(checked)
    db.flush()
    return {"import_id": checked.id}


def _certified(db: Session, star: dict[str, Person]) -> dict[str, object]:
    erg = make_erg(db, "well-chosen", lead=star["dalia"].id)
    make_member(db, erg, star["elena"].id)
    make_role(db, erg, star["bo"].id, RoleName.MODERATOR)
    signers = [star["dalia"].id, star["bo"].id]
    counted = make_election(
        db, erg, ElectionState.COUNTED, candidates=[star["elena"].id], signers=signers
    )
    return {"slug": erg.slug, "election_id": counted.id}


def _relationships(db: Session, scenes: Scenes, mentee: Person, mentor: Person) -> Scenes:
    over = make_pair(db, mentee, mentor, make_cohort(db, CohortState.ACTIVE, title="Over"))
    reverse = make_pair(db, mentee, mentor, make_cohort(db, CohortState.ACTIVE, title="Reverse"))
    line = db.get_one(SponsorAction, scenes["mentoring"]["sponsored"]["action_id"])
    going = db.get_one(Relationship, scenes["mentoring"]["pair"]["relationship_id"])
    nudge = ask_whether_still_going(db, going)
    met = plan_session(db, going)
    over.closing_reason, over.closed_at = ClosingReason.COMPLETED, clock.now()
    reverse.format = Format.REVERSE
    return {
        "over": {"relationship_id": over.id},
        "reverse": {"relationship_id": reverse.id},
        "sponsorship": {"relationship_id": line.relationship_id},
        "still asked": {"token": links.still_token(nudge.id, nudge.person_id)},
        "met": {"token": links.token(met.id, mentee.id, met.revision)},
    }


def _forgotten(db: Session, person: Person) -> str:
    accounts.request_reset(db, email=person.email or "")
    asked = db.scalars(select(PasswordReset).where(PasswordReset.person_id == person.id)).one()
    return reset_token(asked.id)
