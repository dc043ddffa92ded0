"""The virtual printer's web side: tickets as page, picture, text and bytes, and the fault switches.

GET /                        the tray, live
GET /tickets.json            a list, oldest first; see `_ticket`
GET /tickets/{n}.png|.txt|.bin
GET, POST /faults            the switches of faults.Faults; POST takes a JSON object, {"reset": true} heals
POST /tear                   tear off by hand (printers without a blade)
GET /healthz                 {"ok": true, "host", "port"}
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import asdict
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from typing import Any

from printer.virtual.faults import BadFault
from printer.virtual.machine import PrintedTicket
from printer.virtual.server import Server

_MAX_BODY = 64 * 1024
_TYPES = {"png": "image/png", "txt": "text/plain; charset=utf-8", "bin": "application/octet-stream"}


class Web:
    """Serves the tray of one virtual printer."""

    def __init__(self, server: Server, host: str = "127.0.0.1", port: int = 0) -> None:
        handler = type("Handler", (_Handler,), {"printer": server})
        self._http = ThreadingHTTPServer((host, port), handler)
        self._http.daemon_threads = True
        self.port = int(self._http.server_address[1])
        self.url = f"http://{host}:{self.port}"
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.2,), name="virtual-web", daemon=True
        )

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and wait."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)


def _ticket(ticket: PrintedTicket) -> dict[str, Any]:
    return {
        "n": ticket.n,
        "started_at": datetime.fromtimestamp(ticket.started, UTC).isoformat(timespec="microseconds"),
        "at": datetime.fromtimestamp(ticket.at, UTC).isoformat(timespec="milliseconds"),
        "text": ticket.sheet_text,
        "qr": list(ticket.qr),
        "bytes": len(ticket.raw),
        "cuts": ticket.cuts,
        "millimetres": ticket.millimetres,
        "code_pages": list(ticket.pages),
        "unknown": list(ticket.unknown),
        "png": f"/tickets/{ticket.n}.png",
        "txt": f"/tickets/{ticket.n}.txt",
        "bin": f"/tickets/{ticket.n}.bin",
    }


class _Handler(BaseHTTPRequestHandler):
    printer: Server
    protocol_version = "HTTP/1.1"
    server_version = "VezVirtualPrinter"
    sys_version = ""
    timeout = 30

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent: the tray is polled every second."""

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        single = re.fullmatch(r"/tickets/(\d{1,9})\.(png|txt|bin)", path)
        if path == "/":
            page = resources.files(__package__).joinpath("page.html").read_bytes()
            self._send(page, "text/html; charset=utf-8")
        elif path == "/tickets.json":
            with self.printer.machine.changed:
                tickets = list(self.printer.machine.tickets)
            self._json([_ticket(ticket) for ticket in tickets])
        elif path == "/status":
            self._json(self._status())
        elif path == "/faults":
            self._json(asdict(self.printer.machine.faults))
        elif path == "/healthz":
            self._json({"ok": True, "host": self.printer.host, "port": self.printer.port})
        elif single:
            self._one(int(single[1]), single[2])
        else:
            self._json({"error": "não encontrado"}, HTTPStatus.NOT_FOUND)

    def _status(self) -> dict[str, Any]:
        machine = self.printer.machine
        return {
            "host": self.printer.host,
            "port": self.printer.port,
            "width": machine.paper.width,
            "dialect": machine.dialect,
            "connections": self.printer.connections(),
            "count": machine.count,
            "millimetres": round(machine.millimetres, 1),
            "faults": asdict(machine.faults),
        }

    def _one(self, n: int, kind: str) -> None:
        with self.printer.machine.changed:
            found = next((ticket for ticket in self.printer.machine.tickets if ticket.n == n), None)
        if found is None:
            self._json({"error": "não encontrado"}, HTTPStatus.NOT_FOUND)
            return
        self._send({"png": found.png, "txt": found.sheet_text.encode(), "bin": found.raw}[kind], _TYPES[kind])

    def do_POST(self) -> None:
        body = self._body()
        if body is None:
            return
        if self.path == "/faults":
            try:
                self.printer.machine.set_faults(body)
            except BadFault as error:
                self._json({"error": str(error)}, HTTPStatus.UNPROCESSABLE_ENTITY)
                return
            self._json(asdict(self.printer.machine.faults))
        elif self.path == "/tear":
            self._json({"torn": self.printer.machine.tear()})
        else:
            self._json({"error": "não encontrado"}, HTTPStatus.NOT_FOUND)

    def _body(self) -> dict[str, Any] | None:
        """Read a JSON object. Only JSON may change anything, so that a foreign page cannot post a plain
        form here.
        """
        if self.headers.get_content_type() != "application/json":
            self.close_connection = True
            self._json({"error": "esperado application/json"}, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
            return None
        size = self.headers.get("Content-Length", "0")
        if not size.isdecimal() or int(size) > _MAX_BODY:
            self.close_connection = True
            self._json({"error": "corpo grande demais"}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return None
        try:
            body = json.loads(self.rfile.read(int(size)) or b"{}")
        except ValueError:
            body = None
        if not isinstance(body, dict):
            self._json({"error": "esperado um objeto JSON"}, HTTPStatus.BAD_REQUEST)
            return None
        return body

    def _json(self, value: Any, status: HTTPStatus = HTTPStatus.OK) -> None:
        self._send(json.dumps(value, ensure_ascii=False).encode(), "application/json; charset=utf-8", status)

    def _send(self, body: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header(
            "Content-Security-Policy", "default-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
        )
        self.end_headers()
        self.wfile.write(body)
