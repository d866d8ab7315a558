"""Amounts as people type and read them; conversion to the last unit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from app.core import money

EN, ES, AR = (Locale.parse(tag) for tag in ("en", "es", "ar"))


@pytest.mark.parametrize(
    ("text", "currency", "locale", "minor"),
    [
        ("1,234.50", "USD", EN, 123_450),
        ("1.234,50", "EUR", ES, 123_450),
        ("1 234,50", "EUR", ES, 123_450),
        ("1500", "JPY", EN, 1_500),
        ("0.125", "KWD", EN, 125),
        ("١٢٫٥", "USD", AR, 1_250),
    ],
)
def test_an_amount_is_read_as_the_language_writes_it(text, currency, locale, minor) -> None:
    assert money.parse(text, currency, locale) == minor


@pytest.mark.parametrize("text", ["12,50", "1.2.3", "ten", "", "NaN", "inf", "1e5", "12,5,0"])
def test_what_could_be_meant_in_two_ways_is_refused(text) -> None:
    with pytest.raises(money.NotAnAmount):
        money.parse(text, "USD", EN)


@pytest.mark.parametrize(
    ("text", "currency"), [("1.5", "JPY"), ("1.234", "USD"), ("1.2345", "KWD")]
)
def test_no_more_decimals_than_the_currency_has(text, currency) -> None:
    with pytest.raises(money.TooFine):
        money.parse(text, currency, EN)


@given(st.integers(0, 10**12), st.sampled_from(money.CURRENCIES), st.sampled_from([EN, ES, AR]))
def test_what_stands_in_a_field_is_read_back(minor, currency, locale) -> None:
    assert money.parse(money.typed(minor, currency, locale), currency, locale) == minor


def test_conversion_rounds_once_half_away_from_zero() -> None:
    assert money.convert(1_000, "JPY", "USD", Decimal("0.0066")) == 660
    assert money.convert(100, "USD", "JPY", Decimal("149.5")) == 150
    assert money.convert(1_000, "KWD", "USD", Decimal("3.255")) == 326
    assert money.convert(-1_000, "KWD", "USD", Decimal("3.255")) == -326


def test_amounts_are_shown_with_the_decimals_of_their_currency() -> None:
    assert money.shown(150_000, "JPY", EN) == "¥150,000"
    assert money.shown(1_250, "KWD", EN).replace("\xa0", "") == "KWD1.250"
    assert money.shown(123_450, "EUR", ES) == "1.234,50\xa0€"
