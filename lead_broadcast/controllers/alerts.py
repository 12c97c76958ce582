from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.http import request

from ..tools import get_example_number
from .offer_form import get_text
from .page import HEADERS, PartnerPage

ROUTE = {"type": "http", "auth": "user", "website": True}
POST_ROUTE = {**ROUTE, "methods": ["POST"]}
FIELDS = ("number", "code", "role")
TEXT_LIMIT = 100  # of a number or a code


class AlertPortal(PartnerPage):
    """The page on which people of a service partner say who gets alerts by SMS.

    Only a POST with a CSRF token changes anything, and then redirects back to the
    page. What may be done is checked by the methods of ``res.partner``.
    """

    # ------------------------------------------------------------
    # HOME
    # ------------------------------------------------------------

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "service_alert_count" in counters:
            # shown to whoever has the page
            values["service_alert_count"] = int(bool(self._get_own_contact()))
        return values

    # ------------------------------------------------------------
    # ROUTES
    # ------------------------------------------------------------

    @http.route("/my/alerts", methods=["GET"], **ROUTE)
    def portal_my_alerts(self, **_params):
        """Show who of the company gets alerts, and why not."""
        contact_sudo = self._get_own_contact()
        if not contact_sudo:
            raise request.not_found()
        return self._render_alerts(contact_sudo)

    @http.route("/my/alerts/number", **POST_ROUTE)
    def portal_alert_number(self, **form):
        """Ask for a code to be sent to a number."""
        return self._change_alerts(
            form,
            lambda contact_sudo: contact_sudo._request_alert_number(
                get_text(form, "number")[:TEXT_LIMIT]
            ),
            field="number",
        )

    @http.route("/my/alerts/confirm", **POST_ROUTE)
    def portal_alert_confirm(self, **form):
        """Take a number into use by the code that was sent to it."""
        return self._change_alerts(
            form,
            lambda contact_sudo: contact_sudo._confirm_alert_number(
                get_text(form, "code")[:TEXT_LIMIT]
            ),
            field="code",
        )

    @http.route("/my/alerts/cancel", **POST_ROUTE)
    def portal_alert_cancel(self, **form):
        """Keep the present number after all."""
        return self._change_alerts(
            form, lambda contact_sudo: contact_sudo._cancel_alert_number()
        )

    @http.route("/my/alerts/subscription", **POST_ROUTE)
    def portal_alert_subscription(self, **form):
        """Say whether oneself wants alerts."""
        return self._change_alerts(
            form,
            lambda contact_sudo: contact_sudo._subscribe_to_alerts(
                get_text(form, "subscribed") == "1"
            ),
        )

    @http.route("/my/alerts/<contact_id>/right", **POST_ROUTE)
    def portal_alert_right(self, contact_id, **form):
        """Grant or withdraw somebody's right to get alerts."""
        return self._change_person(
            contact_id,
            form,
            lambda person_sudo, by: person_sudo._set_alert_right(
                get_text(form, "granted") == "1", by
            ),
        )

    @http.route("/my/alerts/<contact_id>/role", **POST_ROUTE)
    def portal_alert_role(self, contact_id, **form):
        """Say what somebody may do."""
        return self._change_person(
            contact_id,
            form,
            lambda person_sudo, by: person_sudo._set_broadcast_role(
                get_text(form, "role"), by
            ),
        )

    # ------------------------------------------------------------
    # CHANGES
    # ------------------------------------------------------------

    def _get_own_contact(self):
        """Return the user's contact as superuser if it belongs to a service partner."""
        # sudo: partners do not read the fields of service partners and alerts
        contact_sudo = request.env.user.partner_id.sudo()
        is_service_partner = contact_sudo.commercial_partner_id.is_service_partner
        return contact_sudo if is_service_partner else None

    def _change_alerts(self, form, act, field="page", anchor=""):
        """Do what was asked for, then send the visitor back to the page.

        :param act: function of the user's contact as superuser; what it returns or
            raises as ``UserError`` is told
        :param str field: where on the page what is wrong is told
        """
        self._check_post()
        contact_sudo = self._get_own_contact()
        if not contact_sudo:
            raise request.not_found()
        status = 400
        try:
            with request.env.cr.savepoint():
                error = act(contact_sudo)
        except AccessError as refusal:
            status, error = 403, refusal.args[0]
        except UserError as refusal:
            error = refusal.args[0]
        if error:
            typed = {name: get_text(form, name) for name in FIELDS}
            return self._render_alerts(contact_sudo, status, typed, {field: error})
        response = request.redirect(f"/my/alerts{anchor}")
        response.headers.update(HEADERS)
        return response

    def _change_person(self, contact_id, form, act):
        """Change what one of the people of the user's company may do.

        :param act: function of the person as superuser and the user's contact
        """
        person_id = self._parse_id(contact_id)

        def change(contact_sudo):
            people_sudo = contact_sudo._get_alert_people()
            person_sudo = people_sudo.filtered(lambda person: person.id == person_id)
            # others than those of the company are as unknown as those who do not exist
            if not person_sudo:
                raise AccessError(
                    request.env._("This is not one of the people of your company.")
                )
            act(person_sudo, contact_sudo)

        anchor = f"person_{person_id}"
        return self._change_alerts(form, change, field=anchor, anchor=f"#{anchor}")

    # ------------------------------------------------------------
    # PAGE
    # ------------------------------------------------------------

    def _render_alerts(self, contact_sudo, status=200, form=None, errors=None):
        """Render the page as the user may see it.

        :param dict form: what was typed into a form that is shown again
        :param dict errors: what is wrong with it, by field
        """
        people_sudo = contact_sudo._get_alert_people()
        deciders_sudo = people_sudo.filtered(
            lambda person: person.broadcast_role in ("owner", "manager")
        )
        if contact_sudo not in deciders_sudo:
            people_sudo = people_sudo.browse()
        confirmation_sudo = contact_sudo._get_pending_confirmation()
        shown_fields = {
            "number",
            *(f"person_{person_id}" for person_id in people_sudo.ids),
        }
        if confirmation_sudo:
            shown_fields.add("code")
        values = {
            "contact_sudo": contact_sudo,
            "partner_sudo": contact_sudo.commercial_partner_id,
            "confirmation_sudo": confirmation_sudo,
            "deciders_sudo": deciders_sudo,
            "people_sudo": people_sudo,
            "company_sudo": contact_sudo.company_id or request.env.company.sudo(),
            "example_number": get_example_number(
                contact_sudo._get_alert_country().code
            ),
            "form": form or {},
            # what belongs to nothing that is shown is told on top
            "errors": {
                name if name in shown_fields else "page": error
                for name, error in (errors or {}).items()
            },
            "page_name": "service_alerts",
        }
        return self._render("lead_broadcast.portal_my_alerts", values, status)
