"""The constants of counting, in the order in which they affect a frame, with their units and sources.

A value without a named source is our choice. Distances from rest are 0 at rest and 1 at the usual turn of the exercise;
"sizes" are lengths of torso and legs in the picture, and "diameters" are diameters of the plate. The constants of an
exercise are in its YAML file (`RepRules`); the constants with which a model was trained are next to the model's inputs.
"""

# Smoothing (body_reader.py)
SPEED_CUTOFF_HZ = 1.0  # Cut-off frequency of the speed, from the paper of the one-euro filter
DISTANCE_CUTOFF_HZ = 1.2  # Cut-off frequency of the distance from rest while the body is at rest
DISTANCE_SPEED_GAIN = 5.5  # Increase of DISTANCE_CUTOFF_HZ, in Hz for each unit of distance per second

# The body's way out and back (way.py, counter.py)
REST_MEMORY_S = 1.5  # Seconds at rest whose 10th percentile is the resting level: a lifter settles before a rep
LEAVES_REST = 0.15  # Distance above the resting level from which a rep may be under way: twice the sway at rest
AT_REST_DISTANCE = 0.5  # Distance below which a body is at rest, unlike at the bottom of a squat
REVERSAL = 0.12  # Least distance back, or out again, that is a reversal and not a wobble
LOST_S = 2.0  # Seconds out of view after which a rep is lost
BEGINS_WITHIN_S = 0.5  # Seconds from the source's start in which a rep that began before the source must be seen
LEFT_OVER = 0.2  # Distance at which a rep that began before the source is over
UNDER_WAY = 0.2  # Share of the range from which the start of a way is sought backwards, and the end forwards
SLOW_SHARE = 0.12
"""Share of the top speed below which a way has not begun, or has ended. By the range alone, the slow settling before a
pull would be its start."""
SPEED_OVER_S = 0.1  # Seconds over which the speed is measured
END_AHEAD_S = 0.06  # Seconds before its end at which a rep is reported, because reporting takes that long
END_PASSED_S, END_RETURNED = 0.05, 0.85
"""A rep is reported once its refined end is this many seconds ago, and the body is this share of the way back."""
STILL_MOVING_S = 0.5  # Longest time in seconds for which a body that has arrived goes on moving

# Stillness (way.py)
ARRIVED = 0.97  # Share of the way back from which a body has arrived at any speed
SLOW_RETURNED, SLOW_SPEED, SLOW_OVER_S = 0.8, 0.35, 0.09
"""Share of the way back, distance per second and seconds: a body settles if it has returned this far and moves more
slowly over this time. The share was measured on synthetic sets; a bar is lowered at 0.5 to 2."""
STILL_RETURNED, STILL_SPEED, STILL_OVER_S = 0.7, 0.3, 0.15
"""Share, speed and time by which a body in the stage of rest settles: noise, or a bar that was set down elsewhere, may
keep it farther from rest. The last rep of a source that ends early must also have returned by this share."""
HOLD_S = 0.5  # Seconds without motion at the turn after which a bar is held: about what a referee needs
HOLD_SWAY = 0.05  # Largest distance below the peak in that time
HOLD_LOWER = 0.02
"""Largest height in sizes by which the shoulders of a held rep are lower than on the way; in the catch of a snatch they
are lower still. Synthetic lifters who stand with the bar overhead stay within it in 95 of 100 reps."""

# Hands on the bar (bar_evidence.py)
PLATE_VISIBLE = 0.7  # Least share of the frames that show the plate
PLATE_GLIMPSED = 0.25  # Least share for a plate at the far end of the bar, or behind the lifter
HANDS_ALIKE = 0.6  # Least correlation of the heights of plate and hands that move together
BAR_FRAMES, HANDS_MOVED = 6, 0.2  # Least number of frames, and way of the hands in diameters, that are evidence
BAR_STAYS, BAR_GOES = 0.12, 0.25
"""Ratio of the bar's travel to the hands' below which the hands do not hold it, and above which they may. Hands hidden
by a plate are estimated badly: held bars have shown ratios from .28."""
BAR_RAISED = 0.2  # Least rise in sizes of a bar that is being lifted: to the knees
FULL_PLATE = 0.25
"""Least diameter in sizes of a full plate: 45 cm for a lifter 1.34 times as tall as most. A smaller plate that stays on
the floor may be another object."""
BODY_VISIBLE, BODY_ALIKE = 0.5, 0.8
"""A plate goes with the body if at least this share of the frames shows it and its height has at least this correlation
with the distance from rest. Measured on real deadlifts."""
BAR_DOWN = 0.5  # Least share of its rise by which a bar comes down between two reps; a third in a hitch
LOCKOUT_REACHED = 0.025  # Share of the ascent within which a body is at lockout
HANG_OVER_S = 0.2  # Seconds from lockout on over which the hang of the hands is measured

