"""Makes the pictures of a report: figures of the lifter at a moment, stills, pairs of reps side by side, and clips."""

import base64
import math
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import cv2
import numpy as np

from livecoach.core.errors import OutputError, SessionError, SourceError
from livecoach.core.step import RepCompleted
from livecoach.core.types import Fault, Observation, RepWindow
from livecoach.core.types.message import Message, capitalise, in_words, join_texts
from livecoach.feedback.depth_line import DepthLine
from livecoach.feedback.face_blur import blur_face
from livecoach.feedback.key_moment import KeyMoment
from livecoach.feedback.shapes import DUSK
from livecoach.feedback.two_reps import (
    HEIGHT,
    CroppedFigure,
    FigureCrop,
    Pair,
    PairedRep,
    RepComparer,
    crop_picture,
    draw_paired_rep,
    evenly_spaced_points,
)
from livecoach.pages.report.overview import Overview
from livecoach.pages.report.report_words import MARK, kept_rep_caption, rep_name
from livecoach.records.session import layout
from livecoach.records.session.opening import read_document
from livecoach.records.session.stored import Session
from livecoach.records.session.video import SessionPictures, open_video

STILL_SCALE = 1.25  # Pixels of a still per unit of the viewBox: sharp enough on a phone, at about 25 kB
THUMBNAIL_SCALE = 0.5  # Pixels of a thumbnail per unit of the viewBox, at about 5 kB
JPEG_QUALITY = 72  # Quality of a still, 0…100
STOP_S = 1.0  # Pause of a clip at the key moment, in seconds
CRF = 30  # Quality of a clip on x264's scale from 0 (lossless) to 51
CLIP_FPS, SLOWED, CLIP_S = 15.0, 1.5, (2.5, 9.0)
"""Frame rate of a report's clip, its duration as a multiple of the rep's duration, and its shortest and longest
duration in seconds."""
GAP = 8  # Pixels between the two halves of a clip


@dataclass(frozen=True, slots=True, kw_only=True)
class LifterFigure:
    """The lifter at a moment of a rep, as a drawing or a picture for a page."""

    cropped: CroppedFigure
    crop: FigureCrop
    words: str  # Text alternative for screen readers
    picture: str | None = None  # The picture as a data: URI; None if there is no video
    joints: Collection[str] = ()  # Names of the joints that are marked, since they contribute most to the verdict
    name: str = ""  # Name of the rep; empty without a rep
    caption: str = ""  # Name of the rep with the result of a standard; empty for the figure of a session
    mark: str = ""  # Symbol of the rep's form; empty for the figure of a session
    line: DepthLine | None = None  # Line at the top of the knee; None if it is not drawn
    height: int = HEIGHT

    @property
    def width(self) -> int:
        """The width of the figure, in units of the viewBox."""
        return self.crop.shown_width


class ClipMoment(NamedTuple):
    """A moment of a rep in a clip, and the number of the clip's frames that show it."""

    point: float  # Point on the first rep's curves
    frames: int  # Number of frames that show the moment: several if the clip pauses


