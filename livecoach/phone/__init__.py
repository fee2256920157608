"""A phone as camera, screen, voice and remote, over the local network. `run` joins it to a run.

    phone ──frames, actions──▶ server ──▶ link ──▶ source, screen        (the run's own threads)
    phone ◀──state, cues────── server ◀── link ◀── screen, sound

The server lives on a thread of its own, with its own event loop. Everything that crosses to the run goes through
`link`, which holds one frame, the newest, and a few actions; nothing from the network makes the run wait.
"""
