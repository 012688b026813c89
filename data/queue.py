"""The queue of work done outside a request; the only home of procrastinate.

It lives in the same database, so that a job is deferred in the same place as the rows it speaks of.
"""

from procrastinate import App, JobContext, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.schema import SchemaManager
from sqlalchemy.engine import make_url

from data import db

__all__ = ["AlreadyEnqueued", "JobContext", "app", "opened", "schema", "worker_app"]

# Tasks are declared on this app in web/jobs/, which imports nothing of the web framework.
# The address is given when it is opened, so that importing a job needs no settings.
app = App(connector=PsycopgConnector())


def worker_app() -> App:
    """Return the app for a worker, on the owner's address."""
    return app.with_connector(PsycopgConnector(conninfo=connection_string(), min_size=1, max_size=8))


def opened() -> App:
    """Return the app for deferring jobs from plain code; use it as `with opened().open() as queue`."""
    return app.with_connector(SyncPsycopgConnector(conninfo=connection_string(), min_size=1, max_size=2))


def connection_string() -> str:
    """Return the owner's address in the form libpq reads."""
    return make_url(db.url_for("owner")).set(drivername="postgresql").render_as_string(hide_password=False)


def schema() -> str:
    """Return the SQL that makes the tables of the queue."""
    return SchemaManager.get_schema()
