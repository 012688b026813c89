"""Telling people: through which channels, by which rules, and what was told; for administrators."""

from dataclasses import asdict
from datetime import UTC, datetime, time
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from data import areas, notice_channels, notice_rules, notices
from data.notice_channels import SECURITIES, WAYS, Channel
from data.notice_rules import CLASSES, KINDS, NoticeRule
from data.notices import STATES
from data.types import Role
from web import forms, notice_preview
from web.context import get_session
from web.jobs.notices import rules_of
from web.permission import allowed, note, require_account
from web.problems import BadInput, NotAllowed
from web.words import LANGUAGES, clock, label, mark

bp = Blueprint("notices", __name__)

PAGE = 30
LINES_PAGE = 200
# How often a new rule reminds, before anybody changes it.
USUAL_REMINDER_S = 86_400
LONGEST_S = 30 * 86_400


@bp.get("/notices")
@allowed(Role.ADMIN)
def on_page() -> str:
    """Show channels, rules and the outbox."""
    session, page = get_session(), forms.page(request.args, size=PAGE)
    state = forms.choice(request.args.get("state"), ("", *STATES), field="state", default="")
    found = notices.outbox(session, state=state or None, limit=page.size + 1, offset=page.offset)
    return render_template(
        "notices/notices.html",
        channels=notice_channels.channels(session),
        rules=notice_rules.rules(session),
        usual=NoticeRule(name="", timezone=current_app.config["TIMEZONE"], remind_s=USUAL_REMINDER_S),
        messages=found[: page.size],
        more=len(found) > page.size,
        page=page,
        state=state,
        states=STATES,
        ways=WAYS,
        securities=SECURITIES,
        kinds=KINDS,
        classes=CLASSES,
        languages=LANGUAGES,
        may_change_channels=require_account().sees_everything,
    )


@bp.get("/notices/<int:notice_id>")
@allowed(Role.ADMIN)
def on_message(notice_id: int) -> str:
    """Show one message with everything it told."""
    page = forms.page(request.args, size=LINES_PAGE)
    lines = notices.lines_of(get_session(), notice_id, limit=page.size, offset=page.offset)
    message = notices.letter(get_session(), notice_id)
    return render_template("notices/message.html", message=message, lines=lines, page=page)


@bp.post("/notices/channels/<int:channel_id>")
@allowed(Role.ADMIN, act="notice.channel")
def on_channel(channel_id: int) -> Answer:
    """Write a channel, a new one for 0, or remove it."""
    if not require_account().sees_everything:
        raise NotAllowed(
            mark("This holds for the whole installation; an administrator who sees everything changes it.")
        )
    if "remove" in request.form:
        note(notice_channels.one(get_session(), channel_id).name, removed=True)
        notice_channels.remove(get_session(), channel_id)
    else:
        kept = _channel(channel_id)
        notice_channels.keep(get_session(), kept)
        # An address may hold a key, so the trail keeps only where it leads.
        note(kept.name, way=kept.way, active=kept.active, host=kept.host, recipients=list(kept.recipients))
    return redirect(url_for("notices.on_page", _anchor="channels"))


@bp.post("/notices/rules/<int:rule_id>")
@allowed(Role.ADMIN, act="notice.rule")
def on_rule(rule_id: int) -> Answer:
    """Write a rule, a new one for 0, or remove it."""
    if "remove" in request.form:
        note(notice_rules.one(get_session(), rule_id).name, removed=True)
        notice_rules.remove(get_session(), rule_id)
    else:
        kept = _rule(rule_id, request.form)
        notice_rules.keep(get_session(), kept)
        note(kept.name, **{name: value for name, value in asdict(kept).items() if not isinstance(value, time)})
    return redirect(url_for("notices.on_page", _anchor="rules"))


@bp.post("/api/v1/notices/channels/<int:channel_id>/test")
@allowed(Role.ADMIN, act="notice.test")
def on_test(channel_id: int) -> tuple[Response, int]:
    """Send a marked test message through a channel; the answer names it, and asking for it tells how it went."""
    channel = notice_channels.one(get_session(), channel_id)
    if not channel.active:
        raise BadInput(mark("This channel is switched off. Switch it on first."))
    number = notices.ask_for_test(get_session(), channel_id)
    note(channel.name, notice=number)
    return jsonify(id=number), 202


@bp.get("/api/v1/notices/<int:notice_id>")
@allowed(Role.ADMIN)
def on_state(notice_id: int) -> Response:
    """Return how a message stands: waiting, sending, sent or failed, and why."""
    found = notices.letter(get_session(), notice_id)
    return jsonify(
        id=notice_id,
        state=found["state"],
        state_name=label("NoticeState", found["state"]),
        attempts=found["attempts"],
        reason=reason_words(found["reason"]),
        sent_at=clock(found["sent_at"]),
    )


