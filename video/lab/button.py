"""A virtual one-key alarm device: says every so often that it is alive, and presses when told to."""

import asyncio
import http.client
import json
import logging
import secrets
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from video.alarms.http import sign
from video.lab.spec import ButtonSpec

log = logging.getLogger(__name__)
_ANSWER_WITHIN_S = 5.0


class LabButton:
    """One device. Its server is reached over plain HTTP, as on the machine itself."""

    def __init__(self, spec: ButtonSpec, clock: Callable[[], datetime]) -> None:
        self.spec, self._clock = spec, clock

    async def press(self) -> int:
        """Press once; return the HTTP status of the answer. OSError where nobody answers."""
        return await asyncio.to_thread(self._send, self.spec.press_path, "press")

    async def beat(self) -> int:
        """Say once that the device is alive; return the HTTP status of the answer."""
        return await asyncio.to_thread(self._send, self.spec.heartbeat_path, "heartbeat")

    async def keep_beating(self) -> None:
        """Say it every `every_s`, whether or not anybody listens."""
        reached = True
        while True:
            try:
                status = await self.beat()
            except OSError:
                status = 0
            if (status == 0) is reached:
                reached = not reached
                log.warning("button=%s server_answers=%s", self.spec.device, reached)
            await asyncio.sleep(self.spec.every_s)

    def _send(self, path: str, kind: str) -> int:
        server = urlsplit(self.spec.url)
        if server.scheme != "http" or not server.hostname:
            raise OSError(f"{self.spec.url} is no http address; virtual buttons speak plain HTTP only")
        body = json.dumps({"kind": kind}).encode()
        signed = sign(
            "POST",
            path,
            device=self.spec.device,
            secret=self.spec.secret,
            body=body,
            at=self._clock(),
            nonce=secrets.token_hex(16),
        )
        connection = http.client.HTTPConnection(server.hostname, server.port, timeout=_ANSWER_WITHIN_S)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json", **signed.headers()})
            return connection.getresponse().status
        except http.client.HTTPException as error:
            raise OSError(f"{self.spec.url} answered no HTTP: {error!r}") from error
        finally:
            connection.close()
