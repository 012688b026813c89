"""A camera made of GStreamer, run with the system's Python: H.264 test pattern behind Basic, Digest or no login.

Usage: gst_camera.py none|basic|digest [WIDTH HEIGHT [h264|h265]]. Prints the port once it listens; ends when stdin
closes. User: viewer, password: right.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

login = sys.argv[1]
width, height = (sys.argv[2], sys.argv[3]) if len(sys.argv) > 3 else ("1280", "720")
codec = sys.argv[4] if len(sys.argv) > 4 else "h264"

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")

factory = GstRtspServer.RTSPMediaFactory()
encoder = {
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=12 ! rtph264pay",
    "h265": "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=12 ! rtph265pay",
}[codec]
factory.set_launch(
    f"( videotestsrc is-live=true ! video/x-raw,width={width},height={height},framerate=12/1 ! "
    f"{encoder} name=pay0 pt=96 config-interval=1 )"
)
factory.set_shared(True)

if login != "none":
    method = {"basic": GstRtspServer.RTSPAuth.new(), "digest": GstRtspServer.RTSPAuth.new()}[login]
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if login == "basic":
        method.add_basic(GstRtspServer.RTSPAuth.make_basic("viewer", "right"), token)
    else:
        gi.require_version("GstRtsp", "1.0")
        from gi.repository import GstRtsp

        method.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        method.add_digest("viewer", "right", token)
    server.set_auth(method)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(permissions)

server.get_mount_points().add_factory("/live", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)

loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin.fileno(), GLib.PRIORITY_DEFAULT, GLib.IO_HUP | GLib.IO_IN, lambda *_: loop.quit())
loop.run()
