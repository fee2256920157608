"""livecoach: watches a lifter's set live, counts the reps and flags reps that differ from good reps.

Programs use the names in `__init__.pyi` (docs/python.md). They are imported when they are first used, so that a
command, which imports only what it needs, starts at once.
"""

__version__ = "3.0.0"
_MODULES = {
    "Analysis": "core.documents",
    "Coach": "api",
    "LivecoachError": "core.errors",
    "Rep": "core.types",
    "Settings": "core.config",
    "Step": "core.step",
    "analyze": "api",
    "load_settings": "core.config",
    "watch": "api",
}
__all__ = list(_MODULES)


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module 'livecoach' has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(f"livecoach.{_MODULES[name]}"), name)
    return value
