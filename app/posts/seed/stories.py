"""What the groups of the demo company wrote, in English, Spanish and Arabic."""

from __future__ import annotations

from dataclasses import dataclass

from app.posts.rules import PostKind, PostState

ANNOUNCEMENT, NEWSLETTER = PostKind.ANNOUNCEMENT, PostKind.NEWSLETTER


@dataclass(frozen=True, slots=True)
class Story:
    """A post of a group: how many days ago (or ahead, when scheduled), and its words."""

    group: str
    days: int
    kind: PostKind
    en: tuple[str, str]
    es: tuple[str, str]
    ar: tuple[str, str]
    state: PostState = PostState.SENT
    is_stale: bool = False


STORIES = (
    Story(
        "women",
        7,
        NEWSLETTER,
        (
            "Three of us are team leads since Monday",
            "Amina in Lagos, Inés in Paris and Noor in Cairo lead a team now. All three say the "
            "same thing: *somebody said my name in a room where I was not.*\n\n"
            "- Say a name this week.\n- Tell her that you did.\n\n"
            "The mentoring kickoff still has free seats.",
        ),
        (
            "Tres de nosotras dirigen un equipo desde el lunes",
            "Amina en Lagos, Inés en París y Noor en El Cairo dirigen ahora un equipo. Las tres "
            "dicen lo mismo: *alguien dijo mi nombre en una sala donde yo no estaba.*\n\n"
            "- Di un nombre esta semana.\n- Cuéntaselo a ella.\n\n"
            "Aún quedan plazas en el arranque de la mentoría.",
        ),
        (
            "ثلاث منا يقدن فرقًا منذ يوم الاثنين",
            "أمينة في لاغوس وإينيس في باريس ونور في القاهرة يقدن فرقًا الآن. وتقول الثلاث الشيء "
            "نفسه: *ذكر أحدهم اسمي في غرفة لم أكن فيها.*\n\n"
            "- اذكري اسمًا هذا الأسبوع.\n- وأخبريها بذلك.\n\n"
            "ما زالت هناك أماكن في لقاء انطلاق الإرشاد.",
        ),
    ),
    Story(
        "women",
        2,
        ANNOUNCEMENT,
        (
            "The quiet room on floor 4 is open",
            "For nursing, praying, resting. The key hangs **inside the door**, nobody asks why "
            "you need it.",
        ),
        (
            "La sala tranquila de la planta 4 está abierta",
            "Para dar el pecho, rezar o descansar. La llave cuelga **detrás de la puerta** y nadie "
            "pregunta para qué la necesitas.",
        ),
        (
            "غرفة الهدوء في الطابق الرابع مفتوحة",
            "للرضاعة والصلاة والراحة. المفتاح معلّق **خلف الباب**، ولا أحد يسأل عن السبب.",
        ),
    ),
    Story(
        "women",
        0,
        ANNOUNCEMENT,
        (
            "Negotiation evening: bring one real number",
            "On Thursday we practice in threes. Bring the number you would like to ask for; it "
            "stays in the room.",
        ),
        (
            "Tarde de negociación: trae una cifra de verdad",
            "El jueves practicamos en grupos de tres. Trae la cifra que te gustaría pedir; no "
            "saldrá de la sala.",
        ),
        (
            "أمسية التفاوض: أحضري رقمًا حقيقيًا",
            "نتدرب يوم الخميس في مجموعات من ثلاث. أحضري الرقم الذي تودين طلبه، ولن يخرج من الغرفة.",
        ),
        PostState.IN_REVIEW,
    ),
    Story(
        "women",
        1,
        NEWSLETTER,
        (
            "What we asked for this year, and what we got",
            "Eleven requests, seven answered with yes. Here is the list, and who said so.",
        ),
        (
            "Lo que pedimos este año y lo que conseguimos",
            "Once peticiones, siete respondidas con un sí.",
        ),
        (
            "ما طلبناه هذا العام وما حصلنا عليه",
            "أحد عشر طلبًا، جاء الرد على سبعة منها بنعم.",
        ),
        PostState.DRAFT,
        is_stale=True,
    ),
    Story(
        "parents",
        20,
        ANNOUNCEMENT,
        (
            "Core hours now end at three",
            "From this month no meeting that needs everybody starts after 15:00. If one does, "
            "forward it to us; we will ask for you.",
        ),
        (
            "El horario común termina ahora a las tres",
            "Desde este mes ninguna reunión que necesite a todos empieza después de las 15:00. Si "
            "ocurre, reenvíanosla y preguntaremos por ti.",
        ),
        (
            "ساعات العمل المشتركة تنتهي الآن في الثالثة",
            "ابتداءً من هذا الشهر لا يبدأ بعد الثالثة أي اجتماع يحتاج إلى الجميع. إن حدث ذلك "
            "فأرسلوه إلينا وسنسأل نيابة عنكم.",
        ),
    ),
    Story(
        "parents",
        -3,
        ANNOUNCEMENT,
        (
            "Swap shelf: winter coats",
            "Bring what your children have outgrown, take what they will grow into. The shelf "
            "stands beside reception all week.",
        ),
        (
            "Estante de intercambio: abrigos de invierno",
            "Trae lo que a tus hijos les queda pequeño y llévate lo que les quedará bien. El "
            "estante estará toda la semana junto a recepción.",
        ),
        (
            "رف التبادل: معاطف الشتاء",
            "أحضروا ما صغر على أطفالكم وخذوا ما سيكبرون ليناسبهم. "
            "الرف بجانب الاستقبال طوال الأسبوع.",
        ),
        PostState.SCHEDULED,
    ),
    Story(
        "pride",
        12,
        ANNOUNCEMENT,
        (
            "The health plan covers every family now",
            "Partners and children of all families are covered alike. Questions go to a mailbox "
            "that only two people read.",
        ),
        (
            "El seguro médico cubre ya a todas las familias",
            "Parejas, hijas e hijos de todas las familias tienen la misma cobertura. Las preguntas "
            "van a un buzón que solo leen dos personas.",
        ),
        (
            "التأمين الصحي يشمل الآن كل العائلات",
            "الشركاء والأطفال من كل العائلات مشمولون بالطريقة نفسها. تصل الأسئلة إلى صندوق بريد "
            "لا يقرؤه سوى شخصين.",
        ),
    ),
    Story(
        "allies",
        5,
        ANNOUNCEMENT,
        (
            "One sentence that helps in a meeting",
            "“I would like to hear how she meant that.” Try it once this week and tell us how it "
            "went.",
        ),
        (
            "Una frase que ayuda en una reunión",
            "«Me gustaría oír cómo lo decía ella». Pruébala una vez esta semana y "
            "cuéntanos qué tal.",
        ),
        (
            "جملة واحدة تفيد في الاجتماع",
            "«أود أن أسمع ما الذي قصدته». جرّبوها مرة هذا الأسبوع وأخبرونا كيف سارت الأمور.",
        ),
    ),
    Story(
        "early-career",
        3,
        NEWSLETTER,
        (
            "Your first year: what nobody tells you",
            "## Ask early\n\nA question on day three costs nothing.\n\n"
            "## Write it down\n\nIn June you will not remember what you did in February.",
        ),
        (
            "Tu primer año: lo que nadie te cuenta",
            "## Pregunta pronto\n\nUna pregunta el tercer día no cuesta nada.\n\n"
            "## Anótalo\n\nEn junio no recordarás lo que hiciste en febrero.",
        ),
        (
            "عامك الأول: ما لا يخبرك به أحد",
            "## اسأل مبكرًا\n\nالسؤال في اليوم الثالث لا يكلف شيئًا.\n\n"
            "## دوّن ذلك\n\nفي يونيو لن تتذكر ما أنجزته في فبراير.",
        ),
    ),
    Story(
        "interfaith",
        30,
        ANNOUNCEMENT,
        (
            "A calendar of everybody's holidays",
            "Before you set a date, look here first. Something is missing? Tell us, and it stands "
            "there tomorrow.",
        ),
        (
            "Un calendario con las fiestas de todos",
            "Antes de fijar una fecha, mira aquí. ¿Falta algo? Dínoslo y mañana estará.",
        ),
        (
            "تقويم بأعياد الجميع",
            "قبل أن تحددوا موعدًا انظروا هنا أولًا. هل ينقص شيء؟ أخبرونا وسيظهر غدًا.",
        ),
    ),
    Story(
        "veterans",
        9,
        ANNOUNCEMENT,
        (
            "Coffee for those who are new to civilian life",
            "Every second Tuesday, no agenda. Somebody who changed uniforms five years ago pays.",
        ),
        (
            "Café para quienes acaban de pasar a la vida civil",
            "Un martes de cada dos, sin agenda. Paga alguien que cambió de uniforme "
            "hace cinco años.",
        ),
        (
            "قهوة للقادمين الجدد إلى الحياة المدنية",
            "كل ثاني ثلاثاء من دون جدول أعمال، على حساب من بدّل زيّه قبل خمس سنوات.",
        ),
    ),
    Story(
        "asia-pacific",
        15,
        NEWSLETTER,
        (
            "From Osaka to Pune: meetings at humane hours",
            "We asked forty teams to move one meeting. Thirty-one did. Nobody dials in at "
            "midnight for those any more.",
        ),
        (
            "De Osaka a Pune: reuniones a horas humanas",
            "Pedimos a cuarenta equipos que movieran una reunión. Treinta y uno lo hicieron. Ya "
            "nadie se conecta a medianoche para ellas.",
        ),
        (
            "من أوساكا إلى بونه: اجتماعات في ساعات إنسانية",
            "طلبنا من أربعين فريقًا نقل اجتماع واحد، وفعل ذلك واحد وثلاثون. لم يعد أحد يتصل "
            "لأجلها عند منتصف الليل.",
        ),
    ),
)
