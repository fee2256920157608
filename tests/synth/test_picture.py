"""Rendered pictures: rooms, people, barbells of many makes."""

from dataclasses import replace

import numpy as np
import pytest
from builders.synthetic_motion import some_settings

from livecoach.core import landmark
from livecoach.lab.synth.figure.body_mesh import JUDGING, TRAINING, load_body
from livecoach.lab.synth.figure.posture import Posture, solve_joints, standing_posture
from livecoach.lab.synth.motion.ranges import draw_fields
from livecoach.lab.synth.picture.actors import PLATE_RADIUS_M, person_track, rack_track, random_barbell
from livecoach.lab.synth.picture.outfit import HAIRDOS, Outfit, dress
from livecoach.lab.synth.picture.render import Lens, Renderer, Sensor, SensorModel
from livecoach.lab.synth.picture.room import Room
from livecoach.lab.synth.synthetic_camera import VirtualCamera, random_shake
from livecoach.lab.synth.synthetic_set import SyntheticSet, make_set
from livecoach.lab.truth import TrueEvent

BODY = load_body(TRAINING[0], 1.0)
SIZE = {"width_px": 160, "height_px": 120}
EMPTY_ROOM = replace(draw_fields(Room, np.random.default_rng(0), view_deg=0.0), clutter=0, mirror=None, window=False)
CLEAN = replace(
    draw_fields(Sensor, np.random.default_rng(0), room=EMPTY_ROOM),
    gain=(1.0, 1.0, 1.0),
    gamma=1.0,
    veil=0.0,
    noise=0.0,
    blur_px=0.0,
    scale=1.0,
    exposure_s=0.0,
)
OUTFIT = draw_fields(Outfit, np.random.default_rng(0))


def standing(at: tuple[float, float] = (0.0, 0.0), frames: int = 1) -> Posture:
    posture = standing_posture(BODY, frames, 0.15, 0.2)
    for axis, move in zip("xy", at, strict=True):
        for name in ("hip", "foot_L", "foot_R", "hand_L", "hand_R"):
            part, _, side = name.partition("_")
            posture["_".join(filter(None, (part, axis, side)))] += move
    return posture


def a_renderer(camera: VirtualCamera, tracks, sensor=CLEAN, room=EMPTY_ROOM) -> Renderer:
    return Renderer(camera, room, sensor, tracks)


@pytest.mark.usefixtures("gl")
@pytest.mark.parametrize(
    "camera", [VirtualCamera(**SIZE), VirtualCamera(distortion=0.3, roll_deg=3, target=(0, 0.3, 1.0), **SIZE)]
)
def test_a_person_is_drawn_where_the_landmarks_are(camera):
    posture = standing()
    with a_renderer(camera, []) as renderer:
        empty = renderer.draw(0)
    with a_renderer(camera, [person_track(BODY, posture, OUTFIT)]) as renderer:
        drawn = renderer.draw(0)
    changed = np.abs(drawn.astype(int) - empty).max(-1) > 12
    image = camera.project_landmarks(BODY.landmark_positions(*solve_joints(BODY, posture)))[0][0]
    for number in (*landmark.SHOULDERS, *landmark.HIPS, *landmark.KNEES):
        column, row = (image[number, :2] * (160, 120)).astype(int)
        assert changed[row - 1 : row + 2, column - 1 : column + 2].mean() > 0.5


def test_a_bar_from_a_rack_has_a_rack_under_it():
    posture = standing(frames=3)
    posture["bar_z"][:] = 1.4, 1.45, 1.2
    event = TrueEvent(kind="unrack", start_frame=0, end_frame=1, start_s=0.0, end_s=0.1)
    stands = rack_track(posture, [event])
    assert stands is not None
    assert stands.mesh.vertices[:, 2].min() == pytest.approx(0)
    assert 1.4 < stands.mesh.vertices[:, 2].max() < 1.55
    assert rack_track(posture, [replace(event, kind="idle")]) is None


