import humanize


def handler(event, context):
    return humanize.intcomma(1_000_000)
