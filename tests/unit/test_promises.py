"""What docs/security.md and docs/reliability.md promise is held by tests that exist, and has the code's numbers."""

import re
from math import log2
from pathlib import Path

import pytest
from live_trials.faults import FAULTS

from livecoach.capture import capture, pictures
from livecoach.core.config import Settings, read_yaml
from livecoach.core.config.paths import configs_dir
from livecoach.feedback import sound, window
from livecoach.pages import home_server, listener
from livecoach.phone import access, connections, protocol, server
from livecoach.records.session import recorder, video
from livecoach.run import watchdog

ROOT = Path(__file__).resolve().parents[2]
PAGES = {name: (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("security", "reliability")}
FILES = {path.name: path for path in (ROOT / "tests").rglob("test_*.py")}
TESTS = {
    name for path in FILES.values() for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.M)
}
HELD_BY: dict[str, dict[str, tuple[str, ...]]] = {
    "security": {
        "loads nothing from a network and sends nothing to one": ("test_the_demo_talks_to_nobody",),
        "pictures only after `--record`": (
            "test_live_keeps_what_was_seen_and_told_but_no_picture",
            "test_a_set_goes_on_where_the_network_is_slow_and_then_gone",
        ),
        "Only you can read the files of sessions, profiles, and the phone's certificate and address": (
            "test_it_is_readable_by_its_owner_alone",
            "test_only_the_owner_may_look",
            "test_only_the_owner_can_read_it",
        ),
        "Every number in them has bounds, every text becomes one printable line": (
            "test_hostile_files.py",
            "test_a_session_json_out_of_bounds_is_damaged",
            "test_texts_of_a_session_are_harmless_when_it_is_read",
        ),
        "no formula or script": (
            "test_a_training_log_holds_no_formula",
            "test_tables_of_a_session_hold_no_formula",
            "test_script_of_a_note_or_another_page_does_nothing",
            "test_no_text_of_a_session_gets_into_a_page_as_more_than_text",
        ),
        "files are read up to a size": ("test_a_file_that_is_too_large_is_not_read",),
        "a zip that leads elsewhere is refused": (
            "test_whatever_names_a_zip_has_nothing_is_written_elsewhere",
            "test_an_entry_that_no_export_has_spoils_the_whole_zip",
        ),
        "are checked for mistakes; no file that livecoach loads holds code that it runs": (
            "test_wrong_arrays_name_file_array_and_reason",
            "test_a_changed_file_is_named",
            "test_a_model_file_that_never_ends_is_refused",
            "test_its_packages_are_those_of_the_lock",
            "test_every_network_that_ships_has_its_digest",
        ),
        "sees and controls nothing": (
            "test_nothing_without_the_token",
            "test_tokens_have_59_bits_and_cookies_256",
            "test_an_address_of_the_network_guesses_once_a_second",
            "test_an_old_address_leads_on",
            "test_tokens_and_cookies_are_compared_in_constant_time",
            "test_the_cookie_is_for_this_page_alone",
        ),
        "Token and cookie stay the same until the certificate's authority is replaced": (
            "test_a_phone_keeps_its_page_until_the_authority_is_replaced",
            "test_the_address_is_another_one_once_its_secret_is_gone",
        ),
        "reads nothing on the way": ("test_the_certificate_is_for_the_one_address_and_a_year",),
        "does not stop the set, and keeps no phone out": (
            "test_silent_connections_keep_no_phone_out",
            "test_an_address_that_has_shown_the_token_has_a_place",
            "test_a_thousand_connections",
            "test_what_is_sent_by_halves_is_cut",
            "test_half_a_frame_of_a_websocket_is_cut",
            "test_a_device_that_never_reads_is_dropped",
            "test_a_device_for_which_too_much_waits_is_dropped",
            "test_refusals_are_counted_and_logged_ever_more_rarely",
        ),
        "It allows neither camera nor remote, and shows no report and no history": (
            "test_who_watches_is_neither_camera_nor_remote",
            "test_the_token_for_watching_gives_no_control",
            "test_address_for_watching_shows_and_changes_nothing_of_the_sessions",
        ),
        "A page of another site gets nothing": (
            "test_a_request_that_the_page_does_not_make",
            "test_the_page_and_its_five_files_are_all_there_is",
            "test_a_broken_request_is_answered_like_others_and_leaves_no_traceback",
            "test_live_page_alone_may_frame_the_pages_and_no_other_reads_them",
        ),
        "can read and save reports and history, correct reps and log sets": (
            "test_nothing_is_given_or_changed_without_the_cookie",
            "test_report_and_history_are_those_of_livecoach_home",
            "test_form_of_another_page_is_refused",
            "test_more_than_a_form_has_is_refused",
        ),
        "What they change can be undone": ("test_what_the_phone_changes_is_undone_on_the_computer",),
        "the running session stays as its run writes it": ("test_session_of_the_run_is_shown_and_left_alone",),
        "until a phone that answers has the report": (
            "test_report_of_the_lifter_at_hand_is_given_until_the_page_has_it",
        ),
        "send wrong pictures, and no more": (
            "test_a_picture_out_of_bounds_is_refused",
            "test_a_header_behind_a_marker_that_is_none_is_not_skipped",
            "test_the_decoder_itself_refuses_a_picture_that_is_too_large",
            "test_a_huge_frame_ends_its_connection_only",
            "test_the_rate_is_limited_after_a_burst",
            "test_a_connection_that_sends_only_nonsense_is_cut",
        ),
        "The remote names nothing but a new lifter": (
            "test_exercise_profile_and_standard_are_chosen_among_those_that_there_are",
            "test_a_new_name_is_as_its_folder_has_it",
        ),
        "There is one camera at a time": (
            "test_the_newest_frame_wins_and_each_is_answered",
            "test_a_second_camera_is_refused_and_may_watch",
            "test_a_phone_that_comes_back_at_once_takes_over",
            "test_another_phone_takes_the_camera_over_where_it_is_asked_to",
        ),
        "The server listens at one address": (
            "test_it_listens_at_its_own_address_alone_and_until_its_end",
            "test_what_is_no_single_address_is_refused",
        ),
        "so other devices can't reach them": ("test_other_devices_can_not_reach_it",),
        "sees and changes nothing": (
            "test_nothing_is_given_or_changed_without_the_secret",
            "test_secret_has_256_bits_is_compared_in_constant_time_and_sets_no_cookie",
            "test_another_host_is_refused",
            "test_form_of_another_page_is_refused",
        ),
        "runs nothing in the pages": ("test_every_answer_forbids_what_pages_do_not_need",),
        "keeps nobody out by silent connections": (
            "test_silent_connections_keep_nobody_out_and_end",
            "test_broken_request_is_refused_without_a_line",
        ),
        "no path is made of what it sends": (
            "test_name_that_leads_elsewhere_is_no_session",
            "test_more_than_a_form_has_is_refused",
        ),
        "the start screen that it opens ends with it": ("test_start_screen_that_the_home_page_opens",),
        "A picture is decoded only within bounds": (
            "test_pictures_that_no_library_survives_are_refused",
            "test_a_picture_too_large_to_be_decoded_is_not",
            "test_a_picture_that_would_take_minutes_is_not_decoded",
            "test_large_pictures_that_wait_take_bounded_memory",
            "test_large_pictures_wait_in_bounded_memory",
        ),
        "A web camera sends at most 32 MiB": ("test_a_camera_that_sends_for_ever_without_a_picture_is_lost",),
        "A redirect or a playlist leads to the address's own host alone": (
            "test_a_redirect_to_another_host_is_refused_unless_asked",
            "test_hosts_are_compared_by_name_and_encryption",
            "test_a_playlist_leads_to_its_own_host_alone_unless_asked",
            "test_a_redirect_elsewhere_is_refused_whenever_it_comes",
            "test_other_urls_in_what_it_describes_lead_nowhere",
        ),
        "User and password are sent only where the camera asks for them": (
            "test_user_and_password_are_given_where_the_camera_asks",
            "test_no_password_is_stored",
            "test_no_password_is_ever_shown",
            "test_a_password_is_taken_from_the_address_or_from_netrc",
        ),
        "A video may name no other files. Pipes and devices are not read": (
            "test_a_playlist_that_calls_itself_a_video_is_none",
            "test_what_is_no_file_is_refused_at_once",
            "test_a_pipe_does_not_hold_up_whoever_reads",
        ),
        "stays the same from run to run. Both are replaced when they are damaged or when others could read them": (
            "test_it_is_replaced_after_a_year",
            "test_a_damaged_one_is_replaced",
            "test_one_that_others_could_read_is_replaced",
            "test_a_phone_that_trusts_the_certificate_trusts_the_next_runs",
            "test_the_certificate_is_renewed_before_it_expires",
            "test_a_certificate_that_can_not_be_trusted_is_replaced",
        ),
    },
    "reliability": {
        "The set goes on": (
            "sound-dies",
            "disk-stays-full",
            "disk-hangs",
            "disk-hangs-recording",
            "camera-dies",
            "display-dies",
            "display-freezes",
            "test_full_disk.py",
            "test_events.py",
            "test_hostile_cameras.py",
        ),
        "A signal ends a run in order": (
            "sigint",
            "sigterm",
            "sighup",
            "test_a_signal_ends_a_set_with_all_that_was_counted_and_learned",
            "test_process.py",
        ),
        "No call waits without a limit.": (
            "test_stalled_and_flowing_again",
            "test_a_read_that_hangs_counts_as_lost_and_the_source_is_opened_again",
            "test_sound_hangs.py",
            "test_a_display_that_does_not_answer_is_a_reason",
            "display-freezes",
            "test_watchdog.py",
        ),
        "Files and streams from elsewhere do no harm.": ("test_hostile_files.py", "test_model_folder.py"),
        "What is missing of a video is said": ("test_damaged_video.py",),
        "A recording costs a folder's analysis itself only": (
            "test_batch_running.py",
            "test_cli_batch.py",
            "test_hours_of_a_black_picture_take_little_time_and_show_how_far_it_is",
        ),
        "Commands at once lose nothing of each other": (
            "test_whoever_changes_a_file_waits_for_the_others",
            "test_at_once.py",
        ),
        "Numbers have bounds": (
            "test_number_options.py",
            "test_local_time.py",
            "test_pictures_larger_than_any_cameras_are_not_decoded",
        ),
        "Memory is bounded": (
            "test_many_runs.py",
            "test_what_does_not_fit_into_memory_either_is_told",
            "test_large_pictures_wait_in_bounded_memory",
        ),
        "An error is one line": ("test_bad_input.py",),
        "Killed": ("sigkill", "sigkill-recording", "test_power_cut.py"),
        "Disk full": ("disk-fills", "disk-stays-full", "test_full_disk.py"),
        "A damaged file": (
            "test_a_damaged_line_costs_itself",
            "test_one_flipped_bit_costs_little_and_never_more_than_a_line",
        ),
    },
}
"""Page → what it promises → the tests and files of tests that hold it, and the faults that tests inject."""


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("page", PAGES)
def test_what_holds_a_promise_exists(page: str) -> None:
    holds = {name for names in HELD_BY[page].values() for name in names}
    assert holds - FILES.keys() - TESTS - FAULTS.keys() == set()


