import json
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "-m", "video.lab"]


def test_the_lab_says_when_it_is_ready_and_ends_when_told_to(tmp_path: Path, clips: Path) -> None:
    file = tmp_path / "cameras.json"
    file.write_text(json.dumps([{"name": "gate", "onvif_port": 0}, {"name": "square", "fault": "refuse"}]))
    command = [*COMMAND, "--cameras", str(file), "--control", "0", "--clips", str(clips)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as lab:
        assert lab.stdout is not None
        ready, cameras, control = lab.stdout.readline().split()
        assert (ready, cameras) == ("ready", "cameras=2")
        listed = subprocess.run(["curl", "-s", control.removeprefix("control=") + "/cameras"], stdout=-1, check=True)
        assert [camera["name"] for camera in json.loads(listed.stdout)] == ["gate", "square"]
        lab.send_signal(signal.SIGTERM)
        assert lab.wait(20) == 0


def test_a_file_that_cannot_be_used_ends_it_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "cameras.json"
    file.write_text('[{"name": "gate", "address": "10.0.0.1"}]')
    said = subprocess.run([*COMMAND, "--cameras", str(file)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert said.stderr.strip() == "10.0.0.1 is not a loopback address; virtual cameras live in 127.0.0.0/8 only"
