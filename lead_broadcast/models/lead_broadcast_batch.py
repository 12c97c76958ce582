import logging
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

BATCH = 50  # records that are worked on in one transaction
BUSY_DELAY = timedelta(minutes=1)  # being answered or edited right now


class DueWork(NamedTuple):
    """What a scheduled action has to do at certain moments."""

    get_domain: Callable[[], Domain]  # what is due now
    order: str
    act: Callable[[models.BaseModel], None]  # on records that are locked
    note_failure: Callable[[models.BaseModel], None]  # of one record, to go on later
    set_alarm: Callable[[list], None]  # have the action run again at these moments


class LeadBroadcastBatchMixin(models.AbstractModel):
    """Works off what is due in locked batches, so that several may do it at once, a
    kill loses nothing, and one bad record does not hold up the others."""

    _name = "lead.broadcast.batch.mixin"
    _description = "Works off What is Due"

    @api.model
    def _work_off(self, work):
        """Do what is due.

        A record that somebody else is working on is met again a minute later. Of a
        batch that fails each record is tried alone.

        :param DueWork work: what there is to do
        """
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.search_count(work.get_domain()))
        met = set()
        while records := self.search(
            work.get_domain() & Domain("id", "not in", met),
            order=work.order,
            limit=BATCH,
        ):
            met.update(records.ids)
            try:
                done = records._work_locked(work)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                done = self.browse()
            except Exception:
                self.env.cr.rollback()
                done = records._work_one_by_one(work)
            if records - done:
                work.set_alarm([fields.Datetime.now() + BUSY_DELAY])
            if not cron._commit_progress(len(records)):
                break

    def _work_locked(self, work):
        """Do what is due for those of these records that nobody is working on.

        :return: these records
        """
        free = self.try_lock_for_update().filtered_domain(work.get_domain())
        work.act(free)
        self.env.flush_all()  # here, what fails concerns these records alone
        return free

    def _work_one_by_one(self, work):
        """Do what is due in a transaction for each of these records.

        :return: those for which nothing is to be tried again within the minute
        """
        done = self.browse()
        for record in self:
            try:
                done |= record._work_locked(work)
                self.env["ir.cron"]._commit_progress()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
            except Exception:
                _logger.exception("%s: what is due cannot be done", record)
                self.env.cr.rollback()
                work.note_failure(record)
                self.env["ir.cron"]._commit_progress()
                done |= record
        return done
