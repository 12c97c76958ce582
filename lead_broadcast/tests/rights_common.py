import inspect

from odoo.tests import HttpCase
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from .common import BroadcastCase

ADDON = "odoo.addons.lead_broadcast."
ROLES = ("portal", "receptionist", "salesman", "user", "supervisor", "administrator")


class RightsCase(BroadcastCase, HttpCase):
    """What somebody gets who leaves our screens aside and calls models by RPC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.roles = {
            "portal": cls.portal_user,
            "receptionist": cls.receptionist,
            "salesman": cls.salesman,
            "user": cls.user,
            "supervisor": cls.supervisor,
            "administrator": cls.administrator,
        }

    def _login(self, user):
        self.authenticate(user.login, user.login)

    def _call(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def _is_refused(self, model, method, *args, **kwargs):
        """Tell whether a call is refused for a lack of rights, not for anything else
        that is wrong with it."""
        try:
            with mute_logger("odoo.http", "odoo.sql_db"):
                self._call(model, method, *args, **kwargs)
        except JsonRpcException as error:
            return "AccessError" in str(error)
        return False

    @classmethod
    def _get_public_methods(cls):
        """Return the methods that can be called from outside, without those that
        only extend what core can do already.

        :return: ``{(model, method): whether it is called on records}``
        """
        return {
            (model, method): not getattr(function, "_api_model", False)
            for model, model_class in cls.registry.items()
            for method, function in inspect.getmembers(model_class, callable)
            if not method.startswith("_") and cls._is_ours(model_class, method)
        }

    @classmethod
    def _is_ours(cls, model_class, method):
        definers = [base for base in model_class.__mro__ if method in vars(base)]
        return all(base.__module__.startswith(ADDON) for base in definers) and not any(
            getattr(vars(base)[method], "_api_private", False) for base in definers
        )
