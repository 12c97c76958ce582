from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import frozendict, ormcache


class LeadBroadcastGuardMixin(models.AbstractModel):
    """Fields that tell what happened: the methods that let it happen write them, as
    superuser, and nobody else, whoever may write the record."""

    _name = "lead.broadcast.guard.mixin"
    _description = "Fields Written by Methods Only"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self._check_guarded_fields(vals)
            # no default of anybody's counts either
            unset = self._get_guarded_defaults()
            vals_list = [{**vals, **unset} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_guarded_fields(vals)
        return super().write(vals)

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    def _get_guarded_fields(self):
        """Return what is guarded, and what is said to those who try nevertheless.
        Each file of a model that has such fields adds its own to those of ``super``.

        :return: ``{field name: function of an environment, returns the message}``
        """
        return {}

    @ormcache()
    def _get_guards(self):
        """Known after the first time: every writing of a lead asks."""
        return frozendict(self._get_guarded_fields())

    def _check_guarded_fields(self, vals):
        guards = self._get_guards()
        if not guards.keys().isdisjoint(vals):
            refused = next(name for name in vals if name in guards)
            raise AccessError(guards[refused](self.env))

    def _get_guarded_defaults(self):
        """Return what guarded fields start with; computed ones compute it."""
        fields = [self._fields[name] for name in self._get_guards()]
        return {
            field.name: field.default(self) if field.default else False
            for field in fields
            if not field.compute
        }
