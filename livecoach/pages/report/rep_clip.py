"""Writes a video of a rep and the lifter's typical rep side by side, in slow motion; also upright, to share."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

import numpy as np

from livecoach.core.errors import SessionError
from livecoach.core.language import translate
from livecoach.core.types import Rep
from livecoach.core.types.message import capitalise, join_texts
from livecoach.decisions import assembly
from livecoach.decisions.judging.primary import shortcomings
from livecoach.decisions.judging.wording import fault_cue
from livecoach.feedback import text
from livecoach.feedback.shapes import GREY, INK, NIGHT
from livecoach.feedback.two_reps import HEIGHT, PairedRep, RepComparer
from livecoach.pages.report import report_words
from livecoach.pages.report.content import read_report_content
from livecoach.pages.report.report_pictures import GAP, STOP_S, ClipMoment, ReportPictures, clip_moments, join_pictures
from livecoach.records.session.stored import Session
from livecoach.records.session.video import open_video

SCALE = 1.8  # Size of the pictures as a multiple of the size in a report: 720 pixels high
FPS = 30.0
CRF = 23  # Quality on x264's scale from 0 (lossless) to 51
BAND, FOOT = 108, 44  # Heights of the bands above and below the pictures, in pixels
MARGIN, NAME_CAP, TEXT_CAP = 16, 22, 16  # Margin of the captions, and heights of their capitals, in pixels
SHARED_PX, SHARED_S = (720, 1280), 15.0
"""Size of a video to share, in pixels (9:16), and its longest duration: usual values for short videos on phones."""
SHARED_MARGIN = 40  # Margin of a video to share, in pixels
SHARED_CAPS = (44, 56, 38)
"""Heights of capitals in a video to share, in pixels: of the exercise, the cue and the measurement."""


def write_clip(
    session: Session,
    rep: Rep,
    path: Path,
    *,
    speed: float,
    blur_faces: bool,
    shared: bool = False,
    progress: Callable[[str, float], object],
) -> tuple[str | None, bool]:
    """Write a video of a rep beside a typical good rep of the same lifter, if there is a typical rep.

    Returns the caption of the typical rep (None without this rep), and whether the clip shows the session's video.

    Args:
        speed: Speed of the clip; 1 is real time.
        shared: Whether to make an upright video with the exercise, the cue and the measurement. It is played faster if
            it would be longer than SHARED_S.
        progress: Called with the current task and its progress, 0…1.

    Raises:
        SessionError: No observations of the rep are stored, or nobody is visible in the rep.
        ConfigError: The exercise can't be loaded, or the name of the file is not valid.
        ModelError: The model of the exercise can't be loaded.
        OutputError: The file can't be written.
    """
    trained = assembly.load_exercise(rep.exercise, session.about.settings.false_alarms)
    session = session.select_lifter(session.profile_at(rep.start_s))
    reps = read_report_content(session).part_of_exercise(rep.exercise)
    entry = next(seen for seen in reps.completed if seen.counted.name == rep.name)
    if entry.window is None:
        raise SessionError(f"{session.name}:{rep.name}: no observations of it are stored. Choose another rep.")
    comparer = RepComparer(trained.scorer.faults.table, trained.exercise.turn, session.height_of(session.profile))
    pair = comparer.pair(entry, comparer.rep_to_compare(entry, reps.reps))
    if pair is None:
        raise SessionError(f"{session.name}:{rep.name}: nobody was visible. Choose another rep.")
    most_s = SHARED_S - STOP_S if shared else math.inf
    halves, moments = pair.reps, clip_moments(entry.window, pair.key_moment.point, FPS, 1 / speed, (0.0, most_s))
    captions = [rep_caption(entry.rep), *map(_other_caption, halves[1:])]
    synthetic = [translate("synthetic")] if session.about.source.synthetic else []
    mark = " · ".join(["livecoach", *synthetic, f"{speed:g}×"])
    with ExitStack() as stack:
        # Each half has its own reader, because going back and forth in a video takes long.
        videos = [stack.enter_context(ReportPictures(session, blur_faces=blur_faces)) for _ in halves]
        filmed = videos[0].has_video
        heading = share_heading(entry.rep, trained.exercise.title) if shared else ()
        pictures = _pictures(halves, videos, moments, progress, _shared_scale(halves, heading) if shared else SCALE)
        _write(path, pictures, captions, mark, heading)
    return captions[1][0] if len(captions) > 1 else None, filmed


def rep_caption(rep: Rep) -> tuple[str, str]:
    """Return the two lines above a rep in a clip: its name, and its verdict with the measurement and the correction."""
    measured = join_texts("", *map(report_words.measurement_words, shortcomings(rep)[:1]))
    verdict = join_texts(": ", report_words.original_verdict(rep), measured)
    return capitalise(report_words.rep_name(rep)), report_words.with_correction(verdict, rep)


def share_heading(rep: Rep, title: str) -> tuple[str, ...]:
    """Return the lines above a video to share: the title, then a fault's cue and measurement, or else the verdict."""
    faults = shortcomings(rep)
    if not faults:
        return title, capitalise(report_words.original_verdict(rep))
    return title, capitalise(fault_cue(faults[0].name, rep.exercise)), report_words.measurement_words(faults[0])


