"""What the groups of the demo company keep for their members."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from app.core import clock, files
from app.core.files import FileState, StoredFile
from app.ergs import queries as ergs
from app.resources import services
from app.resources.models import ResourceVersion
from app.resources.rules import Access, ResourceKind
from app.resources.services import About


@dataclass(frozen=True, slots=True)
class Sketch:
    """A resource: its words by language, and a text (a file's) or an address in each."""

    slug: str
    words: Mapping[str, tuple[str, str]]
    content: Mapping[str, str]
    tags: tuple[str, ...]
    access: Access = Access.GROUP
    review_in: int | None = 200
    newer: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


WELCOME = {
    "en": "Welcome\n\n1. Say hello in the discussions.\n2. Come to one event this month.\n"
    "3. Choose who may see that you belong. You can change it at any time.\n",
    "es": "Te damos la bienvenida\n\n1. Saluda en las conversaciones.\n2. Ven a un evento este mes."
    "\n3. Elige quién puede ver que perteneces. Puedes cambiarlo cuando quieras.\n",
    "ar": "أهلاً بكِ\n\n١. ألقي التحية في النقاشات.\n٢. احضري فعالية هذا الشهر.\n"
    "٣. اختاري من يرى أنك عضوة. يمكنك تغيير ذلك في أي وقت.\n",
}
SKETCHES = (
    Sketch(
        "women",
        {
            "en": ("Guide for new members", "Ten minutes that save you your first three months."),
            "es": ("Guía para quienes empiezan", "Diez minutos que te ahorran tres meses."),
            "ar": ("دليل العضوات الجديدات", "عشر دقائق توفر عليكِ ثلاثة أشهر."),
        },
        WELCOME,
        ("welcome", "guide"),
        newer={"en": WELCOME["en"] + "4. Find a mentor under “Mentoring”.\n"},
        note="Where to find a mentor",
    ),
    Sketch(
        "women",
        {"en": ("Pay talk: questions and answers", "What to bring, what to say, how to wait.")},
        {"en": "Bring three results. Say the number. Then be silent.\n"},
        ("career", "pay"),
        review_in=-12,
    ),
    Sketch(
        "women",
        {"en": ("Sponsor briefing template", "For the quarterly talk with our sponsor.")},
        {"en": "What we did\nWhat we need\nWhat we ask of you this quarter\n"},
        ("leads", "template"),
        access=Access.LEADS,
    ),
    Sketch(
        "parents",
        {
            "en": ("On-call weeks and school holidays", "Who covers whom, by site and week."),
            "es": ("Guardias y vacaciones escolares", "Quién cubre a quién, por sede y semana."),
        },
        {
            "en": "Week,Site,Holidays,Covered by\n27,Berlin,yes,São Paulo\n"
            "29,São Paulo,yes,Berlin\n",
            "es": "Semana,Sede,Vacaciones,Cubre\n27,Berlín,sí,São Paulo\n29,São Paulo,sí,Berlín\n",
        },
        ("holidays", "calendar"),
    ),
    Sketch(
        "allies",
        {
            "en": ("Ten sentences for when you freeze", "Short, kind, and tested in real rooms."),
            "ar": ("عشر جمل لحين تتجمّد", "قصيرة ولطيفة ومجرّبة."),
        },
        {"en": "I don't get it, can you explain it to me?\n", "ar": "لم أفهم، هل تشرح لي؟\n"},
        ("speaking up",),
        access=Access.COMPANY,
    ),
    Sketch(
        "early-career",
        {"en": ("First one-on-one: twelve questions", "Take three of them, not all.")},
        {"en": "https://www.w3.org/WAI/fundamentals/"},
        ("career", "guide"),
        access=Access.COMPANY,
        review_in=40,
    ),
    Sketch(
        "ability",
        {"en": ("Making slides that everyone can read", "What screen readers need, on one page.")},
        {"en": "https://www.w3.org/WAI/teach-advocate/accessible-presentations/"},
        ("accessibility", "events"),
    ),
    Sketch(
        "pride",
        {"en": ("Traveling as ourselves", "Country by country: what to know before you book.")},
        {"en": "Ask the travel desk for a room for two, no questions asked.\n"},
        ("travel",),
        review_in=90,
    ),
)


def seed(db: Session, people: Mapping[str, Any], size: str) -> None:
    """Keep guides, sheets and links: with older versions, in several languages, one overdue."""
    for sketch in SKETCHES:
        erg = ergs.by_slug(db, sketch.slug)
        leads = ergs.leads_of(db, erg.id) if erg else []
        if erg is not None and leads:
            _keep(db, erg.id, leads[0], sketch)


def _keep(db: Session, erg_id: UUID, keeper: UUID, sketch: Sketch) -> None:
    now = clock.now()
    first, *others = sketch.content
    is_link = sketch.content[first].startswith("https://")
    with clock.frozen(now - timedelta(days=60)):
        row = services.add(
            db,
            keeper,
            erg_id=erg_id,
            kind=ResourceKind.LINK if is_link else ResourceKind.FILE,
            about=About(first, *sketch.words[first]),
            access=sketch.access,
            tags=sketch.tags,
            review_on=(now + timedelta(days=sketch.review_in)).date() if sketch.review_in else None,
            **_content(sketch, first, sketch.content[first]),
        )
    added = [(locale, sketch.content[locale], "") for locale in others]
    added += [(locale, content, sketch.note) for locale, content in sketch.newer.items()]
    for n, (locale, content, note) in enumerate(added):
        with clock.frozen(now - timedelta(days=40 - 8 * n)):
            services.add_version(
                db,
                keeper,
                resource_id=row.id,
                about=About(locale, *sketch.words[locale]),
                note=note,
                **_content(sketch, locale, content),
            )
    _clean(db, row.id)


def _content(sketch: Sketch, locale: str, content: str) -> dict[str, Any]:
    if content.startswith("https://"):
        return {"url": content}
    suffix = "csv" if "," in content.split("\n")[0] else "txt"
    name = f"{sketch.words[locale][0]}.{suffix}"
    return {"upload": FileStorage(io.BytesIO(content.encode()), filename=name)}


def _clean(db: Session, resource_id: UUID) -> None:
    """What the seed wrote itself need not wait for the worker."""
    rows = db.scalars(
        select(StoredFile)
        .join(ResourceVersion, ResourceVersion.file_id == StoredFile.id)
        .where(ResourceVersion.resource_id == resource_id, StoredFile.state == FileState.RAW)
    )
    for row in rows.all():
        files.clean_here(db, row)
