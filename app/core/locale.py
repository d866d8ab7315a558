"""Language, zone and formats of whoever reads: the request's person or a mail's recipient."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import flask
from babel import Locale, dates, lists, numbers
from babel.core import UnknownLocaleError, get_global
from flask_babel import Babel, force_locale
from markupsafe import Markup

from app.core import clock, money

COOKIE = "trellis_lang"


@dataclass(frozen=True, slots=True)
class Language:
    """An interface language: BCP 47 tag, Babel's name, own name and direction."""

    tag: str
    babel: str
    name: str
    dir: str = "ltr"


LANGUAGES = {
    language.tag: language
    for language in (
        Language("en", "en", "English"),
        Language("es", "es", "Español"),
        Language("ar", "ar", "العربية", "rtl"),
        Language("fr", "fr", "Français"),
        Language("de", "de", "Deutsch"),
        Language("pt-BR", "pt_BR", "Português (Brasil)"),
        Language("ja", "ja", "日本語"),
        Language("zh-Hans", "zh_Hans", "简体中文"),
        Language("hi", "hi", "हिन्दी"),
        Language("pl", "pl", "Polski"),
        Language("en-XA", "en_XA", "[Pseudo]"),
    )
}
COMPLETE = ("en", "es", "ar")
DEFAULT = LANGUAGES["en"]

_spoken: ContextVar[tuple[Language, str, str | None] | None] = ContextVar("spoken", default=None)
babel = Babel()


def init_app(app: flask.Flask) -> None:
    """Install language selection, formats and the template globals."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(app.extensions["root"] / "translations")
    babel.init_app(app, locale_selector=babel_locale)
    app.after_request(_remember_choice)
    app.jinja_env.filters.update(
        date=format_date,
        time=format_time,
        datetime=format_datetime,
        number=format_number,
        percent=format_percent,
        relative=format_relative,
        listing=format_list,
        duration=format_duration,
        money=format_money,
        zone_name=zone_name,
    )
    app.context_processor(
        lambda: {"locale": current_language(), "locales": offered(), "locale_note": locale_note()}
    )


def offered() -> list[Language]:
    """The languages a person may choose; the pseudo-locale only where tests run."""
    extra = ("en-XA",) if flask.current_app.testing else ()
    return [LANGUAGES[tag] for tag in (*COMPLETE, *extra)]


def find_language(tag: str | None) -> Language | None:
    """The offered language of a tag, tolerant of case and region; None when not offered."""
    if not tag:
        return None
    wanted = tag.replace("_", "-").lower()
    by_tag = {language.tag.lower(): language for language in offered()}
    return by_tag.get(wanted) or by_tag.get(wanted.split("-")[0])


def current_language() -> Language:
    """Asked for in the URL, else this device's choice, else the profile, else the browser."""
    spoken = _spoken.get()
    if spoken is not None:
        return spoken[0]
    if not flask.has_request_context():
        return DEFAULT
    if "language" not in flask.g:
        from app.core.policies import (
            current_actor,  # policies needs the database, which needs no locale
        )

        flask.g.language = _choose_language(current_actor().locale)
    language: Language = flask.g.language
    return language


def _choose_language(own: str | None) -> Language:
    request = flask.request
    candidates = (request.args.get("lang"), request.cookies.get(COOKIE), own)
    for tag in candidates:
        if (language := find_language(tag)) is not None:
            return language
    tags = [language.tag for language in offered()]
    return find_language(request.accept_languages.best_match(tags)) or DEFAULT


def locale_note() -> str | None:
    """The person's own language when it is not complete yet, by its own name."""
    from app.core.policies import current_actor

    wanted = LANGUAGES.get(current_actor().locale or "")
    return wanted.name if wanted and wanted.tag not in COMPLETE else None


def _remember_choice(response: flask.Response) -> flask.Response:
    language = find_language(flask.request.args.get("lang"))
    if language is not None:
        secure = flask.current_app.extensions["settings"].is_https
        response.set_cookie(
            COOKIE, language.tag, max_age=31_536_000, samesite="Lax", httponly=True, secure=secure
        )
    response.headers.setdefault("Content-Language", current_language().tag)
    return response


