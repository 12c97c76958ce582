from datetime import date

from .common import BroadcastCase

SANTIAGO = (-33.4489, -70.6693)
# from Talcahuano to Concepcion it is 13.62 km, on a sphere of 6371.0088 km
CONCEPCION = (-36.8270, -73.0503)
TALCAHUANO = (-36.7167, -73.1167)
TEMUCO = (-38.7359, -72.5904)


class WayCase(BroadcastCase):
    """A mover has a job from Santiago to Concepcion, and a lead leads back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chile = cls.env.ref("base.cl")
        cls.santiago = cls.env.ref("base.state_cl_13")
        cls.biobio = cls.env.ref("base.state_cl_08")
        cls.job = cls._create_move("Santiago", "Concepcion", 10, 12)
        cls.job.with_user(cls.user)._allocate(cls.green_park)
        cls.lead = cls._create_move("Talcahuano", "Santiago", 12, 13)

    @classmethod
    def _prepare_end(cls, name):
        """Return the place, state and coordinates of a city."""
        return {
            "Santiago": ("Santiago", cls.santiago, SANTIAGO),
            "Concepcion": ("Concepcion", cls.biobio, CONCEPCION),
            "Talcahuano": ("Talcahuano", cls.biobio, TALCAHUANO),
            "Temuco": ("Temuco", cls.env.ref("base.state_cl_09"), TEMUCO),
        }[name]

    @classmethod
    def _create_move(cls, origin, destination, first, last, **values):
        """Create a lead on days of May 2030; the destination may be missing."""
        city, state, (latitude, longitude) = cls._prepare_end(origin)
        values = {
            "city": city,
            "state_id": state.id,
            "country_id": cls.chile.id,
            "service_place": f"{city}, {state.name}",
            "service_latitude": latitude,
            "service_longitude": longitude,
            "work_date_from": first and date(2030, 5, first),
            "work_date_to": last and date(2030, 5, last),
            **values,
        }
        if destination:
            city, state, (latitude, longitude) = cls._prepare_end(destination)
            values = {
                "destination_city": city,
                "destination_state_id": state.id,
                "destination_latitude": latitude,
                "destination_longitude": longitude,
                **values,
            }
        return cls._create_lead(**values)
