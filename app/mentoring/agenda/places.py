"""The tabs of a workspace."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.mentoring.queries.circles import is_group
from app.mentoring.queries.sponsorship import has_ledger, is_reverse
from app.mentoring.registry import Place, places

places.add("overview", Place("mentoring.workspace", _l("Overview"), 10))
places.add("messages", Place("mentoring.messages", _l("Messages"), 15))
places.add("sessions", Place("mentoring.sessions_list", _l("Sessions"), 20))
places.add("goals", Place("mentoring.goals_list", _l("Goals"), 40, is_kept=True))
places.add("notes", Place("mentoring.notes_list", _l("Notes"), 42, is_kept=True))
places.add("guide", Place("mentoring.guide", _l("Guide"), 30, lambda pair: bool(pair.guide_id)))
places.add("resources", Place("mentoring.resources", _l("Resources"), 35))
places.add("group", Place("mentoring.our_group", _l("Our group"), 54, is_group))
places.add("timeline", Place("mentoring.timeline", _l("Timeline"), 90))
places.add("board", Place("mentoring.board", _l("Board"), 50, is_group))
places.add("topics", Place("mentoring.topics", _l("Topics"), 52, is_group))
places.add("sponsorship", Place("mentoring.sponsorship", _l("Sponsorship"), 60, has_ledger))
places.add("commitments", Place("mentoring.commitments", _l("Commitments"), 62, is_reverse))
places.add("going_on", Place("mentoring.going_on", _l("How it goes on"), 100))
