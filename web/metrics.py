"""What Prometheus reads at /metrics: how many requests, how long they took, by route and never by address."""

import os
import time

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

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


def init(app: Flask) -> None:
    """Count every request."""
    app.before_request(_start)
    app.after_request(_count)


@bp.get("/metrics")
@anyone
def on_metrics() -> Response:
    """Show the counts to this machine itself, and to administrators from elsewhere."""
    if request.remote_addr not in {"127.0.0.1", "::1"} and not permission.may(context.current(), Role.ADMIN):
        raise NotAllowed
    return Response(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _registry() -> CollectorRegistry:
    """Return the counts of this process, or of all when the processes share a folder for them."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return shared


def _start() -> None:
    g.started = time.perf_counter()


def _count(response: Response) -> Response:
    route = str(request.url_rule) if request.url_rule else "none"
    requests.labels(request.method, route, response.status_code).inc()
    if "started" in g:
        durations.labels(request.method, route).observe(time.perf_counter() - g.started)
    return response
