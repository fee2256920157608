"""Being here, it puts this folder on the import path: tests share builders and fakes (`from fake_sources import …`)."""