@contextmanager
def speaking(tag: str | None, zone: str, hour_cycle: str | None = None) -> Iterator[None]:
    """Speak a recipient's language in their zone, whoever runs the job."""
    language = find_language(tag) or DEFAULT
    marker = _spoken.set((language, zone, hour_cycle))
    try:
        with force_locale(parsed(language)):
            yield
    finally:
        _spoken.reset(marker)


@contextmanager
def speaking_to(tag: str | None, zone: str, hour_cycle: str | None = None) -> Iterator[None]:
    """Speak to whoever a link was sent to as their profile says; signed out they are nobody.

    A language chosen on the device comes first, as everywhere.
    """
    flask.g.language = _choose_language(tag)
    with speaking(flask.g.language.tag, zone, hour_cycle):
        yield


def current_zone() -> ZoneInfo:
    """The zone in which the reader lives."""
    spoken = _spoken.get()
    if spoken is not None:
        return clock.zone(spoken[1])
    from app.core.policies import current_actor

    return clock.zone(current_actor().zone)


def babel_locale() -> Locale:
    """Names and formats of the current language by CLDR."""
    return parsed(current_language())


@cache
def parsed(language: Language) -> Locale:
    """A language's CLDR data; the pseudo-locale formats as English and finds its own catalog."""
    if language.tag != "en-XA":
        return Locale.parse(language.babel)
    pseudo = Locale("en")
    pseudo.datetime_formats  # noqa: B018 - loads the data of `en` before the name changes
    pseudo.territory = "XA"
    return pseudo


def _hour_cycle() -> str | None:
    spoken = _spoken.get()
    if spoken is not None:
        return spoken[2]
    from app.core.policies import current_actor

    return current_actor().hour_cycle


def _local(value: datetime, zone: str | None) -> datetime:
    return value.astimezone(clock.zone(zone) if zone else current_zone())


def _stamp(value: datetime | date, text: str) -> Markup:
    # HTML allows three digits of a second at most; people need none.
    exact = value.isoformat("T", "seconds") if isinstance(value, datetime) else value.isoformat()
    return Markup('<time datetime="{}">{}</time>').format(exact, text)


def clock_text(value: datetime, zone: str | None = None) -> str:
    """The time of day in the reader's zone, locale and hour cycle, as plain text."""
    local = _local(value, zone)
    cycle = _hour_cycle()
    if cycle is None:
        return dates.format_time(local, "short", tzinfo=local.tzinfo, locale=babel_locale())
    skeleton = "Hm" if cycle == "h23" else "hm"
    return dates.format_skeleton(skeleton, local, tzinfo=local.tzinfo, locale=babel_locale())


def zone_text(value: datetime, zone: str | None = None) -> str:
    """The zone's short name at that instant, `EST`, or its offset, `GMT+09:00`."""
    local = _local(value, zone)
    name = dates.get_timezone_name(local, width="short", locale=babel_locale())
    if name[:1] not in "+-":
        return name
    return dates.get_timezone_gmt(local, width="long", locale=babel_locale())


def zone_name(zone: str, at: datetime | None = None) -> str:
    """A zone as people know it: its city and how far its clocks are from UTC, `Nairobi (UTC+3)`."""
    if zone not in clock.zone_names():
        return zone
    offset = (at or clock.now()).astimezone(clock.zone(zone)).utcoffset() or timedelta()
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    distance = "" if not minutes else f"{'+' if minutes > 0 else '-'}{hours}"
    distance += f":{rest:02}" if rest else ""
    if zone == "UTC" or zone.startswith("Etc/"):
        return f"UTC{distance}"
    city = dates.get_timezone_location(clock.zone(zone), locale=babel_locale(), return_city=True)
    return f"{city.rpartition('/')[2]} (UTC{distance})"


def date_text(value: datetime | date, style: str = "medium", zone: str | None = None) -> str:
    """A calendar date in the reader's locale, as plain text."""
    day = _local(value, zone) if isinstance(value, datetime) else value
    if style == "day":
        return dates.format_skeleton("MMMEd", day, locale=babel_locale())
    return dates.format_date(day, style, locale=babel_locale())


