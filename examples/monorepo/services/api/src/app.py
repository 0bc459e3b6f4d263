import humanize

from shared.orders import open_orders


def handler(event, context):
    return [humanize.intcomma(order["total"]) for order in open_orders()]
