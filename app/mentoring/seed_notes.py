"""What some pairs of the demo company wrote down: agendas of both, thoughts of one, and a draft."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock
from app.mentoring.models import Relationship
from app.mentoring.rules import GoalState, NoteScope, RelationshipState, Sharing
from app.mentoring.services import goals, notes, work
from app.programs.rules import Role

A, B = Role.MENTEE, Role.MENTOR
OWN, SHARED = NoteScope.OWN, NoteScope.SHARED
# Each note: for whom, and who saved which text how many days ago.
Script = Sequence[tuple[NoteScope, Sequence[tuple[Role, float, str]]]]
OF_BO: Script = (
    (
        SHARED,
        (
            (A, 141.0, "For Thursday\n- what went well in the planning round"),
            (
                B,
                140.6,
                "For Thursday\n- what went well in the planning round\n"
                "- who was not heard, and why",
            ),
            (
                A,
                139.2,
                "For Thursday\n- what went well in the planning round\n"
                "- who was not heard, and why\n\nNext time: I ask the quiet ones first.",
            ),
        ),
    ),
    (OWN, ((A, 100.0, "Ten minutes on stage. What do I want them to do on Friday morning?"),)),
)
OF_CHEN: Script = (
    (
        SHARED,
        (
            (B, 43.0, "Books we mentioned\n- The Fearless Organization"),
            (A, 42.5, "Books we mentioned\n- The Fearless Organization\n- Turn the Ship Around!"),
        ),
    ),
    (OWN, ((B, 12.2, "聞くより待つ。黙っていると、自分で答えを見つけてくれる。"),)),
)
IN_SPANISH: Script = (
    (
        SHARED,
        (
            (A, 15.3, "Mi red\n- huecos: finanzas, fábrica de Vigo"),
            (B, 14.9, "Mi red\n- huecos: finanzas (te presento a Inés), fábrica de Vigo"),
        ),
    ),
    (OWN, ((A, 14.0, "Tres frases y una salida fácil. Escribir el lunes."),)),
)
IN_ARABIC: Script = (
    (
        SHARED,
        (
            (A, 9.1, "ما نتحدث عنه في المرة القادمة\n- موقف ثانٍ عددت فيه إلى ثلاثة"),
            (
                B,
                8.8,
                "ما نتحدث عنه في المرة القادمة\n- موقف ثانٍ عددت فيه إلى ثلاثة\n"
                "- ماذا فاتك أن تسمع؟",
            ),
        ),
    ),
    (OWN, ((A, 8.0, "أكمل زميلي جملته. كانت أهم من كل ما سبقها."),)),
)


def past(db: Session, pair: Relationship, bo: UUID, now: datetime) -> None:
    """The two pairs of the earlier round; Bo's goal is known to the program and came far."""
    write(db, pair, OF_BO if pair.has(bo) else OF_CHEN, now)
    owner = next(member.person_id for member in pair.members if member.role is A)
    with clock.frozen(now - timedelta(days=150)):
        goal = work.set_goal(
            db,
            owner,
            relationship_id=pair.id,
            text="Be asked for advice by another team",
            measure="It happens without my offering",
            steps=["Share what we learned in the open hour", "Answer the first question"],
            sharing=Sharing.PROGRAM,
            baseline=2,
        )
    db.refresh(goal, ["steps"])
    for number, step in enumerate(goal.steps[: 2 if pair.has(bo) else 1]):
        with clock.frozen(now - timedelta(days=90 - 20 * number)):
            work.tick_step(db, owner, goal_id=goal.id, step_id=step.id, is_done=True)
    if pair.has(bo):
        with clock.frozen(now - timedelta(days=65)):
            work.move_goal(db, owner, goal_id=goal.id, to=GoalState.ACHIEVED)
            goals.rate(db, owner, goal_id=goal.id, number=4)
    else:
        with clock.frozen(now - timedelta(days=2)):
            work.set_goal(
                db,
                owner,
                relationship_id=pair.id,
                text="A first week with the interns that they remember",
                steps=["Ask last year's interns what they missed"],
                is_draft=True,
            )


def lively(db: Session, pairs: Sequence[Relationship], hugo: UUID, now: datetime) -> None:
    """Of the pairs under way one takes notes in Spanish and one in Arabic."""
    by_language = sorted(pairs, key=lambda pair: pair.has(hugo))  # Hugo reads French
    for language, script in (("ar", IN_ARABIC), ("es", IN_SPANISH)):
        speaking = (
            pair
            for pair in by_language
            if pair.state is RelationshipState.ACTIVE
            and {member.role for member in pair.members} == {A, B}
            and any((member.person.locale or "").startswith(language) for member in pair.members)
        )
        if (pair := next(speaking, None)) is not None:
            write(db, pair, script, now)


def write(db: Session, pair: Relationship, script: Script, now: datetime) -> None:
    """Write notes as they grew, version by version."""
    by_role = {member.role: member.person_id for member in pair.members}
    for scope, texts in script:
        note_id = None
        for role, days, text in texts:
            who = by_role[role]
            with clock.frozen(now - timedelta(days=days)):
                if note_id is None:
                    note_id = notes.write(
                        db, who, relationship_id=pair.id, text=text, scope=scope
                    ).note_id
                    seen = 1
                else:
                    notes.save(db, who, note_id=note_id, text=text, seen=seen)
                    seen += 1
