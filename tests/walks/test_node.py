"""
The AWS SDK for JavaScript walks the guide's four steps.
"""

from __future__ import annotations

from tests.walks.node_js import install, run
from tests.walks.served import environment, served


def test_the_aws_sdk_for_javascript_walks_the_four_steps() -> None:
    install()
    with served() as url:
        walked = run("node", "--test", "--test-reporter=tap", "walk.mjs", env=environment(url))
    assert walked.returncode == 0, walked.stdout
    assert "# fail 0" in walked.stdout
