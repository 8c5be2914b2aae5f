"""Chooses the bot's pipeline by measurement. Run with the bot's runtime, from the repository's root:

    bot/.venv/bin/python bench/nlu.py --folds 3 --epochs 20

For each pipeline: cross-validated macro-F1 over intents, accuracy in which a mistake on a safety intent counts twice,
how many safety messages were missed altogether, training time, time per message and, in a process of its own, the time
to the first answer and memory. One JSON line a pipeline. The figures live in docs/decisions/nlu-pipeline.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ["RASA_TELEMETRY_ENABLED"] = "false"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ruamel.yaml import YAML  # noqa: E402

from bot.risk_intents import RISK_INTENTS  # noqa: E402

Example = tuple[str, str]  # text, intent


def examples() -> tuple[list[Example], list[dict[str, Any]]]:
    """Every example of data/nlu, and the blocks that aren't examples (regular expressions), kept for training."""
    found: list[Example] = []
    rest: list[dict[str, Any]] = []
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for block in YAML(typ="safe").load(path)["nlu"]:
            if "intent" in block:
                lines = [line[2:].strip() for line in block["examples"].splitlines() if line.strip()]
                found += [(line, block["intent"]) for line in lines]
            else:
                rest.append(block)
    return found, rest


def pipeline(name: str, epochs: int) -> list[dict[str, Any]]:
    """`lean` is config.yml's own; `diet` has DIET in place of logistic regression; `plain` has no second net."""
    steps: list[dict[str, Any]] = YAML(typ="safe").load(ROOT / "config.yml")["pipeline"]
    if name == "plain":
        return [s for s in steps if "second_net" not in s["name"]]
    if name == "diet":
        diet = {"name": "DIETClassifier", "epochs": epochs, "entity_recognition": False, "random_seed": 42,
                "ranking_length": 0, "constrain_similarities": True}  # fmt: skip
        return [diet if "LogisticRegression" in s["name"] else s for s in steps]
    return steps


def train(name: str, epochs: int, data: list[Example], rest: list[dict[str, Any]], into: Path) -> tuple[str, float]:
    """A trained model's path and the seconds it took."""
    from rasa.model_training import train_nlu

    by_intent: dict[str, list[str]] = {}
    for text, intent in data:
        by_intent.setdefault(intent, []).append(f"- {text}")
    blocks = rest + [{"intent": i, "examples": "\n".join(t) + "\n"} for i, t in by_intent.items()]
    yaml = YAML()
    (into / "nlu").mkdir(exist_ok=True)
    yaml.dump({"version": "3.1", "nlu": blocks}, into / "nlu" / "nlu.yml")
    config = {"recipe": "default.v1", "assistant_id": "bench", "language": "en", "pipeline": pipeline(name, epochs)}
    yaml.dump(config, into / "config.yml")
    began = time.perf_counter()
    path = train_nlu(str(into / "config.yml"), str(into / "nlu"), str(into), fixed_model_name=name)
    return str(path), time.perf_counter() - began


async def understood(model: str, texts: list[str]) -> tuple[list[str], list[float]]:
    """The intent of each text, and the seconds each took."""
    import structlog
    from rasa.core.agent import Agent

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    agent = Agent.load(model)
    intents, seconds = [], []
    for text in texts:
        began = time.perf_counter()
        parsed = await agent.parse_message(text)
        seconds.append(time.perf_counter() - began)
        intents.append(parsed["intent"]["name"])
    return intents, seconds


def measure(name: str, folds: int, epochs: int, limit: int) -> dict[str, Any]:
    from sklearn.metrics import f1_score

    data, rest = examples()
    random.Random(1).shuffle(data)
    if limit:
        data = data[:limit]
    truth, guess, seconds, training = [], [], [], []
    for fold in range(folds):
        held = [e for n, e in enumerate(data) if n % folds == fold]
        kept = [e for n, e in enumerate(data) if n % folds != fold]
        with tempfile.TemporaryDirectory() as into:
            model, took = train(name, epochs, kept, rest, Path(into))
            intents, times = asyncio.run(understood(model, [text for text, _ in held]))
            if fold == folds - 1:
                start = cold_start(model)
        truth += [intent for _, intent in held]
        guess += intents
        seconds += times
        training.append(took)
    safety = [(t, g) for t, g in zip(truth, guess, strict=True) if t in RISK_INTENTS]
    wrong = sum(t != g for t, g in zip(truth, guess, strict=True))
    wrong_safety = sum(t != g for t, g in safety)
    lowered = sum(g in ("deny", "safe") and t not in ("deny", "safe") for t, g in zip(truth, guess, strict=True))
    seconds.sort()
    return {
        "pipeline": name,
        "examples": len(data),
        "folds": folds,
        "macro_f1": round(float(f1_score(truth, guess, average="macro")), 3),
        "weighted_accuracy": round(1 - (wrong + wrong_safety) / (len(truth) + len(safety)), 3),
        "safety_missed": round(sum(g not in RISK_INTENTS for _, g in safety) / max(len(safety), 1), 3),
        "wrongly_no_or_safe": lowered,
        "not_understood": round(guess.count("nlu_fallback") / len(guess), 3),
        "training_s": round(sum(training) / len(training), 1),
        "message_ms_p50": round(1000 * seconds[len(seconds) // 2], 1),
        "message_ms_p95": round(1000 * seconds[int(len(seconds) * 0.95)], 1),
        **start,
    }


def cold_start(model: str) -> dict[str, float]:
    """Seconds from nothing to the first answer, and the most memory, in a process of its own."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, "--cold", model], capture_output=True, text=True, check=True
    )
    took = time.perf_counter() - began
    return {"first_answer_s": round(took, 1), "memory_mb": json.loads(done.stdout.splitlines()[-1])["memory_mb"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--limit", type=int, default=0, help="use only so many examples (0: all)")
    parser.add_argument("--pipelines", nargs="*", default=["lean", "plain", "diet"])
    parser.add_argument("--cold", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.cold:
        asyncio.run(understood(args.cold, ["hello"]))
        print(json.dumps({"memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
        return
    for name in args.pipelines:
        print(json.dumps(measure(name, args.folds, args.epochs, args.limit)), flush=True)


if __name__ == "__main__":
    main()
