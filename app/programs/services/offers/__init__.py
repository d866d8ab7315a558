"""Offers: made, answered, ended, opened again. An open offer holds a place."""

from app.programs.services.offers.answering import accept, decline
from app.programs.services.offers.asking import holds_a_place, pairs_of, places_taken, side_asked
from app.programs.services.offers.ending import (
    complete,
    expire_due,
    fit_to_capacity,
    go_on,
    release,
    settle_group,
    withdraw_offer,
    withdraw_offers_of,
)
from app.programs.services.offers.everywhere import (
    choose_places,
    hold_places,
    left_everywhere,
    left_of,
    lent_by,
    met_by,
    refuse_unless_free_everywhere,
)
from app.programs.services.offers.joining import make_seat, room_in
from app.programs.services.offers.making import Seat, extend, make_offer, make_seats, revive
from app.programs.services.offers.reseating import can_reseat, reseat, sit_again
from app.programs.services.offers.returning import (
    are_still_here,
    release_group,
    release_of,
    take_again,
)

__all__ = [
    "Seat",
    "accept",
    "are_still_here",
    "can_reseat",
    "choose_places",
    "complete",
    "decline",
    "expire_due",
    "extend",
    "fit_to_capacity",
    "go_on",
    "hold_places",
    "holds_a_place",
    "left_everywhere",
    "left_of",
    "lent_by",
    "make_offer",
    "make_seat",
    "make_seats",
    "met_by",
    "pairs_of",
    "places_taken",
    "refuse_unless_free_everywhere",
    "release",
    "release_group",
    "release_of",
    "reseat",
    "revive",
    "room_in",
    "settle_group",
    "side_asked",
    "sit_again",
    "take_again",
    "withdraw_offer",
    "withdraw_offers_of",
]
