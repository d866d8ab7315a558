"""Numbers and small rules of relationships."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from app.mentoring.rules.states import AgreementState

TRIAL_DAYS = 7


MOST_STEPS = 6


LONGEST_PAUSE = timedelta(days=60)


def agreement_state(signers: int, people: int) -> AgreementState:
    """How far an agreement is signed by that many of the people."""
    if signers == 0:
        return AgreementState.DRAFT
    return AgreementState.SIGNED if signers == people else AgreementState.SIGNED_BY_SOME


def spoken(translations: Mapping[str, str], tag: str) -> tuple[str, str]:
    """The text in a language and the language it is in; English when there is no translation."""
    for wanted in (tag, tag.split("-")[0], "en"):
        if translations.get(wanted):
            return translations[wanted], wanted
    other = next(iter(translations), "en")
    return translations.get(other, ""), other
