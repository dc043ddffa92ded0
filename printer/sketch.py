"""A process that draws for the server: one JSON request on standard input, one JSON answer on standard output.

The server never loads the printer's libraries, and a hostile picture must not cost it more than this process, which
has little memory and few seconds. Requests: `{"do": "logo", "picture", "width"}`; `{"do": "preview", "document",
"dialect", "width"}`. Answers: `{"picture", …}` (base64 PNG), or `{"error": code}`.
"""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

_MEMORY = 512 * 1024 * 1024
_SECONDS = 10


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Draw what `request` asks for."""
    from printer import preview, upload
    from printer.document import Rejected

    try:
        if request["do"] == "logo":
            png = upload.shrink(base64.b64decode(request["picture"]), int(request["width"]))
            return {"picture": base64.b64encode(png).decode()}
        drawn = preview.draw(request["document"], str(request["dialect"]), int(request["width"]))
    except upload.BadLogo as error:
        return {"error": error.code}
    except Rejected as error:
        return {"error": "layout_does_not_fit", "why": str(error)}
    picture = base64.b64encode(drawn.png).decode()
    return {"picture": picture, "millimetres": drawn.millimetres, "bytes": drawn.size}


def main() -> None:
    """Read, draw, write."""
    _be_modest()
    json.dump(answer(json.load(sys.stdin)), sys.stdout)


def _be_modest() -> None:
    try:
        import resource
    except ImportError:  # no such limits on this system; the server's deadline still holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))


if __name__ == "__main__":
    main()
