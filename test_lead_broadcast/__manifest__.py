# Copyright 2026 Lead Broadcast contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
{
    "name": "Lead Broadcast: Tests with Other Apps",
    "summary": "Leads of website forms, surveys and files meet Lead Broadcast",
    "version": "19.0.1.0.0",
    "category": "Hidden/Tests",
    "author": "Lead Broadcast contributors",
    "license": "AGPL-3",
    "depends": ["lead_broadcast", "base_import", "website_crm", "survey_crm"],
}
