import random
from datetime import timedelta

from odoo import api, fields, models

PAST_DAYS = 92
PAST_LEADS = 90
SEED = 19  # the same past in every demo database
REASONS = ["date", "date", "price", "capacity", "area", "other"]
STEPS = {"contact": "contacted_date", "complete": "completion_date"}


class LeadBroadcastDemo(models.AbstractModel):
    """Gives the demo data a past.

    Rounds are played through the same methods as in real life, so that counters,
    conversations and the outbox agree with each other; then what was written is
    moved back in time.
    """

    _name = "lead.broadcast.demo"
    _description = "Demo Data of Lead Broadcast"

    # ------------------------------------------------------------
    # CALLED BY THE DEMO DATA
    # ------------------------------------------------------------

    @api.model
    def _play_round(self, lead_id, hours_ago, events=(), validity_hours=None):
        """Play a round that was started some hours ago.

        :param events: ``[(hours after the start, what, partner id, details), ...]``
            in this order; what is ``see``, ``accept``, ``decline``, ``contact`` or
            ``complete``, details say how an offer was answered
        """
        broadcast = self._start_rounds(self._browse_leads(lead_id), validity_hours)
        self._play_events(broadcast, self._hours_ago(hours_ago), events)

    @api.model
    def _play_allocation(self, lead_id, hours_ago, partner_id):
        """Give a lead to a partner by hand, as its salesperson did some hours ago."""
        lead = self._browse_leads(lead_id)
        lead.with_user(lead.user_id)._allocate(
            self.env["res.partner"].browse(partner_id)
        )
        start = self._hours_ago(hours_ago)
        lead.allocated_date = lead.allocated_offer_id.answer_date = start
        self._play_events(lead.allocated_offer_id.broadcast_id, start, [])

    @api.model
    def _play_team_allocation(self, lead_id, hours_ago, team_id, contacted_hours_ago=0):
        """Give a lead to a team by hand, as its salesperson did some hours ago.

        :param contacted_hours_ago: when the team spoke to the customer; 0 for never
        """
        lead = self._browse_leads(lead_id)
        team = self.env["crm.team"].browse(team_id)
        lead.with_user(lead.user_id)._allocate_to_team(team)
        lead.allocated_date = self._hours_ago(hours_ago)
        self._backdate(lead, lead.allocated_date)
        if contacted_hours_ago:
            by = team._get_broadcast_people()[:1].partner_id
            self._report(lead, by, "contact", self._hours_ago(contacted_hours_ago))

    @api.model
    def _play_past(self, customer_ids, service_ids):
        """Play three months of leads, by a seeded dice.

        :param service_ids: those wanted most often first
        """
        rng = random.Random(SEED)
        customers = self.env["res.partner"].browse(customer_ids)
        services = self.env["lead.broadcast.service"].browse(service_ids)
        vals_list = [
            self._invent_lead(rng, customers, services) for _lead in range(PAST_LEADS)
        ]
        starts = [vals["create_date"] for vals in vals_list]
        self._invent_entries(vals_list)
        leads = self._browse_leads(
            self.env["crm.lead"]
            .with_context(mail_auto_subscribe_no_notify=True)
            .create(vals_list)
            .ids
        )
        self._play_entries(leads, starts)
        self._start_rounds(leads)
        for lead, start in zip(leads, starts, strict=True):
            self._play_past_lead(rng, lead, start)

    # ------------------------------------------------------------
    # THE PAST
    # ------------------------------------------------------------

    def _invent_lead(self, rng, customers, services):
        """Throw the dice: who wants what, and when it is offered to partners; lately
        more than before."""
        customer = rng.choice(customers)
        weights = [1 / (1 + index) for index in range(len(services))]
        service = rng.choices(services, weights)[0]
        days = 3 + (PAST_DAYS - 3) * rng.random() ** 1.2
        morning = fields.Datetime.now().replace(hour=4, minute=0)  # in India
        start = morning - timedelta(days=int(days), minutes=-rng.randrange(420))
        return {
            "name": f"{service.name} - {customer.name}",
            "type": "opportunity",
            "partner_id": customer.id,
            "user_id": customer.user_id.id,
            "service_id": service.id,
            "service_place": f"{customer.street2}, {customer.city}",
            "expected_revenue": 20 * rng.randrange(4, 40),
            "create_date": start,
        }

    def _play_past_lead(self, rng, lead, start):
        """Play one lead of the past, of which the first round is started, to its
        end."""
        moment = start
        broadcast = lead.broadcast_ids
        rounds = rng.choice([1, 2, 3])
        while broadcast:
            events = self._invent_events(rng, broadcast, moment)
            self._play_events(broadcast, moment, events)
            if lead.allocated_offer_id or broadcast.sequence == rounds:
                break
            moment = broadcast.valid_until + timedelta(minutes=rng.randrange(5, 90))
            broadcast = self._start_rounds(lead)
        lead.closure_date = start + timedelta(days=lead.service_id.closure_delay_days)
        self._play_return(lead)
        self._close(lead)

    def _invent_events(self, rng, broadcast, start):
        """Throw the dice: who answers, when, and what."""
        service = broadcast.service_id
        events = []
        for offer in broadcast.offer_ids:
            partner = offer.partner_id
            eagerness = random.Random(partner.name).uniform(0.1, 0.5)
            hours = service.validity_hours * rng.betavariate(1.2, 3.5)
            answer = rng.random()
            if answer < eagerness:
                work = hours + 24 * service.closure_delay_days * rng.uniform(0.1, 1.2)
                delay = self._invent_delay(rng, partner.name) / timedelta(hours=1)
                events += [
                    (hours, "accept", partner.id, {}),
                    (hours + delay, "contact", partner.id, {}),
                    (work, "complete", partner.id, {}),
                ]
            elif answer < eagerness + 0.3:
                events.append((hours, "decline", partner.id, self._invent_decline(rng)))
            elif answer < eagerness + 0.45:
                events.append((hours, "see", partner.id, {}))
        now = fields.Datetime.now()
        return sorted(
            (event for event in events if start + timedelta(hours=event[0]) < now),
            key=lambda event: event[0],
        )

    def _invent_decline(self, rng):
        reason = rng.choice(REASONS)
        details = {"reason": reason}
        if reason == "date":
            details["days"] = sorted(rng.sample(range(3, 12), 2))
        if reason == "price":
            details["price"] = 20 * rng.randrange(10, 50)
        return details

    def _close(self, lead):
        """File a lead of the past: done is won, and long without a taker is lost."""
        if lead.completion_date:
            lead.stage_id = self.env.ref("crm.stage_lead4")
            lead.date_closed = lead.completion_date
            dice = random.Random(f"{lead.name} {lead.completion_date:%d}")
            lead.feedback_score = dice.choice([False, "3", "4", "5", "5"])
        elif lead.closure_date < fields.Date.today() - timedelta(days=14):
            if lead.broadcast_state != "allocated":
                lead.action_set_lost()
                lost = fields.Datetime.to_datetime(lead.closure_date)
                self._backdate(lead, lost + timedelta(days=14))

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _browse_leads(self, lead_ids):
        return self.env["crm.lead"].with_context(tracking_disable=True).browse(lead_ids)

    def _hours_ago(self, hours):
        return fields.Datetime.now() - timedelta(hours=hours)

    def _start_rounds(self, leads, validity_hours=None):
        """Broadcast leads as their salespersons do, those for which somebody is
        available."""
        broadcasts = self.env["lead.broadcast"]
        for user, own_leads in leads.grouped("user_id").items():
            own_leads = own_leads.with_user(user)
            found = own_leads.env["lead.broadcast.audience"]._find(own_leads)
            own_leads = own_leads.filtered(
                lambda lead, found=found: any(line["selected"] for line in found[lead])
            )
            broadcasts += own_leads._broadcast(found, validity_hours).sudo()
        return broadcasts.with_env(self.env)

    def _play_events(self, broadcast, start, events):
        """Let what happened in a round happen, and end it when its time was over."""
        lead = self._browse_leads(broadcast.lead_id.id)
        shift = fields.Datetime.now() - start
        if broadcast.sequence == 1:
            lead.searching_since = start
        self._backdate(lead, start)
        for hours, what, partner_id, details in events:
            moment = start + timedelta(hours=hours)
            offer = broadcast.offer_ids.filtered(
                lambda offer, partner_id=partner_id: offer.partner_id.id == partner_id
            )
            if what in STEPS:
                self._play_step(lead, offer, what, moment)
            else:
                self._play_answer(offer, what, moment, details)
        broadcast.offer_ids.sent_date = start
        broadcast.write(
            {
                "start_date": start,
                "valid_until": broadcast.valid_until - shift,
                "end_date": broadcast.end_date
                and max(
                    broadcast.offer_ids.filtered("answer_date").mapped("answer_date"),
                    default=start,
                ),
            }
        )
        if broadcast.state == "open" and broadcast.valid_until < fields.Datetime.now():
            broadcast._expire()
            broadcast.end_date = broadcast.valid_until
        self._backdate(lead, broadcast.end_date or start)

    def _play_answer(self, offer, what, moment, details):
        if offer.state != "open":
            return
        partner = offer.partner_id
        by = partner.child_ids[:1] or partner
        channel = details.get("channel") or ("portal" if partner.child_ids else "mail")
        offer.viewed_date = moment - timedelta(minutes=4)
        if what == "see":
            return
        if what == "accept":
            offer._accept(channel, by)
            offer.lead_id.allocated_date = moment
        else:
            today = fields.Date.today()
            offer._decline(
                channel,
                by,
                self.env.ref(f"lead_broadcast.decline_reason_{details['reason']}"),
                note=details.get("note"),
                dates=[today + timedelta(days=day) for day in details.get("days", [])],
                price=details.get("price", 0),
            )
        offer.answer_date = moment
        self._backdate(offer.lead_id, moment)

    def _play_step(self, lead, offer, what, moment):
        """Let the partner that has the lead report on it."""
        if not offer or lead.allocated_offer_id != offer:
            return
        self._report(lead, offer.partner_id, what, moment)

    def _report(self, lead, by, what, moment):
        if what == "contact":
            lead._mark_contacted(by)
        else:
            lead._mark_completed(by)
        lead[STEPS[what]] = moment
        lead.first_response_date = min(lead.first_response_date, moment)
        self._backdate(lead, moment)

    def _backdate(self, lead, moment):
        """Move what was just written about a lead back in time. Nobody is told about
        it any more: notices count as sent, notifications as read."""
        just_now = self.env.cr.now().replace(microsecond=0)
        messages = self.env["mail.message"].search(
            [
                ("model", "=", lead._name),
                ("res_id", "=", lead.id),
                ("date", ">=", just_now),
            ]
        )
        messages.date = moment
        messages.notification_ids.is_read = True
        self.env["lead.broadcast.notice"].search(
            [("lead_id", "=", lead.id), ("state", "=", "pending")]
        ).write(
            {
                "state": "sent",
                "sent_date": moment,
                # partners look at the portal once a day
                "read_date": moment < just_now - timedelta(days=1) and moment,
            }
        )
