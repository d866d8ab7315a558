"""The parameters of agenda hints, spelled once."""

from __future__ import annotations

from sqlalchemy import BindParameter, Date, Uuid, bindparam

from app.core.database import UTCDateTime


def person() -> BindParameter:
    """The reader's id."""
    return bindparam("person", type_=Uuid())


def now() -> BindParameter:
    """The instant of the request."""
    return bindparam("now", type_=UTCDateTime())


def today() -> BindParameter:
    """The day of the request, UTC."""
    return bindparam("today", type_=Date())


def week_ago() -> BindParameter:
    """Seven days before the request."""
    return bindparam("week_ago", type_=UTCDateTime())


def six_weeks_ago() -> BindParameter:
    """Forty-two days before the request."""
    return bindparam("six_weeks_ago", type_=UTCDateTime())


def month_ahead() -> BindParameter:
    """Thirty days after the request."""
    return bindparam("month_ahead", type_=UTCDateTime())
