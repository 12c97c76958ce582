# Copyright 2026 Lead Broadcast contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
{
    "name": "Lead Broadcast: Kannel",
    "summary": "Send and receive SMS through a Kannel gateway of your own",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Lead Broadcast contributors",
    "license": "AGPL-3",
    "depends": ["lead_broadcast"],
    "data": [
        "security/ir.model.access.csv",
        "security/lead_broadcast_kannel_rules.xml",
        "views/lead_broadcast_kannel_gateway_views.xml",
        "views/res_config_settings_views.xml",
        "views/lead_broadcast_kannel_menus.xml",
    ],
}
