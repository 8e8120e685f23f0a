"""How many vehicles the chargers and bays of a site hold at once: a bipartite matching."""

from collections.abc import Sequence

from models.rules.spot import Spot


def vehicles(spots: Sequence[Spot]) -> int:
    """Return how many vehicles the spots hold at once."""
    return len(seating(spots))


def seating(spots: Sequence[Spot]) -> list[Spot]:
    """Return as many of the spots as can be in use at once, no charger and no bay twice (a bipartite matching)."""
    if len({spot.evse.id for spot in spots}) == len({spot.key[1] for spot in spots}) == len(spots):
        return list(spots)
    of_evse: dict[str, list[Spot]] = {}
    for spot in spots:
        of_evse.setdefault(spot.evse.id, []).append(spot)
    seated: dict[str, Spot] = {}

    def seat(evse_id: str, tried: set[str]) -> bool:
        for spot in of_evse[evse_id]:
            bay = spot.key[1] or f"no bay of {evse_id}"
            if bay not in tried:
                tried.add(bay)
                if bay not in seated or seat(seated[bay].evse.id, tried):
                    seated[bay] = spot
                    return True
        return False

    for evse_id in of_evse:
        seat(evse_id, set())
    return list(seated.values())
