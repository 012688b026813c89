"""What Prometheus reads at /metrics: requests by route and never by address, the prober, and towns.

Requests and the prober are shown to this machine itself, and to administrators from elsewhere. The health of towns is
shown to nobody who has not signed in: a monitoring system presents the token of `sharpeyes account token` as its
bearer, and gets the towns that account may see.
"""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from data import metrics
from data.types import Role
from web import context, permission
from web.permission import anyone
from web.problems import NotAllowed

bp = Blueprint("metrics", __name__)

requests = Counter("sharpeyes_requests_total", "Requests answered", ["method", "route", "status"])
durations = Histogram(
    "sharpeyes_request_seconds",
    "Time from a request to its answer, without the sending",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class Stored(Collector):
    """What the database knows, asked for when it is read."""

    def __init__(self, session: Session, *, with_areas: bool) -> None:
        """Keep the session to ask with."""
        self.session, self.with_areas = session, with_areas

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges of the prober, and of towns where somebody signed in."""
        yield from _prober(metrics.prober(self.session))
        if self.with_areas:
            yield from _areas(self.session)


def init(app: Flask) -> None:
    """Count every request."""
    app.before_request(_start)
    app.after_request(_count)


@bp.get("/metrics")
@anyone
def on_metrics() -> Response:
    """Show the counts to this machine itself, and to administrators from elsewhere; towns only to who signed in."""
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if bearer:
        context.take(bearer)
    account = context.current()
    if (
        request.remote_addr not in {"127.0.0.1", "::1"}
        and not permission.may(account, Role.ADMIN)
        and not (bearer and account)
    ):
        raise NotAllowed
    stored = CollectorRegistry()
    stored.register(Stored(context.get_session(), with_areas=account is not None))
    return Response(generate_latest(_registry()) + generate_latest(stored), content_type=CONTENT_TYPE_LATEST)


def _prober(found: metrics.Row) -> Iterator[Metric]:
    turns, hour = found["turns"], found["hour"]
    for name, words, value in (
        ("cameras_due", "Cameras that are looked at", turns["cameras"]),
        ("looks_overdue", "Cameras whose look is more than 10 s late", turns["overdue"]),
        ("look_lag_seconds", "How late the latest look is", turns["lag_s"]),
        ("cameras_looked_at_last_minute", "Cameras looked at in the last minute", found["looked"]),
        ("looks_this_hour", "Looks since the full hour", hour["looks"]),
        ("look_faults_this_hour", "Looks that met a fault since the full hour", hour["faults"]),
    ):
        yield GaugeMetricFamily(f"sharpeyes_{name}", words, value=float(value))
    lasted = GaugeMetricFamily(
        "sharpeyes_look_slowest_milliseconds",
        "The slowest look of each camera since the full hour, by quantile of cameras",
        labels=["step", "quantile"],
    )
    for step in ("describe", "key_frame"):
        for quantile, value in zip(("0.5", "0.95"), hour[f"{step}_ms"] or (), strict=False):
            lasted.add_metric([step, quantile], float(value))
    yield lasted
    yield _labelled("sharpeyes_cameras_with_fault", "Cameras by what is wrong now", "fault", found["faults"])
    queues, sites = found["queues"], found["sites"]
    yield _labelled("sharpeyes_jobs_waiting", "Jobs that wait", "queue", {q: v["waiting"] for q, v in queues.items()})
    yield _labelled("sharpeyes_queue_lag_seconds", "Age of the oldest waiting job", "queue",
                    {q: v["lag_s"] for q, v in queues.items()})  # fmt: skip
    yield _labelled("sharpeyes_prober_heard_seconds", "Since the prober of a site was heard", "site",
                    {s: v["heard_s"] for s, v in sites.items()})  # fmt: skip
    yield _labelled("sharpeyes_prober_cut_off", "1 while the prober of a site lost its own uplink", "site",
                    {s: v["cut_off"] for s, v in sites.items()})  # fmt: skip


def _areas(session: Session) -> Iterator[Metric]:
    cameras = GaugeMetricFamily("sharpeyes_cameras", "Cameras in use by town and health now", labels=["area", "health"])
    for row in metrics.by_area(session):
        cameras.add_metric([row["code"], row["health"]], row["cameras"])
    yield cameras
    month = datetime.now(UTC).astimezone(ZoneInfo(current_app.config["TIMEZONE"])).date().replace(day=1)
    online = GaugeMetricFamily("sharpeyes_online_ratio", "Time in line / time known this month", labels=["area"])
    for row in metrics.online_by_area(session, month):
        if row["known_s"]:
            online.add_metric([row["code"]], row["in_line_s"] / row["known_s"])
    yield online


def _labelled(name: str, words: str, label: str, values: dict[str, float]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label])
    for key, value in values.items():
        family.add_metric([key], float(value))
    return family


def _registry() -> CollectorRegistry:
    """Return the counts of this process, or of all when the processes share a folder for them."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return shared


def _start() -> None:
    g.started = time.perf_counter()


def count(method: str, route: str, status: int, *, took_s: float | None) -> None:
    """Count a request that was answered."""
    requests.labels(method, route, status).inc()
    if took_s is not None:
        durations.labels(method, route).observe(took_s)


def _count(response: Response) -> Response:
    route = str(request.url_rule) if request.url_rule else "none"
    took_s = time.perf_counter() - g.started if "started" in g else None
    count(request.method, route, response.status_code, took_s=took_s)
    return response
