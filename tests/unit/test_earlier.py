"""The logs of other apps: what is read of them, what is left out, and what becomes of it."""

from datetime import date
from pathlib import Path

import pytest

from livecoach.core.config import paths
from livecoach.core.errors import SourceError
from livecoach.decisions.coaching.records import RecordCandidate
from livecoach.pages.history.last_sessions import find_last_times, load_bests_to_beat
from livecoach.records.earlier import EarlierSet, read_earlier_sets, read_log, store_earlier_sets

pytestmark = pytest.mark.usefixtures("data_home")

STRONG = """\
Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE
2026-11-20 18:51:52,"Evening, legs",2h 38m,"Squat (Barbell)",W,60.0,5,0,0,,,
2026-11-20 18:51:52,"Evening, legs",2h 38m,"Squat (Barbell)",1,100.0,5.0,0,0,"felt
good",,8
2026-11-20 18:51:52,"Evening, legs",2h 38m,"Squat (Barbell)",Rest Timer,0,0,0,180,,,
2026-11-20 18:51:52,"Evening, legs",2h 38m,"Squat (Barbell)",2,102.5,4,0,0,,,
2026-11-20 18:51:52,"Evening, legs",2h 38m,"Leg Press",1,200,10,0,0,,,
2026-11-22 09:00:00,"Pull",1h,"Bent Over Row (Barbell)",1,60,8,0,0,,,
"""
OLDER_STRONG = """\
Date;Workout Name;Exercise Name;Set Order;Weight;Weight Unit;Reps;RPE;Distance;Distance Unit;Seconds;Notes;Workout Notes
2019-01-11 12:31:54;"Leg";"Deadlift (Barbell)";1;220;lbs;5;;;;0;"";""
2019-01-11 12:31:54;"Leg";"Deadlift (Barbell)";2;102,5;kg;4;;;;0;;
"""
HEVY = """\
"title","start_time","end_time","description","exercise_title","superset_id","exercise_notes","set_index","set_type",\
"weight_kg","reps","distance_km","duration_seconds","rpe"
"Leg","22 Dec 2025, 08:00","22 Dec 2025, 08:37","","Squat (Barbell)",,"",0,"warmup",40,5,,,
"Leg","22 Dec 2025, 08:00","22 Dec 2025, 08:37","","Squat (Barbell)",,"",1,"normal",80,10,,0,8.5
"Beine","25 Juli 2026, 14:21","25 Juli 2026, 16:27","","Kniebeuge (Langhantel)",,"",0,"normal",90,5,,,
"Pierna","3 ene 2026, 14:21","","","Sentadilla (Barra)",,"",0,"normal",85,5,,,
"Leg","Jan 5, 2026, 8:00 AM","","","Pull Up",,"",0,"normal",,8,,,
"Leg","2026-01-06 08:00:00","","","Lunge (Barbell)",,"",0,"failure",,12,,,
"""
POUNDS = HEVY.replace("weight_kg", "weight_lbs")
FITNOTES = """\
Date,Exercise,Category,Weight (lbs),Reps,Distance,Distance Unit,Time,Comment
2026-03-02,Flat Barbell Bench Press,Chest,225.0,5,,,,""
2026-03-02,Barbell Squat,Legs,315.0,3,,,,""
2026-03-02,Plank,Abs,,,,,0:01:00,
"""
FITNOTES_OF_IPHONE = """\
Date,Exercise,Category,Weight (kg),Weight (lbs),Reps,Distance,Distance Unit,Time,Notes,Kind
2026-03-02,Deadlift,Back,100.00,220.46,5,,,,,wr
2026-03-02,Deadlift,Back,,225,5,,,,,wr
"""


@pytest.fixture
def log(tmp_path: Path):
    def written(text: str, name: str = "log.csv") -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return written


def read_sets(path: Path, units: str = "metric") -> list[tuple[str, str, int, float | None]]:
    sets = read_log(path, units).sets
    return [(one.day.isoformat(), one.exercise, one.reps, one.load_kg and round(one.load_kg, 1)) for one in sets]


