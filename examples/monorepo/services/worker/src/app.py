from tabulate import tabulate

from shared.orders import open_orders


def handler(event, context):
    print(tabulate(open_orders(), headers="keys"))
