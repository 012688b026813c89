"""Every environment variable, its meaning and default, read once at start."""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path


class BadSetting(Exception):
    """A setting cannot be used; the message says which, why and what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one installation. Each field names its environment variable in its comment."""

    # SHARPEYES_HOME: the one folder for all state (database, pictures, keys, logs); var/ beside the code if unset.
    home: Path
    # DATABASE_URL: a PostgreSQL 15+ server to use as the owner of the tables; a private cluster is run if unset.
    database_url: str | None
    # DATABASE_WEB_URL: the same database for the restricted web role; derived if unset.
    database_web_url: str | None
    # SHARPEYES_PORT: plain HTTP, on 127.0.0.1 only.
    port: int
    # SHARPEYES_HTTPS_PORT: HTTPS for everybody else; SHARPEYES_PORT + 443 if unset.
    https_port: int
    # SHARPEYES_SIGNALS_PORT: alarm signals over plain HTTP on 127.0.0.1; SHARPEYES_PORT + 1000 if unset.
    signals_port: int
    # SHARPEYES_SIGNALS_HTTPS_PORT: alarm signals of devices over HTTPS; SHARPEYES_HTTPS_PORT + 1000 if unset.
    signals_https_port: int
    # SHARPEYES_BIND: the address HTTPS listens on.
    bind: str
    # SHARPEYES_HOSTS: further names or addresses, comma separated, that the HTTPS certificate is good for.
    hosts: tuple[str, ...]
    # SHARPEYES_PICTURES: an fsspec address of the picture store, as s3://bucket/pictures; home/pictures if unset.
    pictures: str
    # SHARPEYES_PICTURE_DAYS: how long pictures are kept.
    picture_days: int
    # SHARPEYES_PICTURE_GB: the disk budget of the picture store; the oldest go first when it is reached.
    picture_gb: float
    # SHARPEYES_OBSERVATION_DAYS: how long daily partitions of observations are kept.
    observation_days: int
    # SHARPEYES_LOOK_EVERY_S: seconds between two looks at one camera.
    look_every_s: float
    # SHARPEYES_PICTURE_EVERY_S: seconds between two pictures of one camera that is well.
    picture_every_s: float
    # SHARPEYES_CONFIRM_OFFLINE_S: seconds a camera without a class must fail before it is called offline.
    confirm_offline_s: float
    # SHARPEYES_REFERENCES: addresses that always answer, as 10.0.0.1 or gateway:443, comma separated; when none does,
    # the prober itself is cut off.
    references: tuple[str, ...]
    # SHARPEYES_LOOKS_AT_ONCE: cameras one worker looks at at the same time.
    looks_at_once: int
    # SHARPEYES_DECODERS: processes that decode pictures; they may be killed at any time.
    decoders: int
    # SHARPEYES_PROBE_SITE: the network this worker looks from; cameras with the same probe_site are its own.
    probe_site: str
    # SHARPEYES_TIMEZONE: the time zone pages show times in.
    timezone: str
    # SHARPEYES_COUNTY_CRS: the projected CRS metres are computed in; the zone of the place if unset.
    county_crs: str | None

    @property
    def keys(self) -> Path:
        """Folder of key files, outside the database, readable by the owner only."""
        return self.home / "keys"

    @property
    def logs(self) -> Path:
        """Folder of log files."""
        return self.home / "logs"


def read(environment: dict[str, str], *, code_folder: Path) -> Settings:
    """Return the settings in `environment`; raise BadSetting with a sentence when one cannot be used."""
    home = Path(environment.get("SHARPEYES_HOME") or code_folder / "var").resolve()
    port = _whole(environment, "SHARPEYES_PORT", 8000, low=1, high=64_000)
    https_port = _whole(environment, "SHARPEYES_HTTPS_PORT", port + 443, low=1, high=64_535)
    return Settings(
        home=home,
        database_url=_postgres_url(environment, "DATABASE_URL"),
        database_web_url=_postgres_url(environment, "DATABASE_WEB_URL"),
        port=port,
        https_port=https_port,
        signals_port=_whole(environment, "SHARPEYES_SIGNALS_PORT", port + 1000, low=1, high=65_535),
        signals_https_port=_whole(environment, "SHARPEYES_SIGNALS_HTTPS_PORT", https_port + 1000, low=1, high=65_535),
        bind=environment.get("SHARPEYES_BIND") or "0.0.0.0",  # noqa: S104  phones must reach it; HTTPS only
        hosts=_several(environment, "SHARPEYES_HOSTS"),
        pictures=environment.get("SHARPEYES_PICTURES") or str(home / "pictures"),
        picture_days=_whole(environment, "SHARPEYES_PICTURE_DAYS", 30, low=1, high=3_650),
        picture_gb=_number(environment, "SHARPEYES_PICTURE_GB", 50.0, low=0.01, high=1_000_000),
        observation_days=_whole(environment, "SHARPEYES_OBSERVATION_DAYS", 90, low=2, high=3_650),
        look_every_s=_number(environment, "SHARPEYES_LOOK_EVERY_S", 60.0, low=1, high=86_400),
        picture_every_s=_number(environment, "SHARPEYES_PICTURE_EVERY_S", 300.0, low=1, high=86_400),
        confirm_offline_s=_number(environment, "SHARPEYES_CONFIRM_OFFLINE_S", 45.0, low=0, high=3_600),
        references=_several(environment, "SHARPEYES_REFERENCES"),
        looks_at_once=_whole(environment, "SHARPEYES_LOOKS_AT_ONCE", 64, low=1, high=4_096),
        decoders=_whole(environment, "SHARPEYES_DECODERS", 2, low=1, high=64),
        probe_site=environment.get("SHARPEYES_PROBE_SITE") or "main",
        timezone=environment.get("SHARPEYES_TIMEZONE") or "Asia/Shanghai",
        county_crs=environment.get("SHARPEYES_COUNTY_CRS") or None,
    )


@cache
def get() -> Settings:
    """Return the settings of this process, read from the environment the first time."""
    return read(dict(os.environ), code_folder=Path(__file__).resolve().parent.parent)


def _several(environment: dict[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in environment.get(name, "").split(",") if part.strip())


def _number(environment: dict[str, str], name: str, default: float, *, low: float, high: float) -> float:
    text = environment.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        raise BadSetting(f"{name} is {text!r}, which is not a number. Write a number from {low} to {high}.") from None
    if not low <= value <= high:
        raise BadSetting(f"{name} is {text}, outside {low} to {high}. Write a number in that range.")
    return value


def _whole(environment: dict[str, str], name: str, default: int, *, low: int, high: int) -> int:
    value = _number(environment, name, default, low=low, high=high)
    if value != int(value):
        raise BadSetting(f"{name} is {value}, which is not a whole number. Write one from {low} to {high}.")
    return int(value)


def _postgres_url(environment: dict[str, str], name: str) -> str | None:
    url = environment.get(name, "").strip()
    if not url:
        return None
    if not url.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        raise BadSetting(f"{name} must begin with postgresql://, as in postgresql://owner:password@host/sharpeyes.")
    return "postgresql+psycopg://" + url.split("://", 1)[1]
