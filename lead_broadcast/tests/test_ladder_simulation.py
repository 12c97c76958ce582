from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.sql_db import BaseCursor
from odoo.tests import TransactionCase, tagged

from .simulation import Simulation
from .simulation_world import START


@tagged("post_install", "-at_install")
class TestLadderSimulation(TransactionCase):
    """Two weeks of a small desk; those of a large one are a benchmark."""

    def test_weeks(self):
        with (
            freeze_time(START) as clock,
            patch.object(BaseCursor, "now", lambda cursor: fields.Datetime.now()),
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
        ):
            simulation = Simulation(
                self.env(cr=cr), clock, leads=30, partners=40, days=4
            )
            simulation.run()
        for what in ("accepted", "declined", "expired", "taken", "with a person"):
            with self.subTest(what=what):
                self.assertGreater(simulation.counts[what], 0)
