"""An ONVIF device made of ipycam, on the loopback only and without multicast.

Usage: ipycam_device.py HTTP_PORT RTSP_PORT [discovery]. Prints "ready" once it answers; ends when stdin closes. With
"discovery" it answers WS-Discovery too, at 127.0.0.1.
User: viewer, password: right (ONVIF); its streams are open.
"""

import socket
import sys
import threading

import ipycam.camera
import numpy as np
from ipycam.camera import IPCamera
from ipycam.config import CameraConfig


class NoDiscovery:
    """Stands where the multicast responder would, which has no place on a loopback."""

    def __init__(self, *_: object) -> None:
        pass

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass


class LoopbackDiscovery(ipycam.camera.WSDiscoveryServer):
    """The device's WS-Discovery, on one loopback address, without Hello and Bye."""

    def __init__(self, service: object) -> None:
        threading.Thread.__init__(self, daemon=True)
        self.onvif, self.running = service, True
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 3702))
        self.sock.settimeout(1.0)

    def _send_announcement(self, action: str) -> None:
        pass


class LoopbackServer(ipycam.camera.ReusableThreadingTCPServer):
    """The device's web server, kept off other interfaces."""

    def __init__(self, address: tuple[str, int], handler: type) -> None:
        super().__init__(("127.0.0.1", address[1]), handler)


class LoopbackStreams(ipycam.camera.NativeRTSPServer):
    """The device's RTSP server, kept off other interfaces."""

    def __init__(self, port: int) -> None:
        super().__init__(port=port, host="127.0.0.1")


ipycam.camera.WSDiscoveryServer = LoopbackDiscovery if sys.argv[3:] else NoDiscovery
ipycam.camera.NativeRTSPServer = LoopbackStreams
ipycam.camera.ReusableThreadingTCPServer = LoopbackServer

config = CameraConfig(
    # An inner address, as devices behind NAT report it.
    local_ip="10.99.99.99",
    onvif_port=int(sys.argv[1]),
    rtsp_port=int(sys.argv[2]),
    username="viewer",
    password="right",
    main_width=640,
    main_height=360,
    main_fps=10,
    sub_width=320,
    sub_height=180,
)
camera = IPCamera(config)
if not camera.start():
    sys.exit("ipycam did not start")
print("ready", flush=True)

gone = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), gone.set()), daemon=True).start()
ramp = np.tile(np.linspace(0, 255, 640, dtype=np.uint8), (360, 1))
count = 0
while not gone.is_set():
    count += 1
    frame = np.dstack([np.roll(ramp, 7 * count, axis=1)] * 3)
    camera.stream(np.ascontiguousarray(frame))
camera.stop()