class ReportPictures(ExitStack):
    """The pictures of a session, and of the sessions of its reference reps. Use it in a `with` statement."""

    def __init__(self, session: Session, *, blur_faces: bool) -> None:
        """Create the object without reading anything. `blur_faces` blurs faces until they are unrecognisable."""
        super().__init__()
        self._session, self._blur_faces = session, blur_faces
        self._videos: dict[str, SessionPictures | None] = {}

    @property
    def has_video(self) -> bool:
        """Whether the session has a readable video."""
        return self._video("") is not None

    def _video(self, of: str) -> SessionPictures | None:
        """Return the video of the session with an identity, empty for this session; None without a readable video."""
        if of not in self._videos:
            self._videos[of] = None
            path = self._session.video
            if of:
                path = _video_of(of) if layout.is_in_sessions_folder(self._session.folder) else None
            if path is not None:
                with self._drawn_instead(of):
                    self._videos[of] = self.enter_context(closing(SessionPictures(path)))
        return self._videos[of]

    @contextmanager
    def _drawn_instead(self, of: str) -> Iterator[None]:
        try:
            yield
        except SourceError as err:
            self._session.say(f"{err} Figures are drawn instead.")
            self._videos[of] = None

    def picture_at(self, observation: Observation, session: str = "") -> np.ndarray | None:
        """Return the picture of an observation, with a blurred face if requested; None without a readable picture.

        The picture is (height, width, 3) uint8 BGR. `session` is the observation's session; empty for this session.
        """
        video, picture = self._video(session), None
        if video is not None:
            with self._drawn_instead(session):
                picture = video.picture_at(observation.t_s)
        return blur_face(picture, observation) if picture is not None and self._blur_faces else picture

    def still_uri(
        self, observation: Observation, crop: FigureCrop, session: str = "", scale: float = STILL_SCALE
    ) -> str | None:
        """Return a crop of an observation's picture as a JPEG data: URI; None without a picture, or if encoding fails.

        Args:
            session: Identity of the session of the observation; empty for this session.
            scale: Pixels of the result per unit of the viewBox.
        """
        picture = self.picture_at(observation, session)
        if picture is None:
            return None
        part = crop_picture(picture, (observation.width_px, observation.height_px), crop, scale)
        done, jpeg = cv2.imencode(".jpg", part, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        return _data("image/jpeg", jpeg.tobytes()) if done else None

    def clip_uri(self, pair: Pair) -> str | None:
        """Return a slowed clip of a rep, or of two reps side by side, as a data: URI; None if encoding fails."""
        width = sum(half.crop.shown_width for half in pair.reps) + GAP * (len(pair.reps) - 1)
        moments = clip_moments(pair.reps[0].window, pair.key_moment.point, CLIP_FPS, SLOWED, CLIP_S)
        # Each half is read in one pass, because going back and forth in a video takes long.
        drawn = [list(self.draw_moments(half, moments)) for half in pair.reps]
        with TemporaryDirectory() as folder, suppress(OutputError):
            path = Path(folder) / "clip.mp4"
            with open_video(path, width, HEIGHT, CLIP_FPS, crf=CRF, preset="veryfast", threads=1) as video:
                for parts, moment in zip(zip(*drawn, strict=True), moments, strict=True):
                    for _ in range(moment.frames):
                        video.write(join_pictures(parts))
            return _data("video/mp4", path.read_bytes())
        return None

    def draw_moments(self, rep: PairedRep, moments: Sequence[ClipMoment], scale: float = 1.0) -> Iterator[np.ndarray]:
        """Yield a picture of a rep at each moment, blank if nobody was seen: (HEIGHT * `scale`, width, 3) BGR."""
        blank = np.full((round(HEIGHT * scale), round(rep.crop.shown_width * scale), 3), DUSK, np.uint8)
        for moment in moments:
            shown = rep.figure_at(moment.point)
            yield blank if shown is None else self._draw(rep, shown, blank, scale, stops=moment.frames > 1)

    def _draw(
        self, rep: PairedRep, figure: CroppedFigure, blank: np.ndarray, scale: float, *, stops: bool
    ) -> np.ndarray:
        seen = figure.observation
        picture = self.picture_at(seen, _seen_by(rep))
        if picture is None:
            canvas = blank.copy()  # filling it with a colour takes ten times as long
        else:
            canvas = crop_picture(picture, (seen.width_px, seen.height_px), rep.crop, scale)
        unit = min(canvas.shape[:2]) / 480
        draw_paired_rep(
            canvas, rep, figure, lambda xy: xy * scale, unit=unit, joints_unit=unit if stops else None, words=True
        )
        return canvas


def _seen_by(half: PairedRep) -> str:
    """Return the identity of the other session that saw a rep; empty for a rep of this session."""
    # No session is called "-".
    return "" if half.completed is not None else half.window.set_name.rpartition(" ")[0] or "-"


def _video_of(session: str) -> Path | None:
    """Return the video of the user's newest session with an identity; None without a video."""
    with suppress(OSError):
        for folder in reversed(list(layout.scan_folders())):
            with suppress(SessionError):
                video = folder / layout.VIDEO
                if video.is_file() and read_document(folder / layout.DOCUMENT).session == session:
                    return video
    return None


def clip_moments(
    window: RepWindow, at: int, fps: float, slowed: float, limits_s: tuple[float, float] = (0.0, math.inf)
) -> list[ClipMoment]:
    """Return the moments of a rep that a clip shows, evenly spaced in time.

    Args:
        at: Point of the rep's curves at which the clip pauses.
        slowed: Duration of the clip as a multiple of the rep's duration.
        limits_s: Shortest and longest duration without the pause, in seconds.
    """
    lasts_s = min(max(slowed * (window.end_s - window.start_s), limits_s[0]), limits_s[1])
    points, stop = evenly_spaced_points(window, math.ceil(lasts_s * fps), at)
    return [ClipMoment(point, round(STOP_S * fps) if n == stop else 1) for n, point in enumerate(points)]


def join_pictures(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Join pictures of the same height, (height, width, 3) uint8, side by side with white gaps."""
    gap = np.full((parts[0].shape[0], GAP, 3), 255, np.uint8)
    return np.hstack([parts[0], *(block for part in parts[1:] for block in (gap, part))])


def _data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


MOST_STILLS = 24  # Most pairs of stills in a report: half a megabyte. Later reps get drawn figures. Our choice.
STILL_S = 0.2  # Largest distance from the bottom, in seconds, at which a still shows the line at the knee. Our choice.


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepPair:
    """A figure of a rep beside a figure of another rep at the same moment, if there is a rep to compare with."""

    first_rep: RepCompleted
    first: LifterFigure  # Figure of the first rep
    second: LifterFigure | None  # Figure of the rep to compare with; None if there is no such rep
    key_moment: KeyMoment  # Moment of the first rep that is shown
    clip: str | None = None  # Video of the reps as a data: URI; None if none was made
    relation: str = ""  # Caption of the second rep, such as "Your typical rep"; empty without this rep


class Comparisons:
    """Draws reps of a session beside other reps: stills of the video in the first MOST_STILLS pairs, then figures."""

    def __init__(self, reps: Sequence[RepCompleted], comparer: RepComparer, pictures: ReportPictures) -> None:
        self._reps, self._comparer, self._pictures = reps, comparer, pictures
        self._stills = 0

    def priority_pair(self, overview: Overview) -> RepPair | None:
        """Return the pair of reps that the top of a report shows, with a clip.

        This is the worst rep beside a typical rep or, without a worst rep, the least typical good rep beside the most
        typical good rep. A rep without a counterpart stands alone. The result is None without such a rep, or if
        the first rep can't be shown.
        """
        if (worst := overview.shown_rep) is not None:
            fault = overview.faults[0].worst_measured if overview.faults else None
            return self._pair(worst, self._comparer.rep_to_compare(worst, self._reps, fault), fault, clip=True)
        judged = [entry for entry in self._reps if entry.counted.score is not None and entry.window]
        good = [entry for entry in judged if entry.counted.verdict == "good"]
        if not good:
            return None
        best = min(good, key=lambda entry: entry.counted.score or 0.0)
        least = max(good, key=lambda entry: entry.counted.score or 0.0)
        return self._pair(least, None if least is best else best, None, clip=True)

    def pair_with_typical(self, entry: RepCompleted, fault: Fault | None = None) -> RepPair | None:
        """Pair a rep with a typical rep of the lifter, if known; return None if the first rep can't be shown.

        Without a `fault`, the rep's first shortcoming is shown, if any.
        """
        return self._pair(entry, self._comparer.rep_to_compare(entry, self._reps, fault), fault, clip=False)

    def draw_thumbnail(self, entry: RepCompleted, fault: Fault) -> LifterFigure | None:
        """Draw a small figure of a rep at the moment of a fault; None if no observation of the rep shows the lifter."""
        pair = self._comparer.pair(entry, None, fault)
        return None if pair is None else self._draw_figure(pair.reps[0], pair.key_moment.point, THUMBNAIL_SCALE)

    def _pair(
        self, entry: RepCompleted, other: RepCompleted | RepWindow | None, fault: Fault | None, *, clip: bool
    ) -> RepPair | None:
        """Pair two reps at the moment of a fault, or show the first alone; None if the first rep can't be shown."""
        pair = self._comparer.pair(entry, other, fault)
        if pair is None:
            return None
        first, second = ([self._draw_figure(half, pair.key_moment.point) for half in pair.reps] + [None])[:2]
        if first is None:
            return None
        self._stills += 1
        is_typical = isinstance(other, RepCompleted) and entry.counted.verdict != "good"
        return RepPair(
            first_rep=entry,
            first=first,
            second=second,
            key_moment=pair.key_moment,
            clip=self._pictures.clip_uri(pair) if clip else None,
            relation="Your typical rep" if is_typical else "" if second is None else second.name,
        )

    def _draw_figure(self, half: PairedRep, point: int, scale: float = STILL_SCALE) -> LifterFigure | None:
        """Draw a rep at a point of the first rep's curves, without a picture after MOST_STILLS pairs."""
        cropped = half.figure_at(point, STILL_S)
        if cropped is None:
            return None
        filmed = self._stills < MOST_STILLS
        picture = self._pictures.still_uri(cropped.observation, half.crop, _seen_by(half), scale) if filmed else None
        rep = None if half.completed is None else half.completed.counted
        caption = kept_rep_caption(half.window) if rep is None else capitalise(rep_name(rep))
        mark = MARK[("anomalous" if half.window.misses_standard else "good") if rep is None else rep.form]
        line = None if cropped.line is None else half.line
        caption_at = join_texts(", ", caption, "" if line is None else line.result.words)
        marked = join_texts(", ", *(in_words(name) for name in half.joints))
        alternative = join_texts("; ", caption_at, marked and Message("marked: {text}", text=marked))
        return LifterFigure(
            cropped=cropped,
            crop=half.crop,
            words=alternative,
            picture=picture,
            joints=half.joints,
            name=caption,
            caption=caption_at,
            mark=mark,
            line=line,
        )
