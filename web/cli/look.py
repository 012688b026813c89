"""`sharpeyes look`: one look at cameras, without a database."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from data.looks import Credential, Observation, Picture, Target, Want
from data.types import Fault, Limits, Verdict
from video.address import without_credentials
from video.decoders import Decoders
from video.faults import advice
from video.judge import bad_faults, judge
from video.probe import looks
from web.cli.judge import shown_checks


@click.command("look")
@click.argument("urls", nargs=-1, metavar="URL…")
@click.option("--onvif", "onvif_url", metavar="URL", help="Ask the device over ONVIF too; alone, it finds the stream.")
@click.option("--user", help="The user of the device. Needs --password-file.")
@click.option("--password-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its first line.")
@click.option("--picture", "picture_file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def look_command(
    urls: tuple[str, ...],
    onvif_url: str | None,
    user: str | None,
    password_file: Path | None,
    picture_file: Path | None,
    as_json: bool,
) -> None:
    """Look once at each camera and say what is wrong and what to do; no database needed."""
    targets = _targets(urls, onvif_url, _credential(user, password_file))
    if picture_file and len(targets) > 1:
        raise click.UsageError("--picture takes the picture of one camera; name one URL.")
    seen = asyncio.run(_look_at(targets))
    if picture_file and seen[0].picture:
        picture_file.write_bytes(seen[0].picture.jpeg)
    found = [_report(target, one, picture_file) for target, one in zip(targets, seen, strict=True)]
    click.echo(
        json.dumps({"looks": found}, ensure_ascii=False, indent=2) if as_json else "\n\n".join(map(_told, found))
    )
    if any(one.fault is Fault.BAD_ADDRESS for one in seen):
        raise SystemExit(1)


def _targets(urls: Sequence[str], onvif_url: str | None, credential: Credential | None) -> list[Target]:
    if not urls and not onvif_url:
        raise click.UsageError("Name at least one rtsp:// URL, or --onvif with the address of a device.")
    if onvif_url and len(urls) > 1:
        raise click.UsageError("--onvif belongs to one camera; name one URL.")
    named: Sequence[str | None] = urls or [None]
    return [
        without_credentials(
            Target(rtsp_url=url, onvif_url=onvif_url, credential=credential, code=str(number), want=frozenset(Want))
        )
        for number, url in enumerate(named)
    ]


def _credential(user: str | None, password_file: Path | None) -> Credential | None:
    if (user is None) != (password_file is None):
        raise click.UsageError("--user and --password-file belong together.")
    if user is None or password_file is None:
        return None
    lines = password_file.read_text(encoding="utf-8").splitlines()
    return Credential(user=user, password=lines[0] if lines else "")


async def _look_at(targets: Sequence[Target]) -> list[Observation]:
    seen: dict[str, Observation] = {}
    async with Decoders(min(2, len(targets))) as decoders:
        async for target, one in looks(targets, clock=lambda: datetime.now(UTC), decoders=decoders):
            seen[target.code] = one
    return [seen[target.code] for target in targets]


def _report(target: Target, seen: Observation, picture_file: Path | None) -> dict[str, Any]:
    verdict = judge(seen, Limits())
    return {
        "url": target.rtsp_url or target.onvif_url,
        "health": verdict.health,
        "fault": verdict.fault,
        "layer": verdict.layer,
        "advice": _advice(verdict, seen),
        "detail": seen.detail,
        "connect_ms": _rounded(seen.connect_ms),
        "describe_ms": _rounded(seen.describe_ms),
        "key_frame_ms": _rounded(seen.key_frame_ms),
        "codec": seen.codec,
        "width": seen.width,
        "height": seen.height,
        "frame_rate": seen.frame_rate,
        "bit_rate_kbps": seen.bit_rate_kbps,
        "gop_s": seen.gop_s,
        "onvif": seen.onvif,
        "clock_skew_s": seen.clock_skew_s,
        "device": asdict(seen.device) if seen.device else None,
        "clock_source": seen.clock_source,
        "ntp_servers": list(seen.ntp_servers),
        "events": seen.events,
        "booted_at": seen.booted_at.isoformat() if seen.booted_at else None,
        "recording": seen.recording,
        "recorded_share": _rounded(seen.recorded_share),
        "stream_url": seen.stream_url,
        "snapshot_url": seen.snapshot_url,
        "picture": _picture(seen.picture, picture_file),
    }


def _advice(verdict: Verdict, seen: Observation) -> str | None:
    return advice(verdict.fault, seen.detail) if verdict.fault else None


def _picture(picture: Picture | None, file: Path | None) -> dict[str, Any] | None:
    if picture is None:
        return None
    return {
        "file": str(file) if file else None,
        "sha256": picture.sha256,
        "bytes": len(picture.jpeg),
        "faults": list(bad_faults(picture)),
        "checks": shown_checks(picture),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _told(found: dict[str, Any]) -> str:
    lines = [f"{found['url']}: {found['health']}"]
    if found["fault"]:
        said = f" ({found['detail']})" if found["detail"] else ""
        lines += [f"  {found['fault']} at {found['layer']}{said}", f"  {found['advice']}"]
    if found["codec"]:
        size = f" {found['width']} × {found['height']}" if found["width"] else ""
        rates = [f"{found[key]:g} {unit}" for key, unit in _RATES if found[key] is not None]
        lines.append("  " + ", ".join([f"{found['codec']}{size}", *rates]))
    times = [f"{name} {found[key]} ms" for name, key in _TIMES if found[key] is not None]
    lines += ["  " + ", ".join(times)] if times else []
    if found["device"]:
        lines.append("  " + " ".join(value for value in found["device"].values() if value))
    if found["clock_skew_s"] is not None:
        source = f", set by {found['clock_source']}" if found["clock_source"] else ""
        lines.append(f"  clock {found['clock_skew_s']:+} s{source}")
    if found["recorded_share"] is not None:
        lines.append(f"  recorded {found['recorded_share']:.0%} of the last day")
    return "\n".join(lines)


_RATES = (("frame_rate", "frames/s"), ("bit_rate_kbps", "kbit/s"), ("gop_s", "s between key frames"))
_TIMES = (("connected", "connect_ms"), ("described", "describe_ms"), ("key frame", "key_frame_ms"))