@bp.post("/api/v1/notices/<int:notice_id>/again")
@allowed(Role.ADMIN, act="notice.again")
def on_again(notice_id: int) -> Response:
    """Try a message again now, also one that was given up."""
    notices.try_again(get_session(), notice_id, now=datetime.now(UTC))
    return jsonify(id=notice_id)


@bp.post("/api/v1/notices/preview")
@allowed(Role.ADMIN)
def on_preview() -> Response:
    """Return what the rules would have told in the last 30 days, with the rule that was sent in place of its own."""
    session = get_session()
    written = {rule.id: rule for rule in notice_rules.rules(session)}
    if request.form:
        draft = _rule(forms.whole(request.form.get("id"), field="id", default=0), request.form)
        notice_rules.check(draft)
        written[draft.id] = draft
    channels = notice_channels.channels(session)
    found = notice_preview.preview(
        session, rules_of(written.values(), channels), now=datetime.now(UTC), timezone=current_app.config["TIMEZONE"]
    )
    names = {channel.id: channel.name for channel in channels}
    by_name = [{"name": names[number], "messages": count} for number, count in sorted(found.channels.items())]
    return jsonify(asdict(found) | {"channels": by_name})


@bp.app_template_global()
def reason_words(reason: str) -> str:
    """Return why a message did not arrive, or what the other side said, in words."""
    code, _, answer = reason.partition(" ")
    if code in {"HTTP", "SMTP"}:
        return reason
    return " ".join(filter(None, [label("NoticeReason", code), f"({answer})" if answer else ""]))


def _channel(channel_id: int) -> Channel:
    form = request.form
    return Channel(
        id=channel_id,
        area_id=_area(form),
        name=forms.line(form.get("name"), field="name", least=1, most=60),
        way=forms.choice(form.get("way"), WAYS, field="way"),
        active="active" in form,
        language=forms.choice(form.get("language"), LANGUAGES, field="language", default="zh_CN"),
        authority=(form.get("authority") or "").strip()[:20_000],
        url=forms.line(form.get("url"), field="url", most=1000),
        host=forms.line(form.get("host"), field="host", most=253),
        port=forms.whole(form.get("port"), field="port", default=25, low=1, high=65_535),
        security=forms.choice(form.get("security"), SECURITIES, field="security", default="starttls"),
        username=forms.line(form.get("username"), field="login", most=200),
        sender=forms.line(form.get("sender"), field="sender", most=200),
        recipients=notice_channels.read_recipients(form.get("recipients") or ""),
        secret=forms.line(form.get("secret"), field="secret", most=200),
        password=form.get("password") or "",
    )


def _rule(rule_id: int, form: MultiDict[str, str]) -> NoticeRule:
    return NoticeRule(
        id=rule_id,
        **_place(form),
        name=forms.line(form.get("name"), field="name", least=1, most=60),
        active="active" in form,
        classes=tuple(forms.whole(one, field="classes") for one in form.getlist("classes")),
        kinds=tuple(form.getlist("kinds")),
        channels=tuple(forms.whole(one, field="channels") for one in form.getlist("channels")),
        delay_s=_seconds(form, "delay", 60),
        group_s=_seconds(form, "group", 60),
        remind_s=_seconds(form, "remind", 3600),
        quiet_from=_time(form, "quiet_from"),
        quiet_until=_time(form, "quiet_until"),
        timezone=forms.line(form.get("timezone"), field="timezone", most=60) or current_app.config["TIMEZONE"],
    )


def _place(form: MultiDict[str, str]) -> dict[str, Any]:
    """Return the area of a rule, with its path for a preview; an account of one area must name one."""
    area_id = _area(form)
    if area_id is None:
        if not require_account().sees_everything:
            raise BadInput(mark("Write the code of an area that was granted to you."), field="area")
        return {"area_id": None, "path": ""}
    return {"area_id": area_id, "path": notice_rules.path_of(get_session(), area_id)}


def _area(form: MultiDict[str, str]) -> int | None:
    written = forms.line(form.get("area"), field="area", most=40)
    return areas.id_of(get_session(), written) if written else None


def _seconds(form: MultiDict[str, str], name: str, unit_s: int) -> int:
    """Return a length of time that was written in a larger unit."""
    return round(forms.number(form.get(name), field=name, default=0, low=0, high=LONGEST_S / unit_s) * unit_s)


def _time(form: MultiDict[str, str], name: str) -> time | None:
    written = (form.get(name) or "").strip()
    if not written:
        return None
    try:
        return time.fromisoformat(written).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise BadInput(mark("%(field)s must be a time of day written 22:00."), field=name) from None
