"""Running `python -m covolt` is the same as the command `covolt`."""

from covolt.cli import main

if __name__ == "__main__":
    main()
