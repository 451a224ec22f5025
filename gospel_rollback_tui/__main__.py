"""Runs the command line as `python -m gospel_rollback_tui`."""

from gospel_rollback_tui.cli import main

if __name__ == "__main__":
    main()
