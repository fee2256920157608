"""A video of one rep beside the lifter's typical one, in slow motion, to share."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from livecoach.assembly import Coach
from livecoach.curves import HALF, CurveBuilder, rep_parts
from livecoach.errors import SessionError
from livecoach.feedback import text
from livecoach.feedback.shapes import GREY, INK, NIGHT
from livecoach.key_moment import typical_rep
from livecoach.language import translate
from livecoach.rep.measures import FaultTable
from livecoach.report.content import SessionRep, gather
from livecoach.report.pictures import GAP, ClipHalf, ClipMoment, ClipPace, ReportPictures, clip_moments, side_by_side
from livecoach.report.plots import RepPlots
from livecoach.report.rep_pairs import clip_halves
from livecoach.report.words import correction_words, measurement_words, original_verdict, rep_name
from livecoach.session.stored import Session
from livecoach.session.video import open_video
from livecoach.types import Rep, RepWindow
from livecoach.types.message import Message, capital, joined

SCALE = 1.8
"""Size of the pictures over those in a report: 720 pixels high."""
FPS = 30.0
CRF = 23
BAND, FOOT = 108, 44
"""Heights of the bands above and below the pictures, pixels."""
MARGIN, NAME_CAP, TEXT_CAP = 16, 22, 16
"""Margin of the captions, and heights of their capitals, pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepClip:
    """What a written clip shows."""

    beside: str | None
    """Name of the rep beside it, in words; None if there is none to compare with."""
    filmed: bool
    """Whether it shows the session's video; otherwise drawn figures only."""


def write_clip(
    session: Session,
    rep: Rep,
    coach: Coach,
    path: Path,
    *,
    speed: float,
    without_faces: bool,
    progress: Callable[[str, float], object],
) -> RepClip:
    """Write the clip of a rep of the session. path: an MP4 file.

    speed: 1 is real time. without_faces: blur faces until they are unrecognisable. progress: called with the current
    task and its progress, 0…1. Raises SessionError if no observations of the rep are stored, and ConfigError or
    OutputError if the file can't be written.
    """
    reps = gather(session).of(session.exercise_of(rep))
    every = (*reps.reps, *reps.not_counted)
    entry = next(one for one in every if one.rep.name == rep.name)
    if entry.window is None:
        raise SessionError(f"{session.name}:{rep.name}: no observations of it are stored. Choose another rep.")
    table = coach.scorer.faults.table
    parts = rep_parts(table.travel, coach.exercise.turn)
    drawn = RepPlots(CurveBuilder(table, session.about.settings.height_cm), table, parts)
    other, then = typical_rep(entry, reps.reps), drawn.moment(entry)
    halves = clip_halves(entry, other, drawn, entry.rep.top_joints)
    if not halves:
        raise SessionError(f"{session.name}:{rep.name}: nobody was visible. Choose another rep.")
    moments = clip_moments(entry.window, HALF if then is None else then.point, clip_pace(speed))
    captions = [rep_caption(entry, table)]
    captions += [] if len(halves) == 1 else [_other_caption(other)]
    synthetic = [translate("synthetic")] if session.about.source.synthetic else []
    mark = " · ".join(["livecoach", *synthetic, f"{speed:g}×"])
    with ExitStack() as stack:
        # Each half reads the video by itself: going back and forth takes long.
        videos = [stack.enter_context(ReportPictures(session, without_faces=without_faces)) for _ in halves]
        filmed = videos[0].any
        _write(path, _pictures(halves, videos, moments, progress), captions, mark)
    return RepClip(beside=captions[1][0] if len(captions) > 1 else None, filmed=filmed)


def clip_pace(speed: float) -> ClipPace:
    """Return how fast a clip plays. speed: 1 is real time."""
    return ClipPace(fps=FPS, slowed=1 / speed, least_s=0.0, most_s=float("inf"))


def rep_caption(entry: SessionRep, table: FaultTable) -> tuple[str, str]:
    """Return the two lines above a rep: its name, and its verdict with what was measured."""
    measured = measurement_words(entry.rep.faults[0]) if entry.rep.faults else ""
    judged = joined(": ", original_verdict(entry, table), measured)
    said = correction_words(entry)
    if said:
        judged = Message("{text} — you said: {text2}", text=judged, text2=said)
    return capital(rep_name(entry)), judged


def _other_caption(other: SessionRep | RepWindow | None) -> tuple[str, str]:
    if isinstance(other, SessionRep):
        return capital(rep_name(other)), "Your typical rep"
    return "Your good rep from another day", ""


def _pictures(
    halves: Sequence[ClipHalf],
    videos: Sequence[ReportPictures],
    moments: Sequence[ClipMoment],
    progress: Callable[[str, float], object],
) -> Iterator[tuple[Sequence[np.ndarray], int]]:
    """Yield the pictures of all halves at each moment, and the number of frames that show it."""
    drawn = [video.half(half, moments, SCALE) for half, video in zip(halves, videos, strict=True)]
    for done, moment in enumerate(moments):
        progress("writing the clip", done / len(moments))
        yield [next(half) for half in drawn], moment.frames


def _write(
    path: Path, pictures: Iterator[tuple[Sequence[np.ndarray], int]], captions: Sequence[tuple[str, str]], mark: str
) -> None:
    """Write the video: each half under its caption, the mark below them."""
    first, frames = next(pictures)
    widths = [part.shape[1] for part in first]
    across = sum(widths) + GAP * (len(widths) - 1)
    band, foot = _band(widths, captions, across), _foot(mark, across)
    width, height = across // 2 * 2, (BAND + first[0].shape[0] + FOOT) // 2 * 2  # as the encoder requires
    with open_video(path, width, height, FPS, crf=CRF, preset="veryfast") as video:
        for parts, count in chain([(first, frames)], pictures):
            canvas = np.vstack([band, side_by_side(parts), foot])[:height, :width]
            for _ in range(count):
                video.write(canvas)


def _band(widths: Sequence[int], captions: Sequence[tuple[str, str]], width: int) -> np.ndarray:
    """Return the band above the pictures. widths: of the halves, in pixels."""
    band = np.full((BAND, width, 3), NIGHT, np.uint8)
    left = 0
    for own, (name, said) in zip(widths, captions, strict=True):
        room = own - 2 * MARGIN
        text.block(translate(name), 1, NAME_CAP, room).write(band, (left + MARGIN, MARGIN), INK)
        line = text.block(translate(said), 1, TEXT_CAP, room)
        if line.cap_px < TEXT_CAP:
            line = text.block(translate(said), 2, TEXT_CAP, room)
        line.write(band, (left + MARGIN, MARGIN + 2 * NAME_CAP - 4), GREY)
        left += own + GAP
    return band


def _foot(mark: str, width: int) -> np.ndarray:
    """Return the band below the pictures."""
    band = np.full((FOOT, width, 3), NIGHT, np.uint8)
    text.write(band, mark, (MARGIN, FOOT - MARGIN), TEXT_CAP - 4, GREY)
    return band
