import platform

import humanize


def handler(event, context):
    return f"{platform.machine()} counts to {humanize.intcomma(1_000_000)}"
