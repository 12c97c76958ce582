from odoo import api, models

from .lead_broadcast_audience import NEXT_IN_LINE

LEFT_OUT = 20  # partners shown with the reason why they are not asked
# what partners are ordered by
NOT_SHOWN = ("counted_km", "is_away", "last_offer_id", "weight")


class LeadBroadcastAudience(models.AbstractModel):
    """Whom to ask of those looked at: the nearest, and of those equally near the one
    asked longest ago."""

    _inherit = "lead.broadcast.audience"

    @api.model
    def _weigh(self, rows, given):
        """Say for each partner looked at how far away it counts as.

        :param dict given: ``{partner id: (km, reason)}``, the distance and the reason
            of partners that are not found by their place
        """
        for row in rows:
            km, row["why"] = given.get(row["partner_id"], (None, False))
            if km is not None:
                row["is_away"] = False
            row["counted_km"] = row["weight"] * (row["distance"] if km is None else km)
        return rows

    @api.model
    def _is_further(self, rows, rules, size, window):
        """Tell whether there may be better partners beyond those looked at."""
        if "near" not in rules.look_at:
            return False
        available = [row for row in rows if not row["reason"]]
        if "preferred" in rules.look_at and any(
            row["is_preferred"] for row in available
        ):
            return False
        near = [row for row in rows if row["reason"] != "service"]
        if len(near) < window or any(row["reason"] == "search_radius" for row in near):
            return False
        if len(available) < size:
            return True
        # beyond, nobody counts as nearer than the furthest that was looked at
        last = sorted(row["counted_km"] for row in available)[size - 1]
        return last > max(row["distance"] for row in near if not row["is_preferred"])

    @api.model
    def _rank(self, rows, rules, size, turns):
        """Choose whom to ask among the partners looked at for one lead, and whom to
        show beside them.

        :param int size: how many; None for everybody
        :param dict turns: ``{partner id: number}`` of those chosen in this search for
            the leads before, the last one with the highest number
        """
        prefers = "preferred" in rules.look_at
        rows = sorted(
            rows,
            key=lambda row: (
                not (prefers and row["is_preferred"]),
                row["is_away"],
                round(row["counted_km"], 3),
                turns.get(row["partner_id"], 0),
                row["last_offer_id"] or 0,
                row["partner_id"],
            ),
        )
        available = [row for row in rows if not row["reason"]]
        preferred = [row for row in available if prefers and row["is_preferred"]]
        chosen = preferred or available[:size]
        chosen_ids = {row["partner_id"] for row in chosen}
        others = [row for row in available if row["partner_id"] not in chosen_ids]
        left_out = [row for row in rows if row["reason"] and row["is_located"]]
        no_place = [row for row in rows if row["reason"] and not row["is_located"]]
        shown = [
            *others[:NEXT_IN_LINE],
            *left_out[:LEFT_OUT],
            *no_place[:LEFT_OUT],
        ]
        for row in others:
            row["reason"] = "preferred_only" if preferred else "rank"
        for row in chosen + shown:
            row["selected"] = row["partner_id"] in chosen_ids
        shown_ids = {row["partner_id"] for row in shown}
        return chosen + [row for row in rows if row["partner_id"] in shown_ids]

    @api.model
    def _explain(self, lead, rows):
        """Keep of the partners of a lead what is shown of them, and say why one is not
        where its distance puts it."""
        for row in rows:
            if row["weight"] > 1 and row["is_located"] and not row["why"]:
                row["why"] = lead._with_team_lang().env._(
                    "counts as %(km).1f km, by answers and feedback",
                    km=row["counted_km"],
                )
            for name in NOT_SHOWN:
                del row[name]
