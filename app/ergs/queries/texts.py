"""A group's words, and a group about to change its state, as addresses name them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.core.locale import LANGUAGES
from app.core.policies import Actor
from app.ergs.models import Erg, ErgText
from app.ergs.queries.groups import erg_for
from app.ergs.rules import ErgState

WRITTEN_IN = tuple(tag for tag in LANGUAGES if tag != "en-XA")


@dataclass(frozen=True, slots=True)
class Writing:
    """A group and the language in which it is being written."""

    erg: Erg
    locale: str

    @property
    def own(self) -> ErgText | None:
        """What is written in this language."""
        return next((t for t in self.erg.texts if t.locale == self.locale), None)


def writing_for(db: Session, actor: Actor, slug: str, locale: str) -> Writing | None:
    """A group that the actor may see, in a language that there is."""
    erg = erg_for(db, actor, slug)
    return Writing(erg, locale) if erg is not None and locale in WRITTEN_IN else None


@dataclass(frozen=True, slots=True)
class Turn:
    """A group and the state it is about to enter."""

    erg: Erg
    to: ErgState


def turn_for(db: Session, actor: Actor, slug: str, to: str) -> Turn | None:
    """A group that the actor may see, about to start, rest or wake."""
    erg = erg_for(db, actor, slug)
    is_state = to in (ErgState.ACTIVE, ErgState.DORMANT)
    return Turn(erg, ErgState(to)) if erg is not None and is_state else None
