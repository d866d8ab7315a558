"""The topics of the leads' desk by key; a topic that is no key is a label of its own."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

TOPICS = {
    "requests": _l("Requests to join"),
    "approvals": _l("Approvals"),
    "reports": _l("Reports"),
    "waitlists": _l("Waitlists"),
    "events": _l("Events"),
    "terms": _l("Roles and terms"),
    "elections": _l("Elections"),
    "posts": _l("Posts"),
    "spend": _l("Spending"),
    "plans": _l("Plans"),
    "resources": _l("Resources"),
}
