"""The figures of groups themselves, and where health is found."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.registries import NavItem, navigation
from app.ergs.registry import Place, places
from app.health import queries
from app.health.registry import Figure, efforts, figures
from app.health.rules import Unit

figures.add(
    "members",
    Figure(
        _l("Members"),
        _l("Everybody who belongs on the last day of the period."),
        _l("None: it is a number of people."),
        Unit.MEMBERS,
        10,
    ),
)
figures.add(
    "joined",
    Figure(
        _l("Joined"),
        _l("Members at the end who came, or became visible, during the period."),
        _l("None: it is a number of people."),
        Unit.MOVED,
        20,
    ),
)
figures.add(
    "left",
    Figure(
        _l("Have left"),
        _l("Members at the start, and those who joined, less the members at the end."),
        _l("None: it is a number of people."),
        Unit.MOVED,
        30,
    ),
)
figures.add(
    "active_share",
    Figure(
        _l("Active share"),
        _l("Members who answered an event, wrote or took part in the last 90 days, of all."),
        _l("Members at the end of the period."),
        Unit.SHARE,
        40,
        queries.active_share,
    ),
)
figures.add(
    "retention",
    Figure(
        _l("Retention"),
        _l("Of those who belonged a year before, how many still belong."),
        _l("Members at the end of the period that closed a year before."),
        Unit.SHARE,
        50,
    ),
)
figures.add(
    "lead_load",
    Figure(
        _l("Lead load"),
        _l("What waited on the leads' desk when the month was frozen, for each lead."),
        _l("Leads and co-leads in their term."),
        Unit.LOAD,
        80,
        queries.lead_load,
    ),
)
efforts.add("decisions", queries.decisions)
figures.add(
    "lead_hours",
    Figure(
        _l("Hours of leads"),
        _l(
            "Estimated for 90 days and each lead: 15 minutes for a request answered, 1 hour for "
            "a post sent, 3 hours for a date of an event."
        ),
        _l("Leads and co-leads on the last day of the period."),
        Unit.HOURS,
        82,
        queries.lead_hours,
    ),
)
figures.add(
    "role_coverage",
    Figure(
        _l("Roles filled"),
        _l(
            "Lead, co-lead, treasurer, comms, access lead, moderator and sponsor: how many had one."
        ),
        _l("The seven roles."),
        Unit.OPEN,
        90,
        queries.role_coverage,
    ),
)
places.add("health", Place("health.show", _l("Health"), "chart-line", 90))
navigation.add("health", NavItem("health.compare", _l("Health of groups"), "chart-line", 85))
