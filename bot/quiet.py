"""Import this first, and Rasa's libraries do not warn about each other; none of it is ours to mend."""

from __future__ import annotations

import warnings

import sanic  # noqa: F401 - on import it turns warnings on for everybody, whatever PYTHONWARNINGS says

warnings.simplefilter("ignore", DeprecationWarning)
