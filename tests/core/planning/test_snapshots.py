"""Claims about the names of snapshot tags."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research_logbook.core.planning.snapshots import tag_part, tags_of


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("sparse-attention", "sparse-attention"),
        ("MOE-HC-002b", "MOE-HC-002b"),
        ("My topic (final)", "My-topic-final"),
        ("a..b.lock", "a.b-lock"),
        ("-a.", "a"),
        ("é", "unnamed"),
        ("a/b", "a-b"),
        ("", "unnamed"),
    ],
)
def test_a_part_of_a_tag(text: str, part: str) -> None:
    """What git takes is kept, the rest becomes hyphens."""
    assert tag_part(text) == part
    assert tags_of(text) == f"snapshot/{part}"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*"aB1-_.~^:?*[\\@{/ \t\néx", ".lock", "y" * 99]), max_size=9).map("".join))
def test_git_takes_every_name(text: str) -> None:
    """Whatever a logbook is called, its tags have names that git accepts, and that a file can have."""
    name = f"{tags_of(text)}/{tag_part(text)}"
    assert subprocess.run(["git", "check-ref-format", f"refs/tags/{name}"], check=False).returncode == 0
    assert all(len(part) <= 255 for part in name.split("/"))
