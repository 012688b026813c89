import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from video.lab.faults import LabFault
from video.lab.spec import CameraSpec

RunLab = Callable[..., Any]
GATE = CameraSpec(name="gate", user="u", password="hush")


def asked(url: str, body: object = None) -> tuple[int, Any]:
    """Ask with curl; return the status and the JSON of the answer."""
    sent = [] if body is None else ["-d", json.dumps(body)]
    said = subprocess.run(
        ["curl", "-s", "-w", "\n%{http_code}", *sent, url], capture_output=True, check=True, text=True
    )
    text, _, status = said.stdout.rpartition("\n")
    return int(status), json.loads(text)


def test_the_control_port_lists_the_cameras_without_their_passwords(run_lab: RunLab) -> None:
    lab = run_lab(GATE, control_port=0)
    status, [camera] = asked(f"{lab.control_url}/cameras")
    assert (status, camera["name"], camera["fault"]) == (200, "gate", "none")
    assert camera["rtsp_url"] == lab["gate"].rtsp_url
    assert camera["counters"]["sessions"] == 0
    assert "hush" not in json.dumps(camera)


def test_a_fault_is_switched_on_and_off(run_lab: RunLab) -> None:
    lab = run_lab(GATE, control_port=0)
    url = f"{lab.control_url}/cameras/gate/fault"
    assert asked(url, {"fault": "forbidden"})[1][0]["fault"] == "forbidden"
    assert lab["gate"].fault is LabFault.FORBIDDEN
    asked(url, {"fault": "none"})
    assert lab["gate"].fault is LabFault.NONE


def test_many_faults_are_switched_together_or_not_at_all(run_lab: RunLab) -> None:
    lab = run_lab(GATE, CameraSpec(name="square"), control_port=0)
    url = f"{lab.control_url}/faults"
    assert asked(url, {"gate": "slow", "nobody": "slow"})[0] == 404
    assert lab["gate"].fault is LabFault.NONE
    assert asked(url, {"gate": "slow", "square": "refuse"})[0] == 200
    assert (lab["gate"].fault, lab["square"].fault) == (LabFault.SLOW, LabFault.REFUSE)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/nothing", None, 404),
        ("/cameras/nobody/fault", {"fault": "slow"}, 404),
        ("/cameras/gate/fault", {"fault": "sad"}, 400),
        ("/cameras/gate/fault", [], 400),
        ("/buttons/nobody/press", {}, 404),
    ],
)
def test_what_cannot_be_done_is_answered_with_a_sentence(run_lab: RunLab, path: str, body: object, status: int) -> None:
    lab = run_lab(GATE, control_port=0)
    found, answer = asked(lab.control_url + path, body)
    assert found == status
    assert answer["error"].endswith(".")
