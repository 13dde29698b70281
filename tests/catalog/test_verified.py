"""Marks of the simulator's run: kept by entry, forgotten when the entry changes."""

from datetime import date

from policy_crawler.catalog import SHIPPED, load_catalog
from policy_crawler.catalog.files import read_entries, source_files
from policy_crawler.catalog.verified import digest, marked, read_marks, write_marks

A = {"id": "a-tz", "list_url": "https://a.example/", "family": "trs", "params": {}}
B = {"id": "b-tz", "list_url": "https://b.example/", "family": "ucap_api", "params": {"channel_id": "0" * 32}}


def test_marks_are_written_sorted_and_read_back(tmp_path):
    file = tmp_path / "verified.tsv"
    assert read_marks(file) == {}
    assert write_marks([B, A], date(2026, 11, 24), file) == 2
    assert read_marks(file) == {"a-tz": ("2026-11-24", digest(A)), "b-tz": ("2026-11-24", digest(B))}
    assert file.read_text(encoding="utf-8").splitlines()[0].startswith("a-tz\t2026-11-24\t")


def test_a_second_run_changes_only_what_changed(tmp_path):
    file = tmp_path / "verified.tsv"
    write_marks([A, B], date(2026, 11, 24), file)
    write_marks([A, {**B, "params": {"channel_id": "1" * 32}}], date(2026, 12, 1), file)
    marks = read_marks(file)
    assert marks["a-tz"][0] == "2026-11-24"
    assert marks["b-tz"][0] == "2026-12-01"
    write_marks([A], date(2026, 12, 2), file)
    assert set(read_marks(file)) == {"a-tz"}


def test_a_run_over_some_leaves_the_marks_of_others(tmp_path):
    file = tmp_path / "verified.tsv"
    write_marks([A, B], date(2026, 11, 24), file)
    assert write_marks([], date(2026, 12, 1), file, tried={"b-tz"}) == 1
    assert set(read_marks(file)) == {"a-tz"}
    assert write_marks([B], date(2026, 12, 2), file, tried={"b-tz"}) == 2
    assert read_marks(file)["b-tz"][0] == "2026-12-02"


def test_a_mark_holds_for_the_entry_as_it_was():
    marks = {"a-tz": ("2026-11-24", digest(A))}
    assert marked(A, marks) == {**A, "verified": "simulated", "verified_on": date(2026, 11, 24)}
    assert marked({**A, "column": "别名"}, marks)["verified"] == "simulated"
    for change in ({"list_url": "https://a.example/2/"}, {"family": "ucap"}, {"params": {"page_url": "x_{n}.html"}}):
        assert "verified" not in marked({**A, **change}, marks)
    live = {**A, "verified": "live", "verified_on": date(2026, 10, 1)}
    assert marked(live, marks) == live
    assert marked(B, marks) == B


def test_a_digest_does_not_depend_on_the_kind_of_sequence():
    assert digest({**A, "params": {"x": ("1", "2")}}) == digest({**A, "params": {"x": ["1", "2"]}})
    assert digest(A) == digest({**A, "params": None})


def test_an_entry_and_the_source_made_of_it_have_one_digest():
    catalog = load_catalog()
    for file in source_files(SHIPPED):
        for entry in read_entries(file):
            assert digest(entry) == digest(catalog.get(entry["id"]).model_dump()), entry["id"]