def datetime_text(value: datetime, zone: str | None = None, with_zone: bool = True) -> str:
    """Day, time and zone, for mails and calendar texts."""
    day, clock = date_text(value, "full", zone), clock_text(value, zone)
    joined = _joined(day, clock)
    return f"{joined} {zone_text(value, zone)}" if with_zone else joined


def _joined(day: str, clock: str) -> str:
    pattern = babel_locale().datetime_formats["medium"]
    return str(pattern).replace("{1}", day).replace("{0}", clock).replace("'", "")


def format_date(value: datetime | date, style: str = "medium", zone: str | None = None) -> Markup:
    """Template filter: a date as <time>."""
    shown = _local(value, zone) if isinstance(value, datetime) else value
    return _stamp(shown, date_text(value, style, zone))


def format_time(value: datetime | time, zone: bool = False, in_zone: str | None = None) -> Markup:
    """Template filter: a time of day as <time>; `zone=True` adds the zone's name."""
    if isinstance(value, time):
        return Markup("<time>{}</time>").format(
            dates.format_time(value, "short", locale=babel_locale())
        )
    text = clock_text(value, in_zone)
    if zone:
        text = f"{text} {zone_text(value, in_zone)}"
    return _stamp(_local(value, in_zone), text)


def format_datetime(
    value: datetime, style: str = "day", zone: bool = False, in_zone: str | None = None
) -> Markup:
    """Template filter: day and time as <time>; `zone=True` adds the zone's name."""
    text = _joined(date_text(value, style, in_zone), clock_text(value, in_zone))
    if zone:
        text = f"{text} {zone_text(value, in_zone)}"
    return _stamp(_local(value, in_zone), text)


def format_relative(value: datetime) -> Markup:
    """Template filter: `in 3 days`, as <time>."""
    delta: timedelta = value - clock.now()
    text = dates.format_timedelta(delta, add_direction=True, locale=babel_locale())
    return _stamp(value.astimezone(UTC), text)


def format_number(value: float) -> str:
    """Template filter: a number in the reader's locale."""
    return numbers.format_decimal(value, locale=babel_locale())


def format_percent(value: float, digits: int = 0) -> str:
    """Template filter: a share in 0..1 as percent."""
    pattern = "#,##0%" if digits == 0 else "#,##0." + "0" * digits + "%"
    locale = babel_locale()
    if digits == 0:
        return numbers.format_percent(value, locale=locale)
    return numbers.format_percent(value, format=pattern, locale=locale)


def format_money(minor: int, currency: str) -> str:
    """Template filter: an integer of minor units with its currency, as the reader writes it."""
    return money.shown(minor, currency, babel_locale())


def format_list(values: Any) -> str:
    """Template filter: `a, b and c` in the reader's language."""
    return lists.format_list([str(value) for value in values], locale=babel_locale())


def format_duration(minutes: int) -> str:
    """Template filter: whole minutes, under a month, as in `1 hour and 30 minutes`."""
    parts, rest = [], timedelta(minutes=minutes)
    for unit in (timedelta(weeks=1), timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)):
        whole, rest = divmod(rest, unit)
        parts.append(whole * unit)
    # With a threshold of one, 59 minutes are not rounded to an hour.
    said = [
        dates.format_timedelta(part, threshold=1, locale=babel_locale()) for part in parts if part
    ]
    return format_list(said)


def month_text(first: date) -> str:
    """A month and its year as a heading."""
    return str(dates.format_skeleton("yMMMM", first, locale=babel_locale()))


def weekdays() -> list[tuple[int, str, str]]:
    """(Monday = 0, short name, name) of the days of a week as the reader orders them."""
    first, names = first_weekday(babel_locale(), str(current_zone())), babel_locale().days
    order = [(first + step) % 7 for step in range(7)]
    short, full = names["stand-alone"]["abbreviated"], names["stand-alone"]["wide"]
    return [(day, short[day], full[day]) for day in order]


@cache
def first_weekday(locale: Locale, zone: str) -> int:
    """On which day weeks begin, Monday = 0: where the language says, else where the zone lies."""
    territories = (locale.territory, get_global("zone_territories").get(zone))
    likely = get_global("likely_subtags").get(locale.language, "und_001")
    for name in (*(f"und_{place}" for place in territories if place), likely):
        with suppress(UnknownLocaleError):
            return int(Locale.parse(name).first_week_day)
    return 0
