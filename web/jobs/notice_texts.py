"""What messages say, in the language of their channel: a line of subject, plain text for people, JSON for programs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

from data.notice_channels import Channel
from data.notices import Letter, Said
from web.catalog import catalog
from web.labels import LABELS

STEPS = ("opened", "worse", "reminded", "recovered")
# More than anybody reads in a mail; programs are told of every line that was taken.
MOST_IN_TEXT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What every message of an installation shares."""

    name: str
    timezone: str
    demonstration: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """Writes for one language and one place."""

    language: str
    place: Place

    def _(self, english: str, /, **values: object) -> str:
        words = catalog(self.language).get(english, english)
        return words % values if "%(" in words else words

    def subject(self, letter: Letter) -> str:
        """Return one line that says what it is about: the outages by name, of the rest how many."""
        marks = [self._("Demonstration")] if self.place.demonstration else []
        title = "".join(f"[{mark}]" for mark in (*marks, self.place.name or self._("Sharp Eyes Grid")))
        if letter.kind == "test":
            return f"{title} {self._('Test message')}"
        outages = [self._outage(line) for line in letter.said if line.trouble == "outage"][:2]
        others = letter.lines - sum(line.trouble == "outage" for line in letter.said)
        counted = [self._counted(step, letter) for step in STEPS] if others else []
        return f"{title} {self._('; ').join([*outages, *filter(None, counted)])}"

    def text(self, letter: Letter) -> str:
        """Return the whole message as plain text."""
        if letter.kind == "test":
            return self._("This is a test. If you can read it, messages of this system arrive here.") + "\n"
        shown = letter.said[:MOST_IN_TEXT]
        parts = [self._part(step, [line for line in shown if line.step == step]) for step in STEPS]
        rest = letter.lines - len(shown)
        more = self._("And %(count)s more; the system shows them all.", count=rest) + "\n" if rest > 0 else ""
        return "\n".join([*filter(None, parts), *([more] if more else [])])

    def line(self, line: Said) -> str:
        """Return one matter as one line: what, where, since when, and why."""
        if line.trouble == "outage":
            return self._outage(line, long=True)
        said = line.said
        named = f"{said.get('name', line.matter)} ({said.get('code', '')})"
        words = [self._label("Trouble", line.trouble), named, str(said.get("area") or "")]
        if line.step != "recovered":
            words += [self._since(line.since), self._label("Fault", str(said.get("fault") or ""))]
        return self._(", ").join(filter(None, words))

    def _part(self, step: str, lines: Sequence[Said]) -> str:
        if not lines:
            return ""
        return "\n".join([self._label("NoticeStep", step), *(f"- {self.line(line)}" for line in lines)]) + "\n"

    def _counted(self, step: str, letter: Letter) -> str:
        count = sum(line.step == step and line.trouble != "outage" for line in letter.said)
        # Of a message so long that not all of it was read, what is missing goes on like its last line.
        rest = letter.lines - len(letter.said)
        if rest > 0 and letter.said[-1].step == step:
            count += rest
        return f"{self._label('NoticeStep', step)} {count}" if count else ""

    def _outage(self, line: Said, *, long: bool = False) -> str:
        said = line.said
        kind = self._label("OutageKind", str(said.get("cause_kind") or ""))
        name = f"{kind} {said.get('name') or said.get('area') or ''}".strip()
        words = [self._("%(kind)s: %(name)s", kind=self._label("Trouble", "outage"), name=name)]
        words.append(self._("%(count)s devices", count=line.devices))
        if line.step == "recovered":
            words.append(self._label("NoticeStep", "recovered"))
        elif long:
            words.append(self._since(line.since))
        return self._(", ").join(words)

    def _since(self, at: datetime) -> str:
        local = at.astimezone(ZoneInfo(self.place.timezone))
        return self._("since %(at)s", at=f"{local:%Y-%m-%d %H:%M}")

    def _label(self, kind: str, value: str) -> str:
        return self._(LABELS[kind].get(value, value)) if value else ""


def as_json(writing: Writing, channel: Channel, letter: Letter) -> bytes:
    """Return the body of a webhook; docs/operations.md describes it."""
    body = {
        "id": letter.id,
        "kind": letter.kind,
        "attempt": letter.attempts,
        "created_at": letter.created_at.isoformat(),
        "place": writing.place.name,
        "demonstration": writing.place.demonstration,
        "channel": channel.name,
        "subject": writing.subject(letter),
        "text": writing.text(letter),
        "count": letter.lines,
        "lines": list(_lines(letter.said)),
    }
    return json.dumps(body, ensure_ascii=False).encode()


def as_mail(writing: Writing, channel: Channel, letter: Letter, *, now: datetime) -> EmailMessage:
    """Return a mail; one that is sent again bears the same Message-ID."""
    mail = EmailMessage()
    mail["Subject"] = " ".join(writing.subject(letter).split())
    mail["From"] = channel.sender
    mail["To"] = ", ".join(channel.recipients)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<notice-{letter.id}-{int(letter.created_at.timestamp())}@{channel.sender.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(writing.text(letter))
    return mail


def _lines(said: Iterable[Said]) -> Iterable[dict[str, Any]]:
    for line in said:
        yield {
            "matter": line.matter,
            "step": line.step,
            "trouble": line.trouble,
            "since": line.since.isoformat(),
            "times": line.times,
            "devices": line.devices,
        } | {name: value for name, value in line.said.items() if name not in ("id", "since", "health")}
