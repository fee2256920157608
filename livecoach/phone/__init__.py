"""Lets a phone be camera, screen, voice and remote, over the local network. `run` connects it to a run.

    phone ──frames, requests──▶ server ──▶ link ──▶ source, screen       (the run's own threads)
    phone ◀──state, cues─────── server ◀── link ◀── screen, sound

The server runs an event loop on a separate thread. All data for the run pass through `link`, which holds the newest
frame and a few requests; nothing from the network makes the run wait.
"""
