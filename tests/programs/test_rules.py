"""States are tables: every state is reachable, ends are ends, and weights sum to one hundred."""

from __future__ import annotations

import pytest

from app.matching.types import Rule
from app.mentoring.rules import TRANSITIONS as PAIR_TABLES
from app.programs import labels
from app.programs.feed import rule_of
from app.programs.questions import QUESTIONS
from app.programs.rules import TRANSITIONS, OfferState, may_move, rescaled
from app.programs.templates import TEMPLATES

FINAL = {
    "archived",
    "canceled",
    "completed",
    "removed",
    "published",
    "discarded",
    "accepted",
    "declined",
    "withdrawn",
    "superseded",
    "recalled",
    "done",
    "confirmed",
    "retired",
    "carried_over",
    "expired",
    "closed",
    "refused",
}
ALL = {**TRANSITIONS, **PAIR_TABLES}


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_state_stands_in_its_table_and_only_ends_lead_nowhere(kind):
    table = ALL[kind]
    assert set(table) == set(kind)
    dead = {state.value for state, following in table.items() if not following}
    assert dead <= FINAL, dead
    assert all(state not in following for state, following in table.items())


def test_an_answered_offer_never_opens_again():
    for state in (OfferState.ACCEPTED, OfferState.DECLINED, OfferState.SUPERSEDED):
        assert not any(may_move(state, after, TRANSITIONS) for after in OfferState)


@pytest.mark.parametrize("key", TEMPLATES)
def test_the_preferences_of_every_template_weigh_one_hundred_and_have_their_questions(key):
    template = TEMPLATES[key]
    rules = [rule_of(stored) for stored in template.rules()["rules"]]
    prefer = [rule for rule in rules if rule.kind == "prefer"]
    assert sum(rule.weight for rule in prefer) == pytest.approx(100, abs=0.01)
    asked = set(template.questions)
    answered = {rule.mentee for rule in prefer} & set(QUESTIONS)
    assert answered <= asked and isinstance(rules[0], Rule)
    assert {rule.label for rule in rules if rule.kind == "forbid"} >= {"Reporting line"}


def test_weights_are_rescaled_over_the_factors_at_hand():
    assert rescaled({"a": 3, "b": 1}) == {"a": 75, "b": 25} and rescaled({}) == {}


def test_every_state_has_words():
    for kind, words in labels.STATES.items():
        assert set(words) == set(kind)
