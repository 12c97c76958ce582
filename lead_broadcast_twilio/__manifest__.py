# Copyright 2026 Lead Broadcast contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
{
    "name": "Lead Broadcast: SMS through Twilio",
    "summary": "Accept offers by SMS to a number at Twilio",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Lead Broadcast contributors",
    "license": "AGPL-3",
    "auto_install": True,
    "depends": ["lead_broadcast", "sms_twilio"],
    "data": ["views/res_config_settings_views.xml"],
}
