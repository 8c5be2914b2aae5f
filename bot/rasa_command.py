"""Rasa's command without telemetry, and without its libraries' warnings: `python -m bot.rasa_command run …`"""

from __future__ import annotations

import os
import sys

os.environ["RASA_TELEMETRY_ENABLED"] = "false"  # in every way it can be started

import bot.quiet  # noqa: F401 - first

# isort: split

from rasa.__main__ import main

if __name__ == "__main__":
    sys.argv[0] = "rasa"
    main()
