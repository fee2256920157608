"""Opens the containers of video files: the one place where PyAV opens a file to read."""

import os
import stat
from pathlib import Path

from livecoach.config.files import open_regular
from livecoach.errors import SourceError
from livecoach.source.opencv import av
from livecoach.source.picture_size import MOST_CODED_PIXELS, ImpossiblePicture, check_coded

FORMATS = (
    "mov,matroska,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,h264,hevc,av1,obu,ivf,m4v,mjpeg,mxf,dv,nut,rm,swf,wtv,gif,aac,"
    "mp3,wav,flac"
)
"""What is opened. Playlists (hls, dash, concat) are not, for they name other files. Sound is, to be told from a file
that is neither."""


def check_is_file(path: Path) -> None:
    """Raise SourceError where a path is no file with content that may be read."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as err:
        raise SourceError(f"{path}: no such file. Check the path.") from err
    except OSError as err:  # a loop of links, a name that is too long, a folder that may not be searched
        raise SourceError(f"{path}: can't be opened ({err.strerror}). Check the path.") from err
    if stat.S_ISDIR(mode):
        raise SourceError(f"{path}: this is a folder. Give a video file in it.")
    if not stat.S_ISREG(mode):
        raise SourceError(f"{path}: this is not a regular file. Give a video file, a camera's number or a URL.")
    if not os.access(path, os.R_OK):
        raise SourceError(f"{path}: you have no permission to read this file. Change its permissions or copy it.")
    if path.stat().st_size == 0:
        raise SourceError(f"{path}: the file is empty. Was it copied completely?")


def open_container(path: Path) -> av.container.InputContainer:
    """Open a file's container. Raises SourceError where it is no video that can be read."""
    check_is_file(path)
    try:
        return _opened(path, {})
    except (av.error.InvalidDataError, av.error.EOFError) as err:
        if not _looks_like_mp4(path):
            raise SourceError(f"{path}: not a video. MP4, MOV, MKV, WebM and AVI can be read.") from err
        return _open_torn_mp4(path)
    except av.FFmpegError as err:
        raise SourceError(f"{path}: can't be opened ({err.strerror}). Copy it to a local disk and try again.") from err


def picture_stream(container: av.container.InputContainer, path: Path) -> av.VideoStream:
    """Return the stream of pictures. Raises SourceError where there is none, or none that can be decoded."""
    for stream in container.streams.video:
        # The cover picture of an audio file is a video stream too.
        if not stream.disposition & av.stream.Disposition.attached_pic:
            break
    else:
        raise SourceError(f"{path}: there is no video in this file, only sound or text. Give the video itself.")
    if stream.codec_context is None:
        raise SourceError(f"{path}: its encoding can't be decoded here. Convert it with `ffmpeg -i FILE out.mp4`.")
    try:
        check_coded(stream.codec_context.width, stream.codec_context.height)
    except ImpossiblePicture as err:
        raise impossible(path, err) from err
    # A later picture may be larger than the header says: the decoder refuses it.
    stream.codec_context.options = {"max_pixels": str(MOST_CODED_PIXELS)}
    return stream


def impossible(path: Path, err: ImpossiblePicture) -> SourceError:
    """Return the error for a video whose pictures are out of bounds."""
    return SourceError(f"{path}: {err}. Convert it with `ffmpeg -i FILE -vf scale=1280:-2,setsar=1 out.mp4`.")


def _opened(path: Path, options: dict[str, str]) -> av.container.InputContainer:
    """Open a container. "file:" keeps a colon in the name from being read as a protocol."""
    # Only files: a playlist in the disguise of a video names other files, and addresses.
    limits = {"protocol_whitelist": "file", "format_whitelist": FORMATS, "max_pixels": str(MOST_CODED_PIXELS)}
    # Titles of old files are not UTF-8; nobody reads them.
    return av.open(f"file:{path}", options=limits, container_options=options, metadata_errors="replace")


def _open_torn_mp4(path: Path) -> av.container.InputContainer:
    """Open a fragmented recording that was cut off inside a fragment's header.

    FFmpeg reads all fragments when it opens the file, and refuses the file because of the last; with the index ignored
    it reads only the first. (Verified by cutting a file at every seventh byte. This is only the second attempt because
    formats other than MP4 need their index.)
    """
    try:
        return _opened(path, {"fflags": "+ignidx"})
    except av.FFmpegError as err:
        raise SourceError(
            f"{path}: its index is missing (no moov atom): the recording was cut off before it was finished. "
            "It can't be read; take another file."
        ) from err


def _looks_like_mp4(path: Path) -> bool:
    try:
        with open_regular(path) as file:
            return file.read(8)[4:] == b"ftyp"
    except OSError:
        return False
