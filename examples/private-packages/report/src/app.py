from tabulate import tabulate


def handler(event, context):
    return tabulate([{"item": "report", "state": "ready"}], headers="keys")
