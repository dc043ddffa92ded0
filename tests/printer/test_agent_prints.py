"""From a job on the server to confirmed paper, and back."""


def test_ticket_is_printed_and_confirmed(server, virtual, make_agent, wait):
    job = server.add("A042")
    make_agent(("t1", virtual.address))
    wait(lambda: server.state(job) == "printed")
    assert virtual.labels() == ["A042"]
    assert server.states_told(job) == ["sending", "printed"]
    facts = server.reports[-1][1]
    assert facts["confirm_ms"] < 1000
    assert facts["millimetres"] > 80
    assert virtual.machine.tickets[0].qr == ("https://vez.example/t/Ab3dEf7hIj1kLmN0pQrS",)


def test_heartbeat_tells_how_the_printer_is(server, virtual, make_agent, wait):
    make_agent(("t1", virtual.address))
    wait(lambda: any(beat["printer"] == "ready" for beat in server.beats))
    virtual.machine.set_faults({"paper_out": True})
    beat = wait(lambda: next((b for b in server.beats if b["printer"] == "blocked"), None), 4)
    assert beat["cause"] == "paper_out"


def test_paper_out_before_the_ticket_blocks_it_and_a_refill_prints_it(server, virtual, make_agent, wait):
    virtual.machine.set_faults({"paper_out": True})
    make_agent(("t1", virtual.address))
    job = server.add()
    wait(lambda: server.state(job) == "blocked")
    assert server.jobs[job]["cause"] == "paper_out"
    assert virtual.machine.count == 0
    virtual.machine.set_faults({"paper_out": False})
    wait(lambda: server.state(job) == "printed")
    assert virtual.machine.count == 1


def test_paper_out_in_mid_ticket_is_unknown_then_printed_once(server, virtual, make_agent, wait):
    make_agent(("t1", virtual.address))
    virtual.machine.set_faults({"paper_out_after_mm": 30})
    job = server.add()
    wait(lambda: server.state(job) == "unknown")
    assert server.jobs[job]["cause"] == "paper_out"
    virtual.machine.set_faults({"paper_out": False})
    wait(lambda: server.state(job) == "printed")
    assert virtual.machine.count == 1


def test_mute_printer_is_unknown_never_printed(server, make_printer, make_agent, wait):
    mute = make_printer()
    mute.machine.set_faults({"mute": True})
    make_agent(("t1", mute.address))
    job = server.add()
    wait(lambda: server.state(job) == "unknown")
    assert server.jobs[job]["cause"] == "no_answer"
    assert "printed" not in server.states_told(job)


def test_stations_share_a_printer_without_interleaving(server, virtual, make_agent, wait):
    jobs = [server.add(f"A{n:03}", token=f"t{n}") for n in range(1, 9)]
    make_agent(*((f"t{n}", virtual.address) for n in range(1, 9)))
    wait(lambda: all(server.state(job) == "printed" for job in jobs), 20)
    assert sorted(virtual.labels()) == [f"A{n:03}" for n in range(1, 9)]
    assert not any(ticket.unknown for ticket in virtual.machine.tickets)
    assert len({len(ticket.raw) for ticket in virtual.machine.tickets}) == 1
