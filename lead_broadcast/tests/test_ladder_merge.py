from odoo.tests import tagged

from .ladder_common import LadderCase


@tagged("post_install", "-at_install")
class TestLadderMerge(LadderCase):
    """What becomes of searches when leads are merged."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_lead(
            name="The same again", closure_date=cls.lead.closure_date
        )
        leads = cls.lead | cls.other
        leads.write({"email_from": "asha@traders.example", "type": "opportunity"})

    def _merge(self):
        """Return the lead that is kept and the one that is not, which core deletes."""
        leads = self.lead | self.other
        head = leads.with_user(self.supervisor).merge_opportunity().sudo()
        return head.with_env(self.env), leads - head.with_env(self.env)

    def test_two_searches_become_one(self):
        self._start(self.lead | self.other)
        head, tail = self._merge()
        self.assertEqual(head.ladder_state, "running")
        self.assertFalse(tail.exists())
        self.assertEqual(len(head.broadcast_ids), 2)
        self._pass(hours=5)
        self.assertEqual(len(head.broadcast_ids), 3)

    def test_search_of_the_other_goes_on(self):
        self.lead.probability = 90  # decides which one is kept
        self._start(self.other)
        head, tail = self._merge()
        self.assertEqual((head, tail), (self.lead, self.other))
        self.assertEqual(head.ladder_state, "running")
        self.assertEqual(head.next_step_id.name, "Two")
        self.assertEqual(head.searching_since, self.START)
        self._pass(hours=5)
        self.assertEqual(self._get_asked(head)[-1][0], "Two")

    def test_search_ends_where_one_is_given(self):
        self._start()
        self.other.with_user(self.user)._allocate(self.dwarka)
        head, _tail = self._merge()
        self.assertEqual(head.allocated_partner_id, self.dwarka)
        self.assertEqual(head.ladder_state, "none")
