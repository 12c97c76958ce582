"""The developer's tools behind ``./dev``: standard library only; Odoo runs beside."""
