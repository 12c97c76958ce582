import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

MOBILE_TYPES = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def is_mobile_number(number):
    """Tell whether a number in E.164 can be a mobile phone's.

    Others get no SMS, and some of them (premium rate) charge whoever sends one.
    """
    return phonenumbers.number_type(phonenumbers.parse(number)) in MOBILE_TYPES


def get_example_number(country_code):
    """Return how a mobile number of a country is written, in international form.

    :param country_code: two letters, or a false value for any country
    """
    example = country_code and phonenumbers.example_number_for_type(
        country_code, PhoneNumberType.MOBILE
    )
    example = example or phonenumbers.example_number_for_type(
        None, PhoneNumberType.MOBILE
    )
    return phonenumbers.format_number(example, PhoneNumberFormat.INTERNATIONAL)