@pytest.mark.parametrize("page", PAGES)
def test_what_is_held_is_what_the_page_promises(page: str) -> None:
    assert [promise for promise in HELD_BY[page] if promise not in words(PAGES[page])] == []


@pytest.mark.parametrize("page", PAGES)
def test_each_promise_has_something_that_holds_it(page: str) -> None:
    """A test, or a fault that a test injects. A promise is an item of a list."""
    promised = PAGES[page].split("not promised\n")[0]
    promises = [words(item) for item in re.findall(r"^- (.+?)(?=\n- |\n\n)", promised, re.M | re.S)]
    assert len(promises) > 9
    assert [one for one in promises if not any(held in one for held in HELD_BY[page])] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_file_of_tests_is_where_it_is_said_to_be(page: str) -> None:
    paths = set(re.findall(r"\btests/[\w/]+\.py", PAGES[page]))
    assert paths
    assert [path for path in paths if not (ROOT / path).is_file()] == []


MB = 1_000_000
SHIPPED = read_yaml(configs_dir() / "settings.yaml", Settings)
SAYS = {
    "security": (
        f"it has {access.TOKEN_LENGTH} characters, or {int(access.TOKEN_LENGTH * log2(len(access.SIGNS)))} bits",
        "compared in constant time and exchanged for a cookie of 256 bits (`HttpOnly`, `Secure`, `SameSite=Strict`)",
        f"At most {listener.MOST_CONNECTIONS} connections are open, {listener.MOST_OF_ONE} of them of one address",
        f"needs its TLS handshake within {listener.HANDSHAKE_S:g} s",
        f"cut after {listener.IDLE_S:g} s without a complete request",
        f"dropped within {1.5 * server.HEARTBEAT_S:g} s",
        f"nothing is queued for it beyond {connections.MOST_WAITING} messages",
        f"A message has at most {protocol.MOST_BYTES / MB:g} MB",
        f"a picture at most {protocol.LARGEST_SIDE_PX} × {protocol.MOST_PIXELS // protocol.LARGEST_SIDE_PX} pixels",
        f"at most {protocol.MOST_HZ:g} of them come a second",
        f"A text has at most {protocol.LONGEST_TEXT} characters",
        f"after {connections.MOST_ERRORS} messages that the page does not send, the connection is cut",
        f"when the first one has sent nothing for {connections.GONE_S:g} s",
        f"A form has at most {home_server.MOST_BYTES >> 10} kB",
        f"up to {pictures.LARGEST_CODED_SIDE_PX} pixels a side and {pictures.MOST_CODED_PIXELS // MB} million in all, "
        f"{pictures.SMALLEST_SIDE_PX} at least, and no side over {pictures.MOST_ELONGATED} times as long",
        f"takes {recorder.MOST_WAITING_BYTES // MB} MB each at most",
        f"A JPEG of over {pictures.MOST_PASSES} headers and scans is not decoded",
        f"valid for {access.LEAF_DAYS} days",
        f"up to {server.REPORT_S:g} s until a phone that answers has the report",
    ),
    "reliability": (
        f"A camera that is silent for {SHIPPED.capture.stall_s:g} s is opened again",
        f"a server that does not answer for {sound.ANSWER_S:g} s",
        f"display does not answer for {window.OPENS_S:g} s is left out",
        f"stops answering later is given up after {window.HANGS_S:g} s",
        f"hangs for {watchdog.HANGS_AFTER * watchdog.TICK_S:g} s ends in order",
        f"draws figures where pictures have over {video.LARGEST_SIDE_PX} pixels a side",
        f"injects {len(FAULTS)} faults",
    ),
}


@pytest.mark.parametrize(("page", "says"), [(page, says) for page, all_ in SAYS.items() for says in all_])
def test_a_number_is_that_of_the_code(page: str, says: str) -> None:
    assert words(says) in words(PAGES[page])


def test_what_waits_for_the_pose_model_has_the_bound_of_what_waits_for_the_encoder() -> None:
    assert capture._MOST_BYTES == recorder.MOST_WAITING_BYTES
