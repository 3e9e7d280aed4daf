"""Which metrics runs are compared by, and which of their values are the better ones, as far as names tell. Pure.

The logbook's words go first. Else a name is read as people in the field make them: a loss on held-out data is what
most threads are about, and a batch size, a step or a parameter count is no result at all.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from research_logbook.logbook import vocabulary
from research_logbook.logbook.model import Logbook
from research_logbook.wandb.runs import Better, Run

MOST_METRICS = 8
_MOST_GUESSED = 4


@dataclass(frozen=True, slots=True)
class MetricChoice:
    """The metrics to compare by, the primary one first."""

    metrics: tuple[str, ...]
    better: Mapping[str, Better]
    """What the logbook says of one of them."""


def choose_metrics(runs: Sequence[Run], book: Logbook, configured: Sequence[str] = ()) -> MetricChoice:
    """Return the metrics to compare by: the configured, else the logbook's primary one, else the likeliest.

    A size, a step or a count is taken only where the logbook names it, and what few runs have, too.
    """
    if configured:
        return MetricChoice(tuple(dict.fromkeys(configured))[:MOST_METRICS], {})
    counted = Counter(name for run in runs for name in run.summary)
    half = sum(bool(run.summary) for run in runs) / 2
    aggregates = {f"{name}.{kind}" for run in runs for name in run.kept for kind in run.kinds(name)}
    ranks = {name: _rank(name, runs) for name in counted if name not in aggregates}
    logged = sorted(ranks, key=lambda name: (ranks[name], -counted[name], name))
    told = "\n".join(told_of_the_primary(book))
    named = _named(logged, told)
    side = _side(told) if len(named) == 1 else None
    # Of two runs, the one that failed may not have come to its first evaluation.
    likely = [
        name
        for name in logged
        if ranks[name][0] < _NO_RESULT
        and (counted[name] > half or (counted[name] == half and ranks[name][0] < _UNKNOWN))
    ]
    return MetricChoice(tuple(named or likely)[:_MOST_GUESSED], {named[0]: side} if side else {})


def better_by_name(metric: str) -> Better | None:
    """Return which values of a metric are better where its name leaves no doubt: a loss is better low."""
    match _rank(metric, ())[0]:
        case 0 | 1:
            return Better.LOWER
        case 2:
            return Better.HIGHER
    return None


def is_result_by_name(metric: str) -> bool:
    """Return whether a name can be that of a result: it is no size, count, step or setting."""
    return _rank(metric, ())[0] < _NO_RESULT


_PRIMARY = re.compile(r"(?:primary|main|key|target)-metrics?|metrics?|success-metrics?")


def told_of_the_primary(book: Logbook) -> Iterator[str]:
    """Yield what the logbook says after "Primary metric:" and the like."""
    lines = chain.from_iterable(section.text.split("\n") for section in book.named("scope", "baseline"))
    told = (line.partition(":") for line in lines if len(line) < 2_000)
    return (value for name, _, value in told if _PRIMARY.fullmatch(vocabulary.slug(name)))


def _side(text: str) -> Better | None:
    """Return which side a text calls better; None where it names none or both."""
    found = {Better.LOWER if match["low"] else Better.HIGHER for match in _BETTER.finditer(text)}
    return found.pop() if len(found) == 1 else None


_BETTER = re.compile(
    r"\b(?:(?P<low>lower|smaller|less|fewer|minimi[sz]e\w*|minimum)|higher|larger|greater|more|maximi[sz]e\w*|maximum)"
    r"(?:\s+(?:is|are|values?\s+are)\s+better)?\b",
    re.IGNORECASE,
)


def _named(metrics: Sequence[str], text: str) -> list[str]:
    """Return the metrics that a text names, the first named first; one whose name is part of another's is none.

    Whole names go first: `eval/loss` in "eval loss at equal FLOPs". Else all words of a name may stand anywhere, and
    else the last one alone: "loss".
    """
    said = metric_words(text)
    found: list[tuple[int, int, str]] = []
    for metric in metrics:
        words = metric_words(metric)
        at = next((n for n in range(len(said) - len(words) + 1) if words and said[n : n + len(words)] == words), None)
        if at is not None:
            found.append((at, at + len(words), metric))
    whole = [
        (start, -end, metric)
        for start, end, metric in found
        if not any(a <= start and end <= b and (a, b) != (start, end) for a, b, _ in found)
    ]
    if whole:
        return [metric for *_, metric in sorted(whole, key=lambda it: it[:2])]
    there = set(said)
    return [it for it in metrics if (words := metric_words(it)) and there.issuperset(words)] or [
        it for it in metrics if (words := metric_words(it)) and words[-1] in there and _rank(it, ())[0] < _UNKNOWN
    ]


_JOINED = re.compile(r"held[-_ ]out|bits[-_/ ]?per[-_/ ]?(?:byte|char\w*)", re.IGNORECASE)
_PARTS = re.compile(r"(?<![A-Za-z0-9])[fFrR][12](?![A-Za-z0-9])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SAME = {
    **dict.fromkeys(("val", "valid", "validation", "dev", "evaluation", "heldout"), "eval"),
    **dict.fromkeys(("training",), "train"),
    **dict.fromkeys(("testing",), "test"),
    **dict.fromkeys(("acc",), "accuracy"),
    **dict.fromkeys(("ppl",), "perplexity"),
    **dict.fromkeys(("losses",), "loss"),
}


def metric_words(text: str) -> list[str]:
    """Return the words of a name or a sentence, with one word for what has several."""
    joined = _JOINED.sub(lambda match: "heldout" if match[0][0] in "hH" else "bpb", text[:10_000])
    words = (part.casefold() for part in _PARTS.findall(joined))
    return [_SAME.get(word, word) for word in words]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_LOSS = _set("loss nll xent crossentropy ce")
_LOWER = _set("perplexity bpb bpc error err mse rmse mae mape wer cer ter fid eer regret")
_HIGHER = _set(
    "accuracy f1 auc auroc auprc map mrr ndcg recall precision bleu rouge meteor chrf score reward rew return iou miou "
    "dice psnr ssim r2 mfu hfu success win winrate elo pass correct"
)
_WEIGHTS = _set("scale weight coef coefficient factor lambda threshold target num count spikes std var variance")
"""Beside such a word, a loss is none, nor is a score."""
_SIZES = _set(
    "timestep timesteps nrows ncols rows columns system "
    "step steps epoch epochs iter iters iteration iterations batch size sizes bs runtime duration time timestamp eta "
    "elapsed seconds minutes hours wall clock params param parameters parameter count counts num number n tokens "
    "examples samples sequences lr learning rate seed rank world gpu gpus tpu cpu nodes devices width height depth "
    "dim dims hidden layers blocks heads vocab length len seq context budget flops memory mem gb mb version id index "
    "idx year port momentum beta warmup decay dropout temperature scale weight coef grad norm gradient gradients clip"
)
_SPEED = re.compile(
    r"(?:per|/)[\s_/-]?(?:s|sec|second|step|it|iter)\b|throughput|latency|"
    r"step[\s_/-]?time|(?:step|iter|token)[\s_/-](?:ms|us|s|sec|seconds|duration)(?![A-Za-z])",
    re.IGNORECASE,
)
_SPLITS = {"eval": 0, "test": 0, "train": 2}
NAMES = _LOSS | _LOWER | _HIGHER | _SPLITS.keys()
"""Words that name a metric, or the data that it is measured on."""
_UNKNOWN, _CONSTANT, _NO_RESULT = 3, 5, 6


def _rank(metric: str, runs: Sequence[Run]) -> tuple[int, int, int]:
    """Return how likely a metric is what a thread is about, the likeliest lowest.

    First by what it measures, then by the data that it is measured on, then by how many words its name has besides.
    """
    words = set(metric_words(metric))
    split = min((_SPLITS[word] for word in words & _SPLITS.keys()), default=1)
    extras = len(words - _SPLITS.keys() - _LOSS)
    if not words & _WEIGHTS:
        for place, known in enumerate((_LOSS, _LOWER, _HIGHER)):
            if words & known:
                return place, split, extras
    if _SPEED.search(metric):
        return _UNKNOWN + 1, split, extras
    if words & _SIZES:
        return _NO_RESULT, split, extras
    values = [run.summary[metric] for run in runs if metric in run.summary]
    is_constant = len(values) > 1 and len({*values}) == 1 and values[0] == round(values[0], 0)
    return (_CONSTANT if is_constant else _UNKNOWN), split, extras
