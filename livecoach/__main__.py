"""`python -m livecoach`."""

from livecoach.cli import main

if __name__ == "__main__":
    main()
