"""
The Regions of AWS in which there can be multi-Region keys.
"""

from __future__ import annotations

from typing import Any, cast

import botocore.session

from kmsmodel.words.arn import partition
from kmsmodel.words.regions import REGIONS


def test_the_regions_are_those_in_which_aws_kms_is() -> None:
    session: Any = cast("Any", botocore.session).get_session()
    told = {
        region: name
        for name in session.get_available_partitions()
        for region in session.get_available_regions("kms", partition_name=name)
    }
    assert {region: partition(region) for region in REGIONS} == told
