"""Strings, numbers, coordinates and times of the standard, each at its edges."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from models.rules.location import EvsePosition
from models.rules.tariff import TaxIncluded
from server.ocpi.numbers import Ceiling, Degrees, Floor, Number, Whole
from server.ocpi.tariffs import TAX_INCLUDED
from server.ocpi.texts import CiString, Id, Letters, Marker, OneOf, PartyCode, Text, Url, one_of
from server.ocpi.times import END_OF_DAY, Instant, LocalDate, LocalTime, TimeZone


@pytest.mark.parametrize(
    ("marker", "raw", "value"),
    [
        (Text(11), "Köln–Süd €\t", "Köln–Süd €"),
        (Text(3), "#NA", ""),
        (Url(), "https://example.com/terms", "https://example.com/terms"),
        (CiString(12), "de*ABC*E1 ~", "de*ABC*E1 ~"),
        (Id(36), "L" * 36, "L" * 36),
        (PartyCode(), "e0n", "E0N"),
        (PartyCode(), "X", "X"),
        (Letters(3), "eur", "EUR"),
        (one_of(EvsePosition), "LEFT", EvsePosition.LEFT),
        (OneOf(TAX_INCLUDED), "N/A", TaxIncluded.NOT_APPLICABLE),
        (Number(), Decimal("-0.0250"), Decimal("-0.0250")),
        (Number(), 3, Decimal(3)),
        (Whole(1, 7), 7, 7),
        (Whole(), Decimal("16.0"), 16),
        (Floor(), Decimal("1875.9"), 1875),
        (Ceiling(), Decimal("7.1"), 8),
        (Ceiling(), 8, 8),
        (Degrees(90), "-90", Decimal(-90)),
        (Degrees(180), "8.5", Decimal("8.5")),
        (Degrees(180), "8.123456789", Decimal("8.123456789")),
        (Instant(), "2026-11-01T08:00:00Z", datetime(2026, 11, 1, 8, tzinfo=UTC)),
        (Instant(), "2026-11-01T08:00:00", datetime(2026, 11, 1, 8, tzinfo=UTC)),
        (Instant(), "2026-11-01t08:00:00.25+01:00", datetime(2026, 11, 1, 7, 0, 0, 250_000, tzinfo=UTC)),
        (Instant(), "2026-11-01T08:00:00.123456789Z", datetime(2026, 11, 1, 8, 0, 0, 123_456, tzinfo=UTC)),
        (LocalTime(), "23:59", "23:59"),
        (LocalTime(END_OF_DAY), "24:00", "24:00"),
        (LocalTime(END_OF_DAY), "00:00", "24:00"),
        (LocalTime("00:00"), "24:00", "00:00"),
        (LocalDate(), "2028-02-29", "2028-02-29"),
        (TimeZone(), "Europe/Rome", "Europe/Rome"),
    ],
)
def test_a_value_is_read(marker: Marker, raw: object, value: object) -> None:
    read = marker.read(raw)

    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("marker", "raw", "reason"),
    [
        (Text(10), 3, "a string is wanted, not 3"),
        (Text(10), None, "a string is wanted, not null"),
        (Text(4), "Hafen", '"Hafen" has 5 characters; 4 are allowed'),
        (Text(10), "a\x00b", '"a\\u0000b" holds a character that is no text'),
        (Text(10), "a\ud800b", '"a\\ud800b" holds a character that is no text'),
        (Url(), "javascript:alert(1)", '"javascript:alert(1)" is not a URL that starts with https:// or http://'),
        (CiString(10), "Süd", '"S\\u00fcd" is not printable ASCII'),
        (CiString(10), "a\n", '"a\\n" is not printable ASCII'),
        (Id(36), "#NA", '"#NA" names nothing; an id is required'),
        (Id(36), "", '"" names nothing; an id is required'),
        (Id(36), "L1 ", 'the id "L1 " has blanks around it'),
        (PartyCode(), "INF12", '"INF12" is not a party id of up to 3 letters and digits'),
        (PartyCode(), "A*B", '"A*B" is not a party id of up to 3 letters and digits'),
        (PartyCode(), "", '"" is not a party id of up to 3 letters and digits'),
        (Letters(2), "NLD", '"NLD" is not a code of 2 letters'),
        (Letters(2), "N1", '"N1" is not a code of 2 letters'),
        (one_of(EvsePosition), "left", '"left" is not one of LEFT, RIGHT, CENTER'),
        (one_of(EvsePosition), ["LEFT"], "a list is not one of LEFT, RIGHT, CENTER"),
        (OneOf(TAX_INCLUDED), "NOT_APPLICABLE", '"NOT_APPLICABLE" is not one of YES, NO, N/A'),
        (Number(), "0.25", 'a number is wanted, not "0.25"'),
        (Number(), True, "a number is wanted, not true"),
        (Number(), 0.25, "a number is wanted, not 0.25"),
        (Number(), Decimal("NaN"), "NaN is not a finite number"),
        (Number(), Decimal("1e999999999"), "1E+999999999 must lie from -2147483647 to 2147483647"),
        (Number(), Decimal("1e-999999999"), "1E-999999999 has more than 20 decimals"),
        (Number(0, 100), 101, "101 must lie from 0 to 100"),
        (Whole(), Decimal("16.5"), "16.5 is not a whole number"),
        (Whole(), -1, "-1 must lie from 0 to 2147483647"),
        (Floor(), 2**31, "2147483648 must lie from 0 to 2147483647"),
        (Degrees(90), Decimal("51.05"), 'a string such as "51.047599" is wanted, not 51.05'),
        (Degrees(90), "NaN", '"NaN" is not a number of degrees'),
        (Degrees(90), "51,05", '"51,05" is not a number of degrees'),
        (Degrees(90), "1e1", '"1e1" is not a number of degrees'),
        (Degrees(90), "٥١.٠٥", '"\\u0665\\u0661.\\u0660\\u0665" is not a number of degrees'),
        (Degrees(90), "90.000001", "90.000001 is off the globe; it must lie from -90 to 90"),
        (Degrees(180), "-181", "-181 is off the globe; it must lie from -180 to 180"),
        (Instant(), "2025-03-23T23:59:99Z", '"2025-03-23T23:59:99Z" has 99 seconds; a minute has 60, from 00 to 59'),
        (Instant(), "2025-02-29T00:00:00Z", '"2025-02-29T00:00:00Z" is not a time that exists'),
        (Instant(), "2025-03-23T24:00:00Z", '"2025-03-23T24:00:00Z" is not a time that exists'),
        (Instant(), "0001-01-01T00:00:00+01:00", '"0001-01-01T00:00:00+01:00" is not a time that exists'),
        (Instant(), "2025-03-23", 'a time such as "2026-11-01T08:00:00Z" is wanted, not "2025-03-23"'),
        (Instant(), 1742688000, 'a time such as "2026-11-01T08:00:00Z" is wanted, not 1742688000'),
        (LocalTime(), "24:00", '"24:00" is not a time of day from 00:00 to 23:59'),
        (LocalTime(END_OF_DAY), "24:01", '"24:01" is not a time of day from 00:00 to 23:59'),
        (LocalTime(), "8:00", '"8:00" is not a time of day from 00:00 to 23:59'),
        (LocalTime(), 8, 'a time such as "08:00" is wanted, not 8'),
        (LocalDate(), "2026-02-30", '"2026-02-30" is not a date that exists'),
        (LocalDate(), "20260228", 'a date such as "2026-11-01" is wanted, not "20260228"'),
        (TimeZone(), "CEST", '"CEST" is not an IANA time zone such as Europe/Berlin'),
        (TimeZone(), "../etc/passwd", '"../etc/passwd" is not an IANA time zone such as Europe/Berlin'),
        (TimeZone(), ["Europe/Rome"], "a list is not an IANA time zone such as Europe/Berlin"),
    ],
)
def test_a_value_is_refused_with_a_reason(marker: Marker, raw: object, reason: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole text is compared
        marker.read(raw)

    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("marker", "raw", "value"),
    [
        (Text(10), "#NA", None),
        (Text(10), "  ", None),
        (Text(10), " Nord ", "Nord"),
        (Url(), "", None),
        (CiString(10), "#NA", None),
        (Id(36), "#NA", None),
        (Id(36), "E1", "E1"),
    ],
)
def test_an_optional_text_that_says_nothing_is_none(marker: Any, raw: str, value: str | None) -> None:
    assert marker.read_optional(raw) == value
