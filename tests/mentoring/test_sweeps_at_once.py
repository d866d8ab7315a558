"""What is brought back while a sweep deletes is there afterwards."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.core import clock
from app.core.database import hold, reading, writing
from app.mentoring.models import Note, PairMessage, SponsorAction
from app.mentoring.rules.sponsorship import SponsorAct
from app.mentoring.services import messages, notes, sponsoring
from tests.factories.mentoring import make_note, make_pair


def written(db, pair, model):
    """Something of this kind that was deleted just now, and the sweep that takes it for good."""
    who, here = pair.members[0].person_id, {"relationship_id": pair.id}
    if model is Note:
        row, sweep = make_note(db, pair, "Words"), notes.purge
        notes.delete_note(db, who, note_id=row.id)
    elif model is PairMessage:
        row = messages.send(db, who, text="Words", key="once", **here)
        messages.delete(db, who, message_id=row.id)
        sweep = messages.wipe_deleted
    else:
        pair.sponsorship_opened_at, day = clock.now(), clock.now().date()
        done = {"act": SponsorAct.NOMINATED, "acted_on": day, "whom": "Words"}
        row, sweep = sponsoring.note_action(db, who, **here, **done), sponsoring.wipe_removed
        sponsoring.remove_action(db, who, action_id=row.id)
    return row.id, sweep


@pytest.mark.parametrize("model", [Note, PairMessage, SponsorAction])
def test_what_comes_back_at_the_last_moment_is_not_taken(app, context, eventually, model):
    with writing() as db:
        row_id, sweep = written(db, make_pair(db), model)

    late = clock.now() + timedelta(days=31)

    def run():
        with app.app_context(), clock.frozen(late), writing() as db:
            sweep(db)

    sweeping = threading.Thread(target=run)
    with writing() as db:
        row = hold(db, model, row_id)
        row.deleted_at = row.removed_at = None
        db.flush()
        sweeping.start()
        if db.get_bind().dialect.name == "postgresql":  # it waits for the same row
            eventually(lambda: db.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))
    sweeping.join()
    kept = reading().get_one(model, row_id)
    assert "Words" in (getattr(kept, "text", ""), getattr(kept, "whom", ""))
