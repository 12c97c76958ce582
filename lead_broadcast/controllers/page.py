from werkzeug.exceptions import MethodNotAllowed

from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

MAX_ID = 2**31 - 1
MAX_DIGITS = 10  # of a page number
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address may hold a token
    "X-Robots-Tag": "noindex",
}


class PartnerPage(CustomerPortal):
    """What the pages have in common on which partners do something."""

    def _parse_id(self, text):
        """Return the id in an address; 0, which no record has, if it cannot be one.

        Not left to the routes' ``int``, which fails on thousands of digits.
        """
        is_short = text.isdecimal() and len(text) <= len(str(MAX_ID))
        return int(text) if is_short and int(text) <= MAX_ID else 0

    def _read_page(self, page):
        """Return the number of a page; what is none asks for the first."""
        page = str(page)
        is_number = page.isascii() and page.isdecimal() and len(page) < MAX_DIGITS
        return int(page) if is_number else 1

    def _check_post(self):
        """Let nothing but a POST answer: Odoo lets OPTIONS pass, too, and without a
        CSRF token."""
        if request.httprequest.method != "POST":
            raise MethodNotAllowed(valid_methods=["POST"])

    def _use_company_tz(self):
        """Count days and hours as the company does when its user chose no zone."""
        user = request.env.user
        tz = user.tz or user.commercial_partner_id.tz or "UTC"
        request.update_context(tz=tz)

    def _render(self, template, values, status):
        values = {
            **self._prepare_portal_layout_values(),
            # screen readers and the script's countdown speak the page's language
            "html_data": {"lang": request.env.lang.replace("_", "-")},
            **values,
        }
        return request.render(template, values, status=status, headers=HEADERS)
