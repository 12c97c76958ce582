from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Give service partners their tier, and what is in the outbox its sender and what
    became of its mails: both were not stored before."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    partners = env["res.partner"].with_context(active_test=False)
    partners.search(
        [("is_service_partner", "=", True), ("broadcast_tier_id", "=", False)]
    ).broadcast_tier_id = env.ref("lead_broadcast.tier_tp")

    notices = env["lead.broadcast.notice"].search([("company_id", "=", False)])
    for company, of_company in notices.grouped(
        lambda notice: notice.lead_id._get_sms_company()
    ).items():
        of_company.company_id = company
    cr.execute(
        """
        UPDATE lead_broadcast_notice notice
           SET mail_state = mail.state, message_id = message.message_id
          FROM mail_mail mail JOIN mail_message message
            ON message.id = mail.mail_message_id
         WHERE notice.mail_id = mail.id AND notice.mail_state IS NULL
        """
    )
    cr.execute(
        """
        UPDATE mail_mail SET is_broadcast_notice = TRUE
         WHERE id IN (SELECT mail_id FROM lead_broadcast_notice)
        """
    )
    cr.execute(
        """
        UPDATE sms_sms sms SET is_broadcast_notice = TRUE
          FROM sms_tracker tracker
         WHERE tracker.sms_uuid = sms.uuid
           AND (tracker.broadcast_notice_id IS NOT NULL
                OR tracker.broadcast_inbound_id IS NOT NULL)
        """
    )
    env.invalidate_all()
