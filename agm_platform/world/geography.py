"""Where the world lies: populated ZIP codes around AGM's stores, and distances."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from agm_platform.world.reference import TRIAL_STORE, stores
from agm_platform.world.size import Columns

EARTH_RADIUS_MILES = 3958.7613  # mean radius
ZIP_RADIUS_MILES = 25.0  # invented: how far from a store AGM's customers live
DELIVERY_RADIUS_MILES = 5.0  # Peak delivers only to ZIPs this near

# Invented ranges of the numbers that the ZIP library does not have.
ZIP_POPULATION = (2_000, 60_000)
ZIP_AREA_TEN_THOUSANDTHS = (8_000, 300_000)  # square miles with four decimals


def zip_codes(rng: np.random.Generator) -> Columns:
    """Return the populated ZIPs near a store: zip, latitude, longitude, city, state,
    population, area (square miles), density, time_zone, and for the generator
    closest_store_id, miles (to it) and trial_miles (to the trial store)."""
    # Imported here: reading its 42,000 ZIPs takes a second.
    from zipcodes import list_all

    # Only standard ZIPs have inhabitants; the others are post boxes, companies and armies.
    places = [
        place
        for place in list_all()
        if place["zip_code_type"] == "STANDARD" and place["active"] and place["lat"]
    ]
    latitude = np.array([float(place["lat"]) for place in places])
    longitude = np.array([float(place["long"]) for place in places])
    distances = np.stack(
        [
            miles(latitude, longitude, float(store["latitude"]), float(store["longitude"]))
            for store in stores()
        ]
    )
    near = np.flatnonzero(distances.min(axis=0) <= ZIP_RADIUS_MILES)
    ids = np.array([int(store["store_id"]) for store in stores()])
    population = rng.integers(*ZIP_POPULATION, size=len(near))
    area = rng.integers(*ZIP_AREA_TEN_THOUSANDTHS, size=len(near)) / 10_000

    def text(field: str) -> npt.NDArray[Any]:
        return np.array([places[i][field] for i in near], dtype=object)

    return {
        "zip": text("zip_code"),
        "latitude": latitude[near],
        "longitude": longitude[near],
        "city": text("city"),
        "state": text("state"),
        "population": population,
        "area": area,
        "density": population / area,
        "time_zone": text("timezone"),
        "closest_store_id": ids[distances[:, near].argmin(axis=0)],
        "miles": distances[:, near].min(axis=0),
        "trial_miles": distances[ids.tolist().index(TRIAL_STORE), near],
    }


def miles(
    latitude: npt.NDArray[Any], longitude: npt.NDArray[Any], to_latitude: float, to_longitude: float
) -> npt.NDArray[Any]:
    """Return the great-circle distances in miles from points in degrees to one point."""
    a, b = np.radians(latitude), np.radians(to_latitude)
    halves = (
        np.sin((b - a) / 2) ** 2
        + np.cos(a) * np.cos(b) * np.sin(np.radians(to_longitude - longitude) / 2) ** 2
    )
    return np.asarray(2 * EARTH_RADIUS_MILES * np.arcsin(np.sqrt(halves)))