def test_sets_exported_by_strong_are_read(log):
    path = log(STRONG)
    assert read_sets(path) == [
        ("2026-11-20", "squat", 5, 100.0),
        ("2026-11-20", "squat", 4, 102.5),
        ("2026-11-22", "barbell_row", 8, 60.0),
    ]
    read = read_log(path, "metric")
    assert (dict(read.unknown_exercises), read.unreadable_lines) == ({"Leg Press": 1}, [])


def test_a_weight_without_a_unit_is_in_that_of_the_settings(log):
    assert read_sets(log(STRONG), "imperial")[0][3] == 45.4
    assert [one[3] for one in read_sets(log(OLDER_STRONG), "imperial")] == [99.8, 102.5]


def test_sets_exported_by_hevy_are_read_in_each_language_and_unit(log):
    """The name of the column has the unit; an exercise may be lifted without a load."""
    assert read_sets(log(HEVY)) == [
        ("2025-12-22", "squat", 10, 80.0),
        ("2026-07-25", "squat", 5, 90.0),
        ("2026-01-03", "squat", 5, 85.0),
        ("2026-01-06", "lunge", 12, None),
    ]
    assert read_sets(log(POUNDS))[0][3] == 36.3


@pytest.mark.parametrize(
    ("column", "cell", "units", "load_kg"),
    [
        ("Weight", "100", None, 100.0),
        ("Weight (lbs)", "100", "lb", 45.4),
        ("weight_kgs", "100", "kg", 100.0),
        ("Weight", "100 lbs", "lb", 45.4),
        ("Weight", "100kg", "kg", 100.0),
        ("Weight (kg)", "100 lb", "lb", 45.4),
        ("Weight (kg)", '"2,500"', "kg", 2.5),
    ],
)
def test_a_load_is_in_the_unit_of_its_cell_or_else_of_its_column(log, column, cell, units, load_kg):
    """Where neither does, the set is among those without one."""
    path = log(f"Date,Exercise,{column},Reps\n2026-03-02,Deadlift,{cell},5\n2026-03-03,Deadlift,,5\n")
    assert [one[3] for one in read_sets(path)] == [load_kg, None]
    assert bool(read_log(path, "metric").sets_without_unit) == (units is None)


@pytest.mark.parametrize("load_lb", [2.5, 45.0, 102.5, 999.9, 1000.0, 1234.0, 1234.5, 2204.0])
def test_a_load_is_the_same_in_each_way_to_write_numbers(log, load_lb):
    """With a decimal point or comma, with or without a mark after the thousands, and with more decimals than shown."""
    english, swapped = f"{load_lb:,.1f}", str.maketrans(",.", ".,")
    cells = [english, english.translate(swapped), english.removesuffix(".0"), *(f"{load_lb:.{n}f}" for n in (1, 3, 9))]
    rows = "".join(f'2026-03-02,Deadlift,"{cell}",5\n' for cell in (*cells, cells[-3].replace(".", ",")))
    path = log(f"Date,Exercise,Weight (lbs),Reps\n{rows}")
    assert [one[3] for one in read_sets(path)] == [round(load_lb * 0.45359237, 1)] * 7


def test_sets_exported_by_fitnotes_are_read(log):
    assert read_sets(log(FITNOTES)) == [("2026-03-02", "bench_press", 5, 102.1), ("2026-03-02", "squat", 3, 142.9)]
    assert [one[3] for one in read_sets(log(FITNOTES_OF_IPHONE))] == [100.0, 102.1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Day,Mass,Reps\n", "it lacks Date / start_time, Exercise Name / exercise_title / Exercise, Weight /"),
        (STRONG.replace("Weight", "Mass"), "it lacks Weight / weight_kg. Nothing was taken."),
        ("", "log.csv: is empty. Export the log again."),
        ("\r\n", "log.csv: is empty. Export the log again."),
        ("\0\0\0", "it lacks Date / start_time"),
        (f"{STRONG.splitlines()[0]}\n{'x' * 200_000}\n", ": no CSV (field larger than field limit"),
    ],
)
def test_a_file_that_is_no_log_is_refused_in_a_line(log, text, says):
    with pytest.raises(SourceError) as wrong:
        read_log(log(text), "metric")
    assert says in str(wrong.value)
    assert "\n" not in str(wrong.value)


