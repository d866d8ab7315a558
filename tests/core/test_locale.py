"""Language, direction, dates and numbers follow the reader."""

from __future__ import annotations

import gettext
from datetime import UTC, datetime

import pytest
from babel import Locale

from app.core import locale

AT = datetime(2026, 11, 21, 15, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("accept", "lang", "direction"),
    [
        ("es-MX,es;q=0.9", "es", "ltr"),
        ("ar-EG", "ar", "rtl"),
        ("fr", "en", "ltr"),
        ("", "en", "ltr"),
    ],
)
def test_a_stranger_reads_the_browser_s_language_when_it_is_complete(app, accept, lang, direction):
    answer = app.test_client().get("/", headers={"Accept-Language": accept})
    assert f'<html lang="{lang}" dir="{direction}"' in answer.get_data(as_text=True)
    assert answer.headers["Content-Language"] == lang


def test_the_url_s_choice_is_remembered_and_beats_the_browser(app):
    client = app.test_client()
    client.get("/?lang=ar", headers={"Accept-Language": "es"})
    answer = client.get("/", headers={"Accept-Language": "es"})
    assert 'lang="ar"' in answer.get_data(as_text=True)


@pytest.mark.parametrize("tag", ["xx", "../../etc", "", "en-XA\r\nX: y"])
def test_nonsense_tags_are_ignored(app, tag):
    answer = app.test_client().get("/", query_string={"lang": tag})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("tag", "zone", "cycle", "has"),
    [
        ("en", "America/New_York", None, ("Nov", "10:05")),
        ("en", "Asia/Tokyo", "h23", ("Nov", "0:05")),
        ("es", "Europe/Madrid", None, ("nov", "16:05")),
        ("en", "Asia/Kolkata", "h12", ("8:35", "PM")),
    ],
)
def test_a_recipient_reads_their_own_time(context, tag, zone, cycle, has):
    with locale.speaking(tag, zone, cycle):
        text = str(locale.format_datetime(AT)).replace("\u202f", " ")
    assert all(part in text for part in has), text
    assert "+" in text or "-05:00" in text, "<time> carries its offset"


def test_arabic_numbers_and_dates_are_arabic(context):
    with locale.speaking("ar", "Africa/Cairo"):
        assert "نوفمبر" in locale.date_text(AT, "long")
        assert locale.format_percent(0.5)


FORMS = ("zero", "one", "two", "few", "many", "other")


@pytest.mark.parametrize("tag", locale.COMPLETE)
def test_a_number_takes_the_form_of_words_that_its_language_has_for_it(tag):
    """Babel writes another order of the Arabic forms than its own rules and every editor have."""
    catalog = gettext.translation("messages", "translations", [tag])
    category = Locale(tag).plural_form
    numbers = range(1200)
    forms = sorted({category(number) for number in numbers}, key=FORMS.index)
    assert [catalog.plural(n) for n in numbers] == [forms.index(category(n)) for n in numbers]


def test_recipients_read_translations_whoever_runs_the_job(context):
    from flask_babel import gettext

    with locale.speaking("es", "UTC"):
        assert gettext("There is nothing here") != "There is nothing here"
    assert gettext("There is nothing here") == "There is nothing here"
