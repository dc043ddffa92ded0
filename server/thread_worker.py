"""gunicorn's worker with threads, that shares its connections with the other workers (``accepting``)."""

from __future__ import annotations

import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker as Threads

from server.accepting import PAUSE_SECONDS


class ThreadWorker(Threads):
    """One thread per connection that has something to say."""

    def accept(self, listener: Any) -> None:
        """Take one connection, and leave the next to another worker."""
        super().accept(listener)
        if self.cfg.workers > 1:
            time.sleep(PAUSE_SECONDS)
