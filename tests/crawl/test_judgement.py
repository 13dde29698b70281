"""How runs are judged: a pure function."""

from dataclasses import replace
from datetime import date

import pytest

from policy_crawler.catalog import Expect
from policy_crawler.judgement import End, ListingFacts, RunFacts, Usual, drift, judge

TODAY = date(2026, 11, 24)
GOOD = ListingFacts(pages=1, first_page=24, newest=date(2026, 11, 20))
EXPECT = Expect(entries=24, newest_within_days=30)


def verdict(listing=GOOD, expect=EXPECT, **facts):
    judgement = judge(RunFacts(listing=listing, **facts), expect, TODAY)
    return judgement.end, judgement.reason


def test_a_good_run_says_nothing():
    assert verdict(asked=3) == (End.OK, "")


@pytest.mark.parametrize(
    ("change", "end", "said"),
    [
        ({"refused": "says '访问过于频繁'"}, End.BLOCKED, "访问过于频繁"),
        ({"failed": "Timeout: 30 s"}, End.FAILED, "Timeout"),
        ({"changed": "expected querydata, found none"}, End.QUARANTINED, "querydata"),
        ({"first_page": None}, End.FAILED, "never read"),
        ({"first_page": 0}, End.QUARANTINED, "0 entries on page 1, expected usually 24"),
        ({"first_page": 1}, End.QUARANTINED, "1 entry on page 1"),
        ({"first_page": 11}, End.QUARANTINED, "11 entries"),
        ({"first_page": 12}, End.OK, ""),
        ({"same_titles": True}, End.QUARANTINED, "same title"),
        ({"newest": None}, End.QUARANTINED, "no entry of page 1 has a date"),
        ({"newest": date(2026, 10, 24)}, End.QUARANTINED, "the newest entry is of 2026-10-24"),
        ({"newest": date(2026, 10, 25)}, End.OK, ""),
        ({"later": "page 2 could not be read"}, End.PARTIAL, "page 2"),
        ({"truncated": "5 pages read"}, End.PARTIAL, "truncated: 5 pages"),
    ],
)
def test_by_the_listing(change, end, said):
    found, reason = verdict(replace(GOOD, **change))
    assert (found, said in reason) == (end, True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"first_page": 8, "dated": 8}, ""),
        ({"first_page": 7, "dated": 7}, "7 entries on page 1, usually 20"),
        ({"first_page": 199, "dated": 199}, ""),
        ({"first_page": 200, "dated": 200}, "200 entries on page 1, usually 20"),
        ({"dated": 4}, "4 of 20 entries on page 1 dated, usually 95%"),
        ({"dated": 6}, ""),
    ],
)
def test_I8_what_a_source_usually_shows_comes_before_what_its_entry_expects(change, said):
    listing = replace(ListingFacts(pages=1, first_page=20, dated=20, newest=date(2026, 11, 20)), **change)
    assert drift(listing, Expect(entries=500), TODAY, Usual(12, 20, 0.95)) == said


def test_a_column_by_year_may_begin_anew_in_january():
    begun = ListingFacts(pages=1, first_page=1, dated=1, newest=date(2027, 1, 4), oldest=date(2027, 1, 4))
    assert drift(begun, EXPECT, date(2027, 1, 5), Usual(30, 20, 1.0)) == ""
    assert "1 entry" in drift(replace(begun, oldest=date(2026, 12, 30)), EXPECT, date(2027, 1, 5))
    assert "1 entry" in drift(begun, EXPECT, date(2027, 2, 5)), "by February there is more"
    assert "0 entries" in drift(ListingFacts(pages=1, first_page=0), EXPECT, date(2027, 1, 5))


def test_another_way_to_read_the_list_is_named_with_the_reason():
    end, reason = verdict(replace(GOOD, first_page=0, remedy="read as 'jcms': 6 of the 6 known"))
    assert (end, reason) == (
        End.QUARANTINED,
        "0 entries on page 1, expected usually 24; read as 'jcms': 6 of the 6 known",
    )


def test_without_expectations_one_entry_is_enough_and_none_is_not():
    assert verdict(ListingFacts(pages=1, first_page=1), Expect())[0] is End.OK
    assert verdict(ListingFacts(pages=1, first_page=0), Expect()) == (
        End.QUARANTINED,
        "0 entries on page 1, expected at least 1",
    )


@pytest.mark.parametrize(
    ("facts", "end"),
    [
        ({"asked": 3, "failed": 3}, End.FAILED),
        ({"asked": 3, "refused": 3}, End.BLOCKED),
        ({"asked": 3, "refused": 2, "failed": 1}, End.FAILED),
        ({"asked": 3, "failed": 1}, End.PARTIAL),
        ({"asked": 3, "refused": 1}, End.PARTIAL),
        ({"asked": 2, "failed": 2}, End.PARTIAL),
        ({"asked": 1, "refused": 1}, End.PARTIAL),
        ({"asked": 0}, End.OK),
        ({"asked": 3, "files_failed": 1}, End.PARTIAL),
        ({"asked": 3, "limit": "500 requests were made"}, End.PARTIAL),
        ({"asked": 3, "crashed": "an error of this program"}, End.FAILED),
        ({"asked": 3, "interrupted": "stopped", "crashed": "x"}, End.INTERRUPTED),
    ],
)
def test_by_the_documents(facts, end):
    assert verdict(**facts)[0] is end


def test_a_single_page_has_no_listing_to_be_judged_by():
    assert verdict(None, asked=1) == (End.OK, "")
    assert verdict(None, asked=1, refused=1, first_problem="status 521") == (
        End.BLOCKED,
        "the page refused: status 521",
    )


def test_all_remarks_are_told():
    _, reason = verdict(asked=9, failed=2, first_problem="a: Timeout", files_failed=2, first_file_problem="b: size")
    assert reason == "2 of 9 pages could not be had: a: Timeout; 2 files could not be had: b: size"
