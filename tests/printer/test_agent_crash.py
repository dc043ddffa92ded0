"""The agent is killed with -9 at random points, again and again: no key comes out twice, nothing queued is lost."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

LONG = os.environ.get("VEZ_TEST_CRASH") == "long"
KILLS = 50 if LONG else 20


class Box:
    """The agent as a process of its own, as it runs on a print box."""

    def __init__(self, server, printer, data):
        self.config = json.dumps([{"server": server.url, "token": "t1", "printer": printer.address}])
        self.data = data
        self.process = None

    def start(self):
        command = [sys.executable, "-m", "printer", "agent", "--config", "-", "--data", str(self.data)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.process.stdin.write(self.config)
        self.process.stdin.close()
        assert "ligado" in self.process.stdout.readline()

    def kill(self):
        self.process.kill()
        self.process.wait(5)
        self.process.stdout.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(10)
        self.process.stdout.close()
        return code


@pytest.mark.crash
@pytest.mark.slow
def test_killed_at_random_points_prints_each_key_at_most_once(server, make_printer, wait, tmp_path):
    dice = random.Random(20261123)
    printer = make_printer(speed=1500.0, keep=1000)  # some 90 ms of paper a ticket: time to be killed in
    server.lease_seconds = 1.0
    box = Box(server, printer, tmp_path / "data")
    jobs = []
    for round_ in range(KILLS):
        jobs += [server.add(f"A{2 * round_ + n:03}") for n in (0, 1)]
        box.start()
        # Somewhere between the first claim and the second confirmation.
        wait(lambda: _under_way(server) or _all_over(server))
        time.sleep(dice.uniform(0.0, 0.3))
        box.kill()
    box.start()
    wait(lambda: _all_over(server), 60)
    assert box.stop() == 0

    labels = [label for ticket in printer.machine.tickets if (label := _label(ticket))]
    assert len(labels) == len(set(labels)), "a key came out twice"
    states = {server.jobs[job]["document"]["label"]: server.state(job) for job in jobs}
    lost = [label for label, state in states.items() if state == "printed" and label not in labels]
    assert not lost, "told as printed, but no paper"
    assert all(state in {"printed", "unknown"} for state in states.values())
    # Only what was being sent at the moment of a kill may be in doubt.
    assert list(states.values()).count("unknown") <= KILLS
    assert not any(ticket.unknown for ticket in printer.machine.tickets)


def _label(ticket):
    """The number on the paper; a piece that a kill tore off above its number has none."""
    lines = ticket.sheet_text.split("\n")
    return lines[3].strip() if len(lines) > 3 else ""


def _under_way(server):
    return any(server.state(job) not in {"queued", "printed", "unknown"} for job in server.jobs)


def _all_over(server):
    return all(server.state(job) in {"printed", "unknown"} for job in server.jobs)


@pytest.mark.crash
def test_terminated_in_mid_ticket_finishes_it(server, make_printer, wait, tmp_path):
    printer = make_printer(speed=150.0)
    box = Box(server, printer, tmp_path / "data")
    box.start()
    job = server.add()
    wait(lambda: "sending" in server.states_told(job))
    assert box.stop() == 0
    assert server.state(job) == "printed"
    assert printer.machine.count == 1