def _shared_scale(halves: Sequence[PairedRep], heading: Sequence[str]) -> float:
    """Return the scale at which the pictures fill the width, or the room below the heading, of a video to share."""
    wide_px = SHARED_PX[0] - GAP * (len(halves) - 1)
    high_px = SHARED_PX[1] - _shared_page(heading)[1] - BAND - FOOT
    return min(wide_px / sum(half.crop.shown_width for half in halves), high_px / HEIGHT, SCALE)


def _other_caption(other: PairedRep) -> tuple[str, str]:
    if other.completed is not None:
        return capitalise(report_words.rep_name(other.completed.counted)), "Your typical rep"
    return report_words.kept_rep_caption(other.window), ""


def _pictures(
    halves: Sequence[PairedRep],
    videos: Sequence[ReportPictures],
    moments: Sequence[ClipMoment],
    progress: Callable[[str, float], object],
    scale: float,
) -> Iterator[tuple[Sequence[np.ndarray], int]]:
    """Yield the pictures of all halves at each moment, and the number of frames that show the moment."""
    drawn = [video.draw_moments(half, moments, scale) for half, video in zip(halves, videos, strict=True)]
    for done, moment in enumerate(moments):
        progress("writing the clip", done / len(moments))
        yield [next(half) for half in drawn], moment.frames


def _write(
    path: Path,
    pictures: Iterator[tuple[Sequence[np.ndarray], int]],
    captions: Sequence[tuple[str, str]],
    mark: str,
    heading: Sequence[str],
) -> None:
    """Write the video, with a caption above each half, a mark below, and a heading if it is a video to share."""
    first, frames = next(pictures)
    widths = [part.shape[1] for part in first]
    across = sum(widths) + GAP * (len(widths) - 1)
    band, foot = _band(widths, captions, across), _foot(mark, across)
    width, height = across // 2 * 2, (BAND + first[0].shape[0] + FOOT) // 2 * 2  # as the encoder requires
    page, below = _shared_page(heading) if heading else (np.empty((height, width, 3), np.uint8), 0)
    top, left = below + (page.shape[0] - below - height) // 2, (page.shape[1] - width) // 2
    with open_video(path, page.shape[1], page.shape[0], FPS, crf=CRF, preset="veryfast") as video:
        for parts, count in chain([(first, frames)], pictures):
            canvas = np.vstack([band, join_pictures(parts), foot])[:height, :width]
            page[top : top + height, left : left + width] = canvas
            for _ in range(count):
                video.write(page)


def _shared_page(heading: Sequence[str]) -> tuple[np.ndarray, int]:
    """Return the background of a video to share with its heading, and the lower end of the heading in pixels."""
    width, height = SHARED_PX
    page, y = np.full((height, width, 3), NIGHT, np.uint8), SHARED_MARGIN
    for words, cap, colour in zip(heading, SHARED_CAPS, (GREY, INK, INK), strict=False):
        if words:
            block = text.balance(translate(words), cap, width - 2 * SHARED_MARGIN, text.BOLD)
            block.write(page, (SHARED_MARGIN, y), colour)
            y += block.height_px + cap // 2
    return page, y


def _band(widths: Sequence[int], captions: Sequence[tuple[str, str]], width: int) -> np.ndarray:
    band = np.full((BAND, width, 3), NIGHT, np.uint8)
    left = 0
    for own, (name, verdict) in zip(widths, captions, strict=True):
        room = own - 2 * MARGIN
        text.typeset(translate(name), 1, NAME_CAP, room).write(band, (left + MARGIN, MARGIN), INK)
        line = text.typeset(translate(verdict), 1, TEXT_CAP, room)
        if line.cap_px < TEXT_CAP:
            line = text.typeset(translate(verdict), 2, TEXT_CAP, room)
        line.write(band, (left + MARGIN, MARGIN + 2 * NAME_CAP - 4), GREY)
        left += own + GAP
    return band


def _foot(mark: str, width: int) -> np.ndarray:
    band = np.full((FOOT, width, 3), NIGHT, np.uint8)
    text.write(band, mark, (MARGIN, FOOT - MARGIN), TEXT_CAP - 4, GREY)
    return band
