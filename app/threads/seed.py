"""What the demo company talks about."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, ids
from app.ergs import queries as ergs
from app.ergs.models import Membership
from app.ergs.rules import MembershipState
from app.threads import queries, services
from app.threads.models import Post
from app.threads.rules import ReportState, Stance


@dataclass(frozen=True, slots=True)
class Talk:
    """A discussion: (a sign-in's key, or empty for somebody drawn; words), begun days ago."""

    slug: str
    title: str
    posts: tuple[tuple[str, str], ...]
    days: int
    is_pseudonymous: bool = False
    reported: int = 0
    # Removed already, and this is what its author says to that.
    appeal: str = ""
    reason: str = ""
    mentions: str = ""


TALKS = (
    Talk(
        "women",
        "How do you ask for the raise?",
        (
            (
                "dalia",
                "My yearly talk is in two weeks. I know my numbers, and still my voice gets small "
                "when I say the sum out loud. **What helped you?**",
            ),
            (
                "",
                "I wrote down three things that would not exist without me and read them aloud to "
                "my cat. It sounds silly. It worked.",
            ),
            (
                "",
                "En mi equipo preparamos la conversación de dos en dos: una pregunta, la otra "
                "contesta, y después al revés. A la tercera ronda ya no tiembla nada.",
            ),
            ("", "قولي الرقم أولاً ثم اصمتي. الصمت بعد الرقم هو نصف العمل."),
            (
                "dalia",
                "Thank you, all of you. I have a list, a partner to practice with, and a number. "
                "I will tell you how it went.",
            ),
            ("", "Rooting for you from Lagos. And whatever they answer: ask what it would take."),
        ),
        9,
    ),
    Talk(
        "women",
        "Books that changed how you lead",
        (
            ("", "I begin: *Quiet*, because it let me stop pretending in large meetings."),
            ("", "『存在しない女たち』を読んで、会議で数字の出どころを聞くようになりました。"),
            ("", "*The Culture Map* – suddenly my feedback to Osaka and to Austin made sense."),
            ("", "You people only read what managers read. How about a novel for once?"),
            ("", "Fair! *Americanah*. Nobody has explained “in between” to me better."),
        ),
        20,
        reported=4,
        reason="“You people” is not how we speak to each other here. I would like it reworded.",
    ),
    Talk(
        "parents",
        "School holidays and release week, again",
        (
            ("", "Both fall into the second week of October. How do you share it at home?"),
            ("", "We drew up two calendars and laughed. Then my mother came from Oaxaca."),
            ("", "Honestly, managers without children should cover release week. Always."),
        ),
        6,
        reported=3,
        reason="It sets colleagues against each other because of their families.",
        appeal="I meant it as a joke among tired parents. I would add a smile if I could edit it.",
    ),
    Talk(
        "parents",
        "First week back: what do you wish you had known?",
        (
            (
                "bo",
                "I am back from seven months with our daughter on Monday. Everybody says “take it "
                "easy”, nobody says how.",
            ),
            (
                "hugo",
                "Bloque ton agenda de 8 h 30 à 9 h 30 pendant un mois. La crèche appelle toujours "
                "à cette heure-là.",
            ),
            (
                "",
                "Say no to everything that begins after 16:00, in writing, on day one. In week "
                "three nobody asks any more.",
            ),
            ("", "Y come algo a mediodía. En serio. Pon una alarma."),
            ("bo", "This is gold. I have the alarm, the block, and a spare shirt at the office."),
        ),
        6,
        mentions="hugo",
    ),
    Talk(
        "parents",
        "Swapping school holidays between sites",
        (
            (
                "",
                "Our holidays in Berlin are not those in São Paulo. Would anyone like to cover "
                "each other's on-call weeks?",
            ),
            ("", "Adoraria! As nossas férias de julho são só as duas primeiras semanas."),
            ("", "Count me in. I made a sheet and put it among the resources."),
        ),
        31,
    ),
    Talk(
        "pride",
        "Being out at the client's site",
        (
            (
                "juno",
                "At home everybody knows. At the client's I say “my partner” and change the "
                "subject. I am tired of editing my weekends. How do you do it?",
            ),
            (
                "",
                "I tell one person first, somebody kind. After that it is not my secret any more, "
                "it is just a fact that two people know.",
            ),
            ("", "No les debes nada. Hay clientes a los que se lo digo y clientes a los que no."),
            (
                "juno",
                "“It is just a fact that two people know.” I will carry that with me. Thank you.",
            ),
            ("", "And if it ever gets ugly: you can hand a client over, and nobody asks why."),
        ),
        12,
        is_pseudonymous=True,
    ),
    Talk(
        "allies",
        "Somebody made a joke. I froze. What next time?",
        (
            ("bo", "It took me three hours to find the sentence I should have said."),
            ("kai", "“I don't get it, can you explain it to me?” It ends every joke I know."),
            ("", "Go to the person it was about, afterwards. Ask, do not assume."),
        ),
        3,
    ),
    Talk(
        "early-career",
        "What do you ask in your first one-on-one?",
        (
            ("", "Mine is tomorrow and my page is empty!"),
            ("amara", "Ask: “What does a good first half year look like, in your eyes?”"),
            ("", "请问对方：“您希望我多久汇报一次？” 这个问题省了我很多麻烦。"),
            ("", "And ask who else you should meet. Then really write to them."),
        ),
        2,
    ),
    Talk(
        "ability",
        "Captions in town halls: thank you, and one wish",
        (
            ("", "The live captions last week were the first I could follow to the end."),
            ("", "Same here. My wish: slides a day before, so that my reader can read them."),
            ("", "I passed it on to the events team. They said yes."),
        ),
        15,
    ),
    Talk(
        "interfaith",
        "Ramadan, Lent and quarter end",
        (
            ("dalia", "All three meet next spring. Shall we make one calendar that teams can see?"),
            ("", "Yes, and add Nowruz and Holi. My team would have asked me anyway."),
            ("", "أقترح أن نكتب بجانب كل مناسبة جملة واحدة: ماذا يعني هذا لاجتماعاتنا."),
        ),
        8,
    ),
)


def seed(db: Session, people: Mapping[str, Any], size: str) -> None:
    """Let members talk: mostly by name, without names in one confidential group."""
    now = clock.now()
    for talk in TALKS:
        erg = ergs.by_slug(db, talk.slug)
        if erg is None:
            continue
        dice = ids.generator("threads", talk.title)
        members = _members(db, erg.id, dice)
        writers = _writers(talk, people, members)
        with clock.frozen(now - timedelta(days=talk.days)):
            thread = services.start(
                db,
                writers[0],
                erg_id=erg.id,
                title=talk.title,
                body=talk.posts[0][1],
                mentions=[people[talk.mentions]] if talk.mentions else (),
                is_pseudonymous=talk.is_pseudonymous,
            )
        _answer(db, talk, thread.id, writers, dice)
        if talk.reported:
            _report(db, talk, thread.id, members, set(writers))


def _members(db: Session, erg_id: UUID, dice: random.Random) -> list[UUID]:
    rows = db.scalars(
        select(Membership.person_id)
        .where(Membership.erg_id == erg_id, Membership.state == MembershipState.ACTIVE)
        .order_by(Membership.id)
        .limit(60)
    )
    found = list(rows)
    dice.shuffle(found)
    return found


def _writers(talk: Talk, people: Mapping[str, Any], members: list[UUID]) -> list[UUID]:
    """Who says what; whoever is named and belongs, else somebody drawn who has not spoken."""
    named = {key: people[key] for key, _body in talk.posts if key and people[key] in members}
    stars = {person for key, person in people.items() if key != "all"}
    others = [person for person in members if person not in stars] or members
    return [named.get(key) or others[n % len(others)] for n, (key, _body) in enumerate(talk.posts)]


def _answer(
    db: Session, talk: Talk, thread_id: UUID, writers: list[UUID], dice: random.Random
) -> None:
    at = clock.now() - timedelta(days=talk.days)
    for person, (_key, body) in list(zip(writers, talk.posts, strict=True))[1:]:
        at = min(
            at + timedelta(hours=dice.randint(1, 14), minutes=dice.randint(0, 59)), clock.now()
        )
        with clock.frozen(at):
            services.reply(db, person, thread_id=thread_id, body=body)
    services.take_stance(db, writers[0], thread_id=thread_id, stance=Stance.FOLLOW)


def _report(
    db: Session, talk: Talk, thread_id: UUID, members: list[UUID], writers: set[UUID]
) -> None:
    post = db.scalars(
        select(Post).where(Post.thread_id == thread_id, Post.number == talk.reported)
    ).one()
    reporter = next((p for p in members if p not in writers), None) or next(
        p for p in members if p != post.author_id
    )
    services.report(db, reporter, post_id=post.id, reason=talk.reason)
    judges = sorted(queries.judges_of(db, post.id))
    if talk.appeal and judges:
        reason = "Please speak about what you need, not about what others owe."
        verdict = ReportState.UPHELD
        services.decide(db, judges[0], post_id=post.id, verdict=verdict, reason=reason)
        services.appeal(db, post.author_id, post_id=post.id, words=talk.appeal)
