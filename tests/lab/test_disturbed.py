"""Films are disturbed as gyms and phones do it, and judged by a profile of a clean one."""

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from builders.command import SQUAT_OBSERVATIONS
from builders.simulated_live import observations
from builders.videos import cut

from livecoach.core.errors import ConfigError
from livecoach.core.types import ignore
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.disturbed import (
    DISTURBANCES,
    DisturbedFilm,
    FilmProperties,
    measure_films,
    parse_disturbances,
    read_films,
)
from livecoach.lab.measure.table import Share

CLIPS = Path(__file__).parent.parent / "clips"
SQUATS, TO_S = CLIPS / "squat_2.mp4", 5.2
SCENE = FilmProperties(
    size_px=(128, 192), seconds=2.0, head=0.3, feet=0.8, neighbour=iter([np.zeros((40, 20, 3), np.uint8)] * 9)
)


def films(folder: Path, *rows: str) -> Path:
    table = folder / "films.csv"
    table.write_text("\n".join(("lifter,exercise,film,set,reps,fault", *rows)))
    return table


@pytest.mark.parametrize("name", [name for name in DISTURBANCES if name not in {"clean", "fps", "dropped"}])
def test_every_disturbance_changes_a_picture(name: str) -> None:
    strengths, _, change_of = DISTURBANCES[name]
    change, rng = change_of(SCENE, strengths[-1]), np.random.default_rng(0)
    first, picture = (cv2.GaussianBlur(rng.integers(0, 255, (192, 128, 3), np.uint8), (0, 0), 2) for _ in range(2))
    change(first, 1.2)
    changed = change(picture, 1.3)
    assert changed is not None
    assert changed.dtype == np.uint8
    assert changed.shape != picture.shape or np.abs(changed.astype(int) - picture).max() > 20


def test_a_rolled_picture_is_turned_clockwise_by_its_degrees() -> None:
    """Clockwise: the upper end of an upright line goes to the right."""
    picture = np.zeros((192, 128, 3), np.uint8)
    picture[:, 63:65] = 255
    turned = DISTURBANCES["roll"][2](SCENE, 10)(picture, 0.0)
    assert turned is not None
    rows, columns = np.nonzero(turned[16:176, :, 0] > 128)
    assert np.degrees(np.arctan(-np.polyfit(rows, columns, 1)[0])) == pytest.approx(10, abs=0.5)


def test_frames_are_left_out_with_their_times() -> None:
    film = DisturbedFilm(SQUATS, DISTURBANCES["fps"][2](SCENE, 12))
    times = [frame.t_s for frame in iter(film.read, None)]
    film.close()
    assert len(times) / times[-1] == pytest.approx(12, rel=0.1)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("me,squat,squat_2.mp4,fine,2,", "line 2: set is 'fine'"),
        ("me,squat,squat_2.mp4,good,two,", "line 2: reps is 'two'"),
        ("me,squat,squat_2.mp4,good,2,", "me needs one film with the set `reference`"),
    ],
)
def test_the_error_about_a_wrong_table_of_films_says_what_to_change(row: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=said):
        read_films(films(tmp_path, row), CLIPS)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("rol", "rol: no such disturbance"),
        ("roll:x", "a number from -6 to 15"),
        ("roll:60", "a number from -6 to 15"),
        ("walker", "needs a film with the set `neighbour`"),
    ],
)
def test_the_error_about_a_wrong_disturbance_says_what_to_change(name: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse_disturbances([name], [])


@pytest.fixture(scope="module")
def clips(tmp_path_factory) -> Path:
    """A folder with every second picture of the film, until its second rep is over."""
    return cut(SQUATS, tmp_path_factory.mktemp("clips") / SQUATS.name, 0.0, TO_S, every=2).parent


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Cache:
    """The cache of the module, which holds already what the pose model sees in the clean film."""
    made = Cache(tmp_path_factory.mktemp("cache"))
    made.load_or_observe(
        "lite/squat_2-clean-0.obs", lambda: [seen for seen in observations(SQUAT_OBSERVATIONS)[::2] if seen.t_s < TO_S]
    )
    return made


def test_reps_that_are_not_counted_are_not_judged_either(tmp_path: Path, clips: Path, cache: Cache) -> None:
    """A film of two reps is said to show three. In the dark, a message comes before the second rep."""
    table = films(tmp_path, "me,squat,squat_2.mp4,reference,2,", "me,squat,squat_2.mp4,good,3,")
    wanted = parse_disturbances(["dark:0.06"], [])
    summary, _ = measure_films(read_films(table, clips), wanted, cache, ignore)
    clean, dark = (dict(zip(summary.columns, row, strict=True)) for row in summary.rows)
    assert (clean["counted"], clean["judged"]) == ("2 of 3", Share(2, 3))
    early = "sets with a message by the second rep"
    assert (clean[early], dark[early]) == (Share(0, 1), Share(1, 1))


def test_a_disturbed_film_is_counted_beside_the_clean_one(tmp_path: Path, clips: Path, cache: Cache) -> None:
    table = films(tmp_path, "me,squat,squat_2.mp4,reference,2,", "me,squat,squat_2.mp4,good,2,")
    wanted = parse_disturbances(["fps:12"], [])
    rows = measure_films(read_films(table, clips), wanted, cache, ignore)[0].rows
    assert [(row[0], row[2]) for row in rows] == [("clean", "2 of 2"), ("fps", "2 of 2")]
    seen = {path: path.stat().st_mtime_ns for path in cache.folder.rglob("*.obs")}
    measure_films(read_films(table, clips), wanted, cache, ignore)
    assert len([path for path in seen if "dark" not in path.name]) == 2
    assert {path: path.stat().st_mtime_ns for path in cache.folder.rglob("*.obs")} == seen
