def migrate(cr, version):
    """Partners that had no time are asked again only when the lead's date changes."""
    cr.execute(
        """
        UPDATE lead_broadcast_offer offer
           SET declined_closure_date = lead.closure_date
          FROM crm_lead lead, lead_broadcast_decline_reason reason
         WHERE lead.id = offer.lead_id
           AND reason.id = offer.decline_reason_id
           AND reason.kind = 'date'
           AND offer.state = 'declined'
        """
    )