# The plate (bar_evidence.py)
PLATE_STILL_S, PLATE_SEEN_S, PLATE_STILL = 0.2, 0.13, 0.04
"""A plate rests if its height changes by at most PLATE_STILL diameters over PLATE_STILL_S. On the back, it must have
been visible for at least PLATE_SEEN_S: after a gap, it may be on its way."""
PLATE_ON_FLOOR = (-1.6, -0.05)
"""Range of the height of a lying plate's lower edge above the ankles, in diameters: the ankles are .2 diameters above
the floor, and a plate nearer to the camera appears lower. Measured on real clips; on a squatter's back it is .7 and
more."""
PLATE_ON_BACK = 0.8
"""Largest difference in height of a plate on the back from the shoulders, in diameters: nearer plates look higher or
lower. In the hands of a standing person it is 1.2 and more, from anatomy."""
PLATE_OFF = 0.1  # Least distance from rest of a plate that has moved, in diameters
PLATE_LEAST_UP, PLATE_LEAST_DOWN, PLATE_MOST_WAY = 0.8, 0.6, 1.9
"""Least ascent, least descent and largest travel of a lift with full plates, in diameters, measured on real deadlifts.
Full squats have 1 to 1.6, and a dip before a jerk at most .4; shallow squats, which also count, are between these."""
PLATE_BACK = 0.8  # Share of its way by which a plate has come back when the lift is over
PLATE_AT_TURN = 0.95  # Share of its way at which a plate is at the turn
PLATE_BEGINS = 0.5  # Largest share of its way at which a plate may be when it is first detected
PLATE_MID, PLATE_MID_FRAMES = (0.15, 0.85), 3
"""Shares of the way out between which a plate must be visible, and least number of frames: otherwise it may be another
plate."""
PLATE_ASIDE = 0.6  # Largest sideways movement of a plate in a lift, in diameters; twice as much as in real lifts
PLATE_SHOULDERS = 0.4  # Least way of the shoulders as a share of the plate's way: .7 in deadlifts, up to .3 in rows
PLATE_LOST_S = 1.5  # Longest time in seconds after which a plate that reappears is the same plate
PLATE_SHARED = 0.5  # Share of the shorter of two lifts in which they must overlap to count as one lift
PLATE_WAIT_S = 1.0  # Seconds after which a lift counts by the plate, unless the body has counted it

# What is usual in a set, and reps that do not count (way.py, counter.py)
USUAL_REPS = 5  # Number of latest reps that give the usual span and hang of the hands, and the place of a set
USUAL_SPAN = 1.0  # Span of reps, as a distance from rest, while no rep has counted
TURN_REACHED = 0.85  # Share of the usual way out from which a rep that is done at its turn has reached the turn
TURN_S = 0.3  # Seconds at the turn that belong to a rep that is done at its turn
TURN_LEFT_S = 3.0  # Longest time in seconds from leaving the turn to the source's end for that rep to count
TRIED = 0.2  # Least share of the usual span of a partial rep that turns too early
CUT_SPAN, CUT_HANG = 0.35, 0.08
"""Least share of the usual span of a partial rep that the end of the source cuts off, and largest distance in sizes of
its hands from the hands at the turns of the set."""
SOON_S = 20.0  # Longest time in seconds between a rep of the set and a partial rep that continues the set

