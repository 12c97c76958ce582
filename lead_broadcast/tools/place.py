"""Places on the sphere, as SQL."""

from odoo.tools import SQL

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG


def get_place(latitude, longitude):
    """Return the SQL of a place as a point on the unit sphere, a ``cube``.

    An index and the searches that use it must have the same text: PostgreSQL matches
    them by their expressions.

    :param latitude: SQL in degrees, may be NULL
    :param longitude: SQL in degrees, may be NULL
    """
    latitude = SQL("radians(COALESCE(%s, 0)::float8)", latitude)
    longitude = SQL("radians(COALESCE(%s, 0)::float8)", longitude)
    return SQL(
        "cube(ARRAY[cos(%(lat)s) * cos(%(lon)s),"
        " cos(%(lat)s) * sin(%(lon)s), sin(%(lat)s)])",
        lat=latitude,
        lon=longitude,
    )


def get_chord(lat_a, lon_a, lat_b, lon_b):
    """Return the SQL of the straight line between two places on the unit sphere, by
    the haversine formula: what ``cube`` calls their distance.

    All arguments are SQL in degrees, not NULL.
    """
    return SQL(
        "2 * sqrt(least(1, sin(radians(%(lat_b)s - %(lat_a)s) / 2) ^ 2"
        " + cos(radians(%(lat_a)s)) * cos(radians(%(lat_b)s))"
        " * sin(radians(%(lon_b)s - %(lon_a)s) / 2) ^ 2))",
        lat_a=lat_a,
        lon_a=lon_a,
        lat_b=lat_b,
        lon_b=lon_b,
    )
