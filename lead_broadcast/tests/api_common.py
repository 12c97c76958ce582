from .common import BroadcastCase


class ApiCase(BroadcastCase):
    """A program with a user of its own, who may create leads and nothing more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Request = cls.env["lead.intake.request"].with_user(cls.receptionist)

    def _submit(self, key="ORDER-1", user=None, **values):
        values = values or {"name": "Broken router"}
        return self.Request.with_user(user or self.receptionist).submit(key, values)

    def _get_lead(self, answer):
        return self.env["crm.lead"].browse(answer["lead_id"])

    def _count_leads(self):
        return self.env["crm.lead"].with_context(active_test=False).search_count([])
