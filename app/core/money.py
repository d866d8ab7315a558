"""Money is an integer of minor units beside an ISO 4217 code; never a float.

How many decimals a currency has is CLDR's knowledge: JPY 0, USD 2, KWD 3.
"""

from __future__ import annotations

import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from babel import Locale, numbers

# The currencies offered in forms: where people work, alphabetically.
_CODES = (
    "AED ARS AUD BHD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP GHS HKD HUF IDR ILS INR "
    "ISK JOD JPY KES KRW KWD MAD MXN MYR NGN NOK NZD OMR PEN PHP PKR PLN QAR RON RWF SAR "
    "SEK SGD THB TND TRY TWD UAH UGX USD UYU VND XAF XOF ZAR "
)
CURRENCIES = tuple(_CODES.split())
LARGEST = 10**15
_SIGNS = frozenset("0123456789.,'’-")


class NotAnAmount(ValueError):
    """What was typed is no amount of this currency."""


class TooFine(NotAnAmount):
    """More decimals than the currency has; `digits` says how many it has."""

    def __init__(self, digits: int) -> None:
        super().__init__(digits)
        self.digits = digits


def digits_of(currency: str) -> int:
    """How many decimals a currency has."""
    return int(numbers.get_currency_precision(currency))


def major(minor: int, currency: str) -> Decimal:
    """The amount in whole units, exactly."""
    return Decimal(minor).scaleb(-digits_of(currency))


def convert(minor: int, currency: str, into: str, rate: Decimal) -> int:
    """Minor units of another currency; `rate` is whole units of `into` for one of `currency`.

    Rounded once, half away from zero.
    """
    exact = (major(minor, currency) * rate).scaleb(digits_of(into))
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def shown(minor: int, currency: str, locale: Locale) -> str:
    """The amount as the locale writes it."""
    return str(numbers.format_currency(major(minor, currency), currency, locale=locale))


def typed(minor: int, currency: str, locale: Locale) -> str:
    """The amount as it stands in a field: what `parse` reads back."""
    amount = major(minor, currency)
    return numbers.format_decimal(
        amount, format="0." + "0" * digits_of(currency), locale=locale, group_separator=False
    )


def parse(text: str, currency: str, locale: Locale) -> int:
    """Minor units of what was typed in a locale; refuses what could be meant in two ways."""
    amount = parse_number(text, locale).scaleb(digits_of(currency))
    if amount != amount.to_integral_value():
        raise TooFine(digits_of(currency))
    if abs(amount) > LARGEST:
        raise NotAnAmount
    return int(amount)


def parse_number(text: str, locale: Locale) -> Decimal:
    """A number as typed in a locale, whatever digits were used."""
    plain = "".join(_plain(c) for c in text if not c.isspace())
    if not _SIGNS.issuperset(plain):
        raise NotAnAmount
    try:
        number = numbers.parse_decimal(plain, locale=locale, strict=True)
    except (numbers.NumberFormatError, InvalidOperation, ValueError) as fault:
        raise NotAnAmount from fault
    if not number.is_finite():
        raise NotAnAmount
    return number


def _plain(char: str) -> str:
    if char == "٫":
        return "."
    if char == "٬":
        return ","
    digit = unicodedata.digit(char, None)
    return char if digit is None else str(digit)
