from odoo.tests import tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from .portal_common import CUSTOMER_SECRETS, PortalCase


@tagged("post_install", "-at_install")
class TestPortalRpc(PortalCase):
    """A portal user of the partner's company can call any model by RPC, too."""

    def setUp(self):
        super().setUp()
        self.lead.write({"contact_name": "Asha Gupta", "partner_name": "Asha Traders"})
        self.lead.service_description = "Asha Gupta: +91 98100 12345, 12 rooms."
        self._login(self.portal_user)

    def _call(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def assertRefused(self, model, method, *args, **kwargs):
        with (
            mute_logger("odoo.http"),
            self.assertRaisesRegex(JsonRpcException, "AccessError"),
        ):
            self._call(model, method, *args, **kwargs)

    def test_read_offer(self):
        """None of its fields tells who the customer is."""
        Offer = "lead.broadcast.offer"
        names = list(self._call(Offer, "fields_get", attributes=["type"]))
        self.assertNotIn("lead_id", names)
        [values] = self._call(Offer, "read", self.offer.ids, names)
        self.assertEqual(values["description"], "***: ***, 12 rooms.")
        for secret in [*CUSTOMER_SECRETS, "Asha Gupta"]:
            self.assertNotIn(secret, repr(values))
        self.assertEqual(self._call(Offer, "search", []), self.offer.ids)
        self.assertRefused(Offer, "read", self.rival.ids, ["state"])

    def test_oracles(self):
        """What cannot be read cannot be guessed by searching or grouping either."""
        Offer = "lead.broadcast.offer"
        for path in ["lead_id", "broadcast_id.lead_id", "lead_id.partner_id.name"]:
            self.assertRefused(Offer, "search_count", [(path, "ilike", "Asha")])
        self.assertRefused(Offer, "read", self.offer.ids, ["lead_id"])
        self.assertRefused(Offer, "search", [], order="lead_id")
        self.assertRefused(Offer, "formatted_read_group", [], ["lead_id"], ["__count"])

    def test_other_models(self):
        for model, ids in {
            "crm.lead": self.lead.ids,
            "lead.broadcast": self.broadcast.ids,
            "lead.broadcast.notice": [1],
            "lead.broadcast.candidate": self.broadcast.candidate_ids.ids,
        }.items():
            self.assertRefused(model, "read", ids, ["id"])
            self.assertRefused(model, "search", [])
        messages = self.lead.message_ids
        self.assertFalse(
            self._call("mail.message", "search", [("id", "in", messages.ids)])
        )

    def test_write(self):
        before = self._dump()
        Offer = "lead.broadcast.offer"
        self.assertRefused(Offer, "write", self.offer.ids, {"state": "accepted"})
        self.assertRefused(Offer, "create", [{"partner_id": self.green_park.id}])
        self.assertRefused(Offer, "unlink", self.offer.ids)
        self.assertRefused(Offer, "action_operator_accept", self.offer.ids)
        for method in ["_accept", "_get_customer_details", "_mark_viewed"]:
            self.assertRefused(Offer, method, self.offer.ids)
        self.assertEqual(self._dump(), before)
