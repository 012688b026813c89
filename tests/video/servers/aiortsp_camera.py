"""A camera made of aio-rtsp-toolkit: serves the files of a folder on the loopback.

Usage: aiortsp_camera.py FOLDER. Prints the port once it listens; ends when stdin closes.
"""

import asyncio
import sys

from aio_rtsp_toolkit.server import RtspServer


async def main() -> None:
    server = RtspServer(sys.argv[1], host="127.0.0.1", port=0)
    server.logger = type("Quiet", (), {name: lambda *_, **__: None for name in ("debug", "info", "warning", "error")})()
    await server.start()
    print(server._server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await server.close()


asyncio.run(main())
