import json

import pytest

from video.lab.faults import BEHAVIOUR, LabFault
from video.lab.spec import Auth, BadSpec, ButtonSpec, CameraSpec, Codec, Light, Scene, read


def test_a_list_of_cameras_is_read() -> None:
    [camera] = read('[{"name": "gate", "codec": "h265", "scene": "dusk-7", "fault": "black", "auth": "basic"}]').cameras
    assert camera == CameraSpec(
        name="gate", codec=Codec.H265, scene=Scene(Light.DUSK, 7), fault=LabFault.BLACK, auth=Auth.BASIC
    )


def test_buttons_stand_beside_the_cameras() -> None:
    row = {"device": "B-1", "secret": "s", "url": "http://127.0.0.1:8000"}
    assert read(json.dumps({"buttons": [row]})).buttons == (ButtonSpec(**row),)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "not JSON"),
        ("3", "a list of cameras"),
        ('[{"port": 1}]', "has no 'name'"),
        ('[{"name": "a", "colour": 1}]', "has 'colour'"),
        ('[{"name": "a", "codec": "vp8"}]', "vp8"),
        ('[{"name": "a", "fault": "sad"}]', "sad"),
        ('[{"name": "a", "scene": "noon-1"}]', "noon"),
        ('[{"name": "a", "port": "near"}]', "near"),
        ('[{"name": "a"}, {"name": "a"}]', "Two cameras are named a"),
        ('{"buttons": [{"device": "b"}]}', "has no 'secret'"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(BadSpec, match=sentence):
        read(text)


def test_no_password_shows_in_a_log() -> None:
    assert "hush" not in repr(CameraSpec(name="a", user="u", password="hush"))
    assert "hush" not in repr(ButtonSpec(device="b", secret="hush", url="http://127.0.0.1"))


def test_every_fault_has_its_behaviour() -> None:
    assert set(BEHAVIOUR) == set(LabFault)
