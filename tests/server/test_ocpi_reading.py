"""What is found in files and folders, which kind it is, and what is said about the rest."""

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from server.ocpi.collecting import Collection, Reject, collect
from server.ocpi.kinds import Kind, kind_of
from server.ocpi.reading import Document, Missing, Unreadable, documents, json_files
from tests.server.ocpi_documents import booking_location, location, tariff, written

STRANGE = "not an importable kind; Locations, Tariffs and BookingLocations are"
TARIFF, LOCATION, OFFER = tariff(), location(), booking_location()


def ids(collection: Collection) -> list[tuple[Kind, str, str]]:
    return [(one.kind, one.value.id, one.path) for one in collection.found]


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (TARIFF, [(Kind.TARIFF, "NL*ABC*T1", "$")]),
        (
            [LOCATION, TARIFF],
            [(Kind.LOCATION, "NL*ABC*L1", "$[0]"), (Kind.TARIFF, "NL*ABC*T1", "$[1]")],
        ),
        (
            {"data": [TARIFF, OFFER], "status_code": 1000, "timestamp": "2026-11-01T08:00:00Z"},
            [(Kind.TARIFF, "NL*ABC*T1", "$.data[0]"), (Kind.BOOKING_LOCATION, "NL*ABC*B1", "$.data[1]")],
        ),
        ({"data": OFFER, "status_code": 1000}, [(Kind.BOOKING_LOCATION, "NL*ABC*B1", "$.data")]),
        ([], []),
        ({"data": [], "status_code": 1000}, []),
    ],
)
def test_lists_single_objects_and_envelopes_are_read(
    tmp_path: Path, document: object, found: list[tuple[Kind, str, str]]
) -> None:
    collection = collect([written(tmp_path / "a.json", document)])

    assert (ids(collection), collection.rejects) == (found, [])


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (TARIFF, Kind.TARIFF),
        (LOCATION, Kind.LOCATION),
        (OFFER, Kind.BOOKING_LOCATION),
        ({"id": "T1", "elements": []}, Kind.TARIFF),
        ({"country_code": "AT", "evses": []}, Kind.LOCATION),
        ({"id": "B1", "calenders": []}, Kind.BOOKING_LOCATION),
        ({"id ": "B1", "calendars ": []}, Kind.BOOKING_LOCATION),
        (OFFER | {"request_id": "r", "period": {}}, None),
        (OFFER | {"reservation_status": "RESERVED"}, None),
        ({"country_code": "AT", "party_id": "ABC", "uid": "1", "type": "RFID", "valid": True}, None),
        ({"country_code": "AT", "party_id": "ABC", "id": "S1", "location_id": "L1", "kwh": 1}, None),
        ({"country_code": "AT", "party_id": "ABC", "id": "C1", "cdr_token": {}, "tariffs": []}, None),
        ({"uid": "1", "status": "AVAILABLE", "connectors": [], "coordinates": {}}, None),
        ({"id": "1", "standard": "MCS", "tariff_ids": []}, None),
        ({"id": "C1", "begin_from": "", "end_before": "", "available_timeslots": []}, None),
        ({"name": "A new name", "last_updated": "2026-11-01T08:00:00Z"}, None),
        ({"booking_terms": {}, "last_updated": "2026-11-01T08:00:00Z"}, None),
        ({"opening_times": {"twentyfourseven": True}}, None),
        ({"version": "2.3.0", "url": "https://example.com"}, None),
        ({}, None),
        ([TARIFF], None),
        ("text", None),
        (None, None),
    ],
)
def test_a_kind_is_known_by_its_fields(raw: Any, kind: Kind | None) -> None:
    assert kind_of(raw) is kind


