"""What is read: a session and its people, one's own place, tables, those one met."""

from app.speed.queries.dates import (
    COMING,
    date_for,
    is_coming,
    mine_ahead,
    open_to,
    session_for,
    session_of_date,
)
from app.speed.queries.organizing import (
    PAGE,
    Coming,
    PlanLine,
    coming,
    plan_of,
    players,
    seatable,
    seats_of,
)
from app.speed.queries.own import (
    MyTable,
    matches_of,
    met_by,
    my_tables,
    placed_seat,
    seat_for,
    wishes_of,
)

__all__ = [
    "COMING",
    "PAGE",
    "Coming",
    "MyTable",
    "PlanLine",
    "coming",
    "date_for",
    "is_coming",
    "matches_of",
    "met_by",
    "mine_ahead",
    "my_tables",
    "open_to",
    "placed_seat",
    "plan_of",
    "players",
    "seat_for",
    "seatable",
    "seats_of",
    "session_for",
    "session_of_date",
    "wishes_of",
]