def test_a_file_that_is_no_text_is_refused_in_a_line(tmp_path):
    for name, content in (("utf16.csv", STRONG.encode("utf-16")), ("jpeg.csv", b"\xff\xd8\xff\xe0")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SourceError, match="is no CSV file in UTF-8"):
            read_log(tmp_path / name, "metric")
    with pytest.raises(SourceError, match="can't be read"):
        read_log(tmp_path / "none.csv", "metric")


NO_SETS = ["100.0,many", "heavy,5", "1e9,5", "100,5000"]
NO_DAYS = ["yesterday", "2026-13-01", "31 Feb 2026", "5 Foo 2026", "2026", "2999-01-01", ""]


@pytest.mark.parametrize(
    ("was", "now", "reps", "line"),
    [
        *(("100.0,5.0", now, [4, 8], 4) for now in NO_SETS),
        *(("2026-11-22 09:00:00", day, [5, 4], 8) for day in NO_DAYS),
    ],
)
def test_a_set_that_cannot_be_read_costs_no_other_set(log, was, now, reps, line):
    read = read_log(log(STRONG.replace(was, now)), "metric")
    assert ([one.reps for one in read.sets], read.unreadable_lines) == (reps, [line])


def test_sets_of_a_session_that_is_here_are_left_out_whichever_came_first(log):
    """As of livecoach's own log, which another app may have taken in."""
    name = "2019-01-11_12-31-54-deadlift"
    path = log(OLDER_STRONG.replace('"";""', f'"";livecoach {name}').replace(";0;;", ";0;;livecoach .."))
    store_earlier_sets("anna", read_log(path, "metric").sets)
    assert [one.reps for one in read_earlier_sets("anna")] == [5, 4]
    (paths.sessions_dir() / name).mkdir(parents=True)
    (paths.sessions_dir() / name / "session.json").touch()
    found = read_log(path, "metric")
    assert (len(found.sets), found.own_set_count) == (1, 1)
    assert [one.reps for one in read_earlier_sets("anna")] == [4]


def test_the_same_log_again_adds_what_is_new(log):
    store_earlier_sets("anna", read_log(log(STRONG), "metric").sets)
    again = STRONG + '2026-11-22 09:00:00,"Pull",1h,"Bent Over Row (Barbell)",2,60,7,0,0,,,\n'
    assert store_earlier_sets("anna", read_log(log(again), "metric").sets) == 1
    assert [one.reps for one in read_earlier_sets("anna")] == [5, 4, 8, 7]
    assert read_earlier_sets("anna")[0] == EarlierSet(
        day=date(2026, 11, 20), exercise="squat", order=1, reps=5, load_kg=100.0
    )
    assert read_earlier_sets("ben") == read_earlier_sets("../anna") == ()


def test_the_newest_day_is_offered_as_last_time(log):
    store_earlier_sets("anna", read_log(log(STRONG + OLDER_STRONG.split("\n", 1)[1].replace(";", ",")), "metric").sets)
    lasts = find_last_times("anna")
    assert list(lasts) == ["barbell_row", "squat"]
    assert (lasts["squat"].load_kg, lasts["squat"].sets, lasts["squat"].reps) == (102.5, 1, 4)
    assert (lasts["squat"].fault, lasts["squat"].rest_s) == (None, None)


def test_records_must_beat_the_sets_imported_from_other_apps(log):
    store_earlier_sets("anna", read_log(log(STRONG), "metric").sets)
    bests = load_bests_to_beat("anna", date(2026, 11, 25))["squat"]
    assert RecordCandidate(kind="heaviest_rep", load_kg=102.5, value=102.5) in bests
    assert RecordCandidate(kind="most_reps", load_kg=100.0, value=5) in bests
    assert {best.kind for best in bests} == {"heaviest_rep", "most_reps", "one_rep_max"}


def test_kept_sets_that_are_damaged_are_reported(log):
    store_earlier_sets("anna", read_log(log(STRONG), "metric").sets)
    file = paths.profiles_dir() / "anna" / "earlier.json"
    file.write_text(file.read_text().replace("2026-11-20", "soon"))
    with pytest.raises(SourceError, match="Delete it, and import the log again"):
        read_earlier_sets("anna")
    assert find_last_times("anna") == {}
