"""What somebody else would see of a group, asked of the very functions that decide."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from app.core import clock
from app.core.policies import Actor, inside
from app.ergs import policies, queries
from app.ergs.forms.words import VISIBILITIES
from app.ergs.models import Erg
from app.ergs.queries import Standing
from app.ergs.rules import (
    ErgState,
    MembershipState,
    Persona,
    RoleName,
    Switches,
    Viewer,
    Visibility,
    first_state,
    is_visible,
    switches_of,
)

NOBODY_REAL = UUID(int=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that somebody would see, or would not."""

    text: str
    is_open: bool


def seen_as(db: Session, erg: Erg, persona: Persona, switches: Switches) -> list[Line]:
    """The group under these switches through the eyes of a persona; a draft as if it had begun."""
    actor, mine = _pretend(erg, persona)
    with _as_if(erg, switches), _standing_there(db, actor, mine):
        opens = policies.may_see(actor, erg) and queries.is_open_to(erg, actor, mine)
        if not opens:
            return [Line(_("For this person the group does not exist."), False)]
        return [*_doors(erg, actor, mine), *_names(erg, mine), *_work(erg, actor)]


def _pretend(erg: Erg, persona: Persona) -> tuple[Actor, Standing]:
    belongs = {erg.id: MembershipState.ACTIVE}
    actors = {
        Persona.STRANGER: Actor(person_id=NOBODY_REAL, is_external=True),
        Persona.ADMIN: Actor(person_id=NOBODY_REAL, roles=frozenset({"org_admin"})),
    }
    standings = {
        Persona.MEMBER: Standing(belongs),
        Persona.LEAD: Standing(belongs, {erg.id: frozenset({RoleName.LEAD})}),
        Persona.SPONSOR: Standing({}, {erg.id: frozenset({RoleName.SPONSOR})}),
    }
    return actors.get(persona, Actor(person_id=NOBODY_REAL)), standings.get(persona, Standing())


@contextmanager
def _as_if(erg: Erg, switches: Switches) -> Iterator[None]:
    """The group wears other switches for a moment; nothing is ever written from here."""
    held, state = switches_of(erg), erg.state
    _wear(erg, switches, ErgState.ACTIVE if state is ErgState.DRAFT else state)
    try:
        yield
    finally:
        _wear(erg, held, state)


def _wear(erg: Erg, switches: Switches, state: ErgState) -> None:
    for name in Switches.__slots__:
        set_committed_value(erg, name, getattr(switches, name))
    set_committed_value(erg, "state", state)


@contextmanager
def _standing_there(db: Session, actor: Actor, mine: Standing) -> Iterator[None]:
    """Policies ask where the actor stands; for the invented person this is the answer."""
    key = ("standing", actor.person_id)
    db.info[key] = mine
    try:
        yield
    finally:
        del db.info[key]


def _doors(erg: Erg, actor: Actor, mine: Standing) -> Iterator[Line]:
    listed = inside(actor, None) and queries.is_listed_for(erg, actor, mine)
    yield Line(
        _("Finds the group in the directory and by search.")
        if listed
        else _("Reaches the group only by its address."),
        listed,
    )
    if erg.id not in mine.member_of:
        yield _way_in(erg, actor)
    yield Line(
        _("Sees no number of members.")
        if erg.is_sensitive
        else _("Sees how many show their name."),
        not erg.is_sensitive,
    )
    yield Line(
        _("Reads neutral words in mails and calendars, without the group’s name.")
        if erg.is_discreet
        else _("Reads the group’s name in calendars."),
        not erg.is_discreet,
    )


def _way_in(erg: Erg, actor: Actor) -> Line:
    if not policies.may_join(actor, erg):
        return Line(_("Cannot join at the moment."), False)
    first = first_state(erg.admission, was_invited=False, left_at=None, now=clock.now())
    texts = {
        MembershipState.ACTIVE: _("Can join at once."),
        MembershipState.REQUESTED: _("Can ask to join; a lead answers."),
        None: _("Can join only when invited."),
    }
    return Line(texts[first], first is not None)


def _names(erg: Erg, mine: Standing) -> Iterator[Line]:
    viewer = mine.viewer(erg.id)
    for own, words in reversed(VISIBILITIES.items()):
        is_open = is_visible(erg.roster, own, viewer)
        yield Line(
            _("Sees the name of a member who chose “%(choice)s”.", choice=words)
            if is_open
            else _("Does not see a member who chose “%(choice)s”.", choice=words),
            is_open,
        )


def _work(erg: Erg, actor: Actor) -> Iterator[Line]:
    if policies.may_lead(actor, erg):
        yield Line(
            _("Answers requests to join, with names where the person allows it.")
            if is_visible(erg.roster, Visibility.COMPANY, Viewer.LEAD)
            else _("Answers requests to join, all of them under an alias."),
            True,
        )
    if policies.may_shape(actor, erg):
        yield Line(_("Edits the words, the switches and the chapters."), True)
    if policies.may_move(actor, erg):
        yield Line(_("May let the group rest, or archive it."), True)
