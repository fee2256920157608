"""Being here, it puts this folder on the import path: tests share builders and fakes (`from fake_sources import …`)."""

from hypothesis import settings

settings.register_profile("livecoach", deadline=None)  # no test depends on how busy the machine is
settings.load_profile("livecoach")
