"""Every number that a command takes has bounds, and what is beyond them, or is no number, is refused in one line."""

import click
import pytest
from builders.commands import every_command

from livecoach.cli import cli
from livecoach.cli.options import FloatParam, pop_plan
from livecoach.core.types import SetPlan

BEYOND = ("nan", "-nan", "inf", "-inf", "1e308", "-1e308", "1" + 400 * "0", "٣٫٥", "", "0x10")


NUMBERS = {
    f"{name} {param.opts[-1]}": param
    for name, command in every_command()
    for param in command.params
    if isinstance(param.type, (click.types.IntParamType, click.types.FloatParamType))
}


def test_options_that_take_a_number_are_found() -> None:
    decimals = {"replay --speed", "analyze --limit", "lab synth motion --view"}
    assert {type(NUMBERS[name].type) for name in decimals} == {FloatParam}
    assert isinstance(NUMBERS["lab train lift --seed"].type, click.IntRange)


@pytest.mark.parametrize("name", NUMBERS)
def test_every_option_with_a_number_refuses_values_beyond_its_bounds(name: str) -> None:
    """Both bounds; decimals refuse nan, which compares with neither."""
    param = NUMBERS[name]
    kind = param.type
    assert isinstance(kind, (click.IntRange, FloatParam))
    assert kind.min is not None
    assert kind.max is not None
    for text in (*BEYOND, str(kind.max + 1)):
        with pytest.raises(click.BadParameter):
            param.process_value(click.Context(cli), text)


def test_what_is_no_decimal_is_called_no_number() -> None:
    with pytest.raises(click.BadParameter, match="'loud' is not a valid number"):
        NUMBERS["live --volume"].process_value(click.Context(cli), "loud")


@pytest.mark.parametrize(("percent", "loss"), [("5", 0.05), ("90", 0.9), ("4.9", None), ("90.1", None)])
def test_a_loss_of_speed_is_given_in_percent_from_5_to_90(percent: str, loss: float | None) -> None:
    param = NUMBERS["live --stop-at-loss"]
    try:
        given = param.process_value(click.Context(cli), percent)
    except click.BadParameter:
        assert loss is None
        return
    plan = pop_plan({"target": (3, 5), "rest": 90.0, "stop_at_loss": given})
    assert plan == SetPlan(sets=3, reps=5, rest_s=90.0, stop_at_loss=loss)
