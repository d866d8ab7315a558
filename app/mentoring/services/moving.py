"""The one way to change a state here: through the tables of mentoring, with one audit row."""

from __future__ import annotations

from functools import partial

from app.mentoring.rules import TRANSITIONS
from app.programs.services import moving

move = partial(moving.move, tables=TRANSITIONS)
