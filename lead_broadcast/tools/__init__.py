from .place import EARTH_RADIUS_KM, get_chord, get_place
from .privacy import mask_contact_data
