"""What a group talks about next: propose, tick, and read what was chosen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import flask
from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.core.walls import wall_of
from app.mentoring.forms.circles import RoundForm, TopicForm
from app.mentoring.group_policies import may_take_part, may_withdraw_topic
from app.mentoring.models import Relationship, Topic, TopicRound
from app.mentoring.policies import may_open_workspace, may_work
from app.mentoring.queries import circles
from app.mentoring.queries.topics import former_topics, round_for, topic_for, vote_of
from app.mentoring.rules import LIVE
from app.mentoring.rules.circles import MOST_TOPICS, RoundState
from app.mentoring.services import topics as services
from app.mentoring.views.acting import found_pair, me
from app.mentoring.views.base import bp

PAGE, PART = "mentoring/topics.html", "mentoring/_topics.html"


@bp.get("/<uuid:relationship_id>/topics/")
@guarded_by(may_open_workspace, find=circles.group_for)
def topics(group: Relationship) -> flask.Response:
    """The vote under way, or what was chosen."""
    return page(PAGE, **_about(group))


def _about(group: Relationship, **forms: Any) -> dict[str, Any]:
    db, person_id, now = reading(), me(), clock.now()
    vote = vote_of(db, group.id, person_id)
    is_open = (
        vote is not None and vote.round.state is RoundState.OPEN and vote.round.closes_at > now
    )
    standing = vote.topics if vote else []
    week = wall_of(now + timedelta(days=7), current_actor().zone)
    return {
        "pair": group,
        "others": group.others(person_id),
        "names": {member.person_id: member.person for member in group.members},
        "vote": vote,
        "is_open": is_open,
        "chosen": next((topic for topic in standing if topic.is_winner), None),
        "former": former_topics(db, group.id, vote.round.id if vote else None),
        "people": len(circles.in_turn(group)),
        "has_left": MOST_TOPICS - sum(topic.proposer_id == person_id for topic in standing),
        "is_live": group.state in LIVE,
        "round_form": RoundForm(formdata=None, day=week.date(), at=week.replace(minute=0).time()),
        "topic_form": TopicForm(formdata=None),
        **forms,
    }


def _back(message: str, group_id: UUID, undo: str | None = None) -> Response:
    return done(
        message,
        to=url_for(".topics", relationship_id=group_id),
        fragment=PART,
        undo=undo,
        **_about(found_pair(group_id)),
    )


@bp.post("/<uuid:relationship_id>/topics/")
@guarded_by(may_work, find=circles.group_for)
def open_round(group: Relationship) -> Response:
    """Begin a vote."""
    form = RoundForm()
    if not form.validate_on_submit():
        return invalid(PAGE, fragment=PART, **_about(group, round_form=form))
    group_id, closes_at = group.id, form.closes_at
    with writing() as db:
        services.open_round(db, me(), relationship_id=group_id, closes_at=closes_at)
    return _back(_("The vote is open; everybody is told."), group_id)


@bp.post("/rounds/<uuid:round_id>/topics")
@guarded_by(may_take_part, find=round_for)
def propose_topic(row: TopicRound) -> Response:
    """Propose a topic."""
    form, round_id, group_id = TopicForm(), row.id, row.relationship_id
    if form.validate_on_submit():
        try:
            with writing() as db:
                topic = services.propose(db, me(), round_id=round_id, text=form.text.data)
                undo = url_for(".withdraw_topic", topic_id=topic.id)
            return _back(_("Your topic is on the list."), group_id, undo)
        except Refused as refused:
            form.text.errors = [str(refused)]
    return invalid(PAGE, fragment=PART, **_about(found_pair(group_id), topic_form=form))


@bp.post("/rounds/<uuid:round_id>/ballot")
@guarded_by(may_take_part, find=round_for)
def vote_on_topics(row: TopicRound) -> Response:
    """Tick what one likes."""
    round_id, group_id = row.id, row.relationship_id
    try:
        ticked = {UUID(value) for value in request.form.getlist("topic")}
    except ValueError:
        raise Refused(_("Choose from the topics of the list."), 422) from None
    with writing() as db:
        after = services.vote(db, me(), round_id=round_id, topics=ticked)
        is_closed = after.state is RoundState.CLOSED
    if is_closed:
        return _back(_("You were the last to vote. It is decided."), group_id)
    return _back(_("Your vote is kept. You can change it until the vote closes."), group_id)


@bp.post("/topics/<uuid:topic_id>/withdrawal")
@guarded_by(may_withdraw_topic, find=topic_for)
def withdraw_topic(topic: Topic) -> Response:
    """Take one's own topic off the list."""
    topic_id, group_id = topic.id, _group_of(topic)
    with writing() as db:
        services.set_withdrawn(db, me(), topic_id=topic_id, is_withdrawn=True)
    undo = url_for(".restore_topic", topic_id=topic_id)
    return _back(_("Your topic is off the list."), group_id, undo)


@bp.post("/topics/<uuid:topic_id>/restoration")
@guarded_by(may_withdraw_topic, find=topic_for)
def restore_topic(topic: Topic) -> Response:
    """Put it up again."""
    topic_id, group_id = topic.id, _group_of(topic)
    with writing() as db:
        services.set_withdrawn(db, me(), topic_id=topic_id, is_withdrawn=False)
    return _back(_("Your topic is on the list again."), group_id)


def _group_of(topic: Topic) -> UUID:
    return reading().get_one(TopicRound, topic.round_id).relationship_id
