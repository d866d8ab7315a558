# ruff: noqa: E501 - texts in three scripts; breaking them helps nobody
"""The events of the demo company, past and coming, in its three languages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from app.events.rules import Access, Audience, EventKind


@dataclass(frozen=True, slots=True)
class Story:
    """An event as the seed plans it; `days` from today, wall time in its own zone."""

    host: str
    days: int
    at: time
    zone: str
    kind: EventKind
    en: str
    es: str
    ar: str
    minutes: int = 60
    room: int | None = 0
    online: int | None = 0
    venue: str = ""
    audience: Audience = Audience.COMPANY
    guests: int = 0
    co_host: str = ""
    captions: Access = Access.YES


ABOUT = {
    "en": "Come as you are; there is nothing to prepare.\n\nWe start on time, keep to the time, and "
    "share what we learned with everyone who could not be there.",
    "es": "Ven como eres; no hay que preparar nada.\n\nEmpezamos puntuales, terminamos puntuales y "
    "compartimos lo aprendido con quienes no pudieron estar.",
    "ar": "تعال كما أنت، فلا شيء يحتاج إلى تحضير.\n\nنبدأ في الموعد وننتهي في الموعد، ونشارك ما تعلمناه مع "
    "كل من لم يستطع الحضور.",
}

K = EventKind
MEMBERS = Audience.MEMBERS

STORIES = (
    Story(
        "women",
        9,
        time(17, 0),
        "Africa/Cairo",
        K.KICKOFF,
        "Kickoff: women’s leadership mentoring",
        "Inicio: mentoría de liderazgo para mujeres",
        "انطلاق: إرشاد القيادة النسائية",
        90,
        60,
        None,
        "Nile Hall, 4th floor, Cairo",
        co_host="allies",
    ),
    Story(
        "women",
        23,
        time(12, 30),
        "Africa/Lagos",
        K.NETWORKING,
        "Lunch tables: ask a director",
        "Mesas de almuerzo: pregunta a una directora",
        "موائد الغداء: اسأل مديرة",
        75,
        12,
        0,
        "Marina Canteen, Lagos",
        guests=1,
    ),
    Story(
        "early-career",
        2,
        time(16, 0),
        "Africa/Nairobi",
        K.SPEED_MENTORING,
        "Speed mentoring: six talks in an hour",
        "Mentoría rápida: seis charlas en una hora",
        "إرشاد سريع: ست محادثات في ساعة",
        60,
        10,
        0,
        "Savannah Room, Nairobi",
    ),
    Story(
        "parents",
        4,
        time(18, 30),
        "Europe/Paris",
        K.GATHERING,
        "Evening circle: back from parental leave",
        "Círculo: de vuelta del permiso parental",
        "لقاء مسائي: العودة من إجازة الوالدين",
        60,
        0,
        40,
        audience=MEMBERS,
    ),
    Story(
        "parents",
        16,
        time(10, 0),
        "Europe/Berlin",
        K.GATHERING,
        "Family day at the park",
        "Día de la familia en el parque",
        "يوم العائلة في الحديقة",
        180,
        80,
        0,
        "Treptower Park, Berlin",
        guests=4,
    ),
    Story(
        "black",
        12,
        time(13, 0),
        "America/Chicago",
        K.TOWN_HALL,
        "Town hall: sponsorship, one year on",
        "Asamblea: el patrocinio, un año después",
        "لقاء عام: الرعاية بعد عام",
        60,
        0,
        None,
        co_host="women",
    ),
    Story(
        "latinx",
        7,
        time(17, 30),
        "America/Mexico_City",
        K.NETWORKING,
        "Dinner with a story from home",
        "Cena con una historia de casa",
        "عشاء وقصة من الوطن",
        120,
        30,
        0,
        "Casa Roma, Mexico City",
        guests=1,
    ),
    Story(
        "asia-pacific",
        6,
        time(9, 0),
        "Asia/Singapore",
        K.WEBINAR,
        "Speaking up across cultures",
        "Alzar la voz entre culturas",
        "أن نرفع صوتنا بين الثقافات",
        45,
        0,
        None,
    ),
    Story(
        "asia-pacific",
        30,
        time(18, 0),
        "Asia/Tokyo",
        K.TEAM_BUILDING,
        "Cooking together: okonomiyaki",
        "Cocinar juntos: okonomiyaki",
        "نطبخ معاً: أوكونومياكي",
        120,
        16,
        0,
        "Dotonbori Kitchen, Osaka",
    ),
    Story(
        "indigenous",
        18,
        time(15, 0),
        "America/Denver",
        K.GATHERING,
        "Storytelling by the fire",
        "Historias junto al fuego",
        "حكايات حول النار",
        90,
        25,
        100,
        "Red Rocks Trailhead, Denver",
    ),
    Story(
        "veterans",
        10,
        time(11, 0),
        "America/Chicago",
        K.WORKSHOP,
        "Your service in words a recruiter knows",
        "Tu servicio en palabras de un reclutador",
        "خدمتك بكلمات يفهمها مسؤول التوظيف",
        90,
        20,
        50,
        "Congress Room, Austin",
    ),
    Story(
        "interfaith",
        14,
        time(12, 0),
        "Asia/Amman",
        K.GATHERING,
        "One table, many feasts",
        "Una mesa, muchas fiestas",
        "مائدة واحدة وأعياد كثيرة",
        60,
        24,
        0,
        "Petra Terrace, Amman",
    ),
    Story(
        "allies",
        5,
        time(15, 0),
        "Europe/Berlin",
        K.WORKSHOP,
        "From bystander to ally",
        "De espectador a aliado",
        "من متفرج إلى حليف",
        90,
        18,
        60,
        "Spree Studio, Berlin",
    ),
    Story(
        "pride",
        8,
        time(19, 0),
        "Europe/Berlin",
        K.GATHERING,
        "Quiet evening",
        "Tarde tranquila",
        "أمسية هادئة",
        90,
        0,
        None,
        audience=MEMBERS,
    ),
    Story(
        "ability",
        11,
        time(14, 0),
        "Europe/Paris",
        K.WORKSHOP,
        "Adjustments that work: a swap of tips",
        "Ajustes que funcionan: intercambio de ideas",
        "تسهيلات تنجح: تبادل نصائح",
        60,
        0,
        None,
        audience=MEMBERS,
    ),
    Story(
        "women",
        -20,
        time(16, 0),
        "Africa/Cairo",
        K.WORKSHOP,
        "Negotiating without apology",
        "Negociar sin disculparse",
        "التفاوض بلا اعتذار",
        90,
        30,
        None,
        "Nile Hall, 4th floor, Cairo",
    ),
    Story(
        "allies",
        -34,
        time(15, 0),
        "Europe/Berlin",
        K.WEBINAR,
        "Pronouns, plainly explained",
        "Los pronombres, explicados",
        "الضمائر ببساطة",
        45,
        0,
        None,
    ),
    Story(
        "early-career",
        -12,
        time(16, 0),
        "Africa/Nairobi",
        K.TEAM_BUILDING,
        "Hike at Karura Forest",
        "Caminata en el bosque de Karura",
        "نزهة في غابة كارورا",
        180,
        25,
        0,
        "Karura Forest, Nairobi",
        guests=1,
    ),
    Story(
        "latinx",
        -45,
        time(18, 0),
        "America/Mexico_City",
        K.GATHERING,
        "Day of the Dead: an altar for all",
        "Día de Muertos: un altar para todos",
        "يوم الموتى: مذبح للجميع",
        120,
        60,
        0,
        "Casa Roma, Mexico City",
        guests=2,
    ),
)
