"""Claims about the search for committed credentials; every secret is made at run time."""

import random
import re
import string
import subprocess
import sys

import pytest

from research_logbook import secret_scanner as module
from research_logbook.secret_scanner import find_secrets

LETTERS = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
COMMIT = "3f786850e387550fdab836ed7e6dc881de23001b"


def made(count: int, letters: str = LETTERS) -> str:
    """Return a random value, the same in every run."""
    return "".join(random.Random(count).choices(letters, k=count))


SECRETS = {
    "AWS access key ID": "AK" + "IA" + made(16, string.ascii_uppercase + "234567"),
    "GitHub token": "gh" + "p_" + made(36),
    "Hugging Face token": "h" + "f_" + made(34, string.ascii_letters),
    "Anthropic API key": "sk-" + "ant-api03-" + made(93) + "AA",
    "OpenAI API key": "sk-" + "proj-" + made(74) + "T3Blbk" + "FJ" + made(74),
    "Slack token": "xo" + "xb-" + made(12, "123456789") + "-" + made(13, "123456789") + "-" + made(24),
    "Google API key": "AI" + "za" + made(35),
    "GitLab token": "gl" + "pat-" + made(20),
    "Private key": "-----BEGIN " + "PRIVATE KEY-----\n" + made(64) + "\n-----END " + "PRIVATE KEY-----",
    "password in a URL or connection string": "https://jo:" + made(14) + "@git.lab.org/x.git",
}


@pytest.mark.parametrize("kind", SECRETS)
def test_known_kinds_of_credentials_are_found(kind: str) -> None:
    """A credential of a known kind is found on its line under its name."""
    assert list(find_secrets(f"# Log\n\n- used {SECRETS[kind]} here\n")) == [module.FoundSecret(3, kind)]


@pytest.mark.parametrize(
    "before", ["WANDB_API_KEY=", "export WANDB_API_KEY=", "-e WANDB_API_KEY ", "wandb login ", "`wandb login "]
)
def test_an_old_wandb_key_is_found_by_its_name(before: str) -> None:
    """An old W&B key, bare hex, is found after each usual name for it."""
    assert len(list(find_secrets(before + made(40, HEX)))) == 1


@pytest.mark.parametrize(
    "line",
    [
        f"- Commit: {COMMIT}",
        f"`{COMMIT[:9]}` fixes WANDB_API_KEY handling; see commit {COMMIT}",
        f"sha256: {made(64, HEX)}",
        f"image: ghcr.io/a/b@sha256:{made(64, HEX)}",
        f"s3://bucket/run-{COMMIT}/step-1000/",
        f"https://wandb.ai/a/b/runs/moe-{COMMIT}",
    ],
)
def test_hashes_are_not_credentials(line: str) -> None:
    """A commit hash, a checksum, a digest or a storage path is not a credential."""
    assert list(find_secrets(line)) == []


@pytest.mark.parametrize(
    "line",
    [
        '-e WANDB_API_KEY "$WANDB_API_KEY" \\',
        "-e WANDB_API_KEY <redacted> -- python",
        "WANDB_API_KEY=[REDACTED]",
        "WANDB_API_KEY=" + "*" * 40,
        "HF_TOKEN=hf" + "_" + "x" * 34,
        "https://user:password@host/path",
        "https://$USER:$TOKEN@host/x",
        'wandb.login(key=os.environ["WANDB_API_KEY"])',
        "Authorization: Bearer $TOKEN",
        "secret: a_longer_warmup_schedule_of_2000_steps",
    ],
)
def test_redacted_values_are_not_credentials(line: str) -> None:
    """A redacted value, a variable or a template is not a credential."""
    assert list(find_secrets(line)) == []


def test_a_finding_does_not_hold_the_value() -> None:
    """Nothing that a finding shows holds the value or any part of it."""
    for value in SECRETS.values():
        shown = repr(list(find_secrets(value)))
        assert not any(value[i : i + 8] in shown for i in range(len(value) - 8))


def test_there_is_one_finding_for_each_line_and_kind() -> None:
    """Two credentials of one kind on one line are one finding, on two lines two."""
    token = SECRETS["GitHub token"]
    lines = [secret.line for secret in find_secrets(f"{token} {token}\n{token}\n")]
    assert lines == [1, 2]


@pytest.mark.parametrize(
    ("text", "line"), [("\n", 2), ("\r\n", 2), ("\r", 2), ("\n\r", 3), ("\x0c", 1), ("\u2028", 1), ("\x85", 1)]
)
def test_lines_are_counted_as_in_markdown(text: str, line: int) -> None:
    """Only LF, CR LF and CR end a line, not the other separators of `splitlines`."""
    assert [found.line for found in find_secrets("a" + text + " " + SECRETS["GitHub token"])] == [line]


@pytest.mark.parametrize("shift", [-40, -20, -1, 0, 1, 20])
@pytest.mark.parametrize("kind", SECRETS)
def test_a_credential_across_windows_is_found_once(kind: str, shift: int) -> None:
    """A credential that lies across the edge of a window is found exactly once."""
    text = "word " * (module.STEP // 5 + 20)
    at = module.STEP + shift
    text = f"{text[:at]} {SECRETS[kind]} {text[at:]}"
    assert [found.kind for found in find_secrets(text)] == [kind]


def test_undecodable_bytes_do_not_stop_the_search() -> None:
    """A lone surrogate, as undecodable bytes leave it, does not stop the search."""
    assert len(list(find_secrets("\udc80 " + SECRETS["GitHub token"]))) == 1


@pytest.mark.parametrize(
    "unit", ["a", "=", "AKIA", "eyJ", "e\u200byJ", "a b\n", "api_key: ", "-----BEGIN ", "http://a:"]
)
def test_the_work_is_linear_in_the_length(unit: str) -> None:
    """Hostile text costs in proportion to its length, and no long run with many starts reaches a detector."""
    sizes: list[int] = []

    def counting(window: str) -> list[object]:
        sizes.append(len(window))
        runs = re.findall(r"[\w\u200b-]+", window)
        assert window.count("J") <= module.FEW or all(len(run) <= module.LONGEST_RUN for run in runs)
        return []

    text = unit * (1_000_000 // len(unit))
    list(find_secrets(text, counting))
    assert len(sizes) == -(-len(text) // module.STEP)
    assert sum(sizes) <= 1.4 * len(text)


def test_importing_the_module_loads_no_scanner() -> None:
    """Loading the module loads no scanner."""
    code = "import sys, research_logbook.secret_scanner; print('redact_secret' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
