"""The agent: all stations of a box in one process, one writer per printer. It dials out only; no port is
open.

Threads: one per station (jobs), one per station (heartbeats), one per station (bell), one per printer
(status).
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from printer import dialects, metrics
from printer.client import Client, Refused, Unreachable
from printer.config import StationConfig
from printer.device import Device, Limits
from printer.job import State
from printer.spool import Spool
from printer.station import Station
from printer.status import Status
from printer.transports import open_address
from printer.wake import Wake

log = logging.getLogger(__name__)
LOOK_EVERY = 0.5  # seconds between looks at an idle printer: trouble is on the screens within two
BEAT_EVERY = 10.0  # seconds between heartbeats without news
ROLL_MILLIMETRES = (
    40_000  # a usual roll; at nine tenths the odometer says "near end" for printers without the sensor
)
_STUCK = 120.0  # seconds without a sign of life from a station before the watchdog is no longer fed


class Agent:
    """Owns everything. `start`, wait, `stop`."""

    def __init__(
        self,
        stations: Sequence[StationConfig],
        data: Path,
        limits: Limits | None = None,
        metrics_file: Path | None = None,
    ) -> None:
        self._metrics_file = metrics_file
        self.spool = Spool(data / "spool.sqlite3")
        self.stop_event = threading.Event()
        self.devices: dict[str, Device] = {}
        self.stations: list[Station] = []
        self._wakes: list[Wake] = []
        self._threads: list[threading.Thread] = []
        for one in stations:
            device = self.devices.get(one.printer)
            if device is None:
                device = Device(open_address(one.printer), dialects.load(one.dialect), limits)
                device.answers = self.spool.fact(f"answers:{device.transport.address}") == "yes"
                self.devices[one.printer] = device
            self._add(one, device)

    def _add(self, one: StationConfig, device: Device) -> None:
        client = Client(one.server, one.token)
        # Jobs in the spool belong to a token, not to a name that an operator may change; the token is not
        # stored.
        identity = hashlib.sha256(one.token.encode()).hexdigest()[:16]
        station = Station(identity, client, device, self.spool, one.width)
        wake = Wake(one.server, one.token, station.bell.set, station.orders.obey)
        station.bell_works = lambda: wake.connected
        station.title = one.name
        self.stations.append(station)
        self._wakes.append(wake)

    def start(self) -> None:
        """Recover what a crash has left, then start all threads."""
        for job in self.spool.recover():
            log.warning("%s estava em andamento ao parar; agora %s", job.key, job.state)
            if job.state is State.UNKNOWN:
                self._assume_torn(job.station)
        for device in self.devices.values():
            self._thread(self._watch, device, name="status")
        for station, wake in zip(self.stations, self._wakes, strict=True):
            wake.start()
            self._thread(self._work, station, name="station")
            self._thread(self._beat, station, name="heartbeat")
        self._thread(self._housekeeping, name="house")
        notify("READY=1")

    def _assume_torn(self, station: str) -> None:
        for one in self.stations:
            if one.name == station:
                one.device.assume_torn()

    def _thread(self, target: object, *args: object, name: str) -> None:
        thread = threading.Thread(target=target, args=args, name=name, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Stop in order: a ticket under way is finished, the rest is given back."""
        notify("STOPPING=1")
        self.stop_event.set()
        for station in self.stations:
            station.stop.set()
            station.bell.set()
        for wake in self._wakes:
            wake.stop()
        deadline = time.monotonic() + timeout
        while any(station.busy for station in self.stations) and time.monotonic() < deadline:
            time.sleep(0.02)
        while any(thread.is_alive() for thread in self._threads) and time.monotonic() < deadline:
            for station in self.stations:
                station.client.hang_up()  # again: a call may just have begun
            for thread in self._threads:
                thread.join(0.02)
        for device in self.devices.values():
            device.disconnect()
        if not any(thread.is_alive() for thread in self._threads):
            self.spool.close()

    # -- threads -------------------------------------------------------------------------------------------

    def _work(self, station: Station) -> None:
        station.run()

    def _watch(self, device: Device) -> None:
        """Look at the printer while nobody prints, so that trouble is known before the next citizen."""
        address = device.transport.address
        while not self.stop_event.is_set():
            if device.lock.acquire(blocking=False):
                try:
                    known = device.answers
                    device.look()
                    if device.answers and not known:
                        self.spool.remember(f"answers:{address}", "yes")
                finally:
                    device.lock.release()
            self.stop_event.wait(LOOK_EVERY)

    def _beat(self, station: Station) -> None:
        """Tell the server how the printer is: at once when it changes, every ten seconds otherwise."""
        told: Status | None = None
        rested: bool | None = None
        due = 0.0
        while not self.stop_event.is_set():
            if station.owes.is_set():
                self._settle(station)
            status = station.device.wait_change(told, 0.5)
            rests = station.orders.paused
            if status is None or ((status, rests) == (told, rested) and time.monotonic() < due):
                continue
            due = time.monotonic() + BEAT_EVERY
            try:
                station.client.heartbeat(self.state_of(station, status))
                told, rested = status, rests
            except (Unreachable, Refused) as error:
                log.debug("%s: %s", station.title, error)
                self.stop_event.wait(1.0)
                due = 0.0

    def _settle(self, station: Station) -> None:
        """Report what turned out late; the station's own thread may be waiting for the next job."""
        station.owes.clear()
        try:
            station.flush()
        except (Unreachable, Refused) as error:
            log.debug("%s: %s", station.title, error)  # its own thread will tell it

    def state_of(self, station: Station, status: Status) -> dict[str, object]:
        """Return the heartbeat's `state`."""
        roll = self.spool.roll_millimetres(station.device.transport.address)
        rests = station.orders.paused and status.cause is None
        return {
            "printer": "blocked" if rests else status.state,
            "cause": "paused" if rests else status.cause,
            "near_end": status.near_end or roll > ROLL_MILLIMETRES * 0.9,
            "roll_mm": roll,
            "dialect": station.device.dialect.name,
            "width": station.width,
            "host": socket.gethostname()[:60],
        }

    def alive(self) -> bool:
        """Whether every station has shown a sign of life lately."""
        return all(time.monotonic() - station.alive_at < _STUCK for station in self.stations)

    def _housekeeping(self) -> None:
        """Feed systemd's watchdog while every station shows signs of life; prune the spool once an hour."""
        every = float(os.environ.get("WATCHDOG_USEC", "0")) / 2_000_000 or 30.0
        prune_at = time.monotonic()
        while not self.stop_event.is_set():
            if self.alive():
                notify("WATCHDOG=1")
            if time.monotonic() >= prune_at:
                self.spool.prune()
                prune_at = time.monotonic() + 3600
            if self._metrics_file:
                metrics.write(self._metrics_file, self.devices.values(), self.spool)
            self.stop_event.wait(min(every, 15.0))


def notify(message: str) -> None:
    """Tell systemd, if it listens (sd_notify); never raises."""
    path = os.environ.get("NOTIFY_SOCKET")
    if not path:
        return
    address = "\0" + path[1:] if path.startswith("@") else path
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.connect(address)
        sock.sendall(message.encode())
