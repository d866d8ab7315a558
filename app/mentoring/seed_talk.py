"""What some pairs of the demo company write to each other, in three languages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock
from app.mentoring.models import Relationship
from app.mentoring.rules import RelationshipState
from app.mentoring.services import messages
from app.programs.rules import Role

Script = Sequence[tuple[Role, float, str]]
"""Who wrote, how many days ago, and what."""
A, B = Role.MENTEE, Role.MENTOR
OF_BO: Script = (
    (A, 168.2, "Hello! I read about the supplier project you led. Could we start with that?"),
    (B, 167.9, "Gladly. Bring one moment in your own project where you were not sure."),
    (A, 140.3, "The first round of planning is done. Nobody asked me to, I just did it."),
    (B, 140.1, "That is the whole trick. Tell me on Thursday what you would do differently."),
    (A, 99.4, "I asked for the slot at the all-hands. They said yes!"),
    (B, 99.2, "I will be in the second row. Rehearse with somebody who does not know the topic."),
    (A, 26.1, "Shall we say that we have arrived? I have what I came for."),
    (B, 25.8, "Yes. I learned something too; I will write it into my look back."),
)
OF_CHEN: Script = (
    (A, 44.3, "Thank you for the introduction to Yuki's team. We speak next week."),
    (B, 44.0, "Good. Ask her what she would have liked to know in her first month."),
    (
        B,
        12.6,
        "I thought about your question. I have no answer, but a better one:\n\n"
        "What would you decide if nobody were watching?",
    ),
    (A, 12.1, "Then I would take the interns for a month. I think that is my answer."),
    (A, 0.8, "They said yes. I start in March! Can we talk about the first week?"),
)
IN_SPANISH: Script = (
    (A, 15.4, "Hola, como quedamos, practico mi español. Te mando el mapa de mi red; hay huecos."),
    (B, 15.1, "Me gusta. En el hueco de la derecha puedo presentarte a alguien."),
    (A, 15.0, "¡Gracias! ¿Escribo yo el mensaje y tú lo reenvías?"),
    (B, 14.7, "Perfecto: tres frases, y una salida fácil por si no le viene bien."),
)
IN_ARABIC: Script = (
    (A, 9.3, "مساء الخير، جرّبت ما اتفقنا عليه: عددت إلى ثلاثة قبل أن أجيب."),
    (B, 9.0, "أحسنت. وماذا حدث في الثواني الثلاث؟"),
    (A, 8.9, "أكمل زميلي جملته، وكانت أهم من كل ما سبقها."),
    (B, 2.2, "لنبدأ جلستنا القادمة من هنا. أحضر موقفًا ثانيًا إن استطعت."),
)


def write(db: Session, pair: Relationship, script: Script, now: datetime) -> None:
    """Play a conversation: each reads before they answer, and the last line waits."""
    by_role: dict[Role, UUID] = {member.role: member.person_id for member in pair.members}
    seen = None
    for number, (role, days, text) in enumerate(script):
        with clock.frozen(now - timedelta(days=days)):
            sent = messages.send(
                db,
                by_role[role],
                relationship_id=pair.id,
                text=text,
                key=f"seed-{pair.id.hex[:8]}-{number}",
                seen=seen,
            )
        seen = sent.sent_at


def past(db: Session, pair: Relationship, bo: UUID, now: datetime) -> None:
    """The two pairs of the earlier round: Bo's, which is complete, and Chen's."""
    write(db, pair, OF_BO if pair.has(bo) else OF_CHEN, now)


def lively(db: Session, pairs: Sequence[Relationship], hugo: UUID, now: datetime) -> None:
    """Of the pairs under way one writes in Spanish and one in Arabic."""
    open_ones = [
        pair
        for pair in pairs
        if pair.state is RelationshipState.ACTIVE and {m.role for m in pair.members} == {A, B}
    ]
    for script, languages in ((IN_ARABIC, ("ar",)), (IN_SPANISH, ("es", "pt"))):
        speaking = [
            pair
            for pair in open_ones
            if any((m.person.locale or "").startswith(languages) for m in pair.members)
        ]
        speaking.sort(key=lambda pair: pair.has(hugo))  # Hugo reads French
        if speaking:
            write(db, speaking[0], script, now)
            open_ones.remove(speaking[0])
