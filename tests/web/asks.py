"""How to ask every route for things of a town: a new route needs its line in READS or CHANGES.

`shows` says that the town's own administrator must find the town in the answer, so that a wrong question is noticed.
"""

from collections.abc import Callable

from tests.web import plan_asks
from tests.web.asking import Ask, box, camera, quiet, tile
from tests.web.towns import Town

# Every route that reads, and how to ask it for the other town.
READS: dict[str, Callable[[Town], list[Ask]]] = {
    **plan_asks.READS,
    "/": lambda of: [quiet()],
    "/login": lambda of: [quiet()],
    "/password": lambda of: [Ask()],
    "/ca.crt": lambda of: [quiet()],
    "/healthz": lambda of: [quiet()],
    "/readyz": lambda of: [quiet()],
    "/admin/": lambda of: [Ask()],
    "/admin/accounts/<int:account_id>": lambda of: [Ask(parts={"account_id": of.ids["accounts"]})],
    "/admin/audit": lambda of: [Ask(), Ask(query={"subject": f"{of.mark}村口"})],
    "/admin/audit.<any(csv, xlsx):form>": lambda of: [Ask(parts={"form": form}) for form in ("csv", "xlsx")],
    "/admin/settings": lambda of: [Ask()],
    # Networks and what is found in them hold for the whole installation; tests/web/test_discovery.py.
    "/admin/networks": lambda of: [quiet()],
    "/discovery": lambda of: [quiet(), quiet(query={"standing": "new"})],
    "/api/v1/discovery": lambda of: [quiet()],
    "/areas": lambda of: [Ask(query={"area": of.cells[0]})],
    "/areas/posts.<any(xlsx, csv):form>": lambda of: [
        Ask(parts={"form": form}, query={"under": under}) for form in ("csv", "xlsx") for under in ("", of.town)
    ],
    "/metrics": lambda of: [quiet()],
    "/api/v1/openapi.json": lambda of: [quiet()],
    "/api/v1/areas": lambda of: [Ask(), Ask(query={"parent": of.village}), Ask(query={"q": "网格"})],
    "/api/v1/areas/vacant": lambda of: [Ask(), Ask(query={"under": of.town})],
    "/api/v1/areas/<int:area_id>": lambda of: [Ask(parts={"area_id": area}) for area in (of.town, *of.cells)],
    "/api/v1/areas/<int:area_id>/boundary": lambda of: [Ask(parts={"area_id": of.town})],
    "/wall": lambda of: [Ask()],
    "/api/v1/wall": lambda of: [Ask()],
    "/api/v1/search": lambda of: [Ask(query={"q": word}) for word in ("村口", "小学", "网格", of.code)],
    "/api/v1/alarms/open": lambda of: [Ask()],
    "/api/v1/places/seen-by": lambda of: [quiet(query={"lng": of.west + 0.02, "lat": 29.22})],
    "/cameras": lambda of: [Ask(), Ask(query={"q": "村口"}), Ask(query={"area": of.code})],
    "/cameras/<code>": lambda of: [Ask(parts=camera(of))],
    "/cameras.<any(csv, xlsx, geojson):form>": lambda of: [
        Ask(parts={"form": form}) for form in ("csv", "xlsx", "geojson")
    ],
    "/api/v1/cameras/<code>": lambda of: [Ask(parts=camera(of))],
    "/camera-labels.pdf": lambda of: [quiet(query={"code": camera(of)["code"]}), quiet()],
    "/camera-files/<int:file_id>/<any(whole, thumbnail):size>": lambda of: [
        Ask(parts={"file_id": of.ids["camera_files"], "size": size}) for size in ("whole", "thumbnail")
    ],
    "/records": lambda of: [quiet(), quiet(query={"area": of.code})],
    "/records/duplicates": lambda of: [quiet()],
    "/cameras/<code>/changes": lambda of: [Ask(parts=camera(of))],
    "/api/v1/codes/next": lambda of: [quiet(query={"centre": "51031101", "most": 3})],
    "/api/v1/cameras/<code>/view": lambda of: [quiet(parts=camera(of))],
    "/api/v1/cameras/<int:camera_id>/now": lambda of: [Ask(parts={"camera_id": of.ids["cameras"]})],
    "/api/v1/cameras/health": lambda of: [quiet()],
    "/api/v1/cameras/points": lambda of: [quiet(), quiet(query={"bbox": box(of)})],
    "/buttons/<code>/secret": lambda of: [Ask(parts={"code": f"{of.code}011340001"})],
    "/buttons": lambda of: [Ask()],
    "/outages": lambda of: [Ask()],
    "/outages/<int:outage_id>": lambda of: [Ask(parts={"outage_id": of.ids["outages"]})],
    "/api/v1/outages": lambda of: [Ask(), quiet(query={"open": 0})],
    "/api/v1/outages/<int:outage_id>": lambda of: [Ask(parts={"outage_id": of.ids["outages"]})],
    "/maintenance": lambda of: [Ask()],
    "/links": lambda of: [Ask()],
    "/admin/limits": lambda of: [quiet()],
    "/admin/thresholds": lambda of: [quiet()],
    "/cameras/<code>/diagnosis": lambda of: [Ask(parts=camera(of))],
    "/api/v1/cameras/<code>/diagnosis": lambda of: [quiet(parts=camera(of))],
    "/api/v1/buttons": lambda of: [Ask()],
    "/coverage": lambda of: [Ask(query={"px_per_m": 25})],
    "/api/v1/coverage": lambda of: [Ask()],
    "/api/v1/coverage/places": lambda of: [Ask()],
    "/api/v1/coverage/who-sees": lambda of: [
        Ask(query={"lng": of.west + 0.0005, "lat": 29.2105, "all": 1}),
        quiet(query={"lng": of.west + 0.0005, "lat": 29.2105}),
    ],
    "/coverage/export.gpkg": lambda of: [Ask()],
    "/api/v1/coverage/<code>": lambda of: [Ask(parts={"code": f"{of.code}001001"})],
    "/api/v1/coverage/export.geojson": lambda of: [Ask()],
    "/coverage/export.<any(csv, xlsx):form>": lambda of: [Ask(parts={"form": form}) for form in ("csv", "xlsx")],
    # A run of an import is shown to the account that began it, and to no other of the same town either.
    "/import": lambda of: [quiet()],
    "/import/<int:run_id>": lambda of: [quiet(parts={"run_id": of.ids["import_runs"]})],
    "/import/<int:run_id>/problems.<any(xlsx, csv):form>": lambda of: [
        quiet(parts={"run_id": of.ids["import_runs"], "form": form}) for form in ("csv", "xlsx")
    ],
    "/import/template/<kind>.xlsx": lambda of: [quiet(parts={"kind": "cameras"})],
    "/api/v1/imports/<int:run_id>": lambda of: [quiet(parts={"run_id": of.ids["import_runs"]})],
    "/incidents": lambda of: [quiet()],
    "/api/v1/incidents/counts": lambda of: [quiet()],
    "/incidents/counts.<any(csv, xlsx):form>": lambda of: [quiet(parts={"form": form}) for form in ("csv", "xlsx")],
    "/api/v1/incidents/heat": lambda of: [quiet(query={"bbox": box(of)})],
    "/api/v1/incidents/kinds": lambda of: [quiet()],
    "/notices": lambda of: [Ask(), Ask(query={"state": "failed"})],
    "/notices/<int:notice_id>": lambda of: [Ask(parts={"notice_id": of.ids["notices"]})],
    "/api/v1/notices/<int:notice_id>": lambda of: [quiet(parts={"notice_id": of.ids["notices"]})],
    "/reports": lambda of: [Ask(query={"month": "2099-01", "by": "town"})],
    "/reports/cameras": lambda of: [Ask(query={"month": "2099-01", "measure": "position"})],
    "/reports/month.<any(xlsx, pdf):form>": lambda of: [
        # On paper the letters are glyph numbers, so nothing of it can be read here.
        Ask(parts={"form": "xlsx"}, query={"month": "2099-01"}),
        quiet(parts={"form": "pdf"}, query={"month": "2099-01"}),
    ],
    "/reports/basis": lambda of: [quiet()],
    "/reports/claims": lambda of: [quiet()],
    # Of a list, only rows about cameras inside the scope are seen; tests/web/test_claims.py.
    "/reports/claims/<int:list_id>": lambda of: [quiet(parts={"list_id": 1})],
    "/reports/claims/<int:list_id>.<any(xlsx, csv):form>": lambda of: [
        quiet(parts={"list_id": 1, "form": form}) for form in ("xlsx", "csv")
    ],
    "/api/v1/reports": lambda of: [Ask(query={"month": "2099-01"}), Ask(query={"month": "2099-01", "area": of.code})],
    "/pictures/<int:snapshot_id>/full.jpg": lambda of: [Ask(parts={"snapshot_id": of.ids["snapshots"]})],
    "/pictures/<int:snapshot_id>/thumbnail.jpg": lambda of: [Ask(parts={"snapshot_id": of.ids["snapshots"]})],
    "/basemap/<name>/<int:z>/<int:x>/<int:y>": lambda of: [quiet(parts={"name": "none"} | tile(of))],
    "/basemap/service/<int:service_id>/<int:z>/<int:x>/<int:y>": lambda of: [quiet(parts={"service_id": 1} | tile(of))],
    "/tiles/<layer>/<int:z>/<int:x>/<int:y>.mvt": lambda of: [
        quiet(parts={"layer": layer} | tile(of, zoom))
        for layer in (
            "areas",
            "cameras",
            "buttons",
            "buildings",
            "roads",
            "places",
            "views",
            "gaps",
            "incidents",
            "ground",
            "points",
        )
        for zoom in (10, 14, 16)
    ],
    "/tiles/heat/<int:z>/<int:x>/<int:y>.png": lambda of: [quiet(parts=tile(of))],
}
# Every route that changes something, and how to aim it at the other town.
CHANGES: dict[str, Callable[[Town], list[Ask]]] = {
    **plan_asks.CHANGES,
    "POST /admin/accounts": lambda of: [
        Ask(form={"login": "intruder", "roles": ["viewer"], "area": of.code}),
        Ask(form={"login": "intruder", "roles": ["viewer"], "everything": "1"}),
    ],
    "POST /admin/accounts/<int:account_id>": lambda of: [
        Ask(parts={"account_id": of.ids["accounts"]}, form={"title": "taken", "roles": ["viewer"], "disabled": "1"})
    ],
    "POST /admin/accounts/<int:account_id>/grants": lambda of: [
        Ask(parts={"account_id": of.ids["accounts"]}, form={"area": of.code}),
        Ask(parts={"account_id": of.ids["accounts"]}, form={"everything": "1"}),
    ],
    "POST /admin/accounts/<int:account_id>/password": lambda of: [Ask(parts={"account_id": of.ids["accounts"]})],
    "POST /admin/accounts/<int:account_id>/revoke": lambda of: [
        Ask(parts={"account_id": of.ids["accounts"]}, form={"area_id": of.town})
    ],
    "POST /admin/networks/<int:network_id>": lambda of: [
        Ask(parts={"network_id": 0}, form={"cidr": "198.51.100.0/24", "name": "taken"}),
        Ask(parts={"network_id": 1}, form={"remove": "1"}),
    ],
    "POST /discovery": lambda of: [Ask(form={"network": ["1"]})],
    "POST /discovery/<int:run_id>/stop": lambda of: [Ask(parts={"run_id": 1}, form={})],
    "POST /discovery/add": lambda of: [Ask(form={"found": ["1"]})],
    "POST /discovery/found/<int:found_id>": lambda of: [Ask(parts={"found_id": 1}, form={"forget": "1"})],
    "POST /admin/maps/<int:map_id>": lambda of: [
        Ask(parts={"map_id": 0}, form={"name": "x", "url": "http://10.0.0.1/{z}/{x}/{y}", "crs": "wgs84"})
    ],
    "POST /admin/options/<name>": lambda of: [Ask(parts={"name": "site_name"}, form={"value": "taken"})],
    "POST /admin/thresholds": lambda of: [Ask(form={"noise": "9"})],
    "POST /cameras/<code>/thresholds": lambda of: [Ask(parts=camera(of), form={"noise": "9"})],
    "PUT /api/v1/cameras/<code>/thresholds": lambda of: [Ask(parts=camera(of), body={"noise": 9})],
    "POST /cameras/<code>/references/forget": lambda of: [Ask(parts=camera(of), form={})],
    "POST /admin/limits/<int:monitor_class>": lambda of: [
        Ask(parts={"monitor_class": 1}, form={"confirm_offline_looks": 9})
    ],
    "POST /outages/<int:outage_id>/cause": lambda of: [
        Ask(parts={"outage_id": of.ids["outages"]}, form={"cause": "power", "note": "taken"})
    ],
    "POST /maintenance": lambda of: [
        Ask(
            form={
                "kind": kind,
                "place": place,
                "starts_at": "2026-01-01T08:00",
                "ends_at": "2026-01-01T10:00",
                "repeats": "never",
            }
        )
        for kind, place in (("camera", camera(of)["code"]), ("area", of.code), ("link", f"{of.mark}光缆"))
    ],
    "POST /maintenance/<int:window_id>/end": lambda of: [Ask(parts={"window_id": of.ids["maintenance_windows"]})],
    "POST /links": lambda of: [Ask(form={"name": "taken", "area": of.code})],
    "POST /links/<int:link_id>": lambda of: [
        Ask(parts={"link_id": of.ids["links"]}, form=form)
        for form in (
            {"kind": "area", "end": of.code},
            {"kind": "recorder", "end": "taken"},
            {"parent": ""},
            {"free": of.ids["link_ends"]},
        )
    ],
    "POST /links/<int:link_id>/remove": lambda of: [Ask(parts={"link_id": of.ids["links"]})],
    "POST /admin/recorders": lambda of: [Ask(form={"vendor": "x", "path": "/{channel}"})],
    "POST /api/v1/areas/<int:area_id>/posts": lambda of: [Ask(parts={"area_id": of.cells[0]}, body={"name": "taken"})],
    "PUT /api/v1/posts/<int:post_id>": lambda of: [
        Ask(parts={"post_id": of.ids["posts"]}, body={"name": "taken", "duties": [], "staffed": False})
    ],
    "DELETE /api/v1/posts/<int:post_id>": lambda of: [Ask(parts={"post_id": of.ids["posts"]})],
    "POST /api/v1/alarms/<int:alarm_id>/acknowledge": lambda of: [Ask(parts={"alarm_id": of.ids["alarms"]}, body={})],
    "POST /api/v1/alarms/<int:alarm_id>/close": lambda of: [
        Ask(parts={"alarm_id": of.ids["alarms"]}, body={"finding": finding})
        for finding in ("real", "false", "drill", "test")
    ],
    "PATCH /api/v1/cameras/<code>": lambda of: [Ask(parts=camera(of), body={"version": 1, "name": "taken"})],
    "PUT /api/v1/cameras/<code>/login": lambda of: [
        Ask(parts=camera(of), body={"version": 1, "username": "x", "password": "y"})
    ],
    "POST /cameras/<code>/files": lambda of: [Ask(parts=camera(of), form={"kind": "site"})],
    "POST /camera-files/<int:file_id>/remove": lambda of: [Ask(parts={"file_id": of.ids["camera_files"]}, form={})],
    "POST /records/rules": lambda of: [Ask(form={"rule": ["vendor:1"]})],
    "POST /api/v1/cameras/<code>/look": lambda of: [Ask(parts=camera(of), body={})],
    "POST /api/v1/cameras/<code>/undo": lambda of: [
        Ask(parts=camera(of), body={"change": of.ids["camera_changes"], "version": 1})
    ],
    "POST /api/v1/cameras/bulk": lambda of: [
        Ask(body={"codes": [camera(of)["code"]], "changes": {"record_state": "repair"}, "reason": "x"})
    ],
    "POST /api/v1/imports/<int:run_id>/<any(check, apply):step>": lambda of: [
        Ask(parts={"run_id": of.ids["import_runs"], "step": step}, body={}) for step in ("check", "apply")
    ],
    "POST /notices/channels/<int:channel_id>": lambda of: [
        Ask(parts={"channel_id": of.ids["notice_channels"]}, form=form)
        for form in ({"name": "x", "way": "webhook", "url": "http://127.0.0.1:1/"}, {"remove": "1"})
    ],
    "POST /notices/rules/<int:rule_id>": lambda of: [
        Ask(parts={"rule_id": rule_id}, form=form)
        for rule_id in (0, of.ids["notice_rules"])
        for form in ({"name": "x", "area": of.code, "kinds": ["offline"]}, {"remove": "1"})
    ],
    "POST /api/v1/notices/channels/<int:channel_id>/test": lambda of: [
        Ask(parts={"channel_id": of.ids["notice_channels"]}, body={})
    ],
    "POST /api/v1/notices/<int:notice_id>/again": lambda of: [Ask(parts={"notice_id": of.ids["notices"]}, body={})],
    "POST /api/v1/notices/preview": lambda of: [Ask(form={"name": "x", "area": of.code, "kinds": ["offline"]})],
    "POST /reports": lambda of: [Ask(form={"month": "2099-01", "area": of.code})],
    "POST /reports/claims": lambda of: [Ask(form={"file": "none"})],
    "POST /reports/basis": lambda of: [Ask(form={"weight-online": "1", "of-online": "due"})],
    "POST /buttons/<code>/secret": lambda of: [Ask(parts={"code": f"{of.code}011340001"}, form={})],
}
# Routes that act on nobody but the one who asks, or that have their own proof elsewhere.
APART = {
    "POST /api/v1/plan/view": "what a pose sees between the buildings of the own scope; keeps nothing",
    "GET /static/<path:filename>": "files of the program",
    "POST /login": "tests/web/test_accounts.py",
    "POST /logout": "tests/web/test_accounts.py",
    "POST /password": "tests/web/test_accounts.py",
    "POST /language": "tests/web/test_accounts.py",
    "POST /import": "begins a run of the own account; what it may write is held by the tables below",
    "POST /cameras/columns": "what the own table shows",
    "GET /api/v1/push": "below",
}
