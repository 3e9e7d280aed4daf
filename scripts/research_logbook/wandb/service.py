"""The process that talks to W&B: it alone loads the SDK, in an empty folder, and ends with the one that started it.

The SDK reads settings wherever it stands, prints what it likes and starts a process of its own. So it runs apart from
us: a line of JSON says what is asked, lines of JSON answer. The key comes as the first line and goes into no
environment, argument or file.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from research_logbook.wandb.runs import number_of, run_of

A_PAGE = 50
"""Runs of one query."""


def main() -> None:
    """Answer one question a line, until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the SDK prints is no answer
    service: _Service | None = None
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            service = service or _Service(asked)
            for answer in service.answer(asked):
                _say(answers, answer)
            _say(answers, {"end": True})
        except Exception as error:  # noqa: BLE001 - the SDK raises anything; all of it becomes a sentence on the other side
            _say(answers, _failure(error))


def _say(answers: Any, answer: Mapping[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


class _MissingProjectError(Exception):
    pass


def _failure(error: BaseException) -> dict[str, Any]:
    """Return what is known about a failure: the HTTP status, the SDK's words, and of which kind it is."""
    status, cause = 0, error
    while cause is not None and not status:
        response = getattr(cause, "response", None)
        status = int(getattr(response, "http_status", 0) or 0)
        cause = cause.__cause__ or getattr(cause, "exc", None)  # type: ignore[assignment]
    is_missing = isinstance(error, _MissingProjectError)
    return {"failed": type(error).__name__, "status": status, "says": str(error)[:2_000], "missing": is_missing}


class _Service:
    def __init__(self, asked: Mapping[str, Any]) -> None:
        import wandb  # noqa: PLC0415 - 0.65 s, and only here

        # The SDK's own process tries again after 429 and 5xx, with growing pauses, within `seconds` for each query.
        wandb.setup(
            settings=wandb.Settings(
                silent=True,
                x_graphql_retry_max=asked["retries"],
                x_graphql_retry_wait_min_seconds=asked["pause"],
                x_graphql_retry_wait_max_seconds=asked["longest"],
                x_graphql_timeout_seconds=asked["seconds"],
            )
        )
        self.api = wandb.Api(overrides={"base_url": asked["host"]}, timeout=asked["seconds"], api_key=asked["key"])
        self.known: dict[tuple[str, str], Any] = {}

    def answer(self, asked: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Yield the answer to a question: for runs, for the course of a metric, or for nothing but the log-in."""
        if "metric" in asked:
            return self._history(**asked)
        return self._runs(**asked) if "filters" in asked else iter(())

    def _runs(self, project: str, filters: Mapping[str, Any], most: int) -> Iterator[Mapping[str, Any]]:
        """Yield the runs, a page an answer, the newest first."""
        runs = self.api.runs(project, filters=dict(filters), order="-created_at", per_page=A_PAGE, lazy=False)
        page: list[Any] = []
        number = 0
        while number < most:
            try:
                run = next(runs)
            except StopIteration:
                break
            except ValueError as error:
                if (runs.last_response or {}).get("project") is None:
                    raise _MissingProjectError(project) from error
                raise
            page.append(msgspec.to_builtins(run_of(_told(run, project, runs.last_response or {}))))
            self.known[project, run.id] = run
            for heavy in (run.config, run.summary_metrics, run.system_metrics):
                heavy.clear()  # ten thousand runs with all their data would need too much memory
            number += 1
            if len(page) == A_PAGE:
                yield {"runs": page}
                page = []
        yield {"runs": page, "more": number == most and (runs.more or runs.index + 1 < len(runs.objects))}

    def _history(self, project: str, run: str, metric: str, points: int) -> Iterator[Mapping[str, Any]]:
        """Yield the sampled course of a run that was listed before: one query."""
        rows = self.known[project, run].history(samples=points, keys=[metric], pandas=False)
        found = [(number_of(row.get("_step")), number_of(row.get(metric))) for row in rows if isinstance(row, dict)]
        yield {"points": [point for point in found if None not in point]}


def _told(run: Any, project: str, response: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "project": project,
        "id": run.id,
        "name": run.name,
        "state": run.state,
        "tags": run.tags,
        "created": run.created_at,
        "summary": run.summary_metrics,
        "definitions": _definitions(run.id, response),
        "url": run.url,
    }


def _definitions(run: str, response: Mapping[str, Any]) -> list[Any]:
    """Return how a run's metrics are defined, from the page it came in: the SDK drops it from what it makes of that."""
    edges = ((response.get("project") or {}).get("runs") or {}).get("edges") or []
    raw = next((edge["node"].get("config") for edge in edges if edge["node"].get("name") == run), None)
    try:
        config = json.loads(raw or "{}")
        defined = config["_wandb"]["value"]["m"]
    except (ValueError, KeyError, TypeError):
        return []
    return defined if isinstance(defined, list) else []


if __name__ == "__main__":
    main()