@pytest.mark.parametrize(
    "body", [load_body(name, 1.0) for name in (*TRAINING[:3], JUDGING[-1])], ids=lambda body: body.name
)
def test_clothes_and_hair_are_where_they_belong(body):
    rng = np.random.default_rng(1)
    for _ in range(4):
        surface = dress(body, draw_fields(Outfit, rng))
        count = len(body.vertices)
        # Shoes are smoothed over the toes and may go inwards.
        over = np.linalg.norm(surface.vertices[:count] - body.vertices, axis=1)
        assert over.max() < 0.05
        np.testing.assert_allclose(np.linalg.norm(surface.normals, axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(surface.weight.sum(1), 1)


@pytest.mark.parametrize("hairdo", HAIRDOS)
def test_every_hairdo_can_be_worn(hairdo):
    """A tail and a bun are shapes of their own, which the head carries; so are shoes, which the feet carry."""
    surface = dress(BODY, replace(OUTFIT, hairdo=hairdo))
    carried = {BODY.joint[name] for name in ("foot.L", "foot.R", *(("head",) if hairdo in ("tail", "bun") else ()))}
    assert set(surface.bone[len(BODY.vertices) :, 0]) == carried


def test_the_lens_looks_up_what_the_camera_projects():
    camera = VirtualCamera(distortion=0.3, shake=random_shake(np.random.default_rng(0), 0.8), roll_deg=2, **SIZE)
    lens = Lens(camera, 160, 120)
    width, height = lens.fine_size
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    point = np.tile([0.1, 0.4, 1.3], (8, 33, 1))
    seen = lens.clip_matrix() @ [*point[0, 0], 1.0]
    column, row = (1 + seen[:2] / seen[3]) * (width, height) / 2
    for i in range(8):
        x, y = camera.project_landmarks(point)[0][i, 0, :2] * (160, 120)
        shown = [lens.distort(values, i)[int(y), int(x)] for values in (columns, height - 1 - rows)]
        np.testing.assert_allclose(shown, (column, height - 1 - row), atol=2)


def test_a_sensor_of_fewer_pixels_gives_pictures_of_the_size_wanted():
    """Upscaled, as a cheap webcam does."""
    sensor = replace(CLEAN, scale=0.5)
    picture = SensorModel(sensor, (160, 120)).develop(np.zeros((60, 80, 3), np.uint8), 0)
    assert picture.shape == (120, 160, 3)


def a_set(**changes: object) -> SyntheticSet:
    return make_set(some_settings(**{"seed": 3, "camera": VirtualCamera(azimuth_deg=70.0, fps=15.0)} | changes))


def test_bars_have_full_plates_small_plates_or_none():
    bars = [random_barbell(np.random.default_rng(seed)) for seed in range(60)]
    radii = np.array([bar.plate_radius_m for bar in bars])
    assert (radii == 0).any()
    assert (radii == PLATE_RADIUS_M).any()
    assert ((radii > 0) & (radii < PLATE_RADIUS_M)).any()
    for bar in bars:
        mesh = bar.make_mesh()
        assert np.hypot(mesh.vertices[:, 0], mesh.vertices[:, 2]).max() >= bar.plate_radius_m - 1e-9
        assert bar.largest_plate_face_m <= 0.66 + sum(plate.thick_m + 0.004 for plate in bar.plates)


def test_another_barbell_changes_nothing_else():
    plain, other = a_set(), a_set(any_barbell=True)
    for name in ("room", "sensor", "outfits"):
        assert getattr(plain.appearance, name) == getattr(other.appearance, name)
    assert all((plain.movement.posture[name] == other.movement.posture[name]).all() for name in plain.movement.posture)


def test_a_plate_is_as_large_in_the_picture_as_it_is_far():
    made = a_set()
    near = made.plate_positions()[:, 0]
    camera = made.settings.camera
    depth_m = camera.distance_m - 0.72 * np.sin(np.radians(camera.azimuth_deg))
    assert np.median(near[:, 2]) == pytest.approx(camera.focal_px * 0.45 / depth_m, rel=0.08)
    assert np.corrcoef(near[:, 1], made.movement.posture["bar_z"])[0, 1] < -0.99


def test_a_bar_without_plates_has_no_plate_positions():
    assert a_set(plates=0).plate_positions() is None
    assert a_set(bar=False).plate_positions() is None
