"""The way around: what stands in the bar at the top, and the front-end packages that scripts may import."""

from typing import Any, NamedTuple

from flask import Flask, current_app, url_for

from data.types import Role
from web import context, permission, vendor
from web.words import mark


class Entry(NamedTuple):
    """A page in the bar: its path, what it is called, and the role it is for."""

    path: str
    title: str
    role: Role


# A new page is one line here.
ENTRIES = (
    Entry("/wall", mark("Wall"), Role.VIEWER),
    Entry("/cameras", mark("Cameras"), Role.VIEWER),
    Entry("/records", mark("Records"), Role.VIEWER),
    Entry("/buttons", mark("Buttons"), Role.VIEWER),
    Entry("/outages", mark("Outages"), Role.VIEWER),
    Entry("/maintenance", mark("Maintenance"), Role.VIEWER),
    Entry("/areas", mark("Areas"), Role.VIEWER),
    Entry("/coverage", mark("Coverage"), Role.VIEWER),
    Entry("/plan", mark("Plan"), Role.VIEWER),
    Entry("/incidents", mark("Incidents"), Role.VIEWER),
    Entry("/reports", mark("Reports"), Role.VIEWER),
    Entry("/import", mark("Import"), Role.EDITOR),
    Entry("/discovery", mark("Discovery"), Role.ADMIN),
    Entry("/notices", mark("Notices"), Role.ADMIN),
    Entry("/admin", mark("Administration"), Role.ADMIN),
)
# Scripts name packages and folders; the import map says where they lie.
OWN_FOLDERS = {"lib/": "js/lib/", "map/": "js/map/"}


def init(app: Flask) -> None:
    """Give templates the bar and the import map."""
    app.jinja_env.globals.update(entries=entries, import_map=import_map)
    app.context_processor(_about_this_request)


def entries() -> list[Entry]:
    """Return the pages that exist and that the signed-in account may open."""
    built = {str(rule) for rule in current_app.url_map.iter_rules()}
    account = context.current()
    return [
        entry for entry in ENTRIES if {entry.path, f"{entry.path}/"} & built and permission.may(account, entry.role)
    ]


def import_map() -> dict[str, dict[str, str]]:
    """Return the import map of our own folders and of the vendored packages."""
    own = {name: url_for("static", filename=folder) for name, folder in OWN_FOLDERS.items()}
    vendored = {name: url_for("static", filename=f"vendor/{file}") for name, file in vendor.imports().items()}
    return {"imports": own | vendored}


def _about_this_request() -> dict[str, Any]:
    return {"account": context.current(), "shown": context.shown_to_all()}
