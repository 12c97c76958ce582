"""Telling a database about a gateway: the addon lead_broadcast_kannel's own record."""

from .kannel_config import Settings
from .ui import DevError

NUMBER = "+911140001234"  # to which partners forward
_MARK = "== lines for kannel.conf"
_SCRIPT = """
company = env["res.company"].browse({company})
company.broadcast_sms_number = {number!r}
gateways = env["lead.broadcast.kannel.gateway"].with_context(active_test=False)
gateway = gateways.search([("company_id", "=", company.id)], limit=1)
gateway = gateway or gateways.create(
    {{"company_id": company.id, "username": "-", "password": "-"}}
)
gateway.write(
    {{
        "active": True,
        "url": {settings.send_url!r},
        "username": {settings.username!r},
        "password": {settings.password!r},
        "status_url": {settings.status_url!r} + "?password={settings.admin_password}",
        "odoo_url": {odoo_url!r},
        "pause_until": False,
    }}
)
env.cr.commit()
print({mark!r})
print(gateway.kannel_conf)
print({mark!r})
"""


def connect(
    program,
    database: str,
    settings: Settings,
    odoo_url: str,
    *,
    company: int = 1,
    number: str = NUMBER,
) -> str:
    """Have a company's SMS go through a gateway; the lines it is to be told.

    :param program: an OdooProgram
    :param odoo_url: where the gateway reaches Odoo
    :param company: its id; the main company's is 1
    :param number: to which partners forward
    """
    script = _SCRIPT.format(
        company=company, number=number, settings=settings, odoo_url=odoo_url, mark=_MARK
    )
    what = "Telling the database about the SMS gateway"
    shown = program.run_script(database, script, what=what).stdout
    if shown.count(_MARK) != 2:
        raise DevError(f"The database took no SMS gateway:\n{shown[-2000:]}")
    return shown.split(_MARK)[1].strip()
