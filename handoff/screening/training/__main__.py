"""`make train` runs this: learn the model of screening, if the sentences or what reads them have changed."""

from __future__ import annotations

import sys
import time

from handoff.screening import model
from handoff.screening.training import learn, sentences


def main() -> int:
    made_of = learn.inputs()
    try:
        if model.Model.load().meta["made_of"] == made_of and "--again" not in sys.argv:
            print("The model of screening is up to date.")  # noqa: T201
            return 0
    except model.ModelError:
        pass
    began = time.monotonic()
    written = sentences.all_of()
    made = learn.fit(learn.examples(written))
    made.meta = {**made.meta, "made_of": made_of, "sentences": len(written)}
    learn.write(made, model.FILE)
    print(f"The model of screening: {len(written):,} sentences, {time.monotonic() - began:.0f} s.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