def test_other_kinds_are_rejected_once_a_file_and_counted_each(tmp_path: Path) -> None:
    file = written(tmp_path / "mixed.json", {"data": [{"uid": "1"}, TARIFF, {"uid": "2"}, 7]})

    collection = collect([file])

    assert ids(collection) == [(Kind.TARIFF, "NL*ABC*T1", "$.data[1]")]
    assert collection.rejects == [Reject(file, "$.data[0]", f"{STRANGE} (2 more such in this file)")]
    assert collection.rejected == Counter({None: 3})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n\t", "the file is empty"),
        (b'{"id": 1', "not JSON: Expecting ',' delimiter at line 1, column 9"),
        (b'{"a": "\xe9"}', "not UTF-8: the byte at offset 7 belongs to no character"),
        ("[]".encode("utf-16"), "not UTF-8: the byte at offset 0 belongs to no character"),
        (b"[" * 200_000, "nested too deeply"),
        (b"[NaN]", "not JSON: it holds NaN, which is no number"),
        (b"[-Infinity]", "not JSON: it holds -Infinity, which is no number"),
        (b"[1e99999999999999999999]", "holds a number that is too large or too small"),
        (
            b'{"status_code": 2003, "status_message": "Unknown"}',
            'a response without data; its status is 2003, "Unknown"',
        ),
        (b'{"data": null, "status_code": 1000}', "a response without data; its status is 1000, null"),
    ],
)
def test_a_file_that_cannot_be_understood_is_one_complaint_and_the_rest_goes_on(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    broken = tmp_path / "a.json"
    broken.write_bytes(content)
    written(tmp_path / "b.json", TARIFF)

    collection = collect([tmp_path])

    assert collection.rejects == [Reject(broken, "$", reason)]
    assert collection.rejected == Counter({None: 1})
    assert ids(collection) == [(Kind.TARIFF, "NL*ABC*T1", "$")]


def test_an_integer_of_too_many_digits_is_one_complaint(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(b"[" + b"9" * 5000 + b"]")

    (reject,) = collect([file]).rejects

    assert (reject.file, reject.path, reject.reason.startswith("Exceeds the limit")) == (file, "$", True)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(b"\xef\xbb\xbf[1]")

    assert documents(file) == [Document("$[0]", 1)]


def test_folders_are_read_by_name_with_all_below_them(tmp_path: Path) -> None:
    for name in ("b.json", "a/z.JSON", "a/deeper/y.json", "c.txt", ".hidden.json", ".git/x.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "a" / "loop").symlink_to(tmp_path)

    found = list(json_files(tmp_path))

    assert found == [tmp_path / name for name in ("a/deeper/y.json", "a/z.JSON", "b.json")]


def test_a_file_that_is_named_is_read_whatever_its_name(tmp_path: Path) -> None:
    assert list(json_files(written(tmp_path / "export", []))) == [tmp_path / "export"]


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    file = written(tmp_path / "a.json", TARIFF)

    assert ids(collect([tmp_path, file])) == [(Kind.TARIFF, "NL*ABC*T1", "$")]


def test_a_path_that_is_missing_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    file = written(tmp_path / "a.json", TARIFF)

    collection = collect([tmp_path / "nowhere", file])

    assert collection.rejects == [Reject(tmp_path / "nowhere", "$", "there is no such file or folder")]
    assert collection.path_missing
    assert ids(collection) == [(Kind.TARIFF, "NL*ABC*T1", "$")]


def test_a_missing_path_is_not_the_same_as_an_unreadable_one(tmp_path: Path) -> None:
    (missing,) = json_files(tmp_path / "nowhere")
    dangling = tmp_path / "a.json"
    dangling.symlink_to(tmp_path / "gone")

    assert isinstance(missing, Missing)
    assert list(json_files(tmp_path)) == [dangling]
    with pytest.raises(Unreadable) as refused:
        documents(dangling)
    assert str(refused.value) == f"{dangling}: cannot be read: No such file or directory"


def test_a_folder_that_may_not_be_listed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "a.json", TARIFF)
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0)
    if os.access(locked, os.R_OK):  # root may read everything: let the system answer as it does to others
        listed = Path.iterdir

        def refused(folder: Path) -> Any:
            if folder == locked:
                raise PermissionError(13, "Permission denied", str(folder))
            return listed(folder)

        monkeypatch.setattr(Path, "iterdir", refused)

    collection = collect([tmp_path])
    locked.chmod(0o700)

    assert collection.rejects == [Reject(locked, "$", "cannot be read: Permission denied")]
    assert ids(collection) == [(Kind.TARIFF, "NL*ABC*T1", "$")]


def test_a_wrong_object_is_left_out_whole_and_its_neighbours_stay(tmp_path: Path) -> None:
    wrong = LOCATION | {"id": "L2", "city": 3, "time_zone": "Vienna"}
    file = written(tmp_path / "a.json", {"data": [LOCATION, wrong, LOCATION | {"id": "L3"}]})

    collection = collect([file])

    assert ids(collection) == [
        (Kind.LOCATION, "NL*ABC*L1", "$.data[0]"),
        (Kind.LOCATION, "NL*ABC*L3", "$.data[2]"),
    ]
    assert collection.rejects == [
        Reject(file, "$.data[1].city", "a string is wanted, not 3"),
        Reject(file, "$.data[1].time_zone", '"Vienna" is not an IANA time zone such as Europe/Berlin'),
    ]
    assert collection.rejected == Counter({Kind.LOCATION: 1})


def test_of_many_complaints_about_one_object_ten_are_told(tmp_path: Path) -> None:
    file = written(tmp_path / "a.json", LOCATION | {"facilities": [1] * 14})

    collection = collect([file])

    assert collection.rejects == [
        *(Reject(file, f"$.facilities[{index}]", "a string is wanted, not 1") for index in range(10)),
        Reject(file, "$", "and 4 more"),
    ]


def test_progress_is_told_file_by_file(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        written(tmp_path / name, [])
    told: list[tuple[str, int, int]] = []

    collect([tmp_path], lambda *step: told.append(step))

    assert told == [("Reading", 0, 2), ("Reading", 1, 2), ("Reading", 2, 2)]
