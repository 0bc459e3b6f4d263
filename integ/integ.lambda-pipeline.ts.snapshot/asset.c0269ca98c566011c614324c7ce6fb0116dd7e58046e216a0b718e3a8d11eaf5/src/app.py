TITLE = 'report'


def handler(event, context):
    return TITLE