# Evidence (movement.py, evidence.py)
PLACE_S = 0.2  # Half the time in seconds over which feet, size and hands are medians
PAUSE_SWAY = 0.3  # Share of the way within which a body pauses; the hands' noise is as large
PAUSE_SURPLUS_S, PAUSE_MOST_S = 1.5, 10.0
"""Seconds by which a pause that is shortened exceeds the pauses that the lift model knows, and its largest duration."""
PAUSE_ENDS_S = 0.25  # Seconds at each end of a pause that stay: there the body slows down and starts
BAR_HELD_LOG_RATIO, BAR_STAYS_LOG_RATIO = 3.0, -3.0
"""Log likelihood ratio of a lift where the hands move the bar up and down, and where it stays on the floor: hardly any
lift leaves a visible bar on the floor, and few other movements lift one."""
UNLIKE_LOG_RATIO = -3.0
"""Log likelihood ratio of a lift with hands that begin too high, a raised foot, or hips that stay up."""
EXCLUDED_LOG_RATIO = -20.0  # Log likelihood ratio of a lift if its posture is that of another exercise
HANDS_AHEAD = 1.0
"""Distance of the hands ahead of the feet, in torso lengths, from which hands on the floor bear the body. Chosen on
real films: hands that touch the floor in a squat are up to .8 ahead, and in push-ups and burpees from 1.1 on."""
BOW_LEAN_RAD, BOW_KNEES_RAD, HANDS_AT_SHOULDERS = 0.6, 1.3, 0.25
"""Least lean of the trunk and largest bend of the knees in a bow; largest height difference, in sizes, of shoulders and
hands on a bar on the back. Real good mornings lean by .66 and more and bend the knees by 1.1; synthetic squats with
nearly straight knees lean by .5, and real squats that bow bend the knees by 1.5 and more."""
NO_LIFT_WEIGHT, NO_LIFT_LEAST_LOG_RATIO = 2.0, -3.0
"""Weight of the mean log odds of a movement that the recognition network takes for no exercise, and their least log
likelihood ratio. Chosen on synthetic training bodies: of 41 false reps, 22 remain with a weight of 1, and 18 with 2 or
5; a weight of 5 loses a rep. The ratio has a bound, because the network may not know a lifter's way to lift."""
NAMED_LEAST_LOG_RATIO = -3.0
"""Least log likelihood ratio of a movement's own features if the exercise is named: one to twenty. A lifter who is
unlike the training data then needs movements that are alike, and is not refused for good (docs/design.md)."""
KNOWN_REST_S = 1.0  # Seconds assumed between the known reps and a movement that is compared with them: a breath
COMPARED = 5  # Number of a streak's latest movements with which the next movement is compared
STREAKS = 4  # Largest number of doubtful streaks that are kept, for a person who does several things in turn
FORGOTTEN_S = 75.0  # Seconds after its last movement until a streak ends: the longest pause between singles of a set
SET_REMEMBERED_S = 600.0  # Seconds for which movements that are clearly alike may continue a set
AT_TURN_LOG_ODDS = 1.0
"""Log odds that are added for a rep that is held or that the source ends at its turn, if the exercise is named. They
raise the synthetic pulls that count from 77 to 90 %, and the other ascents from 3 to 7 of 34."""
PAUSE_LOG_ODDS = 2.0
"""Log odds from which a movement that is a lift only with its long pauses shortened is certain: people who sit down or
tie a shoe pause, too. Two of 83 such movements of synthetic people exceed it, and 19 of 25 real squats that are
held."""
DOUBTFUL_REPS = 3  # Least number of doubtful movements that make a set
MORE_REPS = 10  # Number of further movements with which doubtful movements may still become a set. Our choice.
LEAST_ALIKE = -1.5
"""Least log likelihood ratio of a movement in a doubtful streak, and of a held movement that is like known reps except
for its holds: few reps have less."""
AS_LARGE, NEAR_S = 0.7, 20.0
"""Least span of a movement that may be a lost rep, as a share of the reps' median, and its longest distance in seconds
from a set. Of 120 synthetic sets crowded with other movements, 29 have such a movement; if reps are held, it finds 43
of the 78 lost or cut reps."""

# Lifts although nothing counts (set_tracker.py)
DIP, DIP_ENDS = 0.1, 0.7  # Least way of the shoulders down in sizes, and share of it that they have come up again
DIPS_ALIKE, DIPS_APART = 1.5, 0.2  # Largest ratio of the ways of similar dips, and distance of their feet in sizes

# Sets (set_tracker.py)
INACTIVE_S = 20.0  # Seconds of inactivity that end a set; a shorter pause is a breath
SINGLES_APART_S = 75.0  # Longest pause in seconds between singles of a set: a minute, with some tolerance
SINGLES = 2  # Largest number of reps in a row that still count as singles
WALKS, WALKS_S = 0.35, 1.0
"""Least distance in sizes of the feet from the set's place, and least time in seconds, for which a lifter walks. A step
is .3 and more; plates in front of the feet displace them by up to .24 in real side views."""
SAME_PLACE, SAME_SIZE = 0.5, 0.3
"""Largest distance in sizes from the last rep, and change of size as a share, at which a rep continues a set."""
STANDS_S, STANDS_PROGRESS = 5.0, 0.85
"""Seconds for which a lifter must stand to end the set, and progress from which a lifter stands. Lockouts are held for
up to 2 s; a bar in the descent is below this progress."""
HANDS_FREE, HANDS_FREE_S = 0.15, 2.0
"""Least distance in sizes by which both hands are higher or lower than when the lifter stands in a rep, and least time
in seconds, for which the hands are free: more than they wander at lockout, less than from a bar on the back to the
thighs."""
EXCHANGED = 0.8  # Distance in sizes by which the feet move between frames only if another person is followed
OUT_OF_VIEW_S = 4.0  # Seconds out of view after which a lifter has left; a passer-by hides a lifter for less
MEMORY_S = FORGOTTEN_S + 22.0  # Seconds for which positions are kept: a rep of 20 s may be in doubt
