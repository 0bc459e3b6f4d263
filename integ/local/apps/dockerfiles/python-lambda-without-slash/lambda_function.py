from handler import handler
