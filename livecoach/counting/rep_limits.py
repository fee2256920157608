"""Limits of the state machine that counts (livecoach.counting.machine): when a movement begins, turns and is over."""

SET_REPS = 5
"""Latest reps that tell how far a rep of the set goes, and how its hands hang."""
LEAVE = 0.15
"""`away` above the resting level at which a rep may be under way; twice what idling lifters sway."""
REVERSE = 0.12
"""Change of direction, in `away`, that is a turn and no wobble."""
REST_MEMORY_S = 1.5
"""The resting level is the lowest tenth of this time: what a lifter settles into before a rep."""
SETTLED_SPEED = 0.35
"""`away` a second under which a body on its way back has arrived; lowering takes 0.5…2 a second."""
NEAR_REST = 0.2
"""Share of the rep's range that may be left when it settles; nearer than `AT_REST` it has arrived at any speed. Of the
values tried on 120 synthetic sets these tell most reps within 150 ms of their true end."""
AT_REST = 0.03
ALL_BUT_BACK = 0.7
"""Share of the way that has to be gone back before a body that is still has settled, and for the last rep of a source
that ends before."""
STILL_S = 0.15
STILL_SPEED = 0.3
"""A body on its way back that has not come nearer than this, in `away` a second, for so long has settled where it is,
if that is rest: noise and a bar set down elsewhere leave it short of where it began. Of 672 reps of 120 synthetic sets
of training bodies 4 % are told more than .25 s late so, else 14 %."""
NEARER = 0.5
"""Nearer to rest than to the turn: a source that begins at the bottom of a squat has not begun at rest."""
LOST_S = 2.0
"""A body unseen for this long in mid-rep is lost. Of 321 synthetic squats of training bodies 9 are never looked at so,
with 1 s 17."""
WAIT_S = 0.5
"""How long a body that has arrived may be taken to come still nearer. Of 5,600 synthetic reps of training bodies 38 %
have arrived by `away` more than .1 s before their true end, 5 % more than .8 s."""
SOON_S = 0.06
"""A rep is told when its end is no farther ahead: as long as telling it takes."""
OVER_S = 0.05
NEARLY_BACK = 0.85
"""Share of the way that has to be gone back before a rep whose end lies so far behind, by the whole body, is told,
though its travel goes on. Of 569 deadlifts of judging bodies 95 % are told .24 s after their true end so, else .28."""
SHORT = 0.35
SHORT_WITHIN_S = 20.0
HUNG_AS_BEFORE = 0.08
"""A movement of at least so much of the set's range, so soon after a rep of it, with the hands hanging as at that rep's
turn (lengths of torso and legs), which turns before it is one: a partial rep. Our choice, tried on synthetic ones."""
