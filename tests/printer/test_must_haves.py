"""The twenty things that printing must do (PRINTING 5), each with the test that shows it.

A name here that leads to no test is a failure: the list cannot promise what nobody checks.
"""

from pathlib import Path

import pytest

HERE = Path(__file__).parent

MUST_HAVES = {
    "01 own transports with deadlines": (
        "test_transports",
        "test_reader_that_never_reads_is_an_error_in_time",
    ),
    "02 confirmed printing": ("test_agent_prints", "test_mute_printer_is_unknown_never_printed"),
    "03 no double print": ("test_agent_crash", "test_killed_at_random_points_prints_each_key_at_most_once"),
    "04 durable spool": (
        "test_agent_survives",
        "test_fifty_queued_jobs_are_printed_in_order_after_a_restart",
    ),
    "05 Portuguese right": ("test_text_and_layout", "test_pangram_survives_and_only_slot_two_is_used"),
    "06 control characters": ("test_text_and_layout", "test_no_control_byte_from_data_reaches_the_printer"),
    "07 preflight and status": ("test_status", "test_each_trouble_is_named"),
    "08 kiosk fallback": ("test_every_fault_on_screen", "test_from_tap_to_screens"),
    "09 dials out": ("test_agent_survives", "test_agent_listens_to_nobody"),
    "10 one writer per printer": ("test_agent_prints", "test_stations_share_a_printer_without_interleaving"),
    "11 reconnect": ("test_agent_survives", "test_printer_is_switched_off_and_on_ten_times"),
    "12 virtual printer": (
        "test_independent_clients",
        "test_receiptio_sees_every_state_and_gets_a_confirmed_print",
    ),
    "13 dialects": ("test_dialects", "test_golden_bytes"),
    "14 width-aware layout": ("test_text_and_layout", "test_no_line_is_wider_than_the_paper"),
    "15 QR": ("test_independent_clients", "test_jsqr_reads_every_code"),
    "16 logo pipeline": ("test_logo_and_style", "test_logo_is_scaled_black_and_white_and_small"),
    "17 operator tools": ("test_commands", "test_test_page_is_confirmed"),
    "18 alerts and metrics": (
        "test_every_fault_on_screen",
        "test_trouble_and_its_end_are_on_both_screens_within_two_seconds",
    ),
    "19 safe start-up": ("test_commands", "test_starts_with_a_broken_pickle_and_a_read_only_tmp"),
    "20 discovery and self-check": ("test_commands", "test_detect_names_the_virtual_printer"),
}


@pytest.mark.parametrize("duty", MUST_HAVES)
def test_is_tested(duty):
    module, name = MUST_HAVES[duty]
    assert f"def {name}(" in (HERE / f"{module}.py").read_text("utf-8")


def test_there_are_twenty():
    assert [duty[:2] for duty in MUST_HAVES] == [f"{n:02}" for n in range(1, 21)]
