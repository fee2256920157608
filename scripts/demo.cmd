@echo off
rem Does on Windows what scripts/demo does on Debian: makes .venv with the locked packages, plays the demo, and prints
rem what to do next. Options go to `livecoach demo`. Needs Python from python.org, whose installer adds the launcher
rem `py`.
setlocal
cd /d "%~dp0.."
set pip=.venv\Scripts\python -m pip install --quiet --disable-pip-version-check --no-deps
if not exist .venv\Scripts\livecoach.exe (
    py -c "import sys; sys.exit(sys.version_info[1] not in range(11, 15))"
    if errorlevel 1 (
        >&2 echo livecoach: no Python 3.11 to 3.14. Install one from python.org, then start again
        exit /b 1
    )
    >&2 echo livecoach: installing the Python packages into .venv: 600 MB and more
    py -m venv .venv
)
%pip% --require-hashes --only-binary :all: --requirement requirements\base.txt
if not errorlevel 1 if not exist .venv\Scripts\livecoach.exe %pip% --no-build-isolation --editable .
if not errorlevel 1 .venv\Scripts\python -m livecoach demo %*
if errorlevel 1 exit /b
>&2 echo.
>&2 echo Your first set, in this folder:
>&2 echo     .venv\Scripts\activate       once in each window
>&2 echo     livecoach live
