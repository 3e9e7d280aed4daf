"""Claims about what runs are compared by: the logbook's metric, or the one that a researcher would take."""

import pytest

from book import book, parsed
from research_logbook.wandb.metric_choice import better_by_name, choose_metrics
from research_logbook.wandb.runs import Better
from runs import run

LIKELIEST: list[tuple[str, str]] = [
    ("batch_size eval/loss train/loss", "eval/loss train/loss"),
    ("a_count eval.loss", "eval.loss"),
    ("global_step epoch loss lr", "loss"),
    ("num_params n_layers val_loss", "val_loss"),
    ("train/loss train/accuracy", "train/loss train/accuracy"),
    ("train/global_step eval/perplexity", "eval/perplexity"),
    ("eval/c4/bpb throughput/tokens_per_second", "eval/c4/bpb throughput/tokens_per_second"),
    ("eval/bits_per_byte eval/zeta", "eval/bits_per_byte eval/zeta"),
    ("loss_scale acc runtime", "acc"),
    ("aux_loss eval/loss eval/aux_loss eval/router_z_loss", "eval/loss eval/aux_loss eval/router_z_loss aux_loss"),
    ("train_loss_step train_loss_epoch val_loss", "val_loss train_loss_epoch train_loss_step"),
    ("evalLoss batchSize", "evalLoss"),
    ("total_tokens tokens_seen mfu", "mfu"),
    ("eval/f1 seed hidden_dim", "eval/f1"),
    ("rollout/ep_rew_mean reward timesteps", "reward rollout/ep_rew_mean"),
    ("success_rate learning_rate", "success_rate"),
    ("gpu_memory step_time", "step_time"),
    ("steps step_size step_ms", "step_ms"),
    ("joy batch_size", "joy"),
    ("grad_norm parameter_count train_runtime", ""),
]


@pytest.mark.parametrize(("logged", "taken"), LIKELIEST)
def test_the_likeliest_metric_is_taken(logged: str, taken: str) -> None:
    """A loss on held-out data goes first, then other results; a size, a step, a rate or a count is none."""
    runs = [
        run("MOE-HC-001", **dict.fromkeys(logged.split(), 1.5)),
        run("MOE-HC-002", **dict.fromkeys(logged.split(), 2.5)),
    ]
    assert " ".join(choose_metrics(runs, parsed("# Tiles\n")).metrics) == taken


def test_what_few_runs_have_is_not_compared() -> None:
    """Most runs must have a metric that nobody names; half of them where it is plainly a result."""
    runs = [
        run("MOE-HC-001", **{"eval/loss": 2.5, "train/loss": 2.5, "joy": 1.5}),
        run("MOE-HC-002", **{"train/loss": 3.5}),
    ]
    assert choose_metrics(runs, parsed("# Tiles\n")).metrics == ("eval/loss", "train/loss")
    assert choose_metrics([*runs, runs[1]], parsed("# Tiles\n")).metrics == ("train/loss",)
    text = book("prefix=MOE-HC; E1 command result", scope="- Primary metric: joy.")
    assert choose_metrics([*runs, runs[1]], text).metrics == ("joy",)


def test_what_is_the_same_in_all_runs_goes_last() -> None:
    """A whole number that no run changes is a setting; a measurement differs."""
    runs = [run(f"MOE-HC-00{n}", experts=8, joy=n / 3) for n in (1, 2)]
    assert choose_metrics(runs, parsed("# Tiles\n")).metrics == ("joy", "experts")


NAMED: list[tuple[str, str, str]] = [
    ("Primary metric: `eval/loss` at equal FLOPs", "eval/loss loss train/loss", "eval/loss"),
    ("Primary metric: loss", "eval/loss loss train/loss", "loss"),
    ("Primary metric: validation loss", "val/loss train/loss", "val/loss"),
    ("Primary metric: loss on the held-out set", "eval/loss train/loss", "eval/loss"),
    ("Primary metric: final loss", "eval/loss train/loss mfu", "eval/loss train/loss"),
    ("Main metric: MFU, then eval loss", "eval/loss mfu", "mfu eval/loss"),
    ("Primary metric: step time in ms", "step_time eval/loss", "step_time"),
    ("Primary metric: tokens per second", "tokens_per_second eval/loss", "tokens_per_second"),
    ("Primary metric: batch size that fits", "batch_size eval/loss", "batch_size"),
    ("Primary metric: number of parameters", "parameters eval/loss", "parameters"),
    ("Metrics: val accuracy", "eval/acc loss", "eval/acc"),
    ("Primary metric: joy", "eval/loss batch_size", "eval/loss"),
    ("Primary metric: steps to loss 3", "eval/loss batch_size", "eval/loss"),
]


@pytest.mark.parametrize(("told", "logged", "taken"), NAMED)
def test_the_logbooks_metric_goes_first(told: str, logged: str, taken: str) -> None:
    """What the logbook names is taken, in its words or W&B's, whatever it is; else the likeliest that it could mean."""
    text = book("prefix=MOE-HC; E1 command result", scope=f"- {told}.")
    found = choose_metrics([run("MOE-HC-001", **dict.fromkeys(logged.split(), 1.5))], text)
    assert " ".join(found.metrics) == taken


@pytest.mark.parametrize(
    ("told", "side"),
    [
        ("eval/loss, lower is better", Better.LOWER),
        ("eval/loss (minimise)", Better.LOWER),
        ("eval/loss, higher is better", Better.HIGHER),
        ("eval/loss", None),
        ("eval/loss: lower is better, unless higher", None),
    ],
)
def test_the_logbook_says_which_is_better(told: str, side: Better | None) -> None:
    """Its words beside the primary metric count, where they name one side."""
    text = book("prefix=MOE-HC; E1 command result", scope=f"- Primary metric: {told}.")
    assert choose_metrics([run("MOE-HC-001", **{"eval/loss": 1.5})], text).better.get("eval/loss") == side


@pytest.mark.parametrize(
    ("metric", "side"),
    [
        ("eval/loss", Better.LOWER),
        ("val_perplexity", Better.LOWER),
        ("test/wer", Better.LOWER),
        ("eval/f1", Better.HIGHER),
        ("val_acc", Better.HIGHER),
        ("reward", Better.HIGHER),
        ("joy", None),
        ("loss_scale", None),
        ("batch_size", None),
        ("tokens_per_second", None),
        ("entropy", None),
    ],
)
def test_a_name_may_leave_no_doubt(metric: str, side: Better | None) -> None:
    """Everybody wants a loss low and an accuracy high; of others nothing is guessed."""
    assert better_by_name(metric) is side
