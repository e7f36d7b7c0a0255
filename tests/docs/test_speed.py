"""The chart of the page "Speed" shows the figures of the latest results, few enough to read."""

import doctest
import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "_ext"))

import speed

RESULTS = json.loads(speed.LATEST.read_text("utf-8"))


def test_every_row_is_a_figure_and_they_are_few():
    rows = speed.rows(RESULTS)
    assert len(rows) == len(speed.CHART) <= 8
    assert all(ours > 0 for _, ours, _ in rows)


def test_the_chart_names_each_time():
    drawn = ElementTree.fromstring(speed.chart(RESULTS))
    texts = " ".join(element.text for element in drawn.iter() if element.tag.endswith("text"))
    for title, ours, bare in speed.rows(RESULTS):
        assert title in texts
        assert speed.time_in_words(ours) in texts
        assert bare is None or f"cryptography alone {speed.time_in_words(bare)}" in texts


def test_a_figure_that_is_gone_is_an_error():
    results = {"groups": {name: {**group, "figures": []} for name, group in RESULTS["groups"].items()}}
    with pytest.raises(ValueError, match="unpack"):
        speed.rows(results)


def test_times_are_in_the_units_that_people_read():
    assert doctest.testmod(speed).failed == 0
