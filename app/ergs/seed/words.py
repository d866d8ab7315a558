"""The twelve groups of the demo company in its three languages."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.ergs.rules import Admission, Region, Visibility
from app.ergs.seed.promises import PROMISES
from app.ergs.services import Words


@dataclass(frozen=True, slots=True)
class Sketch:
    """A group as the seed founds it."""

    slug: str
    zone: str
    color: str
    en: tuple[str, str]
    es: tuple[str, str]
    ar: tuple[str, str]
    roster: Visibility = Visibility.COMPANY
    admission: Admission = Admission.OPEN
    says_sensitive: bool = False
    chapters: tuple[str, ...] = field(default=())

    @property
    def words(self) -> dict[str, Words]:
        """Name, mission and charter by language."""
        named = {"en": self.en, "es": self.es, "ar": self.ar}
        return {
            tag: Words(*pair, f"{PROMISES[self.slug][tag]}\n\n{CHARTERS[tag]}")
            for tag, pair in named.items()
        }


CHARTERS = {
    "en": "We meet at least once a month, in hours that change so that every region has its turn."
    "\n\nWhat is said here stays here. Everyone is welcome, and nobody has to explain why "
    "they came.\n\nOnce a year we tell the company what should change, and ask for an answer.",
    "es": "Nos reunimos al menos una vez al mes, en horarios que cambian para que a cada región le "
    "toque su turno.\n\nLo que se dice aquí se queda aquí. Todas las personas son "
    "bienvenidas y nadie tiene que explicar por qué vino.\n\nUna vez al año decimos a la "
    "empresa qué debería cambiar y pedimos una respuesta.",
    "ar": "نلتقي مرة واحدة على الأقل كل شهر، في أوقات تتغير كي يأتي دور كل منطقة."
    "\n\nما يقال هنا يبقى هنا. الجميع مرحب بهم، ولا أحد مضطر إلى تفسير سبب حضوره."
    "\n\nمرة في السنة نقول للشركة ما الذي ينبغي أن يتغير، ونطلب جواباً.",
}

# slug: (region, zone, name by language)
CHAPTERS = {
    "lagos": (Region.AFRICA, "Africa/Lagos", {"en": "Lagos", "es": "Lagos", "ar": "لاغوس"}),
    "nairobi": (
        Region.AFRICA,
        "Africa/Nairobi",
        {"en": "Nairobi", "es": "Nairobi", "ar": "نيروبي"},
    ),
    "cairo": (
        Region.MIDDLE_EAST,
        "Africa/Cairo",
        {"en": "Cairo", "es": "El Cairo", "ar": "القاهرة"},
    ),
    "paris": (Region.EUROPE, "Europe/Paris", {"en": "Paris", "es": "París", "ar": "باريس"}),
    "berlin": (Region.EUROPE, "Europe/Berlin", {"en": "Berlin", "es": "Berlín", "ar": "برلين"}),
    "austin": (
        Region.NORTH_AMERICA,
        "America/Chicago",
        {"en": "Austin", "es": "Austin", "ar": "أوستن"},
    ),
    "mexico-city": (
        Region.LATIN_AMERICA,
        "America/Mexico_City",
        {"en": "Mexico City", "es": "Ciudad de México", "ar": "مكسيكو سيتي"},
    ),
    "singapore": (
        Region.ASIA_PACIFIC,
        "Asia/Singapore",
        {"en": "Singapore", "es": "Singapur", "ar": "سنغافورة"},
    ),
    "osaka": (Region.ASIA_PACIFIC, "Asia/Tokyo", {"en": "Osaka", "es": "Osaka", "ar": "أوساكا"}),
    "sao-paulo": (
        Region.LATIN_AMERICA,
        "America/Sao_Paulo",
        {"en": "São Paulo", "es": "São Paulo", "ar": "ساو باولو"},
    ),
    "sydney": (
        Region.ASIA_PACIFIC,
        "Australia/Sydney",
        {"en": "Sydney", "es": "Sídney", "ar": "سيدني"},
    ),
    "design": (None, None, {"en": "In design", "es": "En diseño", "ar": "في التصميم"}),
    "engineering": (
        None,
        None,
        {"en": "In engineering", "es": "En ingeniería", "ar": "في الهندسة"},
    ),
}

SKETCHES = (
    Sketch(
        "women",
        "Africa/Cairo",
        "plum",
        (
            "Women’s Network",
            "More women in every room where decisions are made, and a network "
            "that carries each of us there.",
        ),
        (
            "Red de Mujeres",
            "Más mujeres en cada sala donde se decide, y una red que nos lleva hasta allí.",
        ),
        ("شبكة النساء", "نساء أكثر في كل غرفة تُتخذ فيها القرارات، وشبكة توصل كل واحدة منا إليها."),
        chapters=(
            "cairo",
            "lagos",
            "paris",
            "austin",
            "singapore",
            "sydney",
            "engineering",
            "design",
        ),
    ),
    Sketch(
        "veterans",
        "America/Chicago",
        "green",
        (
            "Veterans and Military Families",
            "From service to a second career: translating what "
            "you learned, and standing by the families at home.",
        ),
        (
            "Veteranos y familias militares",
            "Del servicio a una segunda carrera: traducir lo aprendido y acompañar a las familias.",
        ),
        (
            "المحاربون القدامى وعائلات العسكريين",
            "من الخدمة إلى مهنة ثانية: ترجمة ما تعلمناه، والوقوف إلى جانب العائلات.",
        ),
        chapters=("austin", "berlin"),
    ),
    Sketch(
        "pride",
        "Europe/Berlin",
        "apricot",
        (
            "Pride",
            "A place to be yourself at work, and a voice for those who cannot be out "
            "where they live.",
        ),
        (
            "Orgullo",
            "Un lugar para ser tú en el trabajo, y una voz para quienes no pueden serlo "
            "donde viven.",
        ),
        ("برايد", "مكان تكون فيه على طبيعتك في العمل، وصوت لمن لا يستطيع ذلك حيث يعيش."),
        roster=Visibility.NOBODY,
        says_sensitive=True,
        chapters=("berlin", "mexico-city", "sao-paulo", "singapore"),
    ),
    Sketch(
        "black",
        "Africa/Lagos",
        "green",
        (
            "Black Professionals",
            "Sponsorship, visibility and joy for Black colleagues on every continent we work on.",
        ),
        (
            "Profesionales Negros",
            "Apoyo, visibilidad y alegría para colegas negros en todos los continentes.",
        ),
        ("المهنيون السود", "رعاية وحضور وفرح لزملائنا السود في كل قارة نعمل فيها."),
        chapters=("lagos", "nairobi", "austin", "paris", "sao-paulo"),
    ),
    Sketch(
        "latinx",
        "America/Mexico_City",
        "apricot",
        (
            "Latinx and Hispanic Community",
            "Two languages, many countries, one community: "
            "culture, careers and the next generation.",
        ),
        (
            "Comunidad Latina e Hispana",
            "Dos idiomas, muchos países, una comunidad: cultura, carreras y la próxima generación.",
        ),
        (
            "مجتمع اللاتينيين والناطقين بالإسبانية",
            "لغتان وبلدان كثيرة ومجتمع واحد: ثقافة ومهن وجيل قادم.",
        ),
        chapters=("mexico-city", "austin", "sao-paulo", "engineering"),
    ),
    Sketch(
        "asia-pacific",
        "Asia/Singapore",
        "sky",
        (
            "Asian and Pacific Islander Network",
            "Breaking the bamboo ceiling together, and sharing what home tastes like.",
        ),
        (
            "Red de Asia y el Pacífico",
            "Rompemos juntos el techo de bambú y compartimos a qué sabe el hogar.",
        ),
        ("شبكة آسيا والمحيط الهادئ", "نكسر معاً سقف الخيزران، ونتقاسم طعم الوطن."),
        chapters=("singapore", "osaka", "sydney", "austin"),
    ),
    Sketch(
        "indigenous",
        "America/Denver",
        "green",
        (
            "Indigenous Peoples Circle",
            "Land, language and work: a circle of First Nations, Sámi, Māori and many more.",
        ),
        (
            "Círculo de Pueblos Indígenas",
            "Tierra, lengua y trabajo: un círculo de Primeras "
            "Naciones, sami, maoríes y muchos más.",
        ),
        (
            "حلقة الشعوب الأصلية",
            "الأرض واللغة والعمل: حلقة للأمم الأولى والسامي والماوري وغيرهم كثير.",
        ),
        roster=Visibility.MEMBERS,
        chapters=("austin", "sydney"),
    ),
    Sketch(
        "ability",
        "Europe/Paris",
        "sky",
        (
            "Disability and Neurodiversity",
            "Work that fits people, not the other way round: access, adjustments and pride.",
        ),
        (
            "Discapacidad y Neurodiversidad",
            "Un trabajo que se adapta a las personas: acceso, ajustes y orgullo.",
        ),
        ("الإعاقة والتنوع العصبي", "عمل يناسب الناس لا العكس: إتاحة وتسهيلات واعتزاز."),
        roster=Visibility.LEADS,
        admission=Admission.APPROVAL,
        says_sensitive=True,
        chapters=("paris", "berlin"),
    ),
    Sketch(
        "parents",
        "Europe/Paris",
        "plum",
        (
            "Parents and Caregivers",
            "Tips, swaps and courage for everyone who looks after someone, small or old.",
        ),
        (
            "Madres, Padres y Cuidadores",
            "Consejos, cambios y ánimo para quien cuida de alguien, pequeño o mayor.",
        ),
        (
            "الآباء والأمهات ومقدمو الرعاية",
            "نصائح وتبادل وشجاعة لكل من يعتني بأحد، صغيراً كان أو كبيراً.",
        ),
        roster=Visibility.MEMBERS,
        chapters=("paris", "berlin", "nairobi", "mexico-city"),
    ),
    Sketch(
        "early-career",
        "Africa/Nairobi",
        "green",
        (
            "Early Career and First Generation",
            "For the first in the family in an office, and everyone in their first five years.",
        ),
        (
            "Inicio de Carrera y Primera Generación",
            "Para quienes son los primeros de su familia en una oficina y quienes empiezan.",
        ),
        (
            "بداية المسار والجيل الأول",
            "لأول من دخل مكتباً في عائلته، ولكل من هو في سنواته الخمس الأولى.",
        ),
        chapters=("nairobi", "lagos", "osaka", "engineering"),
    ),
    Sketch(
        "interfaith",
        "Asia/Amman",
        "apricot",
        (
            "Interfaith Dialogue",
            "Faiths and none at one table: holidays, quiet rooms and respect in practice.",
        ),
        (
            "Diálogo Interreligioso",
            "Creencias y no creencias en una misma mesa: fiestas, salas de silencio y respeto.",
        ),
        (
            "حوار الأديان",
            "أديان ومن لا دين له حول مائدة واحدة: أعياد وغرف هادئة واحترام في الممارسة.",
        ),
        roster=Visibility.MEMBERS,
        admission=Admission.APPROVAL,
        chapters=("cairo", "lagos"),
    ),
    Sketch(
        "allies",
        "Europe/Berlin",
        "sky",
        (
            "Allies in Action",
            "Listening first, then using the weight we have: training, backing and showing up.",
        ),
        (
            "Aliados en Acción",
            "Primero escuchar, después usar el peso que tenemos: formación, respaldo y presencia.",
        ),
        ("الحلفاء في العمل", "نصغي أولاً ثم نستخدم ما لنا من وزن: تدريب ومساندة وحضور."),
        chapters=("berlin", "singapore"),
    ),
)
