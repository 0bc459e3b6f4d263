import humanize


def handler(event, context):
    return f"{context.invoked_function_arn} counts to {humanize.intcomma(1_000_000)}"
