"""A process of its own that talks to W&B; `client.py` starts it by the path of this file and exchanges lines of JSON.

The SDK reads settings wherever it is started, prints what it likes and starts a process of its own (`wandb-core`).
So it runs apart from us, in an empty folder, with an environment that leads nowhere else, and it can be killed when it
takes too long. The protocol:

- The first line is the greeting: host, API key, timeout, retries. The key goes into no environment, argument or file.
- Each line asks for something: runs of a project that match filters, the history of a metric in one run, or nothing
  but the log-in. Any number of lines answer, the last of which is `{"end": true}` or `{"failed": …}`.
- Standard input that ends is the end of the process.

What a run holds is passed on as W&B has it: `runs.run_of` makes sense of it on the other side. This file imports
nothing of the package, so that starting it costs no more than the SDK does.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

RUNS_PER_QUERY = 50


def main() -> None:
    """Answer one question a line, until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the SDK prints is not an answer

    def say(answer: Mapping[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    service: _Service | None = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            service = service or _Service(request)
            for answer in service.answer(request):
                say(answer)
            say({"end": True})
        except Exception as error:  # noqa: BLE001 - the SDK raises anything; all of it becomes a sentence on the other side
            say(_failure(error))


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
    """The SDK, logged in."""

    def __init__(self, greeting: Mapping[str, Any]) -> None:
        import wandb  # noqa: PLC0415 - 0.65 s, and only here

        # The SDK's own process tries again after 429 and 5xx with growing pauses, for up to `call` seconds a query.
        wandb.setup(
            settings=wandb.Settings(
                silent=True,
                x_graphql_retry_max=greeting["retries"],
                x_graphql_retry_wait_min_seconds=greeting["pause"],
                x_graphql_retry_wait_max_seconds=greeting["longest_pause"],
                x_graphql_timeout_seconds=greeting["call"],
            )
        )
        overrides = {"base_url": greeting["host"]}
        self.api = wandb.Api(overrides=overrides, timeout=greeting["call"], api_key=greeting["key"])
        self.known: dict[tuple[str, str], Any] = {}

    def answer(self, request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Yield the answer to a request: runs, the history of a metric, or nothing but the log-in."""
        if "metric" in request:
            return self._history(**request)
        return self._runs(**request) if "filters" in request else iter(())

    def _runs(self, project: str, filters: Mapping[str, Any], most: int) -> Iterator[Mapping[str, Any]]:
        """Yield the runs, each an answer, the newest first; and after the last whether there are more."""
        runs = self.api.runs(project, filters=dict(filters), order="-created_at", per_page=RUNS_PER_QUERY, lazy=False)
        convert, unreadable = runs.convert_objects, set[str]()

        def converted() -> Any:
            # One run that is not as the SDK expects it would cost all of its page.
            unreadable.update(_repaired(runs.last_response or {}))
            return convert()

        runs.convert_objects = converted
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
            number += 1
            yield {
                "project": project,
                "id": run.id,
                "name": run.name,
                "state": run.state,
                "tags": run.tags,
                "created_at": run.created_at,
                "group": run.group,
                "sweep": run.sweep_name,
                "unreadable": run.id in unreadable,
                "summary": dict(run.summary_metrics),
                "definitions": _definitions(run.id, runs.last_response or {}),
                "url": run.url,
            }
            self.known[project, run.id] = run
            for heavy in (run.config, run.summary_metrics, run.system_metrics):
                heavy.clear()  # ten thousand runs with all their data would need too much memory
        yield {"more": number == most and (runs.more or runs.index + 1 < len(runs.objects))}

    def _history(self, project: str, run: str, metric: str, points: int) -> Iterator[Mapping[str, Any]]:
        """Yield the sampled history of a run that was listed before, as pairs of step and value: one query."""
        rows = self.known[project, run].history(samples=points, keys=[metric], pandas=False)
        yield {"points": [(row.get("_step"), row.get(metric)) for row in rows if isinstance(row, dict)]}


def _repaired(response: Mapping[str, Any]) -> Iterator[str]:
    """Make of each run in a page what the SDK can read; yield the IDs of those whose summary nobody can."""
    for edge in ((response.get("project") or {}).get("runs") or {}).get("edges") or []:
        node = edge["node"]
        for name in ("config", "summaryMetrics", "systemMetrics"):
            try:
                told = json.loads(node.get(name) or "null", strict=False)
            except (ValueError, TypeError):
                told = ""
            if not isinstance(told, dict):
                node[name] = "{}"
                yield from [node["name"]] if name == "summaryMetrics" and told is not None else []
        node["user"] = node.get("user") or {}


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
