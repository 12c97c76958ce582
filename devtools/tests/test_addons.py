"""Which addons are installed where."""

from devtools import addons


def test_addons_of_tests_are_installed_by_nobody_else():
    assert addons.tests_only() == ["test_lead_broadcast"]
    assert not set(addons.tests_only()) & set(addons.names())
    assert set(addons.all_names()) == {*addons.tests_only(), *addons.names()}


def test_apps_that_only_tests_need_are_not_in_every_database():
    assert "crm" in addons.dependencies()
    assert "website_crm" not in addons.dependencies()


def test_digest_follows_what_is_installed():
    assert addons.digest() == addons.digest(["test_lint"]), "not in this checkout"
    assert addons.digest() != addons.digest(addons.tests_only())
