"""The intake of alarm signals: a small application of its own, so that nothing a page does can hold an alarm up.

    POST /api/v1/signals    {"kind": "press" | "heartbeat" | "test"}, signed as video/alarms/http.py says

A signal is durable before it is answered: the transaction is committed, then the answer is sent.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any

from flask import Flask, Response, jsonify, request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from data import alarms, buttons, db, queue, turns, witness
from data.buttons import Speaker
from video.alarms import http
from video.alarms.http import Refusal, Signature
from web import server

log = logging.getLogger(__name__)

KINDS = ("press", "heartbeat", "test")
MOST_BYTES = 16_384

# What a device's installer must know; a wrong signature and an unknown device look the same from outside.
REFUSALS: Mapping[Refusal, tuple[int, str]] = {
    Refusal.UNSIGNED: (401, "The signal is not signed. Send X-Device, X-Timestamp, X-Nonce and X-Signature."),
    Refusal.BAD_HEADER: (400, "X-Timestamp must be whole seconds since 1970, X-Nonce 16 to 64 letters or digits."),
    Refusal.BAD_SIGNATURE: (403, "The device is not known or its signature is wrong. Check its code and secret."),
    Refusal.TOO_OLD: (403, "The signal is more than 40 s old. Set the clock of the device."),
    Refusal.TOO_NEW: (403, "The signal comes from more than 20 s ahead. Set the clock of the device."),
}


class NotTaken(Exception):
    """A signal that is refused: the status, and a sentence for whoever set the device up."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def served() -> Flask:
    """Return the intake application in a process of the server, and begin to bear witness that it listens."""
    server.end_with_parent()
    Thread(target=_bear_witness, args=(Event(),), name="witness", daemon=True).start()
    return intake()


def intake() -> Flask:
    """Return the intake application alone."""
    app = Flask("signals")
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.add_url_rule("/api/v1/signals", view_func=on_signal, methods=["POST"])
    app.add_url_rule("/healthz", view_func=on_healthz)
    app.register_error_handler(NotTaken, _problem)
    app.register_error_handler(HTTPException, _odd_request)
    app.register_error_handler(SQLAlchemyError, _not_stored)
    return app


def _bear_witness(stop: Event) -> None:
    """Say again and again that the intake is alive, so that a button's silence means something."""
    while not stop.wait(witness.EVERY_S):
        try:
            with db.transaction() as session:
                witness.say_alive(session, now=datetime.now(UTC))
        except SQLAlchemyError as error:
            log.warning("witness not written reason=%s", type(error).__name__)


def on_healthz() -> Response:
    """Say that the intake is alive."""
    return jsonify(alive=True)


def on_signal() -> Response:
    """Take one signal: prove it, store it, and raise an alarm for a press."""
    now = datetime.now(UTC)
    with db.transaction() as session:
        signed, button = _proven(session, request.get_data(), now)
        alarm = _take(session, button, _said(), signed=signed, now=now)
    return jsonify(taken=True, alarm=alarm)


def _proven(session: Session, body: bytes, now: datetime) -> tuple[Signature, Speaker]:
    """Return the signature and the button it proves; raise NotTaken."""
    signed = http.read(dict(request.headers))
    if isinstance(signed, Refusal):
        raise NotTaken(*REFUSALS[signed])
    button = buttons.speaker(session, signed.device)
    # An unknown device costs the same work as a known one.
    secret = button.secret if button else ""
    refusal = http.verify(signed, request.method, request.full_path.rstrip("?"), secret=secret, body=body, at=now)
    if button is None or refusal is not None:
        raise NotTaken(*REFUSALS[refusal or Refusal.BAD_SIGNATURE])
    return signed, button


def _said() -> dict[str, Any]:
    said = request.get_json(silent=True, force=True)
    if not isinstance(said, dict) or said.get("kind") not in KINDS:
        raise NotTaken(400, 'The body must be JSON with "kind": "press", "heartbeat" or "test".')
    return said


def _take(session: Session, button: Speaker, said: dict[str, Any], *, signed: Signature, now: datetime) -> int | None:
    """Store a proven signal and do what it asks; return the alarm it raised or renewed."""
    kind = said["kind"]
    try:
        alarms.keep_signal(
            session, button, kind=kind, nonce=signed.nonce, sent_at=signed.at, way="http", body=_plain(said)
        )
    except alarms.Replayed:
        raise NotTaken(409, "This signal was received before. Every signal needs a nonce of its own.") from None
    buttons.heard(session, button, at=now, pressed=kind == "press")
    if kind != "press":
        return None
    alarm = alarms.raise_alarm(session, button, at=now)
    seeing = alarms.cameras_to_look_at(session, alarm)
    if seeing:
        turns.ask_for_look(session, seeing)
        queue.ask(session, "look_now", {}, queue="look", once="look_now")
    return alarm


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what may be kept of a signal's body: its kind, numbers and flags, no free text."""
    return {name: value for name, value in said.items() if name == "kind" or isinstance(value, int | float)}


def _odd_request(error: HTTPException) -> Response:
    return _problem(NotTaken(error.code or 400, "Send a POST of at most 16 KB to /api/v1/signals."))


def _not_stored(error: SQLAlchemyError) -> Response:
    log.error("signal not stored", exc_info=error)
    return _problem(NotTaken(503, "The signal was not stored. Send it again with a new nonce."))


def _problem(error: NotTaken) -> Response:
    answer = jsonify(type="about:blank", title="Signal refused", status=error.status, detail=str(error))
    answer.status_code = error.status
    answer.mimetype = "application/problem+json"
    return answer
