# ruff: noqa: E501 - texts in three scripts; breaking them helps nobody
"""What people of the demo company said, needed and left behind."""

from __future__ import annotations

from dataclasses import dataclass

from app.attendance.rules import MaterialKind, NeedKind, NeedState

K = MaterialKind
N = NeedKind


@dataclass(frozen=True, slots=True)
class Today:
    """The date that goes on today."""

    host: str
    zone: str
    venue: str
    minutes: int
    room: int
    crowd: int
    guests: tuple[str, ...]
    titles: dict[str, str]
    about: dict[str, str]


LIVE = Today(
    host="women",
    zone="Africa/Cairo",
    venue="Nile Hall, 4th floor, Cairo",
    minutes=720,
    room=60,
    crowd=18,
    guests=("dalia", "kai"),
    titles={
        "en": "Open house: come in whenever you can",
        "es": "Puertas abiertas: pasa cuando puedas",
        "ar": "باب مفتوح: ادخل متى استطعت",
    },
    about={
        "en": "The hall and the call are open all day, so that every time zone has an hour of it.\n\nEnter the code on the screen when you arrive.",
        "es": "La sala y la llamada están abiertas todo el día, para que cada huso tenga su hora.\n\nAl llegar, escribe el código de la pantalla.",
        "ar": "القاعة والمكالمة مفتوحتان طوال اليوم، ليكون لكل منطقة زمنية ساعة منه.\n\nأدخل الرمز الظاهر على الشاشة عند وصولك.",
    },
)

# (1 to 5, what was good, what should be different)
SAID = (
    (5, "Mariam's story of her first contract. I wrote half of it down.", ""),
    (4, "", "Ten minutes more for questions, please."),
    (5, "The exercise in pairs. I never said my number aloud before.", ""),
    (4, "Started and ended on time!", "The room was cold in the back row."),
    (3, "", "Too fast for those of us who join from Osaka at one in the morning."),
    (5, "لم أكن وحدي في هذا الشعور.", ""),
    (4, "Los ejemplos de otras oficinas.", "Subtítulos también en español."),
    (2, "", "I hoped for less slides and more talking."),
    (5, "", ""),
    (4, "People whom I had only met as names in a chat.", ""),
    (5, "ケーススタディがとても役に立ちました。", ""),
    (3, "The food.", "The microphone failed twice."),
    (4, "Clear, kind, short.", ""),
    (5, "That somebody from the board listened and took notes.", ""),
)

MATERIALS = (
    ((K.LINK, "Pictures of the walk", "https://files.demo.example/s/91ee", ""),),
    (
        (K.RECORDING, "Recording with captions", "https://video.demo.example/w/7f3a", ""),
        (
            K.NOTES,
            "Notes by Amina Diallo",
            "",
            "We asked who had ever negotiated an offer: nine of forty.\n\nThree sentences to try: name the range first, ask for the reasons, say when you will answer.",
        ),
    ),
    ((K.LINK, "Slides", "https://files.demo.example/s/4c1d", ""),),
    (
        (
            K.NOTES,
            "What we agreed",
            "",
            "We meet again in spring, with a time that suits Manila and São Paulo.",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody needs, and what became of it."""

    kinds: tuple[NeedKind, ...]
    text: str
    state: NeedState = NeedState.OPEN
    answer: str = ""


NEEDS = (
    Wanted((N.CAPTIONS,), "", NeedState.ARRANGED, "A captioner is booked for the whole time."),
    Wanted(
        (N.DIET,),
        "Severe allergy to peanuts.",
        NeedState.CANNOT,
        "The kitchen cannot promise a room without nuts. We ordered sealed meals for you; call me if that is not enough.",
    ),
    Wanted((N.STEP_FREE, N.COMPANION), "I use a wheelchair 68 cm wide; my assistant comes along."),
    Wanted((N.SIGN_LANGUAGE,), "Egyptian sign language."),
)
