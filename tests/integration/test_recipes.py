"""The recipes of the documents for own recordings, run as they are written, on small synthetic films."""

import json
import shlex
from pathlib import Path

import pytest
from builders.command import analysed, run, run_well

pytest.importorskip("sklearn", reason="the extra 'train' is not installed")
pytest.importorskip("matplotlib", reason="the extra 'train' is not installed")

from livecoach.core.model_files import model_folder
from livecoach.lab.synth.motion.tokens import parse_tokens
from livecoach.lab.synth.synthetic_set import write_observations
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set

PAGE = Path(__file__).resolve().parents[2] / "docs" / "models.md"
SETS = {"anna": 19, "ben": 3, "cleo": 2, "dora": 4}  # the least that a scorer needs, with few to spare
LONG, SHORT = "good*6,hips_early:0.8", "good*2,hips_early:0.9"


def recipe(after: str) -> list[list[str]]:
    block = PAGE.read_text(encoding="utf-8").partition(after)[2].partition("```sh\n")[2].partition("```")[0]
    return [shlex.split(line, comments=True)[1:] for line in block.splitlines()]


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> dict[str, str]:
    """Run the recipe where there are recordings, and return the output of each command; `home` is the folder."""
    home = tmp_path_factory.mktemp("home")
    for seed, (name, count) in enumerate(SETS.items()):
        (home / "recordings" / name).mkdir(parents=True)
        for number in range(count):
            tokens = parse_tokens(LONG if number < 2 else SHORT, "deadlift")
            wanted = SetRequest(exercise="deadlift", tokens=tokens, view_deg=45.0, fps=12.0, lost=0.0)
            write_observations(random_set((seed, number), wanted), home / f"recordings/{name}/set{number + 1}.obs", {})
    said = {"home": str(home)}
    for words in recipe("Then make a dataset"):
        done = run(*words, home=home)
        assert done.returncode == 0, (words, done.stderr)
        said[" ".join(words)] = done.stdout
    return said


def test_the_recipe_trains_a_model_on_ones_own_recordings(ran):
    folder = Path(ran["home"], "my-deadlift")
    made = model_folder.read_model_card(folder).made
    assert "--data deadlifts" in made["stage.json"].command
    assert "--data deadlifts" in made["scorer.json"].command
    assert "--sets" not in made["stage.json"].command + made["scorer.json"].command
    assert made["boundaries.json"].command.startswith("livecoach lab train boundaries deadlift --sets")
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert f"{sum(SETS.values())} recordings of the synthetic lifter, 4 lifters, split by seed 0" in text


def test_the_recipe_leaves_metrics_lifters_pictures_and_points(ran):
    home = Path(ran["home"])
    metrics = json.loads((home / "results" / "metrics.json").read_text(encoding="utf-8"))
    assert sorted(metrics["folds"].values()) == ["test", "train", "train", "valid"]
    assert sum(metrics["confusion"].values()) > 5
    header, *rows = (home / "results" / "lifters.csv").read_text(encoding="utf-8").splitlines()
    assert {"lifter", "fold", "split_seed", "auroc_low", "auroc_high"} <= set(header.split(","))
    assert [row.split(",")[0] for row in rows] == sorted(SETS)
    for name in ("roc", "confusion", "reliability"):
        assert (home / "results" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    points = (home / "points.csv").read_text(encoding="utf-8").splitlines()
    assert points[0].endswith("verdict,distance,own_reps,fault,pca_x,pca_y,tsne_x,tsne_y")
    assert len(points) > 100


def test_an_evaluation_is_one_document_with_a_row_for_each_number_of_own_reps(ran):
    home = Path(ran["home"])
    done = run_well("lab", "evaluate", "deadlifts", "--model", "my-deadlift", "--json", "-", home=home)
    beside, groups = (table["rows"] for table in json.loads(done.stdout)["tables"])
    assert {"1 own rep", "5 own reps"} <= {row["beside, of the same set"] for row in beside}
    assert all(row["AUROC (95 %, lifters resampled)"]["value"] > 0.9 for row in (*beside, *groups))
    assert {"fault", "azimuth"} <= {row["beside 5 own reps"].split()[0] for row in groups}


def test_the_trained_model_analyses_and_replays_films_of_its_exercise_alone(ran):
    home = Path(ran["home"])
    film = home / "recordings" / "anna" / "set1.obs"
    found = analysed(film, "--model", home / "my-deadlift", home=home)
    assert (found["exercise"], len(found["reps"])) == ("deadlift", 7)
    assert found["model"]["version"] == model_folder.read_model_card(home / "my-deadlift").version
    replayed = run("replay", film, "--fast", "--model", home / "my-deadlift", "--events", "-", home=home)
    start = json.loads(replayed.stdout.splitlines()[0])
    assert start["model"] == found["model"]
    for words, says in (
        (("--model", home / "my-deadlift", "--exercise", "squat"), "is a model of deadlift, not of squat"),
        (("--model", home / "recordings"), "holds no model"),
    ):
        refused = run("analyze", film, *words, home=home)
        assert (refused.stdout, refused.stderr.count("\n")) == ("", 1)
        assert says in refused.stderr


def test_a_second_training_does_not_overwrite_the_model(ran):
    home = Path(ran["home"])
    stage = (home / "my-deadlift" / "stage.json").read_bytes()
    for part in ("stage", "scorer"):
        done = run("lab", "train", part, "deadlift", "--data", "deadlifts", "--out", "my-deadlift", home=home)
        assert done.returncode == 3
        assert f"a model is there ({part}.json)" in done.stderr
    assert (home / "my-deadlift" / "stage.json").read_bytes() == stage


def test_another_split_of_a_dataset_counts_no_recording_again(ran):
    home = Path(ran["home"])
    done = run(
        *("lab", "dataset", "recordings", "--exercise", "deadlift", "--test", "cleo", "--out", "other"),
        *("--table", "other.csv"),
        home=home,
    )
    assert done.returncode == 0, done.stderr
    assert len([*(home / "cache" / "datasets").iterdir()]) == sum(SETS.values())
    assert "test: " in done.stdout
    assert ": cleo\n" in done.stdout
    assert (home / "other.csv").read_text(encoding="utf-8").startswith("lifter,fold,split_seed,set,")
    nobody = run(*("lab", "dataset", "recordings", "--exercise", "deadlift", "--test", "eve", "--out", "o"), home=home)
    assert nobody.returncode == 3
    assert "--test eve: no recording of that lifter" in nobody.stderr.splitlines()[-1]
