"""WS-Discovery as the WSDiscovery package speaks it: its words, on one loopback address, without its sockets.

Usage: wsdiscovery_peer.py serve ADDRESS     answers every Probe on port 3702; prints "ready"; ends when stdin closes
       wsdiscovery_peer.py ask ADDRESS       asks one address and prints what it understood as JSON
"""

import json
import socket
import sys
import threading

from wsdiscovery import QName, Scope
from wsdiscovery.actions import constructProbe, constructProbeMatch
from wsdiscovery.message import createSOAPMessage, parseSOAPMessage
from wsdiscovery.service import Service

CAMERA = QName("http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter", "dn")
mode, address = sys.argv[1:]
peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def serve() -> None:
    peer.bind((address, 3702))
    scopes = [Scope("onvif://www.onvif.org/name/Peer%20Camera"), Scope("onvif://www.onvif.org/hardware/P1")]
    places = ["http://10.99.99.99/onvif/device_service", f"http://{address}:8080/onvif/device_service"]
    camera = Service([CAMERA], scopes, places, "urn:uuid:5f6c0c1e-0000-1000-8000-c42f90010203", "1")
    print("ready", flush=True)
    while True:
        data, asker = peer.recvfrom(65_536)
        probe = parseSOAPMessage(data, asker[0])
        if [kind.getLocalname() for kind in probe.getTypes()] == ["NetworkVideoTransmitter"]:
            answer = createSOAPMessage(constructProbeMatch([camera], probe.getMessageId()))
            peer.sendto(answer.encode() if isinstance(answer, str) else answer, asker)


def ask() -> None:
    peer.bind((address, 0))
    peer.settimeout(5)
    probe = constructProbe([CAMERA], [])
    message = createSOAPMessage(probe)
    peer.sendto(message.encode() if isinstance(message, str) else message, (address, 3702))
    answer = parseSOAPMessage(peer.recvfrom(65_536)[0], address)
    [match] = answer.getProbeResolveMatches()
    said = {
        "answers": answer.getRelatesTo() == probe.getMessageId(),
        "epr": match.getEPR(),
        "types": [kind.getLocalname() for kind in match.getTypes()],
        "scopes": [scope.getValue() for scope in match.getScopes()],
        "addresses": match.getXAddrs(),
    }
    print(json.dumps(said), flush=True)


if mode == "ask":
    ask()
else:
    threading.Thread(target=serve, daemon=True).start()
    sys.stdin.read()
