"""What the people of the demo write: code, configuration, a logbook, and the texts of an issue."""

TRAIN = '''\
"""Fit a line to sixteen noisy points by gradient descent with momentum, and log the loss to W&B."""

import argparse

import wandb

parser = argparse.ArgumentParser()
parser.add_argument("--momentum", type=float, default=0.0)
asked = parser.parse_args()

points = [(x / 8, 3 * x / 8 - 2 + 0.1 * (-1) ** x) for x in range(16)]
slope = offset = slope_speed = offset_speed = 0.0
settings = wandb.Settings(console="off", x_disable_stats=True, x_disable_meta=True, silent=True)
run = wandb.init(project="momentum", settings=settings)
for step in range(120):
    errors = [slope * x + offset - y for x, y in points]
    loss = sum(error * error for error in errors) / len(points)
    run.log({"loss": loss})
    pull = sum(error * x for error, (x, _) in zip(errors, points)) / len(points)
    slope_speed = asked.momentum * slope_speed - 0.06 * pull
    offset_speed = asked.momentum * offset_speed - 0.06 * sum(errors) / len(points)
    slope, offset = slope + slope_speed, offset + offset_speed
run.finish()
print(f"loss {loss:.4f} after 120 steps")
'''

CONFIGURATION = """\
wandb:
  metrics: [loss]
  better: {loss: lower}
  baseline: {momentum: MOM-001}
"""

FILLED_IN = {
    "what is known or decided when this is done": "which momentum the line is to be fitted with",
    "why it matters, and why now": "the fit takes most of the time of every report",
    "one number, its unit, and what is held equal": "loss after 120 steps, at the same step size",
    "the value of the metric that counts as success": "a loss below 0.02",
    "hardware, budget, what must not change": "one core; the points stay as they are",
    "the files and entry points that matter": "`train.py`",
    "prior work, earlier threads, or none": "none",
    "YYYY-MM-DD": "{day}",
    "commit and command of the fixed case that everything is compared with": "`{commit}`, no momentum",
    "its value of the primary metric": "loss {first} without momentum",
    "when to stop: goal reached, budget spent, or hypotheses settled": "three values of momentum are measured",
    "the first hypothesis": "momentum lowers the loss after 120 steps",
    "the smallest experiment that would tell": "one run with 0.99 and one with 0.9",
    "the variable": "momentum: 0",
    "everything else": "step size 0.06, 120 steps",
    "how many": "1",
}
"""What a researcher puts in place of the template's `{{…}}`."""

BODY = """\
## TL;DR

{summary}

## Links

- [Logbook]({pages}/blob/research/momentum/.agents/logbooks/momentum.md)
- [Final snapshot]({pages}/tree/snapshot/momentum/MOM-003)

## Decision log

- {day}: use 0.9 for the reports (MOM-003). Owner: Mia.

## Negative results

- 0.99 overshoots, and ends at a loss of {worst} (MOM-002).

{end}## Close-out

- [x] TL;DR is current, and names the last experiment
- [x] Conclusion is written
- [x] Next steps are listed
- [x] Last comment says what worked, what did not, confidence, limitations and next steps
"""
"""The issue, all of its boxes ticked."""

EARLY = {"summary": "A strong momentum overshoots (MOM-002).", "end": ""}
COMPLETE = {
    "summary": "A momentum of 0.9 brings the loss to {best} in 120 steps (MOM-003); without, it is {first}.",
    "end": """\
## Conclusion

Momentum helps, as long as it dies down within the run.

## Next steps

1. Try a step size that falls.

## Documentation

None needed.

""",
}
"""What the issue says before its thread was closed out, and after."""

LAST_COMMENT = """\
🤖 Final summary. A momentum of 0.9 worked; 0.99 did not, it overshoots. Confidence: exploratory, one run each.
Limitations: one set of points. Next steps: a step size that falls.
"""
