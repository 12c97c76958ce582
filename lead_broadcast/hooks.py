def uninstall_hook(env):
    """Take our messages out of core's queue: without the addon nobody would look
    whether they are still true, and nobody could answer them."""
    env["sms.sms"].search([("broadcast_company_id", "!=", False)]).unlink()
    env["mail.mail"].search(
        [("state", "=", "outgoing"), ("is_broadcast_notice", "=", True)]
    ).unlink()
