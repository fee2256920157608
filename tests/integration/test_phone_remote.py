"""The phone's remote, from a message of the page to what the run makes of it and the page shows."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from queue import Queue
from typing import Any

from builders.command import DEMO_OBSERVATIONS
from builders.live_run import a_taken
from builders.phone_connection import WAIT_S, WATCH, Served, Socket, a_run, heard, played, until
from builders.simulated_live import observations

from livecoach.capture.capture import CaptureResult
from livecoach.feedback.screen import UserInput
from livecoach.phone.sink import RemoteChoices

OFFER = RemoteChoices(
    exercise="deadlift",
    exercises={"Recognise it": "auto", "Deadlift": "deadlift", "Squat": "squat"},
    profile="anna",
    profiles=["anna", "bea"],
    depths={"to parallel": "parallel", "box 35 cm": 35.0},
    load="102.5",
    rest_s=180.0,
)
FRAMES = 4
"""Frames that a run goes on at a time: each of these times has a state, as states come 15 times a second at most."""
State = dict[str, Any]


class Remote:
    """A page that has the remote and no camera, and a run over the demo that goes on when it is told to."""

    def __init__(self, served: Served, live: Socket) -> None:
        self._live = live
        self._arrived = 0
        self._take, served.link.add_request = served.link.add_request, self._arrives  # type: ignore[method-assign]
        self._send, served.link.send_state = served.link.send_state, self._sends
        self._sent: State = {}
        self._shown: State = {}
        self._go: Queue[bool] = Queue()
        self.events: list[Any] = []
        self.loop, self.controls = a_run(served.link, lambda frame, _dropped: frame.observation, self.events, OFFER)
        self._thread = threading.Thread(target=lambda: self.loop.run(self._feed(), self.controls.listen), daemon=True)
        self._thread.start()

    def _feed(self) -> Iterator[CaptureResult]:
        for seen in observations(DEMO_OBSERVATIONS)[::2]:
            if not self._go.get():
                return
            yield a_taken(seen)
            self._go.task_done()

    async def shows(self, true: Callable[[State], object], *, going: bool = False) -> State:
        """The next state of which something is true. going: lift on until then, and no further than the page shows."""
        while True:
            for _ in range(FRAMES if going else 0):
                self._go.put(True)
            await until(lambda: not going or self._go.unfinished_tasks == 0)
            while not going or self._shown != self._sent:
                self._shown = await heard(self._live, "state")
                if true(self._shown):
                    return self._shown

    async def press(self, name: str, **value: object) -> None:
        """Press something; the run notices with its next frame."""
        before = self._arrived
        await self._live.send_json({"type": "action", "name": name, **value})
        await until(lambda: self._arrived > before)
        self._go.put(True)

    def _sends(self, state: State) -> None:
        self._sent = json.loads(json.dumps({"type": "state", **state, "camera": "none"}))
        self._send(state)

    def _arrives(self, action: UserInput) -> None:
        self._take(action)
        self._arrived += 1

    async def end(self) -> None:
        self._go.put(False)
        await asyncio.to_thread(self._thread.join, WAIT_S)


@asynccontextmanager
async def on_the_remote(served: Served) -> AsyncIterator[Remote]:
    async with served.browser() as session, served.connected(session, WATCH) as live:
        await until(lambda: len(served.server._room.clients) == 1)
        remote = Remote(served, live)
        await remote.shows(lambda _: True, going=True)
        yield remote
        await remote.end()


def has_message(text: str) -> Callable[[State], bool]:
    return lambda state: state["message"] is not None and state["message"]["text"] == text


def noted(text: str) -> Callable[[State], bool]:
    return lambda state: state["note"] == text


@played
async def test_the_remote_sets_load_rest_and_sound(served: Served) -> None:
    async with on_the_remote(served) as remote:
        await remote.press("load", value="102.5")
        await remote.shows(lambda state: state["load"] == "102.5 kg")
        await remote.press("rest", value="2min")
        await remote.shows(lambda state: state["rest_target_s"] == 120 and state["note"] == "rest 2:00")
        await remote.press("rest", value="two")
        await remote.shows(noted("'two' is not a rest of up to an hour. Write 90s, 2min or 1:30."))
        await remote.press("rest", value="1:30")
        await remote.shows(lambda state: state["rest_target_s"] == 90)
        await remote.press("mute")
        await remote.shows(lambda state: state["muted"])
        await remote.press("mute")
        await remote.shows(lambda state: not state["muted"])


@played
async def test_a_set_is_corrected_ended_and_logged_and_the_next_set_begins(served: Served) -> None:
    async with on_the_remote(served) as remote:
        await remote.press("end-set")
        await remote.shows(noted("no set is under way"))
        await remote.shows(lambda state: state["count"] == 2, going=True)
        await remote.press("bad")
        await remote.shows(has_message("set 1, rep 2: bad"))
        await remote.press("undo")
        await remote.press("start-set")
        await remote.shows(noted("a set is under way: end it first"))
        await remote.press("end-set")
        await remote.shows(lambda state: not state["in_set"], going=True)
        await remote.press("rpe", value=8)
        await remote.shows(noted("set 1: RPE 8"))
        await remote.press("note", value="belt on")
        await remote.shows(noted("set 1: note saved"))
        await remote.press("start-set")
        await remote.shows(noted("the next rep begins a new set"))
        state = await remote.shows(lambda state: state["in_set"], going=True)
        assert (state["count"], state["set"]) == (1, "set 2")
    assert [event.mark for event in remote.events if event.event == "set_mark"] == ["end", "start"]


@played
async def test_all_reps_of_a_set_are_called_good_in_the_rest_and_that_is_undone(served: Served) -> None:
    async with on_the_remote(served) as remote:
        await remote.shows(lambda state: state["count"] == 2, going=True)
        await remote.press("end-set")
        state = await remote.shows(lambda state: state["last_set"], going=True)
        assert state["last_set"] == {"number": 1, "name": "set 1", "answer": None}
        await remote.press("good", set=1)
        state = await remote.shows(has_message("set 1: 2 reps are good"))
        assert state["last_set"]["answer"] == "set 1: 2 reps are good"
        await remote.press("undo", set=1)
        state = await remote.shows(has_message("set 1: undone for 2 reps"))
        assert state["last_set"]["answer"] is None
    labels = [event.label for event in remote.events if event.event == "correction"]
    assert labels == ["good", "good", None, None]


@played
async def test_the_remote_ends_the_session(served: Served) -> None:
    async with on_the_remote(served) as remote:
        await remote.press("end-session")
        await until(lambda: not remote._thread.is_alive())
    assert remote.controls.ending == "left"


@played
async def test_the_remote_offers_exercises_profiles_load_and_rest(served: Served) -> None:
    served.link.send_offer(OFFER.fields())
    async with served.browser() as session, served.connected(session, WATCH) as live:
        offer = await live.receive_json(timeout=WAIT_S)
        assert offer["exercises"][2] == {"name": "squat", "title": "Squat"}
        assert (offer["type"], offer["profile"], offer["profiles"]) == ("options", "anna", ["anna", "bea"])
        assert (offer["load"], offer["rest_s"]) == ("102.5", 180.0)
    async with served.browser(served.access.watch_url) as session, served.connected(session, WATCH) as live:
        served.link.send_state({"count": 1})
        assert (await live.receive_json(timeout=WAIT_S))["type"] == "state"
