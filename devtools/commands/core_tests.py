"""To come."""


def add_arguments(parser):
    pass


def main(options):
    pass
