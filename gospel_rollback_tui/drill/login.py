"""The drill's login command: what `L` runs when the operator's credentials have expired.

Run as `python -m gospel_rollback_tui.drill.login CONTROL_URL NONCE`.
"""

import sys

from gospel_rollback_tui.drill.control_client import ControlClient, ControlError


def main(arguments: list[str]) -> int:
    """Renew the operator's token at the estate and say so; return the exit code."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m gospel_rollback_tui.drill.login CONTROL_URL NONCE\n")
        return 2
    try:
        ControlClient(*arguments).renew_login()
    except ControlError as error:
        sys.stderr.write(f"login failed: {error}\n")
        return 1
    sys.stdout.write("Logged in to the drill's cluster as operator.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
