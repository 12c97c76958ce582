from .privacy import mask_contact_data
