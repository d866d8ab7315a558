"""What each group of the demo company promises first in its charter, in its three languages."""

from __future__ import annotations

PROMISES = {
    "women": {
        "en": "We open doors for each other: a seat in the room, a name on the list, a ride home.",
        "es": "Nos abrimos puertas: un lugar en la sala, un nombre en la lista, un viaje a casa.",
        "ar": "نفتح الأبواب لبعضنا: مقعد في الغرفة، واسم في القائمة، ورفقة في طريق العودة.",
    },
    "veterans": {
        "en": "Nobody who served starts over alone. We translate ranks into roles, and we listen.",
        "es": "Nadie que sirvió empieza de cero a solas. Traducimos rangos y escuchamos.",
        "ar": "لا أحد ممن خدموا يبدأ من جديد وحده. نترجم الرتب إلى أدوار، ونصغي.",
    },
    "pride": {
        "en": "You decide who knows that you are here. We never ask, and we never tell.",
        "es": "Tú decides quién sabe que estás aquí. Nunca preguntamos y nunca lo contamos.",
        "ar": "أنت من يقرر من يعرف أنك هنا. لا نسأل أبداً، ولا نخبر أحداً.",
    },
    "black": {
        "en": "We sponsor by name, celebrate in public, and say plainly what has to change.",
        "es": "Apadrinamos con nombre, celebramos en público y decimos claro qué debe cambiar.",
        "ar": "نرعى بالاسم، ونحتفل علناً، ونقول بوضوح ما يجب أن يتغير.",
    },
    "latinx": {
        "en": "We speak the language we dream in, and make room for those who are learning it.",
        "es": "Hablamos la lengua en la que soñamos y hacemos sitio a quien la está aprendiendo.",
        "ar": "نتكلم اللغة التي نحلم بها، ونفسح مكاناً لمن يتعلمها.",
    },
    "asia-pacific": {
        "en": "Forty languages, one table: we teach each other, and we put each other forward.",
        "es": "Cuarenta lenguas, una mesa: nos enseñamos y nos proponemos mutuamente.",
        "ar": "أربعون لغة ومائدة واحدة: نعلّم بعضنا، ويرشّح بعضنا بعضاً.",
    },
    "indigenous": {
        "en": "We begin with the land we stand on, and with the elders who taught us to.",
        "es": "Empezamos por la tierra que pisamos y por los mayores que nos lo enseñaron.",
        "ar": "نبدأ بالأرض التي نقف عليها، وبالكبار الذين علمونا ذلك.",
    },
    "ability": {
        "en": "Come as you are, on the day you are having. Cameras off, and no diagnosis asked.",
        "es": "Ven como eres, en el día que tengas. Sin cámara, con pausas, sin diagnósticos.",
        "ar": "تعال كما أنت، في اليوم الذي تعيشه. بلا كاميرا، مع استراحات، وبلا سؤال عن تشخيص.",
    },
    "parents": {
        "en": "A crying child on the call is welcome, and so is the time an aging parent needs.",
        "es": "Un niño que llora es bienvenido, y el tiempo para una madre mayor también.",
        "ar": "بكاء طفل أثناء المكالمة أمر مرحب به، وكذلك رعاية والد مسنّ في الغرفة المجاورة.",
    },
    "early-career": {
        "en": "There are no silly questions here. Somebody asked the same one last year.",
        "es": "Aquí no hay preguntas tontas. Alguien hizo la misma el año pasado.",
        "ar": "لا أسئلة ساذجة هنا. فقد طرح أحدهم السؤال نفسه في العام الماضي.",
    },
    "interfaith": {
        "en": "We explain, we do not convert. Every holiday is a chance to be a guest.",
        "es": "Explicamos, no convertimos. Cada fiesta es una ocasión de ser huésped.",
        "ar": "نشرح ولا نبشّر. وكل عيد فرصة لأن تكون ضيفاً.",
    },
    "allies": {
        "en": "We come to listen, stay to help, and leave the microphone where it belongs.",
        "es": "Venimos a escuchar, nos quedamos a ayudar y dejamos el micrófono a quien le toca.",
        "ar": "نأتي لنصغي، ونبقى لنساعد، ونترك الميكروفون لأصحابه.",
    },
}
