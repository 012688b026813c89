"""What looks found of a device, in words for its page; each as it was last measured, and nothing that was not."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from web.words import _, label, mark

Facts = Mapping[str, Any]


def lines(facts: Facts) -> Iterator[tuple[str, str]]:
    """Return titles and values of what is known, in the order of the page."""
    for title, said in _LINES:
        value = said(facts)
        if value:
            yield _(title), value


def _device(facts: Facts) -> str:
    device = facts.get("device") or {}
    return " ".join(str(device[name]) for name in ("manufacturer", "model", "firmware") if device.get(name))


def _stream(facts: Facts) -> str:
    size = f"{facts['width']} × {facts['height']}" if facts.get("width") and facts.get("height") else ""
    return " · ".join(part for part in (str(facts.get("codec") or ""), size) if part)


def _rates(facts: Facts) -> str:
    parts = []
    if facts.get("frame_rate"):
        parts.append(_("%(n)s frames a second", n=facts["frame_rate"]))
    if facts.get("bit_rate_kbps"):
        parts.append(f"{facts['bit_rate_kbps']} kbit/s")
    if facts.get("gop_s"):
        parts.append(_("a key frame every %(n)s s", n=facts["gop_s"]))
    return " · ".join(parts)


def _skew(facts: Facts) -> str:
    skew_s = facts.get("clock_skew_s")
    return "" if skew_s is None else _("%(n)s s from ours", n=f"{skew_s:+d}" if skew_s else "0")


def _time_source(facts: Facts) -> str:
    servers = ", ".join(facts.get("ntp_servers") or ())
    return servers or str(facts.get("clock_source") or "")


def _booted(facts: Facts) -> str:
    # Stored to the hour, in UTC.
    return str(facts.get("booted_at") or "").replace("T", " ").replace(":00Z", ":00 UTC")


def _events(facts: Facts) -> str:
    return label("Offer", facts.get("events"))


def _recorded(facts: Facts) -> str:
    share = facts.get("recorded_share")
    if share is None:
        return label("Offer", facts.get("recording"))
    return _(
        "%(share)s %% of the last day, at most (asked %(on)s)", share=f"{share:.0%}"[:-1], on=facts.get("recorded_on")
    )


_LINES: tuple[tuple[str, Callable[[Facts], str]], ...] = (
    (mark("Device"), _device),
    (mark("Stream"), _stream),
    (mark("Frame and bit rate"), _rates),
    (mark("Clock"), _skew),
    (mark("Takes its time from"), _time_source),
    (mark("Running since"), _booted),
    (mark("Event subscription"), _events),
    (mark("Recorded"), _recorded),
)
