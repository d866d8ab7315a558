"""The pages of a group among its tabs, and the administrators' place in the navigation."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.registries import NavItem, navigation
from app.ergs.registry import Place, places

places.add("overview", Place("ergs.show", _l("Overview"), "house", 10))
places.add("members", Place("ergs.members", _l("Members"), "users", 20))
places.add("requests", Place("ergs.manage", _l("Requests"), "user-plus", 10, is_for_leads=True))
places.add("edit", Place("ergs.edit", _l("Edit"), "pencil", 20, is_for_leads=True))
places.add(
    "switches", Place("ergs.switches", _l("Switches"), "sliders-horizontal", 30, is_for_leads=True)
)
places.add("chapters", Place("ergs.chapters", _l("Chapters"), "map-pin", 40, is_for_leads=True))
places.add("picture", Place("ergs.edit_picture", _l("Picture"), "image", 50, is_for_leads=True))
navigation.add("manage_groups", NavItem("groups.index", _l("Manage groups"), "users-round", 81))
