"""Limits of the state machine that counts (livecoach.counting.machine): when a movement begins, turns and is over.

Distances are from rest: 0 there, 1 at the usual turn.
"""

SET_REPS = 5
"""Number of latest reps that give the set's range, and the hang of the hands."""
USUAL_RANGE = 1.0
"""Way from rest to the usual turn, by which an exercise's distance is scaled."""
LEAVE = 0.15
"""Distance above the resting level at which a rep may be under way; twice the sway of idling lifters."""
REVERSE = 0.12
"""Way in the opposite direction that is a turn and not a wobble."""
REST_MEMORY_S = 1.5
"""The resting level is the 10th percentile of this time: the position in which a lifter settles before a rep."""
SETTLED_SPEED = 0.35
"""Speed, in distance per second, below which a returning body has arrived; lowering has 0.5…2."""
NEAR_REST = 0.2
"""Share of the rep's range that may be left when it settles; within `AT_REST` it has arrived at any speed. Of the
values tried on 120 synthetic sets these report most reps within 150 ms of their true end."""
AT_REST = 0.03
ALL_BUT_BACK = 0.7
"""Share of the way by which a body must have come back before it can settle, and for the last rep of a source that ends
early."""
BAR_DOWN = 0.5
"""Share of its rise by which a visible bar must have come down between two reps. A bar that is touched down comes down
by all of it, and one that rests on the thighs in a hitch by a third: knees and hips that give way there come back by
.55 and more. Our choice."""
STILL_S = 0.15
STILL_SPEED = 0.3
"""A returning body in the stage of rest that comes back more slowly than this, in distance per second, for this long
has settled: noise, or a bar set down elsewhere, keeps it away from where it began. Of 672 reps of 120 synthetic sets of
training bodies this reports 4 % more than .25 s late, in place of 14 %."""
NEARER = 0.5
"""Nearer to rest than to the turn: a source that begins at the bottom of a squat does not begin at rest."""
LOST_S = 2.0
"""A rep is lost when the body is out of view for this long. Of 321 synthetic squats of training bodies this loses 9; 1
s would lose 17."""
WAIT_S = 0.5
"""How long a body that has arrived may still move on. Of 5,600 synthetic reps of training bodies 38 % have arrived, by
their distance, more than .1 s before their true end, and 5 % more than .8 s."""
SOON_S = 0.06
"""A rep is reported when its end is this close ahead, which is as long as reporting takes."""
OVER_S = 0.05
NEARLY_BACK = 0.85
"""Share of the way by which a body must have come back before a rep is reported whose end, by the whole body, lies
OVER_S behind although its travel goes on. Of 569 deadlifts of judging bodies this reports 95 % within .24 s of their
true end, in place of .28."""
SHORT = 0.35
SHORT_WITHIN_S = 20.0
HUNG_AS_BEFORE = 0.08
"""A movement that turns too early is a partial rep if it covers this share of the set's range, comes this soon after a
rep of the set, and has the hands hanging as at that rep's turn to within this (lengths of torso and legs). Our choice,
tried on synthetic reps."""
