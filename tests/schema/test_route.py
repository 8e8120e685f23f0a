"""Routes as clients write them: every format reads back, and what is malformed is named by its point."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import flexpolyline
import polyline
import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st
from strawberry.scalars import JSON

from models.catalogue import Point
from models.errors import BadInput
from schema.route import GeoLocationInput, RouteInput, points
from tests.world import World

TOO_MANY = 20_001
SEARCH = """
query ($route: RouteInput!) {
  corridorAvailability(input: {
    route: $route, widthKm: 5,
    window: { startDateTime: "2026-12-01T08:00:00Z", endDateTime: "2026-12-01T12:00:00Z" }
  }) { edges { cursor } }
}
"""

lines = st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=30)
formats = st.sampled_from(["polyline", "polyline6", "flexible_polyline", "geojson"])


def line_string(*positions: Any) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": list(positions)}


def positions(line: list[Point]) -> list[list[float]]:
    return [[longitude, latitude] for latitude, longitude in line]


WRITERS: dict[str, Callable[[list[Point]], Any]] = {
    "polyline": lambda line: polyline.encode(line, 5),
    "polyline6": lambda line: polyline.encode(line, 6),
    "flexiblePolyline": flexpolyline.encode,
    "geojson": lambda line: line_string(*positions(line)),
    "coordinates": lambda line: [{"latitude": latitude, "longitude": longitude} for latitude, longitude in line],
}


def read(**written: Any) -> list[Point]:
    return points(RouteInput(**written))


def refusal(**written: Any) -> str:
    """Return what a malformed route is told."""
    with pytest.raises(BadInput) as refused:
        read(**written)
    return str(refused.value)


def close_to(line: list[Point], digits: int) -> list[Any]:
    return [pytest.approx(point, abs=0.51 * 10**-digits + 1e-12) for point in line]


@given(lines)
def test_googles_polylines_read_back(line: list[Point]) -> None:
    assert read(polyline=polyline.encode(line, 5)) == close_to(line, 5)
    assert read(polyline6=polyline.encode(line, 6)) == close_to(line, 6)


@given(lines, st.integers(0, 15), st.sampled_from([0, 1, 2, 3, 6, 7]), st.integers(0, 15))
def test_heres_polylines_read_back_in_every_precision_and_with_any_third_dimension(
    line: list[Point], precision: int, third: int, third_precision: int
) -> None:
    places = [(*point, number * 7.5 - 100.0) for number, point in enumerate(line)]

    encoded = flexpolyline.encode(places, precision, third, third_precision)

    assert read(flexible_polyline=encoded) == close_to(line, precision)


@given(lines, st.booleans(), st.booleans(), st.booleans())
def test_geojson_reads_back_as_object_or_text_bare_or_in_a_feature_with_or_without_altitude(
    line: list[Point], high: bool, in_feature: bool, as_text: bool
) -> None:
    shape = line_string(*([*one, 12.5] if high else one for one in positions(line)))
    given = {"type": "Feature", "properties": {"name": "A1"}, "geometry": shape} if in_feature else shape

    assert read(geojson=JSON(json.dumps(given) if as_text else given)) == line


@given(lines)
def test_coordinates_are_taken_as_they_are(line: list[Point]) -> None:
    assert read(coordinates=[GeoLocationInput(latitude=one, longitude=other) for one, other in line]) == line


def test_lines_of_the_formats_own_documentation_read_as_it_says() -> None:
    assert read(polyline="_p~iF~ps|U_ulLnnqC_mqNvxq`@") == [(38.5, -120.2), (40.7, -120.95), (43.252, -126.453)]
    assert read(flexible_polyline="BFoz5xJ67i1B1B7PzIhaxL7Y") == [
        (50.10228, 8.69821),
        (50.10201, 8.69567),
        (50.10063, 8.69150),
        (50.09878, 8.68752),
    ]


@pytest.mark.parametrize("name", ["polyline", "polyline6"])
def test_what_is_wrong_with_googles_polyline_is_named_with_its_point(name: str) -> None:
    sound = "_p~iF~ps|U_ulLnnqC"
    cut = "Point 2 of the route breaks off; the text seems to be cut short."

    assert refusal(**{name: sound + "_mqN"}) == cut
    assert refusal(**{name: sound + "_mqNvxq`"}) == cut
    assert refusal(**{name: sound[:-1]}) == cut.replace("2", "1")
    assert refusal(**{name: sound + "_mq vxq`@"}) == (
        "Point 2 of the route holds ' ', a character that no such polyline holds."
    )
    assert refusal(**{name: "ß" + sound}).startswith("Point 0 of the route holds 'ß'")
    assert refusal(**{name: sound + "_mqN" + "~" * 200_000}).startswith("Point 2 of the route is not on the globe")


@pytest.mark.parametrize("third", [flexpolyline.ABSENT, flexpolyline.ALTITUDE])
def test_what_is_wrong_with_heres_polyline_is_named_with_its_point(third: int) -> None:
    sound = flexpolyline.encode([(50.1, 8.6, 100.0), (50.2, 8.7, 110.0)], 5, third)
    cut = "Point 2 of the route breaks off; the text seems to be cut short."

    assert refusal(flexible_polyline=sound + "C") == cut
    assert refusal(flexible_polyline=sound + "oz") == cut
    assert refusal(flexible_polyline=sound[:-1]) == cut.replace("2", "1")
    assert refusal(flexible_polyline=sound + "C+C") == (
        "Point 2 of the route holds '+', a character that no such polyline holds."
    )
    assert refusal(flexible_polyline=sound + "_" * 400_000).startswith("Point 2 of the route is not on the globe")


@pytest.mark.parametrize("header", ["A", "B", "CF", "gBF", "Bzzzz", "B____A", "BzzC", "?", "Bé"])
def test_a_header_that_is_none_of_a_flexible_polyline_of_version_1_is_refused(header: str) -> None:
    expected = "`route.flexiblePolyline` does not begin with the header of a flexible polyline of version 1."

    assert refusal(flexible_polyline=header) == expected


@pytest.mark.parametrize(
    ("position", "wrong"),
    [
        ([4.4], "is no position: [longitude, latitude] or with altitude as third."),
        ([4.4, 51.9, 3.0, 7.0], "is no position: [longitude, latitude] or with altitude as third."),
        ({"longitude": 4.4}, "is no position: [longitude, latitude] or with altitude as third."),
        (None, "is no position: [longitude, latitude] or with altitude as third."),
        ([4.4, "51.9"], "holds something that is not a number."),
        ([4.4, None], "holds something that is not a number."),
        ([4.4, True], "holds something that is not a number."),
        ([4.4, 51.9, "high"], "holds something that is not a number."),
        ([4.4, [51.9]], "holds something that is not a number."),
        ([4.4, float("nan")], "holds something that is not a number."),
        ([4.4, float("inf")], "is not on the globe: no place has so large a number."),
        ([-1e300, 51.9], "is not on the globe: no place has so large a number."),
        ([4.4, 10**399], "is not on the globe: no place has so large a number."),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_position_of_geojson_is_named_with_its_point(position: object, wrong: str) -> None:
    shape = line_string([4.3, 51.8], position, [4.5, 52.0])

    assert refusal(geojson=JSON(shape)) == f"Point 1 of the route {wrong}"
    assert refusal(geojson=JSON(json.dumps(shape))) == f"Point 1 of the route {wrong}"


@pytest.mark.parametrize(
    "given",
    [
        {"type": "Point", "coordinates": [4.4, 51.9]},
        {"type": "MultiLineString", "coordinates": [[[4.4, 51.9], [4.5, 52.0]]]},
        {"type": "Feature", "geometry": None},
        {"type": "Feature", "geometry": {"type": "Feature", "geometry": line_string([4.4, 51.9])}},
        {"coordinates": [[4.4, 51.9], [4.5, 52.0]]},
        {"type": ["LineString"]},
        [[4.4, 51.9], [4.5, 52.0]],
        "null",
        17,
        True,
    ],
    ids=str,
)
def test_what_is_no_line_of_geojson_is_refused(given: object) -> None:
    assert (
        refusal(geojson=JSON(given))
        == "`route.geojson` is a LineString of GeoJSON, or a Feature whose geometry is one."
    )


@pytest.mark.parametrize("text", ["{", "LineString", "\ud800", "[" * 10 + "1e", "9" * 5000 + "x"], ids=repr)
def test_a_text_that_is_no_json_is_told_so(text: str) -> None:
    assert refusal(geojson=JSON(text)).startswith("`route.geojson` is no JSON: ")


def test_json_without_end_is_refused() -> None:
    assert refusal(geojson=JSON("[" * 300_000)) == "`route.geojson` is no line: it is nested too deeply."
    assert "LineString" in refusal(geojson=JSON("9" * 300_000))
    assert refusal(geojson=JSON({"type": "LineString", "coordinates": "9"})).startswith("The `coordinates`")


@pytest.mark.parametrize("name", ["polyline", "polyline6", "flexible_polyline", "geojson"])
def test_more_points_than_a_route_may_have_are_refused_before_they_are_read(name: str) -> None:
    line = [(51.0 + number / 1e5, 4.0) for number in range(TOO_MANY)]
    write = WRITERS["flexiblePolyline" if name == "flexible_polyline" else name]

    assert len(read(**{name: write(line[:-1])})) == TOO_MANY - 1
    assert refusal(**{name: write(line)}) == f"A route has at most 20000 points; this one has {TOO_MANY}."
    assert "a route has at most 20000 points" in refusal(**{name: write(line * 20)}).lower()


@pytest.mark.parametrize("empty", ["polyline", "polyline6", "flexible_polyline", "coordinates", "geojson"])
def test_a_route_of_nothing_is_refused(empty: str) -> None:
    assert refusal(**{empty: [] if empty == "coordinates" else ""}) == "A route has at least two points."
    assert refusal(**{empty: None}) == "A route has at least two points."
    assert refusal(**{empty: strawberry.UNSET}) == "A route has at least two points."


@given(formats, st.text())
def test_whatever_text_is_given_is_a_route_or_bad_input(name: str, text: str) -> None:
    with suppress(BadInput):
        assert all(len(point) == 2 for point in read(**{name: text}))


@given(formats, lines, st.data())
def test_a_route_with_a_slip_in_it_is_a_route_or_bad_input(name: str, line: list[Point], data: st.DataObject) -> None:
    written = WRITERS["flexiblePolyline" if name == "flexible_polyline" else name](line)
    text = written if isinstance(written, str) else json.dumps(written)
    begin, end = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
    slip = data.draw(st.one_of(st.text(max_size=3), st.text("AZaz09-_?@^~[]{},", max_size=20)))

    with suppress(BadInput):
        assert all(len(point) == 2 for point in read(**{name: text[:begin] + slip + text[end:]}))


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.dictionaries(st.sampled_from(["type", "geometry", "coordinates"]), inner),
            st.builds(lambda value: {"type": "LineString", "coordinates": value}, inner),
        ),
    )
)
def test_whatever_json_is_given_is_a_route_or_bad_input(given: object) -> None:
    with suppress(BadInput):
        assert all(len(point) == 2 for point in read(geojson=JSON(given)))


@pytest.mark.anyio
async def test_a_point_off_the_globe_is_named_in_every_format(world: World) -> None:
    line = [(51.0, 4.0), (51.0, 4.1), (90.5, 4.2), (51.0, 4.3)]

    refused = {
        name: (await world.execute(None, SEARCH, route={name: write(line)})).errors for name, write in WRITERS.items()
    }

    expected = [("BAD_USER_INPUT", "Point 2 of the route (90.5, 4.2) is not on the globe.")]
    assert refused == dict.fromkeys(WRITERS, expected)


@pytest.mark.anyio
async def test_a_line_of_geojson_may_stand_in_the_document_itself(world: World) -> None:
    written = '{ type: "LineString", coordinates: [[4.0, 51.0], [4.1, 51, 12]] }'
    document = SEARCH.replace("query ($route: RouteInput!)", "query").replace("$route", f"{{ geojson: {written} }}")

    answer = await world.execute(None, document)

    assert answer.errors == []
    assert answer.data == {"corridorAvailability": {"edges": []}}
