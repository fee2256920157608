"""The phone's figures from the traces of run and page."""

from dataclasses import replace

import pytest

from livecoach.tools.bench_phone_figures import PHONE, evaluate_phone, glass_to_cue_ms
from livecoach.tools.bench_phone_trace import PageCue, PageTrace, SentPicture
from livecoach.tools.bench_trace import CueTrace, FrameTrace, Trace
from livecoach.types import Cue

HERE_S = 1000.0
"""Time here when the page's clock began."""
FPS = 30.0


def a_trace(seconds: float = 4.0, *, cpu: float = 0.7, cues: tuple[CueTrace, ...] = ()) -> Trace:
    """A run that took every picture, with a share of a core."""
    frames = tuple(
        FrameTrace(
            t_s=number / FPS,
            captured_s=HERE_S + 1 + number / FPS,
            dropped=0,
            pose_ms=10.0,
            step_ms=1.0,
            rep_ms=None,
            draw_ms=None,
            drawn_s=None,
            cpu_s=cpu * number / FPS,
        )
        for number in range(round(seconds * FPS))
    )
    return Trace(frames=frames, cues=cues, peak_rss_mib=None, sound_live=True, recorded=None)


def a_cue(t_s: float, rep: int = 1) -> CueTrace:
    cue = Cue(kind="good_rep", text=str(rep), rep=rep, say=str(rep))
    return CueTrace(t_s=t_s, latency_ms=50.0, event_s=HERE_S + 1.05 + t_s, drawn_s=None, cue=cue)


def a_page(*cues: PageCue, early_ms: float = 0.0) -> PageTrace:
    """A page whose camera captured the pictures of `a_trace`. early_ms: how wrong their estimate there is."""
    pictures = tuple(
        SentPicture(captured_ms=ms - early_ms, sent_ms=ms + 10, taken_ms=ms + 15)
        for ms in (1000 + 1000 * number / FPS for number in range(120))
    )
    return PageTrace(
        browser="Chrome/1", offset_s=HERE_S, allowed_ms=500.0, first_drawn_ms=1250.0, page_bytes=45_000,
        shown=121, pictures=pictures, cues=cues,
    )  # fmt: skip


def test_a_cue_s_way_begins_with_the_capture_of_its_own_picture() -> None:
    trace = a_trace(cues=(a_cue(2.0),))
    page = a_page(PageCue(rep=1, drawn_ms=3090.0), early_ms=4)
    assert glass_to_cue_ms(trace.cues[0], trace.frames, page) == pytest.approx(94)


@pytest.mark.parametrize(
    "page",
    [
        a_page(),
        a_page(PageCue(rep=1, drawn_ms=None)),
        a_page(PageCue(rep=2, drawn_ms=3090.0)),
        replace(a_page(PageCue(rep=1, drawn_ms=3090.0)), pictures=()),
    ],
)
def test_a_cue_that_the_page_did_not_draw_has_no_figure(page: PageTrace) -> None:
    trace = a_trace(cues=(a_cue(2.0),))
    assert glass_to_cue_ms(trace.cues[0], trace.frames, page) is None
    assert evaluate_phone(trace, page, a_trace())["glass_to_cue_ms_p95"].flawed


def test_every_figure_has_a_value() -> None:
    trace = a_trace(cpu=0.7, cues=(a_cue(2.0, 1), a_cue(3.0, 2)))
    page = a_page(PageCue(rep=1, drawn_ms=3100.0), PageCue(rep=2, drawn_ms=4060.0))
    values = evaluate_phone(trace, page, a_trace(cpu=0.55))

    assert set(values) == {figure.key for figure in PHONE}
    assert {key: value.value for key, value in values.items()} == {
        "processed_fps": pytest.approx(30),
        "glass_to_cue_ms_p50": pytest.approx(80),
        "glass_to_cue_ms_p95": pytest.approx(98),
        "glass_to_taken_ms_p50": pytest.approx(15),
        "glass_to_taken_ms_p95": pytest.approx(15),
        "cpu_percent": pytest.approx(70),
        "cpu_beyond_file": pytest.approx(15),
        "first_drawn_s": pytest.approx(0.75),
        "page_kb": pytest.approx(45),
    }


def test_a_short_run_says_what_it_lacks() -> None:
    values = evaluate_phone(a_trace(1.0), a_page(), a_trace())
    assert {value.value for value in values.values()} == {None}
    assert "--seconds" in str(evaluate_phone(a_trace(), a_page(), a_trace())["glass_to_cue_ms_p50"].note)
