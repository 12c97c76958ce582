"""A pytest plugin: core's lint tests (test_lint) look at our addons alone.

They go through every addon they find, and core's are not ours to judge (and Debian's
package of them leaves things out). What looks at the loaded registry stays as it is.
"""

from unittest import mock

import pytest

from devtools import addons
from devtools.paths import ROOT

_ABOUT_THE_CHECKERS = "test_checkers.py"  # tests the checkers themselves, not addons


def pytest_ignore_collect(collection_path):
    return True if collection_path.name == _ABOUT_THE_CHECKERS else None


@pytest.fixture(autouse=True, scope="session")
def only_our_addons(load_registry):
    from odoo.modules.module import Manifest  # noqa: PLC0415  (Odoo is configured by now)
    from odoo.tools import config  # noqa: PLC0415

    from odoo.addons.test_lint.tests.test_eslint import TestESLint  # noqa: PLC0415

    check_scripts = TestESLint._test_eslint

    def check_scripts_if_any(self, modules, configuration):
        """eslint takes an empty list of files for a mistake."""
        if any(self.iter_module_files("**/static/**/*.js", modules=modules)):
            check_scripts(self, modules, configuration)

    names = addons.all_names()
    ours = [Manifest.for_addon(name) for name in names]
    with (
        mock.patch.object(Manifest, "all_addon_manifests", staticmethod(lambda: ours)),
        mock.patch.object(TestESLint, "_test_eslint", check_scripts_if_any),
        # test_pylint adds the folder of Odoo itself to what it reads
        mock.patch.object(config, "root_path", str(ROOT / names[0])),
    ):
        yield
