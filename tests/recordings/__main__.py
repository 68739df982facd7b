"""
The known differences from the recordings as they are now: ``python -m tests.recordings`` prints the list.

``--write`` puts it in the place of the old one; ``--told`` prints each step with what differs in it.
"""

from __future__ import annotations

import sys

from tests.recordings.known import PATH, listed
from tests.recordings.playback import Playback
from tests.recordings.scenario import NAMES, scenario


def main(arguments: list[str]) -> None:
    """Do what the command line says."""
    if arguments == ["--told"]:
        for name in NAMES:
            for step, difference in Playback(scenario(name)).differences().items():
                sys.stdout.write(f"{name} / {step}: {difference}\n")
    elif arguments == ["--write"]:
        PATH.write_text(listed(), encoding="utf-8")
    elif arguments:
        sys.exit("python -m tests.recordings [--told | --write]")
    else:
        sys.stdout.write(listed())


if __name__ == "__main__":
    main(sys.argv[1:])
